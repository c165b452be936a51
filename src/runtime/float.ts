/**
 * Floats as text, in the three ways that C++ Nix has: `%g` with six significant digits (printing values, toXML), `%f` with
 * six decimals (toString), and the shortest digits that read back the same (toJSON). JavaScript's own functions give the
 * same digits, save that they round ties up where C rounds them to even.
 */

const DIGITS = 6;

/** As a C++ stream prints it: 1e+06, 0.1, 3, inf. */
export function formatFloat(x: number): string {
  if (!Number.isFinite(x)) return infinite(x);
  if (x === 0) return Object.is(x, -0) ? '-0' : '0';
  const [digits, exponent] = significant(x);
  const sign = x < 0 ? '-' : '';
  if (exponent < -4 || exponent >= DIGITS) {
    const mantissa = stripZeros(`${digits[0]}.${digits.slice(1)}`);
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}${stripZeros(`0.${'0'.repeat(-exponent - 1)}${digits}`)}`;
  return `${sign}${stripZeros(`${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`)}`;
}

/** Six decimals, always: 0.100000. */
export function formatFloatFixed(x: number): string {
  if (!Number.isFinite(x)) return infinite(x);
  if (Math.abs(x) >= 1e21) return `${BigInt(x)}.000000`;
  // A tie at the seventh decimal is an odd multiple of 2^-7.
  const scaled = Math.abs(x) * 128;
  if (!Number.isInteger(scaled) || scaled % 2 === 0) return withSign(x, Math.abs(x).toFixed(DIGITS));
  const below = (BigInt(scaled) * 15625n - 1n) / 2n;
  const text = String(below % 2n === 0n ? below : below + 1n).padStart(DIGITS + 1, '0');
  return withSign(x, `${text.slice(0, -DIGITS)}.${text.slice(-DIGITS)}`);
}

/** As JSON has it: always with a point or an exponent; what JSON cannot say is null. */
export function formatFloatJson(x: number): string {
  if (!Number.isFinite(x)) return 'null';
  if (x === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  const sign = x < 0 ? '-' : '';
  const [mantissa, power] = Math.abs(x).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  const point = Number(power) + 1;
  if (digits.length <= point && point <= 15) return `${sign}${digits.padEnd(point, '0')}.0`;
  if (point > 0 && point <= 15) return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  if (point > -4 && point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
  const exponent = `${point - 1 < 0 ? '-' : '+'}${String(Math.abs(point - 1)).padStart(2, '0')}`;
  return `${sign}${digits[0]}${digits.length > 1 ? `.${digits.slice(1)}` : ''}e${exponent}`;
}

/** Six digits, rounded to nearest and ties to even, and the power of ten of the first. */
function significant(x: number): [digits: string, exponent: number] {
  const split = (text: string): [string, number] => {
    const [mantissa, power] = text.split('e') as [string, string];
    return [mantissa.replace('.', ''), Number(power)];
  };
  const rounded = split(Math.abs(x).toExponential(DIGITS - 1));
  // Enough digits to tell a tie: a number with seven significant digits and a 5 at the end.
  const [exact, exponent] = split(Math.abs(x).toExponential(100));
  const tie = exact[DIGITS] === '5' && /^0*$/.test(exact.slice(DIGITS + 1));
  const even = Number(exact[DIGITS - 1]) % 2 === 0;
  return tie && even ? [exact.slice(0, DIGITS), exponent] : rounded;
}

function stripZeros(text: string): string {
  return text.replace(/\.?0*$/, '');
}

function withSign(x: number, text: string): string {
  return x < 0 || Object.is(x, -0) ? `-${text}` : text;
}

/** What a processor makes of inf - inf has its sign bit set, and C prints that. */
function infinite(x: number): string {
  return Number.isNaN(x) ? '-nan' : x > 0 ? 'inf' : '-inf';
}
