/** A store in memory: for tests, for the browser, and as the plainest reading of the Store interface. */

import { decodeBytes } from '../base/bytes.ts';
import { createHasher } from '../base/hash.ts';
import { parseDerivation } from '../derivation/aterm/parse.ts';
import { outputPath } from '../derivation/output-paths.ts';
import {
  defaultStoreDir,
  parseStorePath,
  sortStorePaths,
  storePathHashPart,
  storePathName,
} from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { checkNar, checkReferences } from './admission.ts';
import { type FileTree, narOfTree, treeOfNar } from './nar/tree.ts';
import type { PathInfo } from './path-info.ts';
import { type NarIdentity, type NewPath, requirePathInfo, type Store } from './store.ts';

interface StoredObject {
  readonly info: PathInfo;
  readonly tree: FileTree;
}

export class MemoryStore implements Store {
  readonly storeDir: string;
  private readonly objects = new Map<string, StoredObject>();
  private readonly now: () => number;

  /** `now` gives registration times, in seconds since 1970. */
  constructor(options: { readonly storeDir?: string; readonly now?: () => number } = {}) {
    this.storeDir = options.storeDir ?? defaultStoreDir;
    this.now = options.now ?? (() => 1);
  }

  pathInfo(path: string): PathInfo | undefined {
    return this.objects.get(path)?.info;
  }

  referrers(path: string): string[] {
    return this.validPaths().filter((other) => this.objects.get(other)!.info.references.includes(path));
  }

  validPaths(): string[] {
    return sortStorePaths(this.objects.keys());
  }

  pathFromHashPart(hashPart: string): string | undefined {
    return this.validPaths().find((path) => storePathHashPart(path) === hashPart);
  }

  validDerivers(path: string): string[] {
    return this.validPaths().filter((drvPath) => {
      if (!drvPath.endsWith('.drv')) return false;
      const text = decodeBytes(this.readFile(drvPath));
      const drv = parseDerivation(text, storePathName(drvPath).slice(0, -4), drvPath, this.storeDir);
      return [...drv.outputs.values()].some((output) => outputPath(output) === path);
    });
  }

  readNar(path: string): Iterable<Uint8Array> {
    requirePathInfo(this, path);
    return narOfTree(this.objects.get(path)!.tree);
  }

  readFile(path: string): Uint8Array {
    requirePathInfo(this, path);
    const { tree } = this.objects.get(path)!;
    if (tree.type !== 'regular') throw new NixError(`'${path}' is not a regular file`, { class: 'StoreError' });
    return tree.contents;
  }

  /** The files of a valid path. */
  tree(path: string): FileTree {
    requirePathInfo(this, path);
    return this.objects.get(path)!.tree;
  }

  addNar(path: NewPath, nar: Iterable<Uint8Array>, expected?: NarIdentity): PathInfo {
    parseStorePath(path.path, this.storeDir);
    const known = this.pathInfo(path.path);
    if (known) return known;
    const references = checkReferences(this, path);
    const hasher = createHasher('sha256');
    const chunks: Uint8Array[] = [];
    let narSize = 0;
    for (const chunk of nar) {
      hasher.update(chunk);
      narSize += chunk.length;
      chunks.push(chunk.slice());
    }
    const identity = { narHash: hasher.digest(), narSize };
    if (expected) checkNar(path.path, expected, identity);
    const info: PathInfo = {
      path: path.path,
      ...identity,
      references,
      deriver: path.deriver,
      registrationTime: this.now(),
      ultimate: path.ultimate ?? false,
      signatures: path.signatures ?? [],
      ca: path.ca,
    };
    this.objects.set(path.path, { info, tree: treeOfNar(chunks) });
    return info;
  }

  delete(paths: Iterable<string>): void {
    const doomed = new Set(paths);
    for (const path of doomed)
      for (const referrer of this.referrers(path))
        if (!doomed.has(referrer))
          throw new NixError(`cannot delete path '${path}' because it is in use by '${referrer}'`, {
            class: 'StoreError',
          });
    for (const path of doomed) this.objects.delete(path);
  }
}
