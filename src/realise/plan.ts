/**
 * What a realisation is going to do, found without doing anything: the derivations that must be built and the paths that
 * can be fetched. From the wanted paths on, an output that is valid needs nothing; one that a substituter has is fetched
 * with its references; everything else is built, and wants its inputs in turn.
 */
import { compareBytewise } from '../base/order.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { outputPath } from '../derivation/output-paths.ts';
import { storePathName } from '../derivation/store-path.ts';
import { readDerivation, type Store, sortByReferences } from '../store/store.ts';
import { derivationOptions } from './derivation-options.ts';
import type { KnownPaths } from './known-paths.ts';
import { querySubstituters, type Substituter } from './substitution.ts';

/** A store path that is to be valid; of a .drv, with `outputs`, those outputs (all of them: '*'). */
export interface Wanted {
  readonly path: string;
  readonly outputs?: readonly string[] | '*';
}

export interface Plan {
  /** .drv paths, each after those that it needs. */
  readonly build: readonly string[];
  /** By name. */
  readonly fetch: readonly string[];
  /** Bytes. */
  readonly downloadSize: number;
  readonly narSize: number;
  /** Neither valid nor obtainable. */
  readonly unknown: readonly string[];
}

export interface PlanningOptions {
  readonly store: Store;
  readonly known: KnownPaths;
  readonly substituters: readonly Substituter[];
  readonly signal: AbortSignal;
}

export async function makePlan(wanted: readonly Wanted[], options: PlanningOptions): Promise<Plan> {
  const { store, known, substituters, signal } = options;
  const build = new Set<string>();
  const fetch = new Set<string>();
  const unknown = new Set<string>();
  const seen = new Set<string>();
  let downloadSize = 0;
  let narSize = 0;
  let todo = [...wanted];

  /** Opaque paths to want instead, where every missing output can be fetched. */
  const substitutable = async (drvPath: string, drv: Derivation, missing: readonly string[]): Promise<boolean> => {
    if (substituters.length === 0 || !derivationOptions(drvPath, drv).allowSubstitutes) return false;
    const found = await Promise.all(missing.map((path) => querySubstituters(substituters, path, signal)));
    return found.every((one) => one !== undefined);
  };

  const visit = async ({ path, outputs }: Wanted): Promise<Wanted[]> => {
    if (outputs === undefined) {
      if (known.isValid(path)) return [];
      const found = await querySubstituters(substituters, path, signal);
      if (!found) {
        unknown.add(path);
        return [];
      }
      fetch.add(path);
      downloadSize += found.info.downloadSize ?? 0;
      narSize += found.info.narSize;
      return found.info.references.map((reference) => ({ path: reference }));
    }
    if (!known.isValid(path)) {
      unknown.add(path);
      return [];
    }
    const drv = readDerivation(store, path);
    const missing = missingOutputs(drv, outputs, known);
    if (missing.length === 0) return [];
    if (await substitutable(path, drv, missing)) return missing.map((output) => ({ path: output }));
    build.add(path);
    return [...drv.inputDrvs].map(([input, names]) => ({ path: input, outputs: [...names].sort(compareBytewise) }));
  };

  while (todo.length > 0) {
    const round = todo.filter((one) => {
      const key = `${one.path}!${one.outputs ?? ''}`;
      return seen.has(key) ? false : seen.add(key);
    });
    todo = (await Promise.all(round.map(visit))).flat();
  }
  return {
    build: sortByReferences(build, (drvPath) => known.require(drvPath).references),
    fetch: [...fetch].sort((a, b) => compareBytewise(storePathName(a), storePathName(b)) || compareBytewise(a, b)),
    downloadSize,
    narSize,
    unknown: [...unknown].sort(compareBytewise),
  };
}

/** Paths of the wanted outputs that are not valid. An output whose path nobody knows before building is not among them. */
export function missingOutputs(drv: Derivation, outputs: readonly string[] | '*', known: KnownPaths): string[] {
  return [...drv.outputs]
    .filter(([name]) => outputs === '*' || outputs.includes(name))
    .map(([, output]) => outputPath(output))
    .filter((path) => path !== undefined && !known.isValid(path)) as string[];
}

/** The lines that Nix prints on standard error before it begins; none where there is nothing to do. */
export function describePlan(plan: Plan): string[] {
  const lines: string[] = [];
  const list = (paths: readonly string[]) => lines.push(...paths.map((path) => `  ${path}`));
  if (plan.build.length > 0) {
    lines.push(
      plan.build.length === 1
        ? 'this derivation will be built:'
        : `these ${plan.build.length} derivations will be built:`,
    );
    list(plan.build);
  }
  if (plan.fetch.length > 0) {
    const sizes = `(${renderSize(plan.downloadSize)} download, ${renderSize(plan.narSize)} unpacked)`;
    const what = plan.fetch.length === 1 ? 'this path' : `these ${plan.fetch.length} paths`;
    lines.push(`${what} will be fetched ${sizes}:`);
    list(plan.fetch);
  }
  if (plan.unknown.length > 0) {
    lines.push("don't know how to build these paths:");
    list(plan.unknown);
  }
  return lines;
}

/** Bytes as Nix writes them: 0.1 KiB, 12.3 MiB. */
export function renderSize(bytes: number): string {
  const units = 'KMGTPE';
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}iB`;
}
