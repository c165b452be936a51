/** Adding files to a store by hand: nix-store --add and --add-fixed. */
import { basename, resolve } from 'node:path';
import type { HashAlgorithm } from '../../base/hash.ts';
import { parseHash, parseHashAlgorithm } from '../../derivation/hash-string.ts';
import { makeFixedOutputPath } from '../../derivation/store-path.ts';
import type { StoreAccess } from './store-access.ts';

export interface AddOptions {
  /** Hash the tree (its NAR) instead of the bytes of one file. */
  readonly recursive: boolean;
  readonly algorithm: HashAlgorithm;
}

export function hashAlgorithmNamed(name: string): HashAlgorithm {
  return parseHashAlgorithm(name);
}

/** Gives the store path. */
export function addPath(access: StoreAccess, file: string, { recursive, algorithm }: AddOptions): string {
  const path = resolve(access.directory, file);
  return access.store.addFiles({ path, name: basename(path), method: recursive ? 'nar' : 'flat', algorithm });
}

/** The path that content with this hash would have. */
export function fixedPath(name: string, hash: string, { recursive, algorithm }: AddOptions): string {
  return makeFixedOutputPath(name, { method: recursive ? 'nar' : 'flat', ...parseHash(hash, algorithm) });
}
