/**
 * What the realiser and a builder thread tell each other: plain data. A thread has no store; it gets a snapshot of what is
 * known of the paths that the build may look at, does the work, and tells what came of it.
 */
import type { Derivation } from '../../derivation/derivation.ts';
import type { ErrorClass } from '../../errors/nix-error.ts';
import type { PathInfo } from '../../store/path-info.ts';
import type { IdentifiedOutput } from '../register-outputs.ts';

export interface ThreadJob {
  readonly builder: string;
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly storeRoot: string;
  readonly outputs: ReadonlyMap<string, string>;
  readonly staged: ReadonlyMap<string, string>;
  readonly temporary: string;
  /** The input closure. */
  readonly infos: readonly PathInfo[];
  /** Output name -> store paths that it may refer to. */
  readonly candidates: ReadonlyMap<string, readonly string[]>;
}

export interface ThreadError {
  readonly message: string;
  readonly class: ErrorClass;
  readonly hint: string | undefined;
  readonly exitCode: number;
}

export type ThreadMessage =
  | { readonly kind: 'log'; readonly line: string }
  /** The outputs have the form of store objects. One that was not made is missing here. */
  | { readonly kind: 'done'; readonly identified: ReadonlyMap<string, IdentifiedOutput> }
  /** What a user can cause. */
  | { readonly kind: 'failed'; readonly error: ThreadError }
  /** An error of the system or of ours. */
  | {
      readonly kind: 'broken';
      readonly message: string;
      readonly code: string | undefined;
      readonly stack: string | undefined;
    };
