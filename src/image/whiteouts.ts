/**
 * Whiteouts: how a layer takes away what is below it. `dir/.wh.NAME` hides dir/NAME, `dir/.wh..wh..opq` hides all that
 * lower layers have in dir.
 * Source: OCI image specification, layer.md.
 */

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** If `name` is a whiteout: takes what it hides out of `lower`, and says true. */
export function applyWhiteout(
  lower: { keys(): Iterable<string>; delete(name: string): boolean },
  name: string,
): boolean {
  const slash = name.lastIndexOf('/') + 1;
  const base = name.slice(slash);
  if (!base.startsWith(WHITEOUT)) return false;
  if (base === OPAQUE) removeBelow(lower, name.slice(0, slash));
  else {
    const hidden = name.slice(0, slash) + base.slice(WHITEOUT.length);
    lower.delete(hidden);
    removeBelow(lower, `${hidden}/`);
  }
  return true;
}

export function removeBelow(lower: { keys(): Iterable<string>; delete(name: string): boolean }, prefix: string): void {
  for (const name of [...lower.keys()]) if (name.startsWith(prefix)) lower.delete(name);
}
