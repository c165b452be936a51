/** Opens the store that a command works on. */
import { resolve } from 'node:path';
import { defaultRoot } from './layout.ts';
import { LocalStore } from './local-store.ts';

export { useNativeHashes } from './native-hashes.ts';

/**
 * `root`: as `--store ROOT`; without it `/` where this user may write there, else the user's own (layout.ts). Nothing is
 * created before something is written.
 */
export function openStore(options: { readonly root?: string; readonly readOnly?: boolean } = {}): LocalStore {
  return new LocalStore({
    root: options.root === undefined ? defaultRoot() : resolve(options.root),
    readOnly: options.readOnly ?? false,
  });
}
