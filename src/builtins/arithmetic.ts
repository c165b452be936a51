/** Numbers. Ints are 64 bits wide and never wrap around: what does not fit is an error. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceFloat, forceInt } from '../runtime/coerce.ts';
import { lessThan } from '../runtime/compare.ts';
import { formatFloat } from '../runtime/float.ts';
import { checkedInt } from '../runtime/integer.ts';
import { force } from '../runtime/thunk.ts';
import { type Int, isInt, NixFloat, type Slot, type Value } from '../runtime/value.ts';

interface Operation {
  readonly sign: string;
  /** As in "integer overflow in adding 1 + 2". */
  readonly doing: string;
  /** Trace lines for the two operands. */
  readonly contexts: readonly [string, string];
  /** The first one for floats, where C++ Nix words it differently. */
  readonly firstFloat?: string;
  readonly floats: (a: number, b: number) => number;
  readonly ints: (a: bigint, b: bigint) => bigint;
}

const addition: Operation = {
  sign: '+',
  doing: 'adding',
  contexts: [
    'while evaluating the first argument of the addition',
    'while evaluating the second argument of the addition',
  ],
  floats: (a, b) => a + b,
  ints: (a, b) => a + b,
};

const subtraction: Operation = {
  sign: '-',
  doing: 'subtracting',
  contexts: [
    'while evaluating the first argument of the subtraction',
    'while evaluating the second argument of the subtraction',
  ],
  floats: (a, b) => a - b,
  ints: (a, b) => a - b,
};

const multiplication: Operation = {
  sign: '*',
  doing: 'multiplying',
  contexts: [
    'while evaluating the first argument of the multiplication',
    'while evaluating the second argument of the multiplication',
  ],
  firstFloat: 'while evaluating the first of the multiplication',
  floats: (a, b) => a * b,
  ints: (a, b) => a * b,
};

const division: Operation = {
  sign: '/',
  doing: 'dividing',
  contexts: [
    'while evaluating the first operand of the division',
    'while evaluating the second operand of the division',
  ],
  floats: (a, b) => a / b,
  ints: (a, b) => a / b,
};

function calculate(operation: Operation, a: Slot, b: Slot): Value {
  const x = force(a, NO_POS);
  const y = force(b, NO_POS);
  const [first, second] = operation.contexts;
  if (x instanceof NixFloat || y instanceof NixFloat)
    return new NixFloat(
      operation.floats(forceFloat(x, NO_POS, operation.firstFloat ?? first), forceFloat(y, NO_POS, second)),
    );
  const i = forceInt(x, NO_POS, first);
  const j = forceInt(y, NO_POS, second);
  const exact = operation.ints(BigInt(i), BigInt(j));
  const result = checkedInt(exact);
  if (result !== undefined) return result;
  throw new NixError(`integer overflow in ${operation.doing} ${i} ${operation.sign} ${j}`);
}

/** Numbers while both are safe and so is the result; -0 is no int. */
function calculateFast(operation: Operation, a: Slot, b: Slot): Value {
  if (typeof a === 'number' && typeof b === 'number' && operation !== division) {
    const result = operation.floats(a, b);
    if (Number.isSafeInteger(result)) return result + 0;
  }
  return calculate(operation, a, b);
}

function divide(a: Slot, b: Slot): Value {
  const x = force(a, NO_POS);
  const y = force(b, NO_POS);
  if (forceFloat(y, NO_POS, division.contexts[1]) === 0) throw new NixError('division by zero');
  if (typeof x === 'number' && typeof y === 'number') return Math.trunc(x / y) + 0 || 0;
  return calculate(division, x, y);
}

function bitwise(name: string, apply: (a: bigint, b: bigint) => bigint): Builtin['run'] {
  return (_ctx, _pos, a: Slot, b: Slot) => {
    const x = forceInt(a, NO_POS, `while evaluating the first argument passed to builtins.${name}`);
    const y = forceInt(b, NO_POS, `while evaluating the second argument passed to builtins.${name}`);
    return checkedInt(BigInt.asIntN(64, apply(BigInt(x), BigInt(y))))!;
  };
}

/** Ints come back unchanged, save that ones beyond what a float holds exactly are refused, as C++ Nix does. */
function round(name: string, apply: (x: number) => number): Builtin['run'] {
  return (_ctx, _pos, slot: Slot) => {
    const x = forceFloat(slot, NO_POS, `while evaluating the first argument passed to builtins.${name}`);
    const value = force(slot);
    const rounded = apply(x);
    const fits = rounded >= -(2 ** 63) && rounded < 2 ** 63;
    const bug = (what: string) =>
      new NixError(
        `Due to a bug (see https://github.com/NixOS/nix/issues/12899) ${what}.\n\tFuture Nix versions might implement the correct behavior.`,
      );
    if (!fits) {
      if (isInt(value)) throw bug(`the NixInt argument ${value} caused undefined behavior in previous Nix versions`);
      throw new NixError(`NixFloat argument ${formatFloat(x)} is not in the range of NixInt`);
    }
    const result = checkedInt(BigInt(rounded)) as Int;
    if (isInt(value) && value !== result)
      throw bug(
        `a loss of precision occurred in previous Nix versions because the NixInt argument ${value} was rounded to ${result}`,
      );
    return result;
  };
}

export const arithmeticBuiltins: readonly Builtin[] = [
  {
    name: 'add',
    args: ['e1', 'e2'],
    type: 'number → number → number',
    doc: 'The sum of two numbers.',
    example: { expr: 'map (builtins.add 1) [ 2 0.5 ]', value: '[ 3 1.5 ]' },
    run: (_ctx, _pos, a, b) => calculateFast(addition, a, b),
  },
  {
    name: 'sub',
    args: ['e1', 'e2'],
    type: 'number → number → number',
    doc: '*e1* less *e2*.',
    example: { expr: 'builtins.sub 5 7', value: '-2' },
    run: (_ctx, _pos, a, b) => calculateFast(subtraction, a, b),
  },
  {
    name: 'mul',
    args: ['e1', 'e2'],
    type: 'number → number → number',
    doc: 'The product of two numbers.',
    example: { expr: 'builtins.mul 6 7', value: '42' },
    run: (_ctx, _pos, a, b) => calculateFast(multiplication, a, b),
  },
  {
    name: 'div',
    args: ['e1', 'e2'],
    type: 'number → number → number',
    doc: '*e1* divided by *e2*. The quotient of two ints is an int, rounded towards zero. Dividing by zero is an error.',
    example: { expr: '[ (builtins.div 7 2) (builtins.div (-7) 2) (builtins.div 7.0 2) ]', value: '[ 3 (-3) 3.5 ]' },
    run: (_ctx, _pos, a, b) => divide(a, b),
  },
  {
    name: 'lessThan',
    args: ['e1', 'e2'],
    type: 'a → a → bool',
    doc: 'Is *e1* less than *e2*? This is what `<` calls. Numbers, strings, paths, and lists of them can be compared.',
    example: { expr: 'builtins.lessThan [ 1 "a" ] [ 1 "b" ]', value: 'true' },
    run: (_ctx, _pos, a, b) => {
      const x = force(a, NO_POS);
      return lessThan(x, force(b, NO_POS), NO_POS, '');
    },
  },
  {
    name: 'bitAnd',
    args: ['e1', 'e2'],
    type: 'int → int → int',
    doc: 'The bits that two ints have in common.',
    example: { expr: 'builtins.bitAnd 12 10', value: '8' },
    run: bitwise('bitAnd', (a, b) => a & b),
  },
  {
    name: 'bitOr',
    args: ['e1', 'e2'],
    type: 'int → int → int',
    doc: 'The bits that either of two ints has.',
    example: { expr: 'builtins.bitOr 12 10', value: '14' },
    run: bitwise('bitOr', (a, b) => a | b),
  },
  {
    name: 'bitXor',
    args: ['e1', 'e2'],
    type: 'int → int → int',
    doc: 'The bits in which two ints differ.',
    example: { expr: 'builtins.bitXor 12 10', value: '6' },
    run: bitwise('bitXor', (a, b) => a ^ b),
  },
  {
    name: 'ceil',
    args: ['number'],
    type: 'number → int',
    doc: 'The least int that is not less than *number*.',
    example: { expr: 'map builtins.ceil [ 1.2 (-1.2) 3 ]', value: '[ 2 (-1) 3 ]' },
    run: round('ceil', Math.ceil),
  },
  {
    name: 'floor',
    args: ['number'],
    type: 'number → int',
    doc: 'The greatest int that is not greater than *number*.',
    example: { expr: 'map builtins.floor [ 1.8 (-1.2) 3 ]', value: '[ 1 (-2) 3 ]' },
    run: round('floor', Math.floor),
  },
];
