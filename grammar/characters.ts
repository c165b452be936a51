/** Which characters may stand where: one bit a class, one table look-up a character. Beyond ASCII there is nothing. */
export const ID_START = 1;
export const ID_PART = 2;
export const PATH_PART = 4;
export const URI_SCHEME = 8;
export const URI_PART = 16;
export const DIGIT = 32;
export const SPACE = 64;

const table = new Uint8Array(128);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
mark(ID_START, `${letters}_`);
mark(ID_PART, `${letters}${digits}_'-`);
mark(PATH_PART, `${letters}${digits}._-+`);
mark(URI_SCHEME, `${letters}${digits}+-.`);
mark(URI_PART, `${letters}${digits}%/?:@&=+$,-_.!~*'`);
mark(DIGIT, digits);
mark(SPACE, ' \t\r\n');

function mark(bit: number, characters: string): void {
  for (const c of characters) table[c.charCodeAt(0)]! |= bit;
}

/** Is there a character of this class at `at`? (Past the end there is none.) */
export function isAt(text: string, at: number, bit: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && (table[code]! & bit) !== 0;
}

/** The first offset from `at` on whose character is not of this class. */
export function skip(text: string, at: number, bit: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    // NaN, past the end, fails the comparison.
    if (!(code < 128 && (table[code]! & bit) !== 0)) return at;
    at++;
  }
}
