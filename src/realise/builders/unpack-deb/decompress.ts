/**
 * Decompresses the members of a .deb, as a stream of chunks so that a large one is never in memory twice. gzip and zstd
 * are node:zlib's; xz is xz-decompress (liblzma as WebAssembly: runs everywhere, 55-61 MB/s measured, against 71 of the
 * xz program).
 */
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import xz from 'xz-decompress';

const SLICE = 1 << 20;

/** The decompressor of a member by its name's ending (data.tar.xz); undefined for one that is not supported. */
export function decompressor(member: string): ((data: Buffer) => AsyncIterable<Buffer>) | undefined {
  return decompressors.get(member.slice(member.lastIndexOf('.')));
}

const decompressors = new Map<string, (data: Buffer) => AsyncIterable<Buffer>>([
  ['.tar', once((data) => data)],
  ['.gz', once((data) => gunzipSync(data))],
  ['.zst', once((data) => zstdDecompressSync(data))],
  ['.xz', decompressXz],
]);

function once(decompress: (data: Buffer) => Buffer) {
  return async function* (data: Buffer): AsyncGenerator<Buffer> {
    yield decompress(data);
  };
}

const EMPTY_CHUNKS = 8;

async function* decompressXz(data: Buffer): AsyncGenerator<Buffer> {
  let offset = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset >= data.length) return controller.close();
      controller.enqueue(data.subarray(offset, (offset += SLICE)));
    },
  });
  // Input that ends too early shows as empty chunks without end: the decompressor waits for more.
  let empty = 0;
  for await (const chunk of new xz.XzReadableStream(source)) {
    empty = chunk.length === 0 ? empty + 1 : 0;
    if (empty > EMPTY_CHUNKS) throw new Error('unexpected end of compressed data');
    if (chunk.length > 0) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  }
}
