/** Number literals that Nix refuses: each function gives its message, or undefined where the literal is fine. */

const LARGEST = '9223372036854775807';
/** The smallest normal double: C's strtod calls what is smaller, and not exact, out of range. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

export function integerFault(image: string): string | undefined {
  if (image.length < LARGEST.length) return undefined;
  const digits = image.replace(/^0+/, '');
  const fits = digits.length < LARGEST.length || (digits.length === LARGEST.length && digits <= LARGEST);
  return fits ? undefined : `invalid integer '${image}'`;
}

export function floatFault(image: string): string | undefined {
  const value = Number(image);
  if (value >= SMALLEST_NORMAL && value !== Number.POSITIVE_INFINITY) return undefined;
  const isZero = !/[1-9]/.test(image.replace(/[eE].*/, ''));
  return isZero ? undefined : `invalid float '${image}'`;
}
