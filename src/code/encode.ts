/**
 * Units as bytes, for the cache on disk. Everything that running needs is laid out as it is in memory, so that decoding a
 * unit is a check and a few views; texts are split off one by one when they are first asked for, positions when an error
 * is shown.
 *
 *   header   10 words: magic, checksum of all that follows, entry, memos, and the sizes of the parts below
 *   code     words
 *   bounds   words: where each text starts in the text of all texts (UTF-16 code units), and where the last one ends
 *   docs     words
 *   positions  see positions.ts
 *   texts    UTF-8, a zero byte between texts
 *   numbers  UTF-8, JSON: floats as numbers, ints as strings
 *
 * Words are 32 bits in the machine's byte order, which is part of the magic; each part is padded to a whole word.
 */
import { decodeBytes, encodeBytes } from '../base/bytes.ts';
import type { Source } from '../errors/source.ts';
import { SideTables, Unit } from './unit.ts';

/** Changes with every change of opcodes, compiler or this format. */
export const CODE_VERSION = 6;

const MAGIC = 0x6e6c6300 + CODE_VERSION;
const HEADER = 10;
// The parts, in their order.
const CODE = 0;
const BOUNDS = 1;
const DOCS = 2;
const POSITIONS = 3;
const TEXTS = 4;
const NUMBERS = 5;

export function encodeUnit(unit: Unit): Uint8Array {
  const count = unit.texts.length;
  const bounds = new Int32Array(count + 1);
  const texts: string[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    texts.push(unit.text(i));
    at += texts[i]!.length + 1;
    bounds[i + 1] = at;
  }
  const { packedPositions, docs } = unit.side.packed;
  const parts = [
    bytesOf(unit.code),
    bytesOf(bounds),
    bytesOf(docs),
    packedPositions,
    encodeBytes(texts.join('\0')),
    encodeBytes(
      JSON.stringify(unit.numbers.map((n) => (typeof n === 'bigint' ? String(n) : Object.is(n, -0) ? '-0.0' : n))),
    ),
  ];
  const words = parts.map((part) => (part.length + 3) >> 2);
  const out = new Int32Array(HEADER + words.reduce((sum, size) => sum + size, 0));
  const bytes = bytesOf(out);
  let at = HEADER;
  parts.forEach((part, i) => {
    bytes.set(part, 4 * at);
    at += words[i]!;
  });
  out.set([MAGIC, 0, unit.entry, unit.memo.length, ...parts.map((part) => part.length)]);
  out[1] = checksum(out);
  return bytes;
}

/** Undefined where the bytes are no unit of this version, or damaged. */
export function decodeUnit(bytes: Uint8Array, source: () => Source): Unit | undefined {
  if (bytes.length % 4 !== 0 || bytes.length < 4 * HEADER) return undefined;
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4);
  if (words[0] !== MAGIC || words[1] !== checksum(words)) return undefined;
  const { buffer, byteOffset } = aligned;
  // Views are dear where a process loads hundreds of units: each is made when it is wanted.
  const bytesOfPart = (part: number): Uint8Array =>
    new Uint8Array(buffer, byteOffset + startOfPart(words, part), words[4 + part]!);
  const wordsOfPart = (part: number): Int32Array =>
    new Int32Array(buffer, byteOffset + startOfPart(words, part), words[4 + part]! >> 2);
  let texts: string | undefined;
  let bounds: Int32Array | undefined;
  return new Unit({
    code: wordsOfPart(CODE),
    entry: words[2]!,
    texts: new Array((words[4 + BOUNDS]! >> 2) - 1),
    decodeText: (index) => {
      texts ??= decodeBytes(bytesOfPart(TEXTS));
      bounds ??= wordsOfPart(BOUNDS);
      return texts.slice(bounds[index]!, bounds[index + 1]! - 1);
    },
    numbers: words[4 + NUMBERS]! > 2 ? readNumbers(decodeBytes(bytesOfPart(NUMBERS))) : [],
    memos: words[3]!,
    side: new SideTables(() => ({ packedPositions: bytesOfPart(POSITIONS), docs: wordsOfPart(DOCS) })),
    source,
  });
}

/** In bytes; their sizes stand in the header, and each begins at a whole word. */
function startOfPart(words: Int32Array, part: number): number {
  let start = 4 * HEADER;
  for (let i = 0; i < part; i++) start += (words[4 + i]! + 3) & ~3;
  return start;
}

function readNumbers(json: string): (number | bigint)[] {
  const values = JSON.parse(json) as (number | string)[];
  return values.map((value) => (value === '-0.0' ? -0 : typeof value === 'string' ? BigInt(value) : value));
}

/** Over all words but itself. */
function checksum(words: Int32Array): number {
  const { length } = words;
  let sum = length ^ words[2]!;
  // Turned and mixed in: a multiplication is a call where the code is not optimised.
  for (let i = 3; i < length; i++) sum = ((sum << 5) | (sum >>> 27)) ^ words[i]!;
  return sum;
}

function bytesOf(words: Int32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
