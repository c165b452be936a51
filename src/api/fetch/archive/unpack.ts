/**
 * Unpacks an archive file, whatever its name: what it is stands in its first bytes.
 *
 *   1f 8b          gzip      28 b5 2f fd        zstd       "PK" 03 04   zip (05 06: an empty one)
 *   "BZh"          bzip2     fd "7zXZ" 00       xz         else         tar (ustar, pax, GNU)
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { NixError } from '../../../errors/nix-error.ts';
import { decompress } from '../../../store/binary-cache/decompress.ts';
import { decompressBzip2 } from './bzip2.ts';
import { unpackTar } from './tar.ts';
import { TreeWriter } from './tree-writer.ts';
import { unpackZip } from './zip.ts';

type Format = 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'zip' | 'none';

const magics: readonly (readonly [Format, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
];

export interface Unpacked {
  /** Of the newest file in it, in seconds since 1970. */
  readonly lastModified: number;
}

/** Makes `target`, which must not exist, a directory with the archive's files. `label` names the archive in messages. */
export async function unpackArchive(archive: string, target: string, label: string): Promise<Unpacked> {
  try {
    const format = await formatOf(archive);
    const tree = new TreeWriter(target, label);
    if (format === 'zip') return await unpackZip(archive, tree);
    const chunks = createReadStream(archive, { highWaterMark: 1 << 18 });
    const plain = format === 'bzip2' ? decompressBzip2(chunks) : decompress(format, chunks, label);
    return await unpackTar(plain, tree);
  } catch (error) {
    if (error instanceof NixError || isDiskError(error)) throw error;
    throw new NixError(`cannot unpack '${label}': ${(error as Error).message}`, {
      class: 'Error',
      hint: 'It should be a tar archive (plain, or compressed by gzip, xz, zstd or bzip2) or a zip archive.',
      cause: error,
    });
  }
}

async function formatOf(archive: string): Promise<Format> {
  const file = await open(archive);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(8), position: 0 });
    if (bytesRead === 0) throw new Error('the file is empty');
    const start = buffer.subarray(0, bytesRead);
    return magics.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? 'none';
  } finally {
    await file.close();
  }
}

function isDiskError(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '');
}
