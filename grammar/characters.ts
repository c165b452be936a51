/**
 * Which characters may stand where. Beyond ASCII there is nothing. For one character there is a table, one bit a class;
 * for a run of them a regular expression, which is machine code where a loop is not yet.
 */
export const PATH_PART = 1;
export const URI_PART = 2;
export const DIGIT = 4;

export const PATH_PARTS = /[a-zA-Z0-9._+-]+/y;
export const URI_SCHEMES = /[a-zA-Z0-9+.-]+/y;
export const URI_PARTS = /[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+/y;
export const DIGITS = /[0-9]+/y;

const table = new Uint8Array(128);
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
mark(PATH_PART, `${letters}${digits}._-+`);
mark(URI_PART, `${letters}${digits}%/?:@&=+$,-_.!~*'`);
mark(DIGIT, digits);

function mark(bit: number, characters: string): void {
  for (const c of characters) table[c.charCodeAt(0)]! |= bit;
}

/** Is there a character of this class at `at`? (Past the end there is none.) */
export function isAt(text: string, at: number, bit: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && (table[code]! & bit) !== 0;
}

/** The first offset from `at` on whose character is not one of `run`, a sticky expression as those above. */
export function skip(text: string, at: number, run: RegExp): number {
  run.lastIndex = at;
  return run.test(text) ? run.lastIndex : at;
}
