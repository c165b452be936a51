/**
 * What is valid, remembered for the time of one realisation: what is valid stays so while the collector is locked out, and
 * a closure is asked for again with every build.
 */
import { sortStorePaths } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import type { PathInfo } from '../store/path-info.ts';
import type { Store } from '../store/store.ts';

export class KnownPaths {
  readonly #store: Pick<Store, 'pathInfo'>;
  readonly #infos = new Map<string, PathInfo>();

  constructor(store: Pick<Store, 'pathInfo'>) {
    this.#store = store;
  }

  /** Undefined: not valid (yet). */
  info(path: string): PathInfo | undefined {
    let info = this.#infos.get(path);
    if (!info && (info = this.#store.pathInfo(path))) this.#infos.set(path, info);
    return info;
  }

  require(path: string): PathInfo {
    const info = this.info(path);
    if (!info) throw new NixError(`path '${path}' is not valid`, { class: 'StoreError' });
    return info;
  }

  isValid(path: string): boolean {
    return this.info(path) !== undefined;
  }

  /** The paths and all that they refer to, in byte order. */
  closure(paths: Iterable<string>): string[] {
    const seen = new Set<string>();
    const todo = [...paths];
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      todo.push(...this.require(path).references);
    }
    return sortStorePaths(seen);
  }
}
