/** Numbers of TOML: ints in four notations, and floats; `_` between digits. */

export interface TomlNumber {
  readonly kind: 'int' | 'float';
  readonly int: bigint;
  readonly float: number;
}

const decimal = /^[+-]?(?:0|[1-9](?:_?[0-9])*)$/;
const prefixed = /^0(?:x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;
const float = /^[+-]?(?:0|[1-9](?:_?[0-9])*)(?:\.[0-9](?:_?[0-9])*)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/;
const special = /^([+-]?)(inf|nan)$/;

/** Undefined where the text is no number, 'too large' for an int beyond 64 bits. */
export function parseNumber(text: string): TomlNumber | 'too large' | undefined {
  const plain = text.replaceAll('_', '');
  if (decimal.test(text) || prefixed.test(text)) {
    const negative = plain[0] === '-';
    const digits = BigInt(plain.replace(/^[+-]/, ''));
    const int = negative ? -digits : digits;
    if (BigInt.asIntN(64, int) !== int) return 'too large';
    return { kind: 'int', int, float: 0 };
  }
  if (float.test(text)) return { kind: 'float', int: 0n, float: Number(plain) };
  const found = special.exec(text);
  if (!found) return undefined;
  const value = found[2] === 'inf' ? Infinity : NaN;
  return { kind: 'float', int: 0n, float: found[1] === '-' ? -value : value };
}
