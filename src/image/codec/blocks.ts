/**
 * The parallel part of packing: bytes are cut into blocks of a fixed size, several blocks are packed at once in Node's
 * thread pool, and the results come out in order. As the cuts are fixed, the number of threads changes nothing but time.
 */

/** Blocks in work at once: enough for any pool, few enough to stay at some tens of megabytes. */
const IN_FLIGHT = 8;

/** Packs one block; `before` is the block in front of it, where there is one in this segment. */
export type PackBlock = (block: Uint8Array, before: Uint8Array | undefined) => Promise<Uint8Array>;

export async function* packBlocks(
  raw: AsyncIterable<Uint8Array>,
  blockSize: number,
  packBlock: PackBlock,
): AsyncGenerator<Uint8Array, void, void> {
  const working: Promise<Uint8Array>[] = [];
  let before: Uint8Array | undefined;
  for await (const block of cutBlocks(raw, blockSize)) {
    const work = packBlock(block, before);
    work.catch(() => undefined); // reported when its turn comes
    working.push(work);
    before = block;
    if (working.length >= IN_FLIGHT) yield await working.shift()!;
  }
  for (const work of working) yield await work;
}

/** The same bytes in blocks of exactly this size, the last one excepted. A block belongs to the caller. */
export async function* cutBlocks(raw: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void, void> {
  let block = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of raw) {
    for (let taken = 0; taken < chunk.length; ) {
      const part = chunk.subarray(taken, taken + size - filled);
      block.set(part, filled);
      taken += part.length;
      filled += part.length;
      if (filled === size) {
        yield block;
        block = new Uint8Array(size);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
