/** The other direction: whichever of the compressed forms a stream has, told by its first bytes (magic numbers). */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Duplex, Readable } from 'node:stream';
import zlib from 'node:zlib';
import type { CodecName } from './codec.ts';
import { splitFrames } from './zstd-frames.ts';

const OUTPUT_CHUNK = 1 << 18;

/** The compressed form that a file, or a range of it, begins as; undefined for xz and bzip2, which we do not read. */
export async function sniffCodec(file: string, offset = 0): Promise<CodecName | undefined> {
  const handle = await open(file, 'r');
  try {
    const head = new Uint8Array(6);
    await handle.read(head, 0, head.length, offset);
    if (head[0] === 0x1f && head[1] === 0x8b) return 'gz';
    if (head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd) return 'zstd';
    if (head[0] === 0xfd && head[1] === 0x37 && head[2] === 0x7a) return undefined;
    if (head[0] === 0x42 && head[1] === 0x5a && head[2] === 0x68) return undefined;
    return 'none';
  } finally {
    await handle.close();
  }
}

/** The bytes of a file, or of `size` bytes of it from `offset`, decompressed. */
export async function* unpackFile(
  file: string,
  codec: CodecName,
  offset = 0,
  size?: number,
): AsyncGenerator<Uint8Array, void, void> {
  if (size === 0) return;
  const end = size === undefined ? undefined : offset + size - 1;
  const source = createReadStream(file, {
    start: offset,
    ...(end === undefined ? {} : { end }),
    highWaterMark: 1 << 20,
  });
  if (codec === 'none') return yield* source as AsyncIterable<Uint8Array>;
  if (codec === 'zstd') {
    const frames = Readable.from(splitFrames(source as AsyncIterable<Uint8Array>));
    yield* through(frames, zlib.createZstdDecompress({ chunkSize: OUTPUT_CHUNK }));
  } else yield* through(source, zlib.createGunzip({ chunkSize: OUTPUT_CHUNK }));
}

async function* through(source: Readable, unpacker: Duplex): AsyncGenerator<Uint8Array, void, void> {
  source.on('error', (error) => unpacker.destroy(error));
  try {
    yield* source.pipe(unpacker) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}
