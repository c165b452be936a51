/**
 * From roots to locked packages: alternatives and virtual packages are decided, dependencies that only maintainer scripts
 * have are dropped, packages that share a store path are merged, and what is left of circles becomes one package each.
 * The result is a directed graph without cycles, as store paths need it.
 */
import { compareBytewise } from '../../base/order.ts';
import { stronglyConnected } from './components.ts';
import type { IndexedPackage, PackageIndex, Relation } from './index.ts';
import { groups, isDropped, preference } from './recipe.ts';

/** A store path to be: its key, its .debs, the keys of what it depends on. */
export interface ResolvedPackage {
  readonly key: string;
  readonly debs: readonly IndexedPackage[];
  readonly depends: readonly string[];
}

export interface Resolution {
  /** In byte order of their keys. */
  readonly packages: readonly ResolvedPackage[];
  /** Roots that the index does not have, and dependencies that nothing satisfies ("a needs b"). */
  readonly missing: readonly string[];
}

export function resolve(index: PackageIndex, roots: readonly string[]): Resolution {
  const missing: string[] = [];
  const debs = new Map<string, { entry: IndexedPackage; depends: string[] }>();
  const queue = [...roots];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (debs.has(next)) continue;
    const entry = index.get(next);
    if (!entry) {
      missing.push(next);
      continue;
    }
    const depends = directDependencies(index, entry, missing);
    debs.set(next, { entry, depends });
    queue.push(...depends);
  }
  return { packages: merge(debs), missing: [...new Set(missing)].sort(compareBytewise) };
}

function directDependencies(index: PackageIndex, entry: IndexedPackage, missing: string[]): string[] {
  const found = new Set<string>();
  for (const alternatives of entry.depends) {
    if (alternatives.some(({ package: name }) => isDropped(entry.package, name))) continue;
    const choice = choose(index, alternatives);
    if (choice === undefined)
      missing.push(`${entry.package} needs ${alternatives.map((one) => one.package).join(' | ')}`);
    else if (choice !== entry.package && !isDropped(entry.package, choice)) found.add(choice);
  }
  return [...found];
}

/** Anything about python3 itself first (`python3-x | python3 (>> 3.10)` is satisfied by every python3 we lock). */
function choose(index: PackageIndex, alternatives: readonly Relation[]): string | undefined {
  const candidates = alternatives.flatMap((relation) => {
    const satisfying = index.satisfying(relation);
    const preferredName = preference(relation.package, index);
    return preferredName === undefined ? satisfying : [preferredName, ...satisfying];
  });
  return candidates.includes('python3') ? 'python3' : candidates[0];
}

function merge(debs: ReadonlyMap<string, { entry: IndexedPackage; depends: string[] }>): ResolvedPackage[] {
  const keyOf = new Map<string, string>();
  for (const [key, members] of Object.entries(groups)) for (const member of members) keyOf.set(member, key);
  const key = (name: string) => keyOf.get(name) ?? name;
  // Circles among the packages as merged so far become packages of their own.
  const graph = new Map<string, Set<string>>();
  for (const [name, { depends }] of debs) {
    const edges = graph.get(key(name)) ?? new Set();
    for (const dependency of depends) edges.add(key(dependency));
    graph.set(key(name), edges);
  }
  const final = new Map<string, string>();
  for (const component of stronglyConnected(graph)) {
    const name = component.find((member) => member in groups) ?? [...component].sort(compareBytewise)[0]!;
    for (const member of component) final.set(member, name);
  }
  const order = (name: string, own: string) => {
    const position = groups[own]?.indexOf(name) ?? -1;
    return position < 0 ? Number.MAX_SAFE_INTEGER : position;
  };
  const packages = new Map<string, string[]>();
  for (const name of debs.keys()) {
    const own = final.get(key(name))!;
    packages.set(own, [...(packages.get(own) ?? []), name]);
  }
  return [...packages.keys()].sort(compareBytewise).map((own) => {
    const members = packages.get(own)!.sort((a, b) => order(a, own) - order(b, own) || compareBytewise(a, b));
    const depends = new Set(members.flatMap((name) => debs.get(name)!.depends.map((one) => final.get(key(one))!)));
    depends.delete(own);
    return { key: own, debs: members.map((name) => debs.get(name)!.entry), depends: [...depends] };
  });
}
