/**
 * Compressed forms that can be cut and joined. A codec packs a run of bytes (a segment) on its own, so that a stream is
 * head + packed segments + tail, whichever segments were packed now and whichever long ago. The bytes depend on the
 * content and on where segments begin, never on threads, time or what was at hand.
 *
 *   gzip   a member (RFC 1952). A segment is a run of deflate blocks that ends on a byte boundary and refers to
 *          nothing before itself; the tail is an empty last block, the CRC-32 and the length.
 *   zstd   a run of frames with a checksum each (RFC 8878, section 3); no head, no tail.
 *   none   the bytes.
 */
import { gzipCodec } from './gzip.ts';
import { noneCodec } from './none.ts';
import { zstdCodec } from './zstd.ts';

export interface Codec {
  /** As dockerTools' `compressor` names it. */
  readonly name: CodecName;
  /** Added to ".tar". */
  readonly extension: string;
  /** Changes whenever the same bytes would be packed otherwise; part of every cache key. */
  readonly version: string;
  readonly head: Uint8Array;
  /**
   * How many bytes at the start of an archive go into a stream of their own (head, segment, tail) in front of the rest: 0,
   * or what gzip.ts says.
   */
  readonly openingSize: number;
  pack(raw: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  tail(crc32: number, rawSize: number): Uint8Array;
}

export type CodecName = 'gz' | 'zstd' | 'none';

export const codecs: Readonly<Record<CodecName, Codec>> = { gz: gzipCodec, zstd: zstdCodec, none: noneCodec };

export function isCodecName(name: unknown): name is CodecName {
  return name === 'gz' || name === 'zstd' || name === 'none';
}
