/**
 * From source to unit: through the cache where there is one, else parser and compiler. A unit is found by what it was made
 * of, the bytes of the text, the parser's settings, the names of the global variables and the version of the compiler; so
 * an entry is never stale, and a damaged one is as good as none.
 */
import { encodeBytes } from '../base/bytes.ts';
import { createHasher, toHex } from '../base/hash.ts';
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
}

export class UnitLoader {
  private readonly options: Omit<ParseOptions, 'basePath' | 'warn'>;
  private readonly warn: ((warning: Warning) => void) | undefined;
  private readonly cache: CodeCache | undefined;
  private readonly globals: GlobalNames;
  /** Everything that a cache key depends on besides the text. */
  private readonly fixed: Uint8Array;

  constructor(options: Omit<ParseOptions, 'basePath'>, globals: ReadonlySet<string>, cache: CodeCache | undefined) {
    const { warn, ...rest } = options;
    this.options = rest;
    this.warn = warn;
    this.cache = cache;
    this.globals = { has: (name) => globals.has(name), isShadowed: () => false };
    this.fixed = encodeBytes(`${JSON.stringify([CODE_VERSION, rest, [...globals].sort()])}\0`);
  }

  /** The unit of a whole text. `bytes` are its bytes, where they are at hand. */
  load(source: () => Source, bytes: Uint8Array | undefined, basePath: string): Unit {
    if (this.cache === undefined) return this.compile(source(), basePath, this.globals).unit;
    const key = this.key(bytes ?? encodeBytes(source().text));
    const cached = this.cache.get(key);
    const decoded = cached && decodeUnit(cached, source);
    if (decoded !== undefined) {
      decoded.basePath = basePath;
      return decoded;
    }
    const { unit, warned } = this.compile(source(), basePath, this.globals);
    // What was warned about is to be warned about again.
    if (!warned) this.cache.put(key, encodeUnit(unit));
    return unit;
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

  private key(bytes: Uint8Array): string {
    const hasher = createHasher('sha256');
    hasher.update(this.fixed);
    hasher.update(bytes);
    return toHex(hasher.digest().subarray(0, 20));
  }
}
