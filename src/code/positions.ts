/**
 * The table of positions as bytes: by rising code offset, the distance to the last code offset and (zigzag) to the last
 * source offset, as LEB128 numbers.
 */

/** What one entry can take. */
export const MOST_BYTES = 10;

/** Writes an entry, given by its distances to the last one, at `at`; gives where the next begins. */
export function writePosition(out: Uint8Array, at: number, code: number, source: number): number {
  let rest = code;
  while (rest > 0x7f) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  rest = ((source << 1) ^ (source >> 31)) >>> 0;
  while (rest > 0x7f) {
    out[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  out[at++] = rest;
  return at;
}

/** Pairs of code offset and source offset. */
export function readPositions(bytes: Uint8Array): Int32Array {
  const out: number[] = [];
  let at = 0;
  const read = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  let code = 0;
  let source = 0;
  while (at < bytes.length) {
    code += read();
    const zigzag = read();
    source += (zigzag >>> 1) ^ -(zigzag & 1);
    out.push(code, source);
  }
  return Int32Array.from(out);
}
