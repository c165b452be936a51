/**
 * builtins.sort: a stable merge sort that only ever asks "is the later element less than the earlier one?". Whatever the
 * comparing function answers, the result is a reordering of the list. Runs that are in order already are used as they are,
 * so that a sorted list costs one pass.
 */
import { compareBytewise } from '../base/order.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceBool, forceFunction, forceLongList } from '../runtime/coerce.ts';
import { lessThan } from '../runtime/compare.ts';
import { call2, Primop } from '../runtime/function.ts';
import { elementOf, settle } from '../runtime/lazy-list.ts';
import { force } from '../runtime/thunk.ts';
import type { List, Slot, Value } from '../runtime/value.ts';

type Less = (a: Slot, b: Slot) => boolean;

/** Runs shorter than this are made this long by insertion. */
const minRun = 16;

export function stableSort(list: List, less: Less): Slot[] {
  let from = list.slice() as Slot[];
  const ends = findRuns(from, less);
  if (ends.length <= 1) return from;
  let to: Slot[] = new Array(from.length);
  let runs = ends;
  while (runs.length > 1) {
    const merged: number[] = [];
    let start = 0;
    for (let i = 0; i < runs.length; i += 2) {
      const middle = runs[i]!;
      const end = runs[i + 1] ?? middle;
      merge(from, to, start, middle, end, less);
      merged.push(end);
      start = end;
    }
    runs = merged;
    [from, to] = [to, from];
  }
  return from;
}

/** Ends of the runs into which the list has been put. */
function findRuns(list: Slot[], less: Less): number[] {
  const ends: number[] = [];
  let start = 0;
  while (start < list.length) {
    let end = start + 1;
    while (end < list.length && !less(list[end]!, list[end - 1]!)) end++;
    const wanted = Math.min(start + minRun, list.length);
    for (; end < wanted; end++) insert(list, start, end, less);
    ends.push(end);
    start = end;
  }
  return ends;
}

function insert(list: Slot[], start: number, at: number, less: Less): void {
  const element = list[at]!;
  let place = at;
  while (place > start && less(element, list[place - 1]!)) {
    list[place] = list[place - 1]!;
    place--;
  }
  list[place] = element;
}

function merge(from: Slot[], to: Slot[], start: number, middle: number, end: number, less: Less): void {
  let left = start;
  let right = middle;
  let out = start;
  while (left < middle && right < end) to[out++] = less(from[right]!, from[left]!) ? from[right++]! : from[left++]!;
  while (left < middle) to[out++] = from[left++]!;
  while (right < end) to[out++] = from[right++]!;
}

function sortList(comparator: Slot, list: Slot): Value {
  const elements = forceLongList(list, NO_POS, 'while evaluating the second argument passed to builtins.sort');
  if (elements.length === 0) return elements;
  const f = forceFunction(comparator, NO_POS, 'while evaluating the first argument passed to builtins.sort');
  let strings = true;
  for (let i = 0; i < elements.length; i++) {
    const element = elementOf(elements, i);
    if (typeof force(element, NO_POS) !== 'string') strings = false;
    settle(elements, i, element);
  }
  if (!(f instanceof Primop && f.builtin.name === 'lessThan'))
    return stableSort(elements, (a, b) =>
      forceBool(
        call2(f, a, b, NO_POS),
        NO_POS,
        'while evaluating the return value of the sorting function passed to builtins.sort',
      ),
    );
  if (strings) return (elements.map((element) => force(element)) as string[]).sort(compareBytewise);
  return stableSort(elements, (a, b) =>
    lessThan(force(a), force(b), NO_POS, 'while evaluating the ordering function passed to builtins.sort'),
  );
}

export const sortBuiltins: readonly Builtin[] = [
  {
    name: 'sort',
    args: ['comparator', 'list'],
    type: '(a → a → bool) → [a] → [a]',
    doc: 'The elements in order; *comparator* tells whether its first argument comes before its second. Equal elements keep their order.',
    example: { expr: 'builtins.sort builtins.lessThan [ 483 249 526 ]', value: '[ 249 483 526 ]' },
    run: (_ctx, _pos, comparator, list) => sortList(comparator, list),
  },
];
