/** A tree on this machine, copied into the store as it is: fetchTree's type "path", and flakes' `path:`. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isStorePath, storePathName } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { FetchRequest, FetchResult } from '../../runtime/host.ts';
import type { LocalStore } from '../../store/local/local-store.ts';
import { isValidPath } from '../../store/store.ts';
import { narHashAttribute, timeAttributes } from './fetching.ts';

export function fetchPath({ url: path, name }: FetchRequest, store: LocalStore): FetchResult {
  const known = isStorePath(path, store.storeDir) && storePathName(path) === name && isValidPath(store, path);
  const physical = path.startsWith(`${store.storeDir}/`) ? store.realPath(path) : path;
  if (lstatSync(physical, { throwIfNoEntry: false }) === undefined)
    throw new NixError(`path '${path}' does not exist`, { class: 'Error' });
  const storePath = known ? path : store.addFiles({ path: physical, name, method: 'nar' });
  return {
    storePath,
    attributes: {
      narHash: narHashAttribute(store, storePath),
      ...timeAttributes(known ? 0 : newestChange(physical)),
    },
  };
}

/** When the last of the files was changed, in seconds. */
function newestChange(path: string): number {
  const stat = lstatSync(path);
  const own = Math.floor(stat.mtimeMs / 1000);
  if (!stat.isDirectory()) return own;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestChange(join(path, name))), own);
}
