/**
 * Where a local store has its things. Under its root (`/`, or a directory of the user's):
 *
 *   nix/store/<hash>-<name>          the objects
 *   nix/store/.nixlet/<session>/     objects in the making, one directory per running process (session.ts)
 *   nix/var/nix/db/db.sqlite         what is valid (database.ts), beside it `schema`: the layout's version
 *   nix/var/nix/gcroots, profiles    links into the store: what must stay (roots.ts)
 *   nix/var/nix/temproots/<pid>      roots of running C++ Nix processes
 *   nix/var/nix/gc.lock              held shared while the store is in use, exclusively by the collector
 *   nix/var/nix/nixlet/              locks of ours (locks.ts)
 *   nix/var/log/nix/drvs/xx/...      build logs
 *
 * Logical paths start with /nix/store whatever the root is. Source: Nix manual, "Local Store".
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { defaultStoreDir } from '../../derivation/store-path.ts';
import { homeOf } from '../home.ts';

export interface StoreLayout {
  /** '/' or an absolute path without a slash at its end. */
  readonly root: string;
  /** Physical directory of the objects. */
  readonly objects: string;
  /** .../nix/var/nix */
  readonly state: string;
  readonly database: string;
  readonly schemaFile: string;
  readonly gcLock: string;
  /** Locks and sessions of nixlet. */
  readonly own: string;
  readonly staging: string;
  readonly gcRoots: string;
  readonly profiles: string;
  readonly tempRoots: string;
  readonly logs: string;
}

export function storeLayout(root: string): StoreLayout {
  const at = (path: string) => join(root, path);
  return {
    root,
    objects: at('nix/store'),
    state: at('nix/var/nix'),
    database: at('nix/var/nix/db/db.sqlite'),
    schemaFile: at('nix/var/nix/db/schema'),
    gcLock: at('nix/var/nix/gc.lock'),
    own: at('nix/var/nix/nixlet'),
    staging: at('nix/store/.nixlet'),
    gcRoots: at('nix/var/nix/gcroots'),
    profiles: at('nix/var/nix/profiles'),
    tempRoots: at('nix/var/nix/temproots'),
    logs: at('nix/var/log/nix/drvs'),
  };
}

/** The build log of a derivation: `drvs/<first two characters>/<rest of the base name>`. C++ Nix adds .bz2 to its own. */
export function logPath(layout: StoreLayout, drvPath: string): string {
  const baseName = drvPath.slice(drvPath.lastIndexOf('/') + 1);
  return join(layout.logs, baseName.slice(0, 2), baseName.slice(2));
}

/** Physical path of a logical one; paths outside the store are themselves. */
export function realPath(layout: StoreLayout, path: string): string {
  if (path === defaultStoreDir) return layout.objects;
  return path.startsWith(`${defaultStoreDir}/`) ? layout.objects + path.slice(defaultStoreDir.length) : path;
}

/** Logical path of a physical one below this store; undefined for every other. */
export function logicalPath(layout: StoreLayout, path: string): string | undefined {
  if (path === layout.objects) return defaultStoreDir;
  if (path.startsWith(`${layout.objects}/`)) return defaultStoreDir + path.slice(layout.objects.length);
  return path === defaultStoreDir || path.startsWith(`${defaultStoreDir}/`) ? path : undefined;
}

/**
 * The root that is used where none is asked for: `/` if this user may write a store there, else `nixlet` in the user's
 * data directory.
 */
export function defaultRoot(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return mayWriteSystemStore() ? '/' : join(env.XDG_DATA_HOME || join(homeOf(env), '.local/share'), 'nixlet');
}

function mayWriteSystemStore(): boolean {
  // An existing store must be writable with its database; a missing one must be possible to create.
  for (const [directory, ...parents] of [
    ['/nix/store', '/nix', '/'],
    ['/nix/var/nix/db', '/nix/var/nix', '/nix/var', '/nix', '/'],
  ]) {
    const nearest = [directory!, ...parents].find(exists);
    if (nearest === undefined || !writable(nearest)) return false;
  }
  return true;
}

function exists(path: string): boolean {
  return allowed(path, constants.F_OK);
}

function writable(path: string): boolean {
  return allowed(path, constants.W_OK | constants.X_OK);
}

function allowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
