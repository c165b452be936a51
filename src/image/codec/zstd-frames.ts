/**
 * Cuts a zstd stream so that no chunk holds parts of two frames. Node's decompressor (24.21) stops at the end of a frame
 * and drops what else is in the same chunk; a frame that begins with a chunk it goes on with.
 *
 *   frame        4 magic · header · blocks · 4 checksum if the header says so
 *   header       1 descriptor: bits 7-6 size of content size, 5 single segment, 2 checksum, 1-0 size of dictionary id
 *                1 window unless single segment · 0, 1, 2, 4 dictionary id · 0 (1 if single segment), 2, 4, 8 content size
 *   block        3 bytes, little endian: bit 0 last, 1-2 type (1: one byte is repeated), 3-23 size
 *   skippable    4 magic (184D2A50 to 184D2A5F) · 4 size · content
 * Source: RFC 8878, section 3.1.
 */

const DICTIONARY_ID = [0, 1, 2, 4];
const CONTENT_SIZE = [0, 2, 4, 8];

/** Chunks that end where frames end; the bytes are the same. */
export async function* splitFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const walk = walkFrame();
  let step = walk.next([]).value;
  let skip = step.skip;
  let seen: number[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; ) {
      if (skip > 0) {
        const passed = Math.min(skip, chunk.length - at);
        skip -= passed;
        at += passed;
        continue;
      }
      seen.push(chunk[at++]!);
      if (seen.length < step.read) continue;
      step = walk.next(seen).value;
      skip = step.skip;
      seen = [];
      if (step.boundary) {
        yield chunk.subarray(from, at);
        from = at;
      }
    }
    if (from < chunk.length) yield chunk.subarray(from);
  }
}

interface Step {
  /** Bytes to pass over, then bytes to look at. */
  readonly skip: number;
  readonly read: number;
  /** A frame has just ended. */
  readonly boundary?: boolean;
}

/** Asks for what it must see of frame after frame; never ends. */
function* walkFrame(): Generator<Step, never, number[]> {
  let step: Step = { skip: 0, read: 4 };
  for (;;) {
    const magic = yield step;
    if (magic[1] === 0x2a && magic[2] === 0x4d && magic[3] === 0x18 && magic[0]! >= 0x50 && magic[0]! <= 0x5f) {
      const size = littleEndian(yield { skip: 0, read: 4 });
      step = yield* endFrame(size);
      continue;
    }
    const descriptor = (yield { skip: 0, read: 1 })[0]!;
    const single = (descriptor & 0x20) !== 0;
    const contentSize = CONTENT_SIZE[descriptor >> 6]! || (single ? 1 : 0);
    let skip = (single ? 0 : 1) + DICTIONARY_ID[descriptor & 3]! + contentSize;
    for (let last = false; !last; ) {
      const header = littleEndian(yield { skip, read: 3 });
      last = (header & 1) !== 0;
      skip = ((header >> 1) & 3) === 1 ? 1 : header >> 3;
    }
    step = yield* endFrame(skip + ((descriptor & 4) !== 0 ? 4 : 0));
  }
}

/** Passes over the rest of a frame up to its last byte, looks at that, and so stands at the boundary. */
function* endFrame(rest: number): Generator<Step, Step, number[]> {
  if (rest > 0) yield { skip: rest - 1, read: 1 };
  return { skip: 0, read: 4, boundary: true };
}

function littleEndian(bytes: readonly number[]): number {
  return bytes.reduce((sum, byte, i) => sum + byte * 2 ** (8 * i), 0);
}
