/** The two places where binary caches are: a directory (file://) and a web server. */

import { createPublicKey, verify } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NixError } from '../../errors/nix-error.ts';
import { fileError, systemErrorCode } from '../disk.ts';
import type { CacheFiles } from './binary-cache.ts';

/** `directory`: absolute. */
export function directoryFiles(directory: string): CacheFiles {
  return {
    name: `file://${directory}`,
    async read(file) {
      try {
        return new Uint8Array(await readFile(inside(directory, file)));
      } catch (error) {
        if (systemErrorCode(error) === 'ENOENT') return undefined;
        throw fileError('opening file', join(directory, file), error);
      }
    },
    async *stream(file, signal) {
      try {
        yield* createReadStream(inside(directory, file), { signal, highWaterMark: 256 * 1024 });
      } catch (error) {
        throw fileError('opening file', join(directory, file), error);
      }
    },
  };
}

/** A name out of a cache's own files must not lead out of the cache. */
function inside(directory: string, file: string): string {
  if (file.split('/').includes('..'))
    throw new NixError(`'${file}' leads out of '${directory}'`, { class: 'StoreError' });
  return join(directory, file);
}

/** `url`: http: or https:, of the cache. `request` stands in for the global fetch. */
export function webFiles(url: string, request: typeof fetch = fetch): CacheFiles {
  const base = url.endsWith('/') ? url : `${url}/`;
  async function get(file: string, signal: AbortSignal | undefined): Promise<Response | undefined> {
    const address = new URL(file, base).href;
    let response: Response;
    try {
      response = await request(address, { signal: signal ?? null });
    } catch (error) {
      signal?.throwIfAborted();
      const reason = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : '';
      throw new NixError(`unable to download '${address}': ${reason}`, { class: 'StoreError', cause: error });
    }
    // Some caches answer 403 for what they do not have.
    if (response.status === 404 || response.status === 403) return undefined;
    if (!response.ok)
      throw new NixError(`unable to download '${address}': HTTP error ${response.status}`, { class: 'StoreError' });
    return response;
  }
  return {
    name: url.replace(/\/$/, ''),
    async read(file, signal) {
      const response = await get(file, signal);
      return response && new Uint8Array(await response.arrayBuffer());
    },
    async *stream(file, signal) {
      const response = await get(file, signal);
      if (!response?.body)
        throw new NixError(`file '${file}' does not exist in binary cache '${base}'`, { class: 'StoreError' });
      yield* response.body;
    },
  };
}

/** The files of a cache by its URL, file://, http:// or https://; undefined for any other. */
export function cacheFiles(url: string): CacheFiles | undefined {
  if (url.startsWith('file://')) return directoryFiles(fileURLToPath(url));
  return /^https?:\/\//.test(url) ? webFiles(url) : undefined;
}

/** Ed25519 by OpenSSL. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
    format: 'jwk',
  });
  return verify(null, message, key, signature);
}
