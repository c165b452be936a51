/** Opens the store that a command works on. */
import { createHash, hash } from 'node:crypto';
import { resolve } from 'node:path';
import { type HashAlgorithm, pureHashImplementation, useHashImplementation } from '../../base/hash.ts';
import { defaultRoot } from './layout.ts';
import { LocalStore } from './local-store.ts';

/**
 * `root`: as `--store ROOT`; without it `/` where this user may write there, else the user's own (layout.ts). Nothing is
 * created before something is written.
 */
export function openStore(options: { readonly root?: string; readonly readOnly?: boolean } = {}): LocalStore {
  useNativeHashes();
  return new LocalStore({
    root: options.root === undefined ? defaultRoot() : resolve(options.root),
    readOnly: options.readOnly ?? false,
  });
}

/** OpenSSL's hash functions are some ten times faster than JavaScript's. It has no BLAKE3. */
export function useNativeHashes(): void {
  useHashImplementation(
    (algorithm) => {
      if (algorithm === 'blake3') return pureHashImplementation(algorithm);
      const state = createHash(algorithm);
      return { update: (chunk) => void state.update(chunk), digest: () => plain(state.digest()) };
    },
    (algorithm: HashAlgorithm, text) => {
      if (algorithm !== 'blake3') return plain(hash(algorithm, text, 'buffer'));
      const state = pureHashImplementation(algorithm);
      state.update(Buffer.from(text));
      return state.digest();
    },
  );
}

/** A Buffer is a Uint8Array with other methods (slice shares, toString decodes): nobody should meet one by surprise. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
