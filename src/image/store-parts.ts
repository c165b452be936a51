/**
 * The parts of an image's layers: the layer of files, cut off before its end, then /nix and /nix/store, and each
 * store path of the closure as a part of its own, so that an unchanged one is found packed. What a base image or the layer
 * of files holds already is not put in again.
 */

import { toHex } from '../base/hash.ts';
import type { BuildContext } from '../realise/builtin.ts';
import { unpackFile } from './codec/unpack.ts';
import { type ArchiveEntry, DIRECTORY_MODE, type Ownership } from './entry.ts';
import type { LayerPart } from './layer.ts';
import { LogicalFiles } from './logical-files.ts';
import { storePathEntries } from './store-entries.ts';
import { tarFragment } from './tar.ts';
import { indexTarFile } from './tar-index.ts';

export interface StoreStamp {
  readonly owner: Ownership;
  /** Seconds since 1970. */
  readonly mtime: number;
}

export class StoreParts {
  /** Names in the image below the closure: of the base image and of the layer of files. */
  readonly names: ReadonlySet<string>;
  private readonly context: BuildContext;
  private readonly files: LogicalFiles;
  private readonly layer: string;
  private readonly layerEnd: number;
  private readonly stamp: StoreStamp;
  /** The store paths of which something is there already. */
  private readonly partlyThere: ReadonlySet<string>;

  private constructor(
    context: BuildContext,
    layer: string,
    layerEnd: number,
    names: ReadonlySet<string>,
    stamp: StoreStamp,
  ) {
    this.context = context;
    this.files = new LogicalFiles((path) => context.physical(path));
    this.layer = layer;
    this.layerEnd = layerEnd;
    this.names = names;
    this.stamp = stamp;
    this.partlyThere = new Set(
      [...names].filter((name) => name.startsWith('nix/store/')).map((name) => `/${name.split('/', 3).join('/')}`),
    );
  }

  /** `layer` is the store path of the layer of files, `baseNames` what the base image holds. */
  static async open(
    context: BuildContext,
    layer: string,
    baseNames: ReadonlySet<string>,
    stamp: StoreStamp,
  ): Promise<StoreParts> {
    const { members, end } = await indexTarFile(`${context.physical(layer)}/layer.tar`);
    return new StoreParts(context, layer, end, new Set([...baseNames, ...members.keys()]), stamp);
  }

  /** Parts of one layer: these store paths, the layer of files in front if it is to be in it. */
  *of(paths: readonly string[], withFiles: boolean): Generator<LayerPart, void, void> {
    if (withFiles) {
      const file = `${this.context.physical(this.layer)}/layer.tar`;
      const key = ['layer-tar', this.layer, this.narHash(this.layer)];
      yield { key, raw: () => unpackFile(file, 'none', 0, this.layerEnd) };
    }
    if (paths.length > 0) yield this.unkeyed(this.storeDirectories());
    for (const path of paths) yield this.storePath(path);
  }

  private storePath(path: string): LayerPart {
    const { owner, mtime } = this.stamp;
    const entries = () => storePathEntries(this.files, path, owner);
    if (this.partlyThere.has(path)) return this.unkeyed([...entries()].filter((entry) => !this.names.has(entry.name)));
    const key = ['store-path', path, this.narHash(path), JSON.stringify(owner), String(mtime)];
    return { key, raw: () => tarFragment(entries(), { mtime }) };
  }

  private unkeyed(entries: readonly ArchiveEntry[]): LayerPart {
    return { raw: () => tarFragment(entries, { mtime: this.stamp.mtime }) };
  }

  private storeDirectories(): ArchiveEntry[] {
    return ['nix', 'nix/store']
      .filter((name) => !this.names.has(name))
      .map((name) => ({ type: 'directory', name, mode: DIRECTORY_MODE, owner: this.stamp.owner }));
  }

  private narHash(path: string): string {
    return toHex(this.context.pathInfo(path).narHash);
  }
}
