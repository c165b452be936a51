/**
 * `==`. Ints and floats compare with each other, strings without their contexts, lists and sets by their members, two
 * derivations by their outPath alone. Functions are never equal, except that inside of lists and sets a slot is equal to
 * itself; nixpkgs relies on that for sets that hold functions (comparing platforms).
 */
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs, slotAt } from './attrs.ts';
import { isDerivation, isFunction } from './coerce.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force } from './thunk.ts';
import {
  isInt,
  isList,
  isNixString,
  type List,
  NixFloat,
  NixPath,
  type Slot,
  stringText,
  type Value,
} from './value.ts';

/** Both are forced, and then it matters whether they are one and the same. */
export function equalSlots(a: Slot, b: Slot, pos: Pos = NO_POS): boolean {
  const x = force(a, pos);
  if (a === b) return true;
  const y = force(b, pos);
  return x === y && isFunction(x) ? true : equalValues(x, y, pos);
}

/** The operator: a function is not even equal to itself. */
export function equalValues(a: Value, b: Value, pos: Pos = NO_POS): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  if (isInt(a)) return isInt(b) ? a === b : b instanceof NixFloat && Number(a) === b.value;
  if (a instanceof NixFloat) return b instanceof NixFloat ? a.value === b.value : isInt(b) && a.value === Number(b);
  if (isNixString(a)) return isNixString(b) && stringText(a) === stringText(b);
  if (a === null || typeof a === 'boolean') return a === b;
  if (a instanceof NixPath) return b instanceof NixPath && a.path === b.path;
  if (isList(a) ? !isList(b) || a.length !== b.length : !(a instanceof Attrs && b instanceof Attrs)) return false;
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  const result = isList(a) ? equalLists(a, b as List, pos) : equalAttrs(a as Attrs, b as Attrs, pos);
  calls.depth = depth;
  return result;
}

function equalLists(a: readonly Slot[], b: readonly Slot[], pos: Pos): boolean {
  for (let i = 0; i < a.length; i++) if (!equalSlots(a[i]!, b[i]!, pos)) return false;
  return true;
}

/**
 * Sets that have been found equal to themselves: everything in them that counts is evaluated, and nothing will change.
 * Packages ask all the time whether two platforms are the same, which mostly are one and the same set.
 */
const comparedWithThemselves = new WeakSet<Attrs>();

function equalAttrs(a: Attrs, b: Attrs, pos: Pos): boolean {
  if (a !== b) return equalMembers(a, b, pos);
  if (comparedWithThemselves.has(a)) return true;
  const equal = equalMembers(a, a, pos);
  if (equal) comparedWithThemselves.add(a);
  return equal;
}

function equalMembers(a: Attrs, b: Attrs, pos: Pos): boolean {
  if (isDerivation(a) && isDerivation(b)) {
    const x = a.get('outPath');
    const y = b.get('outPath');
    if (x !== undefined && y !== undefined) return equalSlots(x, y, pos);
  }
  if (a.size !== b.size) return false;
  const { shape } = a;
  if (shape === b.shape) {
    // Made in the same place: no name needs to be looked up. (`size` has merged all layers.)
    for (let i = 1; i <= shape.size; i++) {
      if (!equalSlots(slotAt(shape, a.slots, i), slotAt(shape, b.slots, i), pos)) return false;
    }
    return true;
  }
  const names = a.keys();
  for (const name of names) if (!b.has(name)) return false;
  for (const name of names) if (!equalSlots(a.get(name)!, b.get(name)!, pos)) return false;
  return true;
}
