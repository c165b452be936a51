/**
 * The garbage collector: mark what the roots reach, delete the rest. It runs alone (the store's lock, exclusively), so that
 * the marks hold. What a live path refers to is live, and so is the derivation that a live path was built from (as C++
 * Nix's `keep-derivations`, which is on by default there).
 *
 * First the dead paths become invalid, in one transaction, then their files go: a collector that is killed leaves files
 * that are not valid, and those, like whatever else lies in the store without being valid, the next one deletes.
 */
import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { NixError } from '../../errors/nix-error.ts';
import { isValidPath, referrersClosure, requirePathInfo, sortByReferences } from '../store.ts';
import { deleteTree, namesIn } from './files.ts';
import type { LocalStore } from './local-store.ts';
import { waitForLock } from './locks.ts';
import { findRoots } from './roots.ts';

export interface CollectOptions {
  /** Stop once this many bytes are free; everything by default. */
  readonly maxFreed?: number;
  /** Delete these only, and only if nothing live refers to them. */
  readonly only?: readonly string[];
  /** Keep the outputs of live derivations as well. */
  readonly keepOutputs?: boolean;
  readonly onDelete?: (path: string) => void;
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
}

export interface Collected {
  /** Deleted paths: logical ones, and names of what was not valid. */
  readonly paths: readonly string[];
  readonly bytesFreed: number;
}

/** Valid paths that the roots reach; in no order. */
export function livePaths(store: LocalStore, roots: Iterable<string>, keepOutputs = false): Set<string> {
  const live = new Set<string>();
  const todo = [...roots];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (live.has(path)) continue;
    const info = store.pathInfo(path);
    if (!info) continue;
    live.add(path);
    todo.push(...info.references);
    if (info.deriver !== undefined) todo.push(info.deriver);
    if (keepOutputs && path.endsWith('.drv')) todo.push(...store.derivationOutputs(path).values());
  }
  return live;
}

/** Valid paths that no root reaches, each after those that refer to it. */
export function deadPaths(store: LocalStore, keepOutputs = false): string[] {
  const live = livePaths(
    store,
    findRoots(store).map((root) => root.path),
    keepOutputs,
  );
  const dead = store.validPaths().filter((path) => !live.has(path));
  return sortByReferences(dead, (path) => requirePathInfo(store, path).references).reverse();
}

export async function collectGarbage(store: LocalStore, options: CollectOptions = {}): Promise<Collected> {
  store.prepareToWrite();
  store.yieldToCollector();
  const lock = await waitForLock(store.layout.gcLock, 'exclusive', options);
  try {
    const stale: string[] = [];
    const roots = findRoots(store, stale);
    for (const link of stale) unlinkSync(link);
    const live = livePaths(
      store,
      roots.map((root) => root.path),
      options.keepOutputs,
    );
    const doomed = options.only
      ? chosen(store, options.only, live)
      : store.validPaths().filter((path) => !live.has(path));
    return sweep(store, doomed, options);
  } finally {
    lock.release();
    store.hold();
  }
}

/** The paths to delete and what refers to them; none of it may be live. */
function chosen(store: LocalStore, only: readonly string[], live: ReadonlySet<string>): string[] {
  const doomed = referrersClosure(
    store,
    only.filter((path) => isValidPath(store, path)),
  );
  for (const path of doomed)
    if (live.has(path))
      throw new NixError(
        `Cannot delete path '${path}' since it is still alive. To find out why, use: nix-store --query --roots and nix-store --query --referrers`,
        { class: 'StoreError' },
      );
  return doomed;
}

function sweep(store: LocalStore, doomed: readonly string[], options: CollectOptions): Collected {
  const order = sortByReferences(doomed, (path) => requirePathInfo(store, path).references).reverse();
  const deleted: string[] = [];
  let bytesFreed = 0;
  const limit = options.maxFreed ?? Number.POSITIVE_INFINITY;
  if (limit === Number.POSITIVE_INFINITY) store.forget(new Set(order));
  for (const path of order) {
    if (bytesFreed >= limit) break;
    if (limit !== Number.POSITIVE_INFINITY) store.forget(new Set([path]));
    options.onDelete?.(path);
    bytesFreed += deleteTree(store.realPath(path));
    deleted.push(path);
  }
  if (!options.only && bytesFreed < limit) bytesFreed += sweepInvalid(store, deleted, options.onDelete);
  bytesFreed += sweepLinks(store);
  return { paths: deleted, bytesFreed };
}

/** What lies in the store without being valid: left behind by something that was killed. */
function sweepInvalid(store: LocalStore, deleted: string[], onDelete: CollectOptions['onDelete']): number {
  let freed = 0;
  for (const name of namesIn(store.layout.objects).sort()) {
    if (name === '.links' || name === '.nixlet' || isValidPath(store, `${store.storeDir}/${name}`)) continue;
    onDelete?.(`${store.storeDir}/${name}`);
    freed += deleteTree(join(store.layout.objects, name));
    deleted.push(`${store.storeDir}/${name}`);
  }
  return freed;
}

/** C++ Nix's optimiser keeps a hard link to every file here; one that is the last link has no use. */
function sweepLinks(store: LocalStore): number {
  const links = join(store.layout.objects, '.links');
  let freed = 0;
  for (const name of namesIn(links)) {
    const file = join(links, name);
    const stat = lstatSync(file);
    if (stat.nlink > 1) continue;
    unlinkSync(file);
    freed += stat.blocks * 512;
  }
  return freed;
}
