/** bzip2, which node:zlib does not know. The whole file is decoded in memory: such archives are few, and of older days. */
import Bunzip from 'seek-bzip';

export async function* decompressBzip2(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  yield Bunzip.decode(Buffer.concat(parts), undefined, true);
}
