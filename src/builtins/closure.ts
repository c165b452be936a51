/**
 * builtins.genericClosure: everything that can be reached from a start set, each key once, breadth first. Keys are equal
 * when neither is less than the other: as long as all are numbers, or all are strings, a hash table tells that; other keys
 * are kept in order and searched.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Attrs } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceFunction, forceList, getAttr, traced } from '../runtime/coerce.ts';
import { lessThan } from '../runtime/compare.ts';
import { showValue } from '../runtime/describe.ts';
import { call1 } from '../runtime/function.ts';
import { force, Thunk } from '../runtime/thunk.ts';
import { isInt, isNixString, NixFloat, type Slot, stringText, type Value } from '../runtime/value.ts';

interface Keyed {
  readonly key: Value;
  readonly element: Attrs;
}

/** The elements with different keys, in the order in which they were found: the first `count` ones of a list. */
class Found {
  count = 0;
  private readonly elements: Attrs[];
  /** Keys as numbers, or as texts, while all are of one of these kinds. */
  private readonly small = new IntSet();
  private readonly simple = new Set<number | bigint | string>();
  private simpleKind: 'number' | 'string' | undefined;
  /** In ascending order, once there are others. */
  private ordered: Keyed[] | undefined;

  constructor(elements: Attrs[]) {
    this.elements = elements;
  }

  /** False where there is an equal key already. The element, which is behind the others, becomes the next one. */
  add(key: Value, element: Attrs): boolean {
    const added = this.ordered === undefined ? this.addSimple(key) : undefined;
    if (!(added ?? this.addOrdered(key, element))) return false;
    this.elements[this.count++] = element;
    return true;
  }

  /** Undefined where the key is not of the kind that the others are. */
  private addSimple(key: Value): boolean | undefined {
    const simple = simpleKey(key);
    if (simple === undefined) return undefined;
    const kind = typeof simple === 'string' ? 'string' : 'number';
    if ((this.simpleKind ??= kind) !== kind) return undefined;
    if (typeof simple === 'number' && (simple | 0) === simple) return this.small.add(simple);
    const before = this.simple.size;
    this.simple.add(simple);
    return this.simple.size > before;
  }

  private addOrdered(key: Value, element: Attrs): boolean {
    this.ordered ??= this.elements
      .slice(0, this.count)
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
  incomparable(key: Value): Attrs | undefined {
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

/** A set of 32-bit ints: a table of them, at most half full, searched from where a hash says. */
class IntSet {
  private table = new Int32Array(64);
  /** 0 marks free places, so it is kept apart. */
  private hasZero = false;
  private count = 0;

  /** False where it is there already. */
  add(int: number): boolean {
    if (int === 0) {
      const isNew = !this.hasZero;
      this.hasZero = true;
      return isNew;
    }
    if (!insert(this.table, int)) return false;
    if (++this.count * 2 > this.table.length) {
      const larger = new Int32Array(this.table.length * 4);
      for (const old of this.table) if (old !== 0) insert(larger, old);
      this.table = larger;
    }
    return true;
  }
}

function insert(table: Int32Array, int: number): boolean {
  const mask = table.length - 1;
  const hash = Math.imul(int, 0x9e3779b1);
  for (let at = (hash ^ (hash >>> 15)) & mask; ; at = (at + 1) & mask) {
    const there = table[at];
    if (there === int) return false;
    if (there === 0) {
      table[at] = int;
      return true;
    }
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
  // Elements are sets from the moment that their turn comes.
  const work = start.slice() as Attrs[];
  const found = new Found(work);
  for (let i = 0; i < work.length; i++) {
    const element = elementOf(work[i]!);
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
      for (let j = 0; j < more.length; j++) work.push(force(more[j]!, NO_POS) as Attrs);
    } catch (error) {
      throw traced(error, `while calling operator on genericClosure element ${showValue(element)}`, NO_POS);
    }
  }
  work.length = found.count;
  return work;
}

function elementOf(slot: Slot): Attrs {
  try {
    const set = forceAttrs(slot, NO_POS, '');
    getAttr(set, 'key', '');
    return set;
  } catch (error) {
    throw traced(error, `in genericClosure element ${showValue(slot)}`, NO_POS);
  }
}

/** Of a set that has one. The set keeps it, and what it was computed of is garbage. */
function keyOf(set: Attrs): Value {
  const slot = set.get('key')!;
  if (!(slot instanceof Thunk)) return slot;
  const key = force(slot, NO_POS);
  if (set.below === undefined) set.slots[set.shape.find('key')] = key;
  return key;
}

function explain(error: unknown, other: Attrs | undefined, element: Attrs): unknown {
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
