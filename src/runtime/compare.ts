/**
 * The order behind `<`, sort and lessThan: numbers by size (ints and floats with each other), strings and paths by bytes,
 * lists by their first difference. Everything else is an error.
 */
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { traced } from './coerce.ts';
import { showValue } from './describe.ts';
import { equalSlots } from './equality.ts';
import { force } from './thunk.ts';
import { describeType } from './type-names.ts';
import { ContextString, isInt, isList, isNixString, NixFloat, NixPath, stringText, type Value } from './value.ts';

/** Is a < b? `context` is the trace line of an error, '' for none. */
export function lessThan(a: Value, b: Value, pos: Pos, context: string): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return compareBytewise(a, b) < 0;
  try {
    return lessThanSlow(a, b, pos);
  } catch (error) {
    throw traced(error, context, NO_POS);
  }
}

function lessThanSlow(a: Value, b: Value, pos: Pos): boolean {
  if (isInt(a)) {
    if (isInt(b)) return a < b;
    if (b instanceof NixFloat) return Number(a) < b.value;
  } else if (a instanceof NixFloat) {
    if (isInt(b)) return a.value < Number(b);
    if (b instanceof NixFloat) return a.value < b.value;
  } else if (isNixString(a)) {
    if (isNixString(b)) return compareBytewise(stringText(a), stringText(b)) < 0;
  } else if (a instanceof NixPath) {
    if (b instanceof NixPath) return compareBytewise(a.path, b.path) < 0;
  } else if (isList(a) && isList(b)) {
    for (let i = 0; ; i++) {
      if (i === b.length) return false;
      if (i === a.length) return true;
      if (!equalSlots(a[i]!, b[i]!, pos))
        return lessThan(force(a[i]!, pos), force(b[i]!, pos), pos, 'while comparing two list elements');
    }
  }
  throw incomparable(a, b);
}

function incomparable(a: Value, b: Value): NixError {
  const types = `cannot compare ${describeType(a)} with ${describeType(b)};`;
  return new NixError(
    kind(a) === kind(b)
      ? `${types} values of that type are incomparable (values are ${showValue(a)} and ${showValue(b)})`
      : `${types} values are ${showValue(a)} and ${showValue(b)}`,
  );
}

/** The type, whatever messages call it: all functions are of one, and strings with and without context. */
function kind(value: Value): string {
  if (value instanceof ContextString) return 'a string';
  const type = describeType(value);
  return type.includes('built-in function') ? 'a function' : type;
}
