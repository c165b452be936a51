/** bzip2, which node:zlib does not know. The whole file is decoded in memory: such files are few, and of older days. */
import Bunzip from 'seek-bzip';

export function bunzip(bytes: Uint8Array): Uint8Array {
  // Several streams may stand one after the other, as pbzip2 writes them.
  return Bunzip.decode(bytes, undefined, true);
}

export async function* decompressBzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  yield bunzip(Buffer.concat(parts));
}
