/** Number literals: where they end, and which of them Nix refuses. */
import { DIGIT, DIGITS, isAt, skip } from './characters.ts';

const ZERO = 48;
const DOT = 46;

/** The end of the number that begins at `at` with a digit, or with a dot before a digit. */
export function numberEnd(text: string, at: number): { end: number; float: boolean } {
  const whole = skip(text, at, DIGITS);
  if (text.charCodeAt(whole) !== DOT) return { end: whole, float: false };
  const fraction = skip(text, whole + 1, DIGITS);
  const first = text.charCodeAt(at);
  // 1. and 1.5, but of what begins with a zero only 0.5.
  const float = first > ZERO || (fraction > whole + 1 && (first === DOT || whole === at + 1));
  return { end: float ? exponentEnd(text, fraction) : whole, float };
}

function exponentEnd(text: string, at: number): number {
  if ((text.charCodeAt(at) | 32) !== 101 /* e */) return at;
  const sign = text.charCodeAt(at + 1);
  const digits = sign === 43 || sign === 45 ? at + 2 : at + 1;
  return isAt(text, digits, DIGIT) ? skip(text, digits, DIGITS) : at;
}

const LARGEST = '9223372036854775807';
/** The smallest normal double: C's strtod calls what is smaller, and not exact, out of range. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

/** Nix's message about a number that does not fit, or undefined. */
export function numberFault(image: string, float: boolean): string | undefined {
  return float ? floatFault(image) : integerFault(image);
}

function integerFault(image: string): string | undefined {
  if (image.length < LARGEST.length) return undefined;
  const digits = image.replace(/^0+/, '');
  const fits = digits.length < LARGEST.length || (digits.length === LARGEST.length && digits <= LARGEST);
  return fits ? undefined : `invalid integer '${image}'`;
}

function floatFault(image: string): string | undefined {
  const value = Number(image);
  if (value >= SMALLEST_NORMAL && value !== Number.POSITIVE_INFINITY) return undefined;
  const isZero = !/[1-9]/.test(image.replace(/[eE].*/, ''));
  return isZero ? undefined : `invalid float '${image}'`;
}
