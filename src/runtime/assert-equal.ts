/**
 * Why `assert a == b` failed: walks both values as equality does (equality.ts) and complains where they first differ.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { isDerivation, isFunction } from './coerce.ts';
import { showValue } from './describe.ts';
import { equalValues } from './equality.ts';
import { force } from './thunk.ts';
import { describeType } from './type-names.ts';
import { isInt, isList, isNixString, type List, NixFloat, NixPath, type Slot, type Value } from './value.ts';

/** Comes back if they are equal after all. */
export function assertEqual(left: Slot, right: Slot, pos: Pos): void {
  const a = force(left, pos);
  const b = force(right, pos);
  if (left === right) return;
  if (isNumber(a) && isNumber(b)) {
    if (equalValues(a, b, pos)) return;
    throw differ(`${describeType(a)} with value '${showValue(a)}'`, `${describeType(b)} with value '${showValue(b)}'`);
  }
  if (kindOf(a) !== kindOf(b)) {
    throw differ(`${describeType(a)} of value '${showValue(a)}'`, `${describeType(b)} of value '${showValue(b)}'`);
  }
  if (isList(a)) assertEqualLists(a, b as List, pos);
  else if (a instanceof Attrs) assertEqualSets(a, b as Attrs, pos);
  else if (isFunction(a)) {
    throw failed('distinct functions and immediate comparisons of identical functions compare as unequal');
  } else if (!equalValues(a, b, pos)) {
    throw differ(`${kindOf(a)} '${showValue(a)}'`, `${kindOf(b)} '${showValue(b)}'`);
  }
}

function assertEqualLists(a: List, b: List, pos: Pos): void {
  if (a.length !== b.length) {
    throw failed(
      `list of size '${a.length}' is not equal to list of size '${b.length}', ` +
        `left hand side is '${showValue(a)}', right hand side is '${showValue(b)}'`,
    );
  }
  for (let i = 0; i < a.length; i++) {
    inside(`while comparing list element ${i}`, pos, () => assertEqual(a[i]!, b[i]!, pos));
  }
}

function assertEqualSets(a: Attrs, b: Attrs, pos: Pos): void {
  if (isDerivation(a) && isDerivation(b)) {
    const left = a.get('outPath');
    const right = b.get('outPath');
    if (left !== undefined && right !== undefined) {
      const line = "while comparing a derivation by its 'outPath' attribute";
      inside(line, pos, () => assertEqual(left, right, pos));
      return;
    }
  }
  if (a.size !== b.size) {
    throw failed(`attribute names of attribute set '${showValue(a)}' differs from attribute set '${showValue(b)}'`);
  }
  for (const name of a.sortedKeys()) {
    if (!b.has(name)) {
      throw failed(`attribute name '${name}' is contained in '${showValue(a)}', but not in '${showValue(b)}'`);
    }
    try {
      assertEqual(a.get(name)!, b.get(name)!, pos);
    } catch (error) {
      if (error instanceof NixError) {
        if (b.pos(name) !== NO_POS) error.addTrace('where right hand side is', b.pos(name));
        if (a.pos(name) !== NO_POS) error.addTrace('where left hand side is', a.pos(name));
        error.addTrace(`while comparing attribute '${name}'`, pos);
      }
      throw error;
    }
  }
}

function inside(line: string, pos: Pos, compare: () => void): void {
  try {
    compare();
  } catch (error) {
    if (error instanceof NixError) error.addTrace(line, pos);
    throw error;
  }
}

function isNumber(value: Value): boolean {
  return isInt(value) || value instanceof NixFloat;
}

function kindOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  if (isNixString(value)) return 'string';
  if (value instanceof NixPath) return 'path';
  if (value instanceof Attrs) return 'set';
  if (isList(value)) return 'list';
  return isNumber(value) ? 'number' : 'function';
}

function differ(left: string, right: string): NixError {
  return failed(`${left} is not equal to ${right}`);
}

function failed(message: string): NixError {
  return new NixError(message, { class: 'AssertionError' });
}
