/**
 * Writes a binary cache into a directory: what `nix copy --to file://` does. A .narinfo comes last and by a rename, so
 * that whoever reads the cache meanwhile finds an object whole or not at all. The NAR's file is called by its own hash.
 */
import { createWriteStream, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, createZstdCompress } from 'node:zlib';
import { createHasher } from '../../base/hash.ts';
import { encodeNix32 } from '../../base/nix32.ts';
import { storePathHashPart } from '../../derivation/store-path.ts';
import { fileError } from '../disk.ts';
import { closure, requirePathInfo, type Store } from '../store.ts';
import { printNarInfo } from './narinfo.ts';
import { fingerprint } from './trust.ts';

export type CacheCompression = 'none' | 'gzip' | 'zstd';

export interface WriteCacheOptions {
  readonly compression?: CacheCompression;
  /** Gives `<key name>:<base 64>` for a fingerprint; see trust.ts. */
  readonly sign?: (fingerprint: string) => string;
  readonly onPath?: (path: string) => void;
}

const extensions: Readonly<Record<CacheCompression, string>> = { none: '.nar', gzip: '.nar.gz', zstd: '.nar.zst' };

/** Writes the closure of the paths; what the cache has already is left alone. Gives the paths that were written. */
export async function writeCache(
  store: Store,
  paths: Iterable<string>,
  directory: string,
  options: WriteCacheOptions = {},
): Promise<string[]> {
  const written: string[] = [];
  try {
    mkdirSync(join(directory, 'nar'), { recursive: true });
    writeFileSync(join(directory, 'nix-cache-info'), `StoreDir: ${store.storeDir}\n`);
    for (const path of closure(store, paths)) {
      const file = join(directory, `${storePathHashPart(path)}.narinfo`);
      if (await exists(file)) continue;
      options.onPath?.(path);
      await writePath(store, path, directory, file, options);
      written.push(path);
    }
  } catch (error) {
    throw fileError('writing to binary cache', directory, error, 'StoreError');
  }
  return written;
}

async function writePath(
  store: Store,
  path: string,
  directory: string,
  file: string,
  { compression = 'zstd', sign }: WriteCacheOptions,
): Promise<void> {
  const info = requirePathInfo(store, path);
  const hasher = createHasher('sha256');
  let downloadSize = 0;
  const temporary = join(directory, 'nar', `.${storePathHashPart(path)}.${process.pid}`);
  try {
    await pipeline(
      Readable.from(store.readNar(path)),
      compressor(compression),
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          hasher.update(chunk);
          downloadSize += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(temporary, { flags: 'w' }),
    );
    const fileHash = hasher.digest();
    const url = `nar/${encodeNix32(fileHash)}${extensions[compression]}`;
    renameSync(temporary, join(directory, url));
    const signatures = sign ? [...new Set([...info.signatures, sign(fingerprint(info))])] : info.signatures;
    await writeFile(
      `${file}.${process.pid}`,
      printNarInfo({ ...info, url, compression, downloadSize, signatures }, fileHash),
    );
    renameSync(`${file}.${process.pid}`, file);
  } finally {
    rmSync(temporary, { force: true });
    rmSync(`${file}.${process.pid}`, { force: true });
  }
}

function compressor(compression: CacheCompression): Transform {
  return compression === 'zstd' ? createZstdCompress() : compression === 'gzip' ? createGzip() : new PassThrough();
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
