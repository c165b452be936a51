/** Looking after a store: verification, garbage collection, deleting. */
import { equalDigests, printHash } from '../../derivation/hash-string.ts';
import { renderSize } from '../../realise/plan.ts';
import { statOf } from '../../store/local/files.ts';
import { type Collected, collectGarbage, deadPaths, livePaths } from '../../store/local/gc.ts';
import { findRoots, type Root } from '../../store/local/roots.ts';
import { verifyStore } from '../../store/local/verify.ts';
import { narIdentityOf } from '../../store/nar/dump.ts';
import { referrersClosure, requirePathInfo } from '../../store/store.ts';
import type { StoreAccess } from './store-access.ts';

/**
 * Looks for what is wrong with a store and says it. Paths whose files are gone are forgotten where nothing needs them.
 * Gives whether everything is well now.
 */
export function verify(access: StoreAccess, { contents }: { readonly contents: boolean }): boolean {
  const { store } = access;
  access.message('reading the Nix store...');
  access.message('checking path existence...');
  const gone = new Set(store.validPaths().filter((path) => !statOf(store.realPath(path))));
  const needed = [...gone].filter((path) => referrersClosure(store, [path]).some((other) => !gone.has(other)));
  for (const path of needed) gone.delete(path);
  if (gone.size > 0) {
    for (const path of gone) access.message(`path '${path}' disappeared, removing from database...`);
    store.prepareToWrite();
    store.forget(gone);
  }
  if (contents) access.message('checking store hashes...');
  const problems = verifyStore(store, { contents });
  for (const problem of problems) access.message(`error: ${problem}`);
  return problems.length === 0;
}

/** The message about a path that was changed; undefined: it is as it was. */
export function modification({ store }: StoreAccess, path: string): string | undefined {
  const { narHash } = requirePathInfo(store, path);
  const { narHash: actual } = narIdentityOf(store.realPath(path));
  if (equalDigests(narHash, actual)) return undefined;
  const text = (digest: Uint8Array) => printHash({ algorithm: 'sha256', digest }, 'nix32');
  return `path '${path}' was modified! expected hash '${text(narHash)}', got '${text(actual)}'`;
}

export function garbageRoots({ store }: StoreAccess): Root[] {
  return findRoots(store);
}

/** In byte order. */
export function livingPaths({ store }: StoreAccess): string[] {
  return [
    ...livePaths(
      store,
      findRoots(store).map((root) => root.path),
    ),
  ].sort();
}

/** In byte order. */
export function garbage({ store }: StoreAccess): string[] {
  return deadPaths(store).sort();
}

export interface CollectRequest {
  /** Bytes after which it is enough. */
  readonly maxFreed?: number | undefined;
  /** These only. */
  readonly only?: readonly string[];
}

/** Deletes what no root reaches. Gives the line that says how much that was. */
export async function collect(access: StoreAccess, request: CollectRequest): Promise<string> {
  const { store } = access;
  access.message('finding garbage collector roots...');
  const collected = await collectGarbage(store, {
    ...(request.maxFreed === undefined ? {} : { maxFreed: request.maxFreed }),
    ...(request.only ? { only: request.only } : {}),
    onDelete: (path) => access.message(`deleting '${path}'`),
    onWait: () => access.message('waiting for the big garbage collector lock...'),
  });
  return freedLine(collected);
}

/** Deletes paths and what refers to them, alive or not. */
export function deleteAnyway(access: StoreAccess, paths: readonly string[]): string {
  const { store } = access;
  const doomed = referrersClosure(store, paths);
  for (const path of doomed) access.message(`deleting '${path}'`);
  const bytesFreed = doomed.reduce((sum, path) => sum + requirePathInfo(store, path).narSize, 0);
  store.delete(doomed);
  return freedLine({ paths: doomed, bytesFreed });
}

function freedLine({ paths, bytesFreed }: Collected): string {
  return `${paths.length} store paths deleted, ${renderSize(bytesFreed)} freed`;
}
