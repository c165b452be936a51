/**
 * The one error class. Everything that a user's input can cause is a NixError: a message in Nix's words, a position, a
 * trace of "while ..." lines, and the class of Nix's own error tree that it belongs to (that decides what tryEval
 * catches and which code the process exits with). Whatever else is thrown is a bug of ours.
 */
import { NO_POS, type Pos } from './position.ts';

/** Nix's error classes, as far as something depends on them. */
export type ErrorClass =
  | 'ParseError'
  | 'UndefinedVarError'
  | 'EvalError'
  | 'TypeError'
  | 'MissingArgumentError'
  | 'InfiniteRecursionError'
  | 'StackOverflowError'
  | 'AssertionError' // caught by tryEval
  | 'ThrownError' //    caught by tryEval
  | 'Abort'
  | 'RestrictedPathError'
  | 'InvalidPathError'
  | 'StoreError'
  | 'BuildError'
  | 'UsageError'
  | 'Error';

export interface TraceLine {
  /** For instance: while calling the 'map' builtin */
  readonly text: string;
  readonly pos: Pos;
  /** Shown even without --show-trace (addErrorContext, "from call site"). */
  readonly always?: boolean;
}

export interface NixErrorOptions {
  readonly pos?: Pos;
  readonly class?: ErrorClass;
  /** "Did you mean ...?" candidates, best first. */
  readonly suggestions?: readonly string[];
  /** A line of nixlet's own below the message: what to do. */
  readonly hint?: string;
  /** The process' exit code, where it is not 1 (100 build failed, 101 timeout, 102 hash mismatch, 104 check mismatch). */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

export class NixError extends Error {
  readonly class: ErrorClass;
  pos: Pos;
  readonly suggestions: readonly string[];
  readonly hint: string | undefined;
  readonly exitCode: number;
  /** Innermost first; a frame is pushed while the error travels outwards. */
  readonly trace: TraceLine[] = [];

  constructor(message: string, options: NixErrorOptions = {}) {
    // Where in our code a user's mistake was noticed concerns nobody, and finding it out costs ten times the rest.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'NixError';
    this.class = options.class ?? 'EvalError';
    this.pos = options.pos ?? NO_POS;
    this.suggestions = options.suggestions ?? [];
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 1;
  }

  /** May builtins.tryEval turn it into { success = false; }? */
  get catchable(): boolean {
    return this.class === 'AssertionError' || this.class === 'ThrownError';
  }

  /** The same error, to be thrown once more: what its trace gains from now on, the first one's does not. */
  again(): NixError {
    const { message, pos, class: errorClass, suggestions, hint, exitCode, cause } = this;
    const copy = new NixError(message, {
      pos,
      class: errorClass,
      suggestions,
      exitCode,
      ...(hint === undefined ? {} : { hint }),
      ...(cause === undefined ? {} : { cause }),
    });
    copy.trace.push(...this.trace);
    return copy;
  }

  addTrace(text: string, pos: Pos = NO_POS, always = false): this {
    this.trace.push({ text, pos, always });
    return this;
  }
}
