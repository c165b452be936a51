/** Nix's ints are 64 bits wide; ours are numbers while those are exact, and bigints beyond (value.ts). */
import type { Int } from './value.ts';

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** The value for an exact result; undefined where it does not fit 64 bits. */
export function checkedInt(exact: bigint): Int | undefined {
  if (exact < MIN || exact > MAX) return undefined;
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact;
}
