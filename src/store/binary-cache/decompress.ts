/** Decompression of NARs: gzip, brotli and zstd are Node's, xz is liblzma as WebAssembly. */
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createZstdDecompress } from 'node:zlib';
import xz from 'xz-decompress';
import { NixError } from '../../errors/nix-error.ts';

const transforms: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** `compression` as in a .narinfo; `label` names the file in messages. */
export async function* decompress(
  compression: string,
  chunks: AsyncIterable<Uint8Array>,
  label: string,
): AsyncGenerator<Uint8Array, void, void> {
  if (compression === 'none') {
    yield* chunks;
    return;
  }
  const transform = transforms[compression];
  if (!transform && compression !== 'xz')
    throw new NixError(`'${label}' is compressed by '${compression}', which is not supported`, { class: 'StoreError' });
  // An error of the source must come out as what it is, not as one of the decompressor.
  let sourceError: unknown;
  async function* source() {
    try {
      yield* chunks;
    } catch (error) {
      sourceError = error;
      throw error;
    }
  }
  try {
    if (transform) yield* pipeline(Readable.from(source()), transform(), () => {});
    else yield* decompressXz(source());
  } catch (error) {
    if (sourceError !== undefined) throw sourceError;
    if (error instanceof NixError) throw error;
    throw new NixError(`'${label}' is broken: ${error instanceof Error ? error.message : String(error)}`, {
      class: 'StoreError',
      cause: error,
    });
  }
}

const emptyChunks = 8;

/** Input that ends too early shows as empty chunks without end: the decompressor waits for more. */
async function* decompressXz(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  let empty = 0;
  for await (const chunk of new xz.XzReadableStream(source)) {
    empty = chunk.length === 0 ? empty + 1 : 0;
    if (empty > emptyChunks) throw new Error('unexpected end of compressed data');
    if (chunk.length > 0) yield new Uint8Array(chunk);
  }
}
