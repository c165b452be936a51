/**
 * builtins.genericClosure: everything that can be reached from a start set, each key once, breadth first. Keys are equal
 * when neither is less than the other: as long as all are numbers, or all are strings, a hash table tells that; other keys
 * are kept in order and searched.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceFunction, forceList, getAttr, traced } from '../runtime/coerce.ts';
import { lessThan } from '../runtime/compare.ts';
import { showValue } from '../runtime/describe.ts';
import { call1 } from '../runtime/function.ts';
import { force } from '../runtime/thunk.ts';
import { isInt, isNixString, NixFloat, type Slot, stringText, type Value } from '../runtime/value.ts';

interface Keyed {
  readonly key: Value;
  readonly element: Slot;
}

/** The elements with different keys, in the order in which they were found. */
class Found {
  readonly elements: Slot[] = [];
  /** Keys as numbers, or as texts, while all are of one of these kinds. */
  private readonly simple = new Set<number | bigint | string>();
  private simpleKind: 'number' | 'string' | undefined;
  /** In ascending order, once there are others. */
  private ordered: Keyed[] | undefined;

  /** False where there is an equal key already. */
  add(key: Value, element: Slot): boolean {
    const added = this.ordered === undefined ? this.addSimple(key) : undefined;
    if (added ?? this.addOrdered(key, element)) {
      this.elements.push(element);
      return true;
    }
    return false;
  }

  /** Undefined where the key is not of the kind that the others are. */
  private addSimple(key: Value): boolean | undefined {
    const simple = simpleKey(key);
    if (simple === undefined) return undefined;
    const kind = typeof simple === 'string' ? 'string' : 'number';
    if ((this.simpleKind ??= kind) !== kind) return undefined;
    const before = this.simple.size;
    this.simple.add(simple);
    return this.simple.size > before;
  }

  private addOrdered(key: Value, element: Slot): boolean {
    this.ordered ??= this.elements
      .map((other) => ({ key: keyOf(other), element: other }))
      .sort((a, b) => (lessThan(a.key, b.key, NO_POS, '') ? -1 : 1));
    const ordered = this.ordered;
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (lessThan(key, ordered[middle]!.key, NO_POS, '')) high = middle;
      else low = middle + 1;
    }
    if (low > 0 && !lessThan(ordered[low - 1]!.key, key, NO_POS, '')) return false;
    ordered.splice(low, 0, { key, element });
    return true;
  }

  /** An element whose key cannot be compared with this one. */
  incomparable(key: Value): Slot | undefined {
    return this.ordered?.find((other) => {
      try {
        lessThan(key, other.key, NO_POS, '');
        return false;
      } catch (error) {
        if (error instanceof NixError) return true;
        throw error;
      }
    })?.element;
  }
}

/** A JS value that is the same for equal keys; undefined for keys of other kinds. */
function simpleKey(key: Value): number | bigint | string | undefined {
  if (isInt(key)) return key;
  if (isNixString(key)) return stringText(key);
  if (key instanceof NixFloat && Number.isSafeInteger(key.value)) return key.value + 0;
  if (key instanceof NixFloat && Number.isFinite(key.value) && !Number.isInteger(key.value)) return key.value;
  return undefined;
}

function genericClosure(arg: Slot): Value {
  const attrs = forceAttrs(arg, NO_POS, 'while evaluating the first argument passed to builtins.genericClosure');
  const inAttrs = 'in the attrset passed as argument to builtins.genericClosure';
  const start = forceList(
    getAttr(attrs, 'startSet', inAttrs),
    NO_POS,
    "while evaluating the 'startSet' attribute passed as argument to builtins.genericClosure",
  );
  if (start.length === 0) return start;
  const operator = forceFunction(
    getAttr(attrs, 'operator', inAttrs),
    NO_POS,
    "while evaluating the 'operator' attribute passed as argument to builtins.genericClosure",
  );
  const work = start.slice();
  const found = new Found();
  for (let i = 0; i < work.length; i++) {
    const element = work[i]!;
    const key = keyOf(element);
    try {
      if (!found.add(key, element)) continue;
    } catch (error) {
      throw explain(error, found.incomparable(key), element);
    }
    try {
      const more = forceList(
        call1(operator, element, NO_POS),
        NO_POS,
        'while evaluating the return value of the `operator` passed to builtins.genericClosure',
      );
      for (let j = 0; j < more.length; j++) {
        force(more[j]!, NO_POS);
        work.push(more[j]!);
      }
    } catch (error) {
      throw traced(error, `while calling operator on genericClosure element ${showValue(element)}`, NO_POS);
    }
  }
  return found.elements;
}

function keyOf(element: Slot): Value {
  let key: Slot;
  try {
    key = getAttr(forceAttrs(element, NO_POS, ''), 'key', '');
  } catch (error) {
    throw traced(error, `in genericClosure element ${showValue(element)}`, NO_POS);
  }
  return force(key, NO_POS);
}

function explain(error: unknown, other: Slot | undefined, element: Slot): unknown {
  if (other === undefined) return traced(error, `while checking key of element ${showValue(element)}`, NO_POS);
  traced(error, `with element ${showValue(other)}`, NO_POS);
  return traced(error, `while comparing element ${showValue(element)}`, NO_POS);
}

export const closureBuiltins: readonly Builtin[] = [
  {
    name: 'genericClosure',
    args: ['attrset'],
    type: '{ startSet :: [set]; operator :: set → [set] } → [set]',
    doc: 'Everything that can be reached: `startSet` is a list of sets with an attribute `key`, `operator` gives for such a set the list of those that follow from it. The result has one set for each key, in the order in which they were found.',
    example: {
      expr: 'map (x: x.key) (builtins.genericClosure { startSet = [ { key = 5; } ]; operator = x: [ { key = if x.key / 2 * 2 == x.key then x.key / 2 else 3 * x.key + 1; } ]; })',
      value: '[ 5 16 8 4 2 1 ]',
    },
    run: (_ctx, _pos, attrset) => genericClosure(attrset),
  },
];
