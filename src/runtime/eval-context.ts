/**
 * What builtins may ask of the evaluation that they run in, beyond the values they are given: the effects (host), the
 * settings, and the few services that need the parser and compiler, which src/eval passes in.
 */
import type { Pos } from '../errors/position.ts';
import type { Attrs } from './attrs.ts';
import type { Host } from './host.ts';
import type { Literal } from './literal.ts';
import type { Slot, Value } from './value.ts';

export interface EvalSettings {
  /** builtins.currentSystem, e.g. x86_64-linux. */
  readonly system: string;
  readonly pureEval: boolean;
  readonly restrictEval: boolean;
  readonly allowedUris: readonly string[];
  readonly allowImportFromDerivation: boolean;
  readonly experimentalFeatures: ReadonlySet<string>;
  readonly traceVerbose: boolean;
  readonly traceImportFromDerivation?: boolean;
  readonly abortOnWarn: boolean;
  readonly maxCallDepth: number;
  /** Where the global flake registry is: a URL, a path, or '' for none. */
  readonly flakeRegistry?: string;
  readonly useRegistries?: boolean;
  /** Where the evaluation was started: relative entries of a search path are below it. */
  readonly directory?: string;
  /** Entries of NIX_PATH and -I, as given, in order: `prefix` is empty for a plain directory. */
  readonly searchPath: readonly { readonly prefix: string; readonly path: string }[];
  /** Looked at after `searchPath`, without being part of builtins.nixPath. */
  readonly lastSearchPath?: readonly { readonly prefix: string; readonly path: string }[];
}

export interface EvalContext {
  readonly host: Host;
  readonly settings: EvalSettings;
  /** The set of all builtins, as `builtins`. */
  readonly builtins: Attrs;
  /** Evaluates the file (a directory means its default.nix), once per session. */
  importFile(path: string, pos: Pos): Value;
  /** Evaluates the file with these variables in scope instead of the globals' own; not memoised. */
  scopedImport(scope: Attrs, path: string, pos: Pos): Value;
  /** What stands in a file literally, which must be a set. */
  readLiteralFile(path: string): Literal & { readonly kind: 'set' };
  /** The value of a file that comes with the evaluator (eval/internal-files.ts). */
  internalFile(name: string): Value;
  /** Looks `<name>` up in a search path value (as builtins.findFile gets it). Returns an absolute path. */
  findFile(searchPath: readonly { readonly prefix: string; readonly path: string }[], name: string, pos: Pos): string;
  /**
   * Makes the store paths that a string's context speaks of exist (import from derivation), and gives the path, with
   * output placeholders replaced, at which the physical file is to be read.
   */
  realisePath(path: string, context: Iterable<string>, pos: Pos): string;
  /** A call, for builtins that take functions. */
  call(callee: Slot, arg: Slot, pos: Pos): Value;
}
