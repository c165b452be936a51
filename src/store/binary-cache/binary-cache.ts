/**
 * A binary cache: a place with `nix-cache-info`, `<hash part>.narinfo` and compressed NARs, read through a port that gives
 * files by name, so that a directory and an HTTP server are the same to it. It has the shape of a substituter
 * (realise/substitution.ts) and offers only what is signed by a trusted key, or evident from its content.
 */
import { decodeBytes } from '../../base/bytes.ts';
import { defaultStoreDir, storePathHashPart } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { decompress } from './decompress.ts';
import { type NarInfo, parseNarInfo } from './narinfo.ts';
import { isSelfEvident, isSigned, type VerifySignature } from './trust.ts';

/** Files of a cache by name (relative, with slashes). */
export interface CacheFiles {
  /** As in messages: file:///mnt/cache */
  readonly name: string;
  /** A small file; undefined: not there. */
  read(file: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** A file of any size; throws where it is not there. */
  stream(file: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface BinaryCacheOptions {
  readonly files: CacheFiles;
  /** Key name -> Ed25519 key. */
  readonly trustedKeys: ReadonlyMap<string, Uint8Array>;
  readonly verify: VerifySignature;
  /** Believe everything: for a cache of one's own. */
  readonly trustAll?: boolean;
  readonly storeDir?: string;
  /** A path is there but not to be believed. */
  readonly onUntrusted?: (path: string) => void;
}

export class BinaryCache {
  readonly name: string;
  private readonly options: BinaryCacheOptions;
  private readonly storeDir: string;
  private readonly infos = new Map<string, NarInfo | undefined>();
  private checked: Promise<void> | undefined;

  constructor(options: BinaryCacheOptions) {
    this.options = options;
    this.name = options.files.name;
    this.storeDir = options.storeDir ?? defaultStoreDir;
  }

  /** What the cache says of a path; undefined: it does not have it, or is not to be believed. */
  async query(path: string, signal?: AbortSignal): Promise<NarInfo | undefined> {
    if (this.infos.has(path)) return this.infos.get(path);
    await (this.checked ??= this.checkCache(signal));
    const file = `${storePathHashPart(path)}.narinfo`;
    const bytes = await this.options.files.read(file, signal);
    const info = bytes && parseNarInfo(decodeBytes(bytes), `${this.name}/${file}`, this.storeDir);
    const offered = info && this.isOffered(path, info) ? info : undefined;
    this.infos.set(path, offered);
    return offered;
  }

  /** The NAR of a path that `query` gave, decompressed. Whoever reads it compares hash and size. */
  async *fetch(info: { readonly path: string }, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void> {
    const found = await this.query(info.path, signal);
    if (!found) throw new NixError(`path '${info.path}' is not in '${this.name}'`, { class: 'StoreError' });
    yield* decompress(found.compression, this.options.files.stream(found.url, signal), `${this.name}/${found.url}`);
  }

  private isOffered(path: string, info: NarInfo): boolean {
    // The hash part is the same, the name need not be: then it is another path.
    if (info.path !== path) return false;
    const { trustAll, trustedKeys, verify, onUntrusted } = this.options;
    if (trustAll || isSelfEvident(info, this.storeDir) || isSigned(info, trustedKeys, verify)) return true;
    onUntrusted?.(path);
    return false;
  }

  private async checkCache(signal?: AbortSignal): Promise<void> {
    const bytes = await this.options.files.read('nix-cache-info', signal);
    if (!bytes) throw new NixError(`'${this.name}' does not appear to be a binary cache`, { class: 'StoreError' });
    const storeDir = /^StoreDir: *(.*)$/m.exec(decodeBytes(bytes))?.[1];
    if (storeDir !== undefined && storeDir !== this.storeDir)
      throw new NixError(
        `binary cache '${this.name}' is for Nix stores with prefix '${storeDir}', not '${this.storeDir}'`,
        { class: 'StoreError' },
      );
  }
}
