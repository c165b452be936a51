/**
 * How deep evaluation is nested. Nix counts calls of functions and stops at max-call-depth; whoever calls one counts up,
 * and sets `depth` back to what it was when the call is over (whoever catches an error and goes on, too).
 * Besides, JavaScript's own stack ends somewhere: see NeedsLargerStack.
 */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';

/** The one evaluation that runs in this thread. */
export const calls = {
  depth: 0,
  max: 10_000,
  /** --show-trace: errors tell each call that they pass. */
  showTrace: false,
  /** --profile: told of each call. */
  observer: undefined as CallObserver | undefined,
  /** Calls in tail position are calls of JavaScript, too, as both of these want it. */
  keepFrames: false,
  /** Runs of the machine until this evaluation counts as a long one, which is told once. */
  untilLong: 0,
  onLong: undefined as (() => void) | undefined,
  /** What is not evaluated will be shown as such (--eval without --strict): be lazy wherever C++ Nix is. */
  observeThunks: false,
};

/** Wants to know where evaluation is. Every `enter` has its `leave`, whatever is thrown. */
export interface CallObserver {
  /** `frame` is a LambdaInfo, or the path of a file that is being evaluated. */
  enter(frame: object | string): void;
  leave(): void;
}

/** Short evaluations, most of them, are over before an optimising compiler pays. */
const LONG = 500_000;

/** Starts counting anew. */
export function expectLongRun(onLong: (() => void) | undefined): void {
  calls.untilLong = LONG;
  calls.onLong = onLong;
}

/** The counter has run out: says so, and goes on counting for nothing. */
export function longRun(): void {
  calls.untilLong = 2 ** 30;
  const { onLong } = calls;
  calls.onLong = undefined;
  onLong?.();
}

export function callDepthExceeded(pos: Pos): NixError {
  return new NixError('stack overflow; max-call-depth exceeded', { class: 'StackOverflowError', pos });
}

/**
 * JavaScript's stack is full though Nix's limit on calls is not reached. No fault of the user's: the same evaluation is
 * to be started again in a thread with a larger stack, which is sound because evaluation is pure.
 */
export class NeedsLargerStack extends Error {
  constructor() {
    super('the stack is full');
    this.name = 'NeedsLargerStack';
  }
}

/** Is it V8's "Maximum call stack size exceeded"? */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.startsWith('Maximum call stack');
}
