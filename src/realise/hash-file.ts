/** Hashes of files, read in pieces. */
import { createReadStream } from 'node:fs';
import { createHasher, type HashAlgorithm, type Hasher } from '../base/hash.ts';
import { fileError, systemErrorCode } from '../store/disk.ts';

/** Size of a file and the state of its hash, to go on with or to end; undefined where there is no such file. */
export async function startHash(
  file: string,
  algorithm: HashAlgorithm,
): Promise<{ readonly size: number; readonly hasher: Hasher } | undefined> {
  const hasher = createHasher(algorithm);
  let size = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hasher.update(chunk as Buffer);
      size += (chunk as Buffer).length;
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw fileError('reading file', file, error);
  }
  return { size, hasher };
}

/** Digest of a file's bytes; undefined where there is no such file. */
export async function hashFile(file: string, algorithm: HashAlgorithm): Promise<Uint8Array | undefined> {
  return (await startHash(file, algorithm))?.hasher.digest();
}
