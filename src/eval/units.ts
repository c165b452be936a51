/**
 * From source to unit: through the cache where there is one, else parser and compiler. A unit is found by what it was made
 * of, the bytes of the text, the parser's settings, the names of the global variables and the version of the compiler; so
 * an entry is never stale, and a damaged one is as good as none. For a file whose state the host can tell without reading
 * it, the entry has a second name, made of that state in place of the bytes.
 *
 * An entry is the SHA-256 of the text, which stands for the text where somebody notes what was read, and the encoded unit.
 */
import { encodeBytes } from '../base/bytes.ts';
import { hashBytes, hashText, toHex } from '../base/hash.ts';
import { CODE_VERSION, decodeUnit, encodeUnit } from '../code/encode.ts';
import type { Unit } from '../code/unit.ts';
import { compile, type GlobalNames } from '../compile/compile.ts';
import type { Source } from '../errors/source.ts';
import type { Warning } from '../errors/warning.ts';
import { type Parsed, type ParseOptions, parser } from '../syntax/parser-port.ts';

/** Where encoded units are kept. Neither call may throw: a cache that cannot be used is no error. */
export interface CodeCache {
  get(key: string): Uint8Array | undefined;
  put(key: string, bytes: Uint8Array): void;
  /** Lets `also` name the entry of `key`, too. */
  alias?(key: string, also: string): void;
}

/** A file in a state that its host can tell from any other. */
export interface FileState {
  readonly path: string;
  readonly state: string;
}

const digestSize = 32;

export class UnitLoader {
  private readonly options: Omit<ParseOptions, 'basePath' | 'warn'>;
  private readonly warn: ((warning: Warning) => void) | undefined;
  private readonly cache: CodeCache | undefined;
  private readonly globals: GlobalNames;
  /** A digest of everything that a cache key depends on besides the text. */
  private readonly fixed: string;

  constructor(options: Omit<ParseOptions, 'basePath'>, globals: ReadonlySet<string>, cache: CodeCache | undefined) {
    const { warn, ...rest } = options;
    this.options = rest;
    this.warn = warn;
    this.cache = cache;
    this.globals = { has: (name) => globals.has(name), isShadowed: () => false };
    this.fixed = toHex(hashText('sha256', JSON.stringify([CODE_VERSION, rest, [...globals].sort()])));
  }

  /** The unit of a whole text. `bytes` are its bytes, where they are at hand; `file` where they were read from. */
  load(source: () => Source, bytes: Uint8Array | undefined, basePath: string, file?: FileState): Unit {
    if (this.cache === undefined) return this.compile(source(), basePath, this.globals).unit;
    const digest = hashBytes('sha256', bytes ?? encodeBytes(source().text));
    const key = this.key(`text ${toHex(digest)}`);
    let unit = this.cached(key, source, basePath)?.unit;
    if (unit === undefined) {
      const made = this.compile(source(), basePath, this.globals);
      unit = made.unit;
      // What was warned about is to be warned about again.
      if (made.warned) return unit;
      this.cache.put(key, entryOf(digest, encodeUnit(unit)));
    }
    if (file) this.cache.alias?.(key, this.fileKey(file));
    return unit;
  }

  /** The unit of a file that need not be read, and the SHA-256 of its text. */
  loadKnown(file: FileState, source: () => Source, basePath: string): { unit: Unit; sha256: Uint8Array } | undefined {
    return this.cache && this.cached(this.fileKey(file), source, basePath);
  }

  private cached(key: string, source: () => Source, basePath: string): { unit: Unit; sha256: Uint8Array } | undefined {
    const entry = this.cache!.get(key);
    const unit = entry && decodeUnit(entry.subarray(digestSize), source);
    if (unit === undefined) return undefined;
    unit.basePath = basePath;
    return { unit, sha256: entry!.subarray(0, digestSize) };
  }

  /** The tree of a text, without looking at its variables. */
  parse(source: Source, basePath: string): Parsed {
    return parser().parse(source, { ...this.options, basePath, warn: this.warn });
  }

  /** The unit of a text that sees more variables than the global ones. */
  loadInScope(source: Source, basePath: string, shadows: (name: string) => boolean): Unit {
    const { globals } = this;
    const names = { has: (name: string) => shadows(name) || globals.has(name), isShadowed: shadows };
    return this.compile(source, basePath, names).unit;
  }

  /** The unit of the REPL's `x = 1; y = 2;`: its value is the set of them. */
  loadBindings(source: Source, basePath: string, shadows: (name: string) => boolean): Unit {
    const { globals } = this;
    const { node, base } = parser().parseBindings(source, { ...this.options, basePath, warn: this.warn });
    const unit = compile(node, {
      globals: { has: (name) => shadows(name) || globals.has(name), isShadowed: shadows },
      base,
      source: () => source,
      basePath,
    });
    unit.basePath = basePath;
    return unit;
  }

  private compile(source: Source, basePath: string, globals: GlobalNames): { unit: Unit; warned: boolean } {
    let warned = false;
    const warn = (warning: Warning) => {
      warned = true;
      this.warn?.(warning);
    };
    const { node, base } = parser().parse(source, { ...this.options, basePath, warn });
    const unit = compile(node, { globals, base, source: () => source, basePath });
    unit.basePath = basePath;
    return { unit, warned };
  }

  private fileKey({ path, state }: FileState): string {
    return this.key(`file ${state} ${path}`);
  }

  private key(what: string): string {
    return toHex(hashText('sha256', `${this.fixed} ${what}`).subarray(0, 20));
  }
}

function entryOf(digest: Uint8Array, unit: Uint8Array): Uint8Array {
  const entry = new Uint8Array(digestSize + unit.length);
  entry.set(digest);
  entry.set(unit, digestSize);
  return entry;
}
