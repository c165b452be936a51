/**
 * Nix's base 32: digits and letters without e, o, t, u; 5 bits a character, least significant bits LAST in the text but
 * first in the bytes: character n (from the end) holds bits 5n .. 5n+4 of the byte string read as a little-endian number.
 */

const alphabet = '0123456789abcdfghijklmnpqrsvwxyz';

export function nix32Length(bytes: number): number {
  return bytes === 0 ? 0 : Math.floor((bytes * 8 - 1) / 5) + 1;
}

/** Character codes of the digits. */
const digits = Array.from(alphabet, (digit) => digit.charCodeAt(0));

export function encodeNix32(bytes: Uint8Array): string {
  const codes: number[] = [];
  for (let n = nix32Length(bytes.length) - 1; n >= 0; n--) {
    const bit = n * 5;
    const byte = bit >> 3;
    const shift = bit & 7;
    const value = (bytes[byte]! >> shift) | ((byte + 1 < bytes.length ? bytes[byte + 1]! : 0) << (8 - shift));
    codes.push(digits[value & 0x1f]!);
  }
  return String.fromCharCode(...codes);
}

/** The bytes, or undefined where the text is not Nix base 32 of a whole number of bytes. */
export function decodeNix32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  for (let n = 0; n < text.length; n++) {
    const digit = alphabet.indexOf(text[text.length - 1 - n]!);
    if (digit < 0) return undefined;
    const bit = n * 5;
    const byte = bit >> 3;
    const shift = bit & 7;
    if (byte < bytes.length) bytes[byte]! |= (digit << shift) & 0xff;
    const carry = digit >> (8 - shift);
    if (byte + 1 < bytes.length) bytes[byte + 1]! |= carry;
    else if (carry) return undefined;
  }
  return bytes;
}
