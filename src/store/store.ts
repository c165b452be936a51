/**
 * A store: objects (files, directories, links) under `/nix/store/<hash>-<name>`, and what is known of each. An
 * implementation gives the least (this interface); closures, order, reading derivations and copying are functions over it,
 * here and in copy.ts. Paths are logical everywhere.
 *
 * Implementations: memory-store.ts (tests, browser), local/local-store.ts (directory and SQLite database, as C++ Nix's).
 * The laws that each must keep are test/contract/store.ts.
 */

import { decodeBytes } from '../base/bytes.ts';
import { compareByteArrays } from '../base/order.ts';
import { parseDerivation } from '../derivation/aterm/parse.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { sortStorePaths, storePathName } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import type { PathInfo } from './path-info.ts';

export interface Store {
  /** '/nix/store' */
  readonly storeDir: string;
  /** What is recorded of a valid path; undefined: not valid. */
  pathInfo(path: string): PathInfo | undefined;
  /** Valid paths that refer to this one, itself included where it does; in byte order. */
  referrers(path: string): string[];
  /** In byte order. */
  validPaths(): string[];
  /** The valid path whose hash part this is. */
  pathFromHashPart(hashPart: string): string | undefined;
  /** Valid .drv files of which this path is an output, in byte order. */
  validDerivers(path: string): string[];
  /** The NAR of a valid path, in chunks. */
  readNar(path: string): Iterable<Uint8Array>;
  /** Content of a valid path that is a single file (a .drv, a text). */
  readFile(path: string): Uint8Array;
  /**
   * Adds an object from its NAR; whole or not at all. References must be valid already (or the path itself). Where
   * `expected` is given the NAR must have this hash and size. Gives what is recorded; a valid path is left as it is.
   */
  addNar(path: NewPath, nar: Iterable<Uint8Array>, expected?: NarIdentity): PathInfo;
  /** Forgets paths and deletes their content. Every referrer must be among them. */
  delete(paths: Iterable<string>): void;
}

/** What whoever adds a path knows of it. */
export interface NewPath {
  readonly path: string;
  readonly references: Iterable<string>;
  readonly deriver?: string | undefined;
  readonly signatures?: readonly string[];
  /** See PathInfo. */
  readonly ca?: string | undefined;
  readonly ultimate?: boolean;
}

export interface NarIdentity {
  /** SHA-256 of the NAR serialisation. */
  readonly narHash: Uint8Array;
  /** Bytes of the NAR serialisation. */
  readonly narSize: number;
}

export function isValidPath(store: Store, path: string): boolean {
  return store.pathInfo(path) !== undefined;
}

/** As pathInfo; throws "path '...' is not valid". */
export function requirePathInfo(store: Store, path: string): PathInfo {
  const info = store.pathInfo(path);
  if (!info) throw new NixError(`path '${path}' is not valid`, { class: 'StoreError' });
  return info;
}

/** The paths and everything they refer to, directly or not, in byte order. Throws where one is not valid. */
export function closure(store: Store, paths: Iterable<string>): string[] {
  const seen = new Set<string>();
  const todo = [...paths];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    todo.push(...requirePathInfo(store, path).references);
  }
  return sortStorePaths(seen);
}

/** The paths and everything that refers to them, directly or not, in byte order. */
export function referrersClosure(store: Store, paths: Iterable<string>): string[] {
  const seen = new Set<string>();
  const todo = [...paths];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    todo.push(...store.referrers(path));
  }
  return sortStorePaths(seen);
}

/**
 * Orders paths such that each comes after those of them that it refers to; otherwise byte order. A cycle is an error.
 * `references` gives the references of a path; those outside `paths` do not count.
 */
export function sortByReferences(paths: Iterable<string>, references: (path: string) => Iterable<string>): string[] {
  const all = new Set(paths);
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (path: string, parent: string): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open')
      throw new NixError(`cycle detected in the references of '${path}' from '${parent}'`, { class: 'BuildError' });
    state.set(path, 'open');
    for (const reference of sortStorePaths(references(path)))
      if (reference !== path && all.has(reference)) visit(reference, path);
    state.set(path, 'done');
    order.push(path);
  };
  for (const path of sortStorePaths(all)) visit(path, path);
  return order;
}

/** Reads and parses a valid .drv file. */
export function readDerivation(store: Store, drvPath: string): Derivation {
  const name = storePathName(drvPath);
  if (!name.endsWith('.drv'))
    throw new NixError(`store path '${drvPath}' is not a valid derivation path`, { class: 'StoreError' });
  return parseDerivation(decodeBytes(store.readFile(drvPath)), name.slice(0, -4), drvPath, store.storeDir);
}

export function sameNar(a: NarIdentity, b: NarIdentity): boolean {
  return a.narSize === b.narSize && compareByteArrays(a.narHash, b.narHash) === 0;
}
