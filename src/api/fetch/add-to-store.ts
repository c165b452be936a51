/**
 * Fetched content on its way into the store: it is made in the store's staging area, hashed where it lies, and moved to the
 * path that follows from its hash. Nothing is written twice.
 */

import { printContentAddress } from '../../derivation/content-address.ts';
import type { Hash } from '../../derivation/hash-string.ts';
import { makeFixedOutputPath } from '../../derivation/store-path.ts';
import { hashFile } from '../../realise/hash-file.ts';
import { canonicalise } from '../../store/local/files.ts';
import type { LocalStore } from '../../store/local/local-store.ts';
import { narIdentityOf } from '../../store/nar/dump.ts';

/** What a store object is to be called, and how its address follows from its content. */
export interface Kind {
  readonly name: string;
  readonly method: 'flat' | 'nar';
}

/** Gives `work` a place inside the store's file system at which nothing is yet; what is left there is deleted. */
export async function inStaging<T>(store: LocalStore, work: (place: string) => Promise<T>): Promise<T> {
  const place = store.stage(`${store.storeDir}/fetched`);
  try {
    return await work(place);
  } finally {
    store.discard(place);
  }
}

/**
 * Makes what lies at (or below) a staging place a valid path. `check` sees the SHA-256 by which the content is addressed,
 * before anything becomes valid.
 */
export async function addStaged(
  store: LocalStore,
  staged: string,
  { name, method }: Kind,
  check: (hash: Hash) => void = () => {},
): Promise<string> {
  canonicalise(staged);
  const identity = narIdentityOf(staged);
  const digest = method === 'nar' ? identity.narHash : (await hashFile(staged, 'sha256'))!;
  const hash: Hash = { algorithm: 'sha256', digest };
  check(hash);
  const path = makeFixedOutputPath(name, { method, ...hash }, undefined, store.storeDir);
  store.register([{ path, references: [], ca: printContentAddress({ method, hash }), ...identity, staged }]);
  return path;
}

/** The same content under another name; itself where it has that name. */
export function underName(store: LocalStore, path: string, { name, method }: Kind): string {
  const ownName = path.slice(store.storeDir.length + 34);
  return ownName === name ? path : store.addFiles({ path: store.realPath(path), name, method });
}
