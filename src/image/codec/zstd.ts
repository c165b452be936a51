/** zstd: 4 MiB blocks, each a frame of its own with its size and checksum, as `zstd` accepts and containers do. */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { packBlocks } from './blocks.ts';
import type { Codec } from './codec.ts';

const zstdCompress = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress);

const BLOCK = 4 << 20;
const { ZSTD_c_compressionLevel, ZSTD_c_checksumFlag } = zlib.constants;

export const zstdCodec: Codec = {
  name: 'zstd',
  extension: '.zst',
  version: `zstd1-${process.versions.zstd}`,
  head: new Uint8Array(0),
  openingSize: 0,
  pack: (raw) =>
    packBlocks(raw, BLOCK, (block) =>
      zstdCompress(block, {
        pledgedSrcSize: block.length,
        params: { [ZSTD_c_compressionLevel]: 3, [ZSTD_c_checksumFlag]: 1 },
      }),
    ),
  tail: () => new Uint8Array(0),
};
