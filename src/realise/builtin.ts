/**
 * The interface of built-in builders: builders that run inside nixlet instead of as a process, on any operating system.
 * A derivation asks for one with `builder = "builtin:NAME"`. Parameters come as structured attributes (`__structuredAttrs =
 * true`) or as environment variables. A builder creates each output at its physical path and nothing else; everything
 * after that (modes and times, scanning for references, registration) is the realiser's.
 */
import type { Derivation } from '../derivation/derivation.ts';
import type { PathInfo } from '../store/path-info.ts';

export interface BuiltinBuilder {
  /** As in `builtin:NAME`. */
  readonly name: string;
  /** It spends its time waiting (for a server): it takes no slot of `-j`. */
  readonly waits?: boolean;
  /** It is heavy on the processor and does not download: it runs in a thread (threads/thread.ts has a table of them). */
  readonly threaded?: boolean;
  build(context: BuildContext): Promise<void>;
}

export interface BuildContext {
  readonly drv: Derivation;
  readonly drvPath: string;
  /** Structured attributes (the parsed `__json`), or the environment as plain strings where there are none. */
  readonly attrs: Readonly<Record<string, unknown>>;
  /** Output name -> logical store path (/nix/store/...). */
  readonly outputs: ReadonlyMap<string, string>;
  /** Where a logical path (of the store, or an output of this build) physically is, or is to be created. */
  physical(logicalPath: string): string;
  /** What the store knows of a valid path: references, NAR hash and size. */
  pathInfo(storePath: string): PathInfo;
  /** The closure of store paths under references, the paths themselves included; in byte order. */
  closure(storePaths: Iterable<string>): string[];
  /** References of a tree or file on disk to any of the candidates, found by scanning for their hash parts. */
  scanReferences(physicalPath: string, candidates: Iterable<string>): Promise<Set<string>>;
  /**
   * Downloads to a file (mirror:// understood), verified against the hash before the file is there; without one the
   * output's own hash must be fixed.
   */
  download(options: {
    url: string;
    destination: string;
    algorithm?: string;
    digest?: Uint8Array;
    size?: number;
  }): Promise<void>;
  /** A line of the build log. */
  log(line: string): void;
  /** A directory of this build's own, removed afterwards. */
  readonly temporaryDirectory: string;
  /** Where a builder may keep what it can make again; where absent, it chooses a place in the user's cache directory. */
  readonly cacheDirectory?: string;
  readonly signal: AbortSignal;
}
