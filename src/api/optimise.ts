/**
 * V8's optimising compiler, which the launcher starts without: most evaluations are over before it pays, and what it does
 * beside them costs a fifth of the processor time. It is switched on for evaluations that turn out to be long
 * (SessionOptions.onLongRun), and for whatever comes after them: packing, hashing, unpacking.
 */
import { setFlagsFromString } from 'node:v8';

let optimising = false;

export function optimise(): void {
  if (optimising) return;
  optimising = true;
  setFlagsFromString('--opt');
}

/** For a program that starts: the timer gets its turn when the first evaluation, which is synchronous, is over. */
export function optimiseLater(): void {
  setTimeout(optimise, 300).unref();
}
