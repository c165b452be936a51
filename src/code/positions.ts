/** The table of positions as bytes: small distances, written as LEB128 numbers. */

/** `table`: pairs of code offset and source offset, by rising code offset. */
export function writePositions(table: Int32Array): Uint8Array {
  const out: number[] = [];
  const write = (value: number) => {
    let rest = value;
    while (rest > 0x7f) {
      out.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.push(rest);
  };
  let code = 0;
  let source = 0;
  for (let i = 0; i < table.length; i += 2) {
    const distance = table[i + 1]! - source;
    write(table[i]! - code);
    write(((distance << 1) ^ (distance >> 31)) >>> 0);
    code = table[i]!;
    source = table[i + 1]!;
  }
  return Uint8Array.from(out);
}

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
