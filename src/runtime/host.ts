/**
 * The port through which every effect of an evaluation goes. All calls are synchronous (decision 2: what has to wait runs
 * in a thread of its own and answers through shared memory). Paths are absolute and canonical; `/nix/store/...` is always
 * the logical name, and the host finds the physical file.
 *
 * Implementations: api/node-host.ts (real files and store), api/memory-host.ts (tests, browser).
 * A failing call throws a NixError that says what and where.
 */

import type { HashAlgorithm } from '../base/hash.ts';
import type { Derivation } from '../derivation/derivation.ts';

export type FileType = 'regular' | 'directory' | 'symlink' | 'unknown';

export interface Host {
  /** Throws where the evaluation may not look at the path; every other call does so, too. Absent: all is open. */
  checkAccess?(path: string): void;
  /** From now on the evaluation may look at this store path, which it has a right to. */
  allow?(path: string): void;
  /** What the evaluator itself reads goes by no restrictions. Absent: there are none. */
  readonly unrestricted?: Host;
  readFile(path: string): Uint8Array;
  /** Type of the file itself, links not followed; undefined where there is none. */
  fileType(path: string): FileType | undefined;
  readDirectory(path: string): ReadonlyMap<string, FileType>;
  readLink(path: string): string;
  /** Every symbolic link resolved. */
  realPath(path: string): string;
  /**
   * What tells this state of a regular file from any other state of it, without reading it. Undefined, or the method
   * missing, where nothing does.
   */
  fileState?(path: string): string | undefined;
  /** Told of a file that was not read because its state was known, and with it the SHA-256 of its content. */
  fileKnown?(path: string, sha256: Uint8Array): void;
  getEnv(name: string): string | undefined;
  /** Seconds since 1970; the same during one evaluation. */
  currentTime(): number;
  homeDirectory(): string | undefined;
  /** Lines for standard error: builtins.trace, warnings. `text` is ready to print, without a line break at its end. */
  message(kind: 'trace' | 'warning' | 'notice', text: string): void;
  readonly store: HostStore;
}

/** How a file-system object becomes content-addressed data. */
export type IngestionMethod = 'flat' | 'nar' | 'text' | 'git';

export interface AddPathOptions {
  readonly path: string;
  readonly name: string;
  readonly method: IngestionMethod;
  /** Absolute path and type of each object below `path`; false leaves it (and what is below it) out. */
  readonly filter?: (path: string, type: FileType) => boolean;
  /** Where given, the result must have this hash; and it need not be read where the store has it already. */
  readonly expected?: { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array };
}

export interface HostStore {
  /** '/nix/store' */
  readonly storeDir: string;
  /** Computes the store path of files and, unless the evaluation is read-only, copies them into the store. */
  addPath(options: AddPathOptions): string;
  addText(name: string, text: string, references: readonly string[]): string;
  /** Computes the .drv path; the file is written with its closure when the evaluation is told to (instantiating). */
  addDerivation(drv: Derivation): string;
  /** A derivation that this evaluation added, or one of the store. */
  readDerivation(drvPath: string): Derivation;
  /** Is there such a store object, or has this evaluation added it? */
  isValidPath(path: string): boolean;
  /** Makes a path valid if it can be fetched; one that cannot be is an error. Nothing happens in a read-only evaluation. */
  ensurePath(path: string): void;
  /** Store paths that a valid path refers to (or one that this evaluation added). */
  references(path: string): readonly string[];
  /** Fetches or builds what an import from derivation needs (context elements). Output paths by element. */
  realise(elements: readonly string[]): ReadonlyMap<string, string>;
  /** builtins.fetchurl / fetchTarball / fetchGit / fetchTree: gives store path and what the fetcher learned. */
  fetch(request: FetchRequest): FetchResult;
}

export interface FetchRequest {
  readonly kind: 'file' | 'tarball' | 'git' | 'mercurial' | 'path' | 'closure';
  /** Of a path: the path. Of a closure: the binary cache. */
  readonly url: string;
  /** Of the store path; of a closure the whole path. */
  readonly name: string;
  readonly expected?: { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array };
  /** Git: ref, rev, submodules, shallow, allRefs and the like, as given. */
  readonly options?: Readonly<Record<string, string | boolean>>;
}

export interface FetchResult {
  readonly storePath: string;
  /** rev, shortRev, revCount, lastModified, narHash ...: what is known. */
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}
