/**
 * Nix strings are byte strings; ours are JS strings. A byte string that is UTF-8 is its text; each byte that is not part
 * of well-formed UTF-8 is carried as one lone low surrogate U+DC80 + (byte - 0x80) (Python calls this surrogateescape).
 * The mapping is a bijection, so length, substring, comparison, hashing and file names can count bytes exactly.
 */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** From this length on a regular expression, which is machine code, is faster than a loop. */
const LONG = 24;
const notAscii = /[^\x00-\x7f]/;

/** Is every character one byte? Then bytes and code units agree. */
export function isAscii(text: string): boolean {
  if (text.length >= LONG) return !notAscii.test(text);
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

export function encodeBytes(text: string): Uint8Array {
  if (!hasEscapes(text)) return encoder.encode(text);
  const out: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - 0xdc00);
    else for (const byte of encoder.encode(char)) out.push(byte);
  }
  return Uint8Array.from(out);
}

export function decodeBytes(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return decodeLenient(bytes);
  }
}

/** Has any text been made that has escapes in it? Most programs never see one. */
let escapesMade = false;

/** Well-formed sequences become characters, every other byte an escape. */
function decodeLenient(bytes: Uint8Array): string {
  let out = '';
  let i = 0;
  while (i < bytes.length) {
    const length = sequenceLength(bytes, i);
    if (length === 0) {
      out += String.fromCharCode(0xdc00 + bytes[i++]!);
      escapesMade = true;
    } else {
      out += strictDecoder.decode(bytes.subarray(i, i + length));
      i += length;
    }
  }
  return out;
}

/** Length of the well-formed UTF-8 sequence at i (RFC 3629, section 4), or 0. */
function sequenceLength(bytes: Uint8Array, i: number): number {
  const a = bytes[i]!;
  if (a < 0x80) return 1;
  const b = bytes[i + 1] ?? 0;
  const tail = (k: number) => ((bytes[i + k] ?? 0) & 0xc0) === 0x80;
  if (a >= 0xc2 && a <= 0xdf) return tail(1) ? 2 : 0;
  if (a >= 0xe0 && a <= 0xef) {
    if (!tail(1) || !tail(2) || (a === 0xe0 && b < 0xa0) || (a === 0xed && b > 0x9f)) return 0;
    return 3;
  }
  if (a >= 0xf0 && a <= 0xf4) {
    if (!tail(1) || !tail(2) || !tail(3) || (a === 0xf0 && b < 0x90) || (a === 0xf4 && b > 0x8f)) return 0;
    return 4;
  }
  return 0;
}

/**
 * Text that was put together of parts: where a part ended inside a character, its bytes are still escapes and become that
 * character now.
 */
export function joinedText(text: string): string {
  return hasEscapes(text) ? decodeBytes(encodeBytes(text)) : text;
}

/** The same for what is put together often: looks at the text only where escapes can be. */
export function wholeText(text: string): string {
  return escapesMade ? joinedText(text) : text;
}

function hasEscapes(text: string): boolean {
  return !text.isWellFormed();
}

/** Number of bytes of a Nix string. */
export function byteLength(text: string): number {
  if (text.length >= LONG && !notAscii.test(text)) return text.length;
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) length += 1;
    else if (code < 0x800) length += 2;
    else if (code >= 0xd800 && code <= 0xdbff) {
      length += 4;
      i++;
    } else if (code >= 0xdc80 && code <= 0xdcff) length += 1;
    else length += 3;
  }
  return length;
}
