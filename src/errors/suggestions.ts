/** "Did you mean ...?": the names nearest to a misspelt one, by the number of letters to change. */
import { compareBytewise } from '../base/order.ts';

const LIMIT = 5;
const MAX_DISTANCE = 2;

/** At most five names, nearest first, none further away than two edits; as C++ Nix shows them. */
export function bestMatches(names: Iterable<string>, wanted: string): string[] {
  const near: { name: string; distance: number }[] = [];
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > MAX_DISTANCE) continue;
    const distance = levenshtein(name, wanted);
    if (distance <= MAX_DISTANCE) near.push({ name, distance });
  }
  near.sort((a, b) => a.distance - b.distance || compareBytewise(a.name, b.name));
  return near.slice(0, LIMIT).map((match) => match.name);
}

function levenshtein(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + change));
    }
    previous = current;
  }
  return previous[b.length]!;
}
