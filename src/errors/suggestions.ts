/** "Did you mean": the known names nearest to the one that is not. */
import { encodeBytes } from '../base/bytes.ts';
import { compareBytewise } from '../base/order.ts';

const LIMIT = 5;
const MAX_DISTANCE = 2;

/** At most five names at most two edits away, nearest first, then by bytes. */
export function bestMatches(known: Iterable<string>, name: string): string[] {
  const wanted = encodeBytes(name);
  const near: { name: string; distance: number }[] = [];
  for (const candidate of new Set(known)) {
    // Bytes are at most three a code unit, so these cannot be near; sets with many attributes make it worth asking.
    if (candidate.length > wanted.length + MAX_DISTANCE || candidate.length * 3 < wanted.length - MAX_DISTANCE)
      continue;
    const distance = editDistance(wanted, encodeBytes(candidate));
    if (distance <= MAX_DISTANCE) near.push({ name: candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance || compareBytewise(a.name, b.name));
  return near.slice(0, LIMIT).map((suggestion) => suggestion.name);
}

/** Levenshtein distance in bytes: insertions, deletions and substitutions. */
export function editDistance(a: Uint8Array, b: Uint8Array): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 0; i < a.length; i++) {
    const current = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substitution = previous[j]! + (a[i] === b[j] ? 0 : 1);
      current.push(Math.min(previous[j + 1]! + 1, current[j]! + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length]!;
}
