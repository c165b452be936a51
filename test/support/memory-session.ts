/**
 * A session with all builtins over files in memory. The store computes paths as the real one does and keeps nothing on
 * disk; what would be built or fetched is not there.
 */
import { encodeBytes } from '../../src/base/bytes.ts';
import { createHasher, hashBytes } from '../../src/base/hash.ts';
import { builtins } from '../../src/builtins/table.ts';
import type { Derivation } from '../../src/derivation/derivation.ts';
import { derivationFile } from '../../src/derivation/output-paths.ts';
import { makeFixedOutputPath, textPath } from '../../src/derivation/store-path.ts';
import { NixError } from '../../src/errors/nix-error.ts';
import { Source } from '../../src/errors/source.ts';
import { createSession, type Session, type SessionOptions } from '../../src/eval/session.ts';
import { deepForce } from '../../src/runtime/deep-force.ts';
import type { EvalSettings } from '../../src/runtime/eval-context.ts';
import type { AddPathOptions, FileType, Host, HostStore } from '../../src/runtime/host.ts';
import { baseName, parentPath } from '../../src/runtime/path-text.ts';
import { printAmbiguous } from '../../src/runtime/print-ambiguous.ts';
import type { Value } from '../../src/runtime/value.ts';
import { type FileTree, narOfTree } from '../../src/store/nar/tree.ts';
import * as parserModule from '../../src/syntax/parse.ts';
import { setParserLoader } from '../../src/syntax/parser-port.ts';

export interface MemorySetup {
  /** Absolute path -> text or bytes; a text `-> target` is a symbolic link. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly settings?: Partial<EvalSettings>;
  readonly options?: Partial<SessionOptions>;
  /** Receives warnings and traces. */
  readonly messages?: string[];
}

export function memorySession(setup: MemorySetup = {}): Session {
  setParserLoader(() => parserModule);
  return createSession({
    host: memoryHost(setup),
    settings: {
      system: 'x86_64-linux',
      pureEval: false,
      restrictEval: false,
      allowedUris: [],
      allowImportFromDerivation: true,
      experimentalFeatures: new Set(),
      traceVerbose: false,
      abortOnWarn: false,
      maxCallDepth: 10_000,
      searchPath: [],
      ...setup.settings,
    },
    builtins,
    ...setup.options,
  });
}

/** The value of an expression, strictly evaluated. */
export function evaluateToValue(text: string, setup?: MemorySetup): { value: Value; session: Session } {
  const session = memorySession(setup);
  const value = session.evalText(new Source(text, { kind: 'string' }), '/base');
  session.enter(() => deepForce(value));
  return { value, session };
}

/** As `nix-instantiate --eval --strict` prints it. */
export function evaluate(text: string, setup?: MemorySetup): string {
  const { value, session } = evaluateToValue(text, setup);
  return session.enter(() => printAmbiguous(value));
}

/** The error that an expression ends with. */
export function errorOf(text: string, setup?: MemorySetup): NixError {
  try {
    evaluate(text, setup);
  } catch (error) {
    if (error instanceof NixError) return error;
    throw error;
  }
  throw new Error(`there was no error: ${text}`);
}

export function memoryHost({ files: given = {}, env = {}, messages = [] }: MemorySetup): Host {
  const files: Record<string, string | Uint8Array> = { ...given };
  const target = (path: string): string | undefined => {
    const text = files[path];
    return typeof text === 'string' && text.startsWith('-> ') ? text.slice(3) : undefined;
  };
  const fileType = (path: string): FileType | undefined => {
    if (target(path) !== undefined) return 'symlink';
    if (files[path] !== undefined) return 'regular';
    if (path === '/') return 'directory';
    return Object.keys(files).some((name) => name.startsWith(`${path}/`)) ? 'directory' : undefined;
  };
  const realPath = (path: string): string => {
    if (path === '/') return path;
    const parent = realPath(parentPath(path));
    const here = parent === '/' ? `/${baseName(path)}` : `${parent}/${baseName(path)}`;
    const link = target(here);
    return link === undefined ? here : realPath(link.startsWith('/') ? link : `${parent}/${link}`);
  };
  const entries = (path: string): Map<string, FileType> => {
    const found = new Map<string, FileType>();
    const prefix = path === '/' ? '/' : `${path}/`;
    for (const name of Object.keys(files).filter((key) => key.startsWith(prefix))) {
      const entry = name.slice(prefix.length).split('/')[0]!;
      found.set(entry, fileType(prefix + entry)!);
    }
    return found;
  };
  const readFile = (path: string): Uint8Array => {
    const content = files[realPath(path)];
    if (content === undefined) throw new NixError(`path '${path}' does not exist`, { class: 'Error' });
    return typeof content === 'string' ? encodeBytes(content) : content;
  };
  const treeAt = (path: string, filter: AddPathOptions['filter']): FileTree => {
    const link = target(path);
    if (link !== undefined) return { type: 'symlink', target: link };
    if (fileType(path) === 'regular') return { type: 'regular', executable: false, contents: readFile(path) };
    const kept = [...entries(path)].filter(([name, type]) => filter === undefined || filter(`${path}/${name}`, type));
    return { type: 'directory', entries: new Map(kept.map(([name]) => [name, treeAt(`${path}/${name}`, filter)])) };
  };
  return {
    readFile,
    fileType,
    readDirectory: entries,
    readLink: (path) => target(path)!,
    realPath,
    getEnv: (name) => env[name],
    currentTime: () => 1_700_000_000,
    homeDirectory: () => '/home/me',
    message: (_kind, text) => void messages.push(text),
    store: memoryStore(readFile, treeAt, (path, text) => void (files[path] = text)),
  };
}

function memoryStore(
  readFile: (path: string) => Uint8Array,
  treeAt: (path: string, filter: AddPathOptions['filter']) => FileTree,
  write: (path: string, text: string) => void,
): HostStore {
  const valid = new Map<string, readonly string[]>();
  const derivations = new Map<string, Derivation>();
  const unavailable = (what: string) => (): never => {
    throw new NixError(`nothing is ${what} here`, { class: 'Error' });
  };
  const note = (path: string, references: readonly string[] = []): string => {
    valid.set(path, references);
    return path;
  };
  return {
    storeDir: '/nix/store',
    addPath({ path, name, method, filter }) {
      if (method !== 'nar')
        return note(
          makeFixedOutputPath(name, {
            method: 'flat',
            algorithm: 'sha256',
            digest: hashBytes('sha256', readFile(path)),
          }),
        );
      const hasher = createHasher('sha256');
      for (const chunk of narOfTree(treeAt(path, filter))) hasher.update(chunk);
      return note(makeFixedOutputPath(name, { method: 'nar', algorithm: 'sha256', digest: hasher.digest() }));
    },
    addText(name, text, references) {
      const path = note(textPath(name, text, references), references);
      write(path, text);
      return path;
    },
    addDerivation(drv) {
      const { path, references } = derivationFile(drv);
      derivations.set(path, drv);
      return note(path, references);
    },
    readDerivation: (drvPath) => derivations.get(drvPath)!,
    isValidPath: (path) => valid.has(path),
    ensurePath: () => {},
    references: (path) => valid.get(path) ?? [],
    realise: unavailable('built'),
    fetch: unavailable('fetched'),
  };
}
