/** What an evaluation is given. */
import type { CallProfile } from './profile.ts';

export interface AutoArg {
  readonly name: string;
  readonly kind: 'expression' | 'string' | 'file' | 'stdin';
  readonly text: string;
}

export interface EvaluationOptions {
  readonly autoArgs?: readonly AutoArg[];
  /** -I, in order. */
  readonly includes?: readonly string[];
  /** Settings, by name and text, over those of files and environment. */
  readonly settings?: readonly (readonly [string, string])[];
  /** Directory that holds nix/store; by default `/` where it can be written, else one of the user's. */
  readonly storeRoot?: string | undefined;
  /** Nothing is written into the store, store paths are only computed. */
  readonly readOnly: boolean;
  /** What relative paths are relative to; the working directory by default. */
  readonly directory?: string;
  /** Values are going to be printed with what is not evaluated in them. */
  readonly observeThunks?: boolean;
  /** Told where time is spent; nothing is remembered then, nor taken from what was. */
  readonly profile?: CallProfile | undefined;
  /** Pass `inNixShell = true` to a function that takes it. */
  readonly inNixShell?: boolean;
  readonly onMessage?: (text: string) => void;
  /** How often messages are left out: as many as an attempt with a smaller stack has printed. */
  readonly skipMessages?: number;
}
