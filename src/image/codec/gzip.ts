/**
 * gzip in parallel, in the manner of pigz: 1 MiB blocks, each deflated with the 32 KiB before it as dictionary and ended
 * with a sync flush, which aligns it to a byte and leaves the stream open. Joined they are one deflate stream, so any
 * gunzip reads one ordinary member. The header has neither name nor time.
 *
 * An archive is two members: the first holds 8 bytes, the second the rest. Debian 12's podman and skopeo look at the first
 * 8 decompressed bytes and then lose what else the decompressor has ready, up to 1 MiB (klauspost/pgzip before 1.2.6, pull
 * request 50 there): they load no compressed image at all, whoever made it. The decompressor never has more ready than
 * the rest of a member, so a member that ends after those 8 bytes leaves nothing to lose. All others just read both.
 */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { packBlocks } from './blocks.ts';
import type { Codec } from './codec.ts';

const deflateRaw = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.deflateRaw);

const LEVEL = 6; // level 9 takes four times as long for half a percent
const BLOCK = 1 << 20;
const WINDOW = 1 << 15;

/** Magic, deflate, no flags, no time, no extra flags, operating system unknown. */
const HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
/** A last block with fixed codes and nothing in it. */
const LAST_BLOCK = Uint8Array.of(0x03, 0x00);

export const gzipCodec: Codec = {
  name: 'gz',
  extension: '.gz',
  version: `gz1-${process.versions.zlib}-${process.arch}`,
  head: HEAD,
  openingSize: 8,
  pack: (raw) => packBlocks(raw, BLOCK, deflateBlock),
  tail(crc32, rawSize) {
    const tail = new Uint8Array(LAST_BLOCK.length + 8);
    tail.set(LAST_BLOCK);
    const view = new DataView(tail.buffer);
    view.setUint32(LAST_BLOCK.length, crc32, true);
    view.setUint32(LAST_BLOCK.length + 4, rawSize % 2 ** 32, true);
    return tail;
  },
};

function deflateBlock(block: Uint8Array, before: Uint8Array | undefined): Promise<Uint8Array> {
  const options: zlib.ZlibOptions = { level: LEVEL, finishFlush: zlib.constants.Z_SYNC_FLUSH };
  if (before) options.dictionary = before.subarray(-WINDOW);
  return deflateRaw(block, options);
}
