/**
 * Which store paths share a layer, for buildLayeredImage. Images that have a path in common share its layer only if that
 * holds nothing else, so paths that much depends on get layers of their own, and what is left over shares the last.
 *
 * The popularity of a path is the number of paths in the closure that need it, directly or not: a number that depends on
 * this image only, so the same closure is always layered the same way. Most popular first; ties in byte order of
 * "<name>-<hash>" turned round (name first), so that a new hash alone does not reorder layers.
 */
import { compareBytewise } from '../base/order.ts';

/** At most `maxLayers` groups, lowest layer first; each group in byte order. */
export function assignLayers(
  paths: readonly string[],
  references: (path: string) => Iterable<string>,
  maxLayers: number,
): string[][] {
  if (paths.length === 0) return [];
  const popularity = countDependents(paths, references);
  const ordered = [...paths].sort(
    (a, b) =>
      popularity.get(b)! - popularity.get(a)! || compareBytewise(nameFirst(a), nameFirst(b)) || compareBytewise(a, b),
  );
  const alone = ordered.slice(0, Math.max(0, maxLayers - 1)).map((path) => [path]);
  const rest = ordered.slice(alone.length).sort(compareBytewise);
  return rest.length > 0 ? [...alone, rest] : alone;
}

function countDependents(
  paths: readonly string[],
  references: (path: string) => Iterable<string>,
): ReadonlyMap<string, number> {
  const count = new Map(paths.map((path) => [path, 0]));
  for (const start of paths) {
    const seen = new Set([start]);
    for (const path of seen) for (const next of references(path)) if (count.has(next)) seen.add(next);
    for (const path of seen) if (path !== start) count.set(path, count.get(path)! + 1);
  }
  return count;
}

/** /nix/store/<hash>-<name> as <name>-<hash>. */
function nameFirst(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1);
  const dash = base.indexOf('-');
  return `${base.slice(dash + 1)}-${base.slice(0, dash)}`;
}
