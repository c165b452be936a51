/**
 * OpenSSL's hash functions, some ten times faster than JavaScript's, for the whole process: opening a local store puts
 * them in, since whoever has one runs on Node. OpenSSL has no BLAKE3, which stays JavaScript's.
 */
import { createHash, hash } from 'node:crypto';
import { type HashAlgorithm, pureHashImplementation, useHashImplementation } from '../../base/hash.ts';

export function useNativeHashes(): void {
  useHashImplementation(
    (algorithm) => {
      if (algorithm === 'blake3') return pureHashImplementation(algorithm);
      const state = createHash(algorithm);
      return { update: (chunk) => void state.update(chunk), digest: () => plain(state.digest()) };
    },
    (algorithm: HashAlgorithm, text, form) => (algorithm === 'blake3' ? undefined : hash(algorithm, text, form)),
  );
}

/** A Buffer is a Uint8Array with other methods (slice shares, toString decodes): nobody should meet one by surprise. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
