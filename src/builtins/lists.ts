/** Lists: access, and making new ones. What a function gives for an element is computed when somebody asks for it. */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceBool, forceFunction, forceInt, forceList, forceLongList, slotPos } from '../runtime/coerce.ts';
import { equalSlots } from '../runtime/equality.ts';
import { call1 } from '../runtime/function.ts';
import { ElementMaker, elementOf, LONG, lazyList, settle } from '../runtime/lazy-list.ts';
import { force, lazyCall } from '../runtime/thunk.ts';
import type { List, Slot, Value } from '../runtime/value.ts';

function elemAt(list: Slot, index: Slot): Value {
  const n = forceInt(index, NO_POS, "while evaluating the second argument passed to 'builtins.elemAt'");
  const elements = forceList(list, NO_POS, "while evaluating the first argument passed to 'builtins.elemAt'");
  if (n < 0 || n >= elements.length)
    throw new NixError(`'builtins.elemAt' called with index ${n} on a list of size ${elements.length}`);
  return force(elements[Number(n)]!, NO_POS);
}

function nonEmpty(list: Slot, name: string): List {
  const elements = forceList(list, NO_POS, `while evaluating the first argument passed to 'builtins.${name}'`);
  if (elements.length === 0) throw new NixError(`'builtins.${name}' called on an empty list`);
  return elements;
}

class MappedElements extends ElementMaker {
  declare private readonly fn: Value;
  declare private readonly source: List;
  constructor(fn: Value, source: List) {
    super();
    this.fn = fn;
    this.source = source;
  }
  make(index: number): Slot {
    return lazyCall(this.fn, elementOf(this.source, index));
  }
}

function mapList(fn: Slot, list: Slot): Value {
  const elements = forceLongList(list, NO_POS, 'while evaluating the second argument passed to builtins.map');
  const n = elements.length;
  if (n === 0) return elements;
  const f = forceFunction(fn, NO_POS, 'while evaluating the first argument passed to builtins.map');
  if (n >= LONG) return lazyList(n, new MappedElements(f, elements));
  const mapped: Slot[] = new Array(n);
  for (let i = 0; i < n; i++) mapped[i] = lazyCall(f, elements[i]!);
  return mapped;
}

function filterList(fn: Slot, list: Slot): Value {
  const elements = forceLongList(list, NO_POS, 'while evaluating the second argument passed to builtins.filter');
  if (elements.length === 0) return elements;
  const f = forceFunction(fn, NO_POS, 'while evaluating the first argument passed to builtins.filter');
  const kept: Slot[] = [];
  for (let i = 0; i < elements.length; i++) {
    const element = elementOf(elements, i);
    const keep = forceBool(
      call1(f, element, NO_POS),
      NO_POS,
      'while evaluating the return value of the filtering function passed to builtins.filter',
    );
    const settled = settle(elements, i, element);
    if (keep) kept.push(settled);
  }
  return kept.length === elements.length ? elements : kept;
}

/** One list of all; where only one of them has elements, that one. */
export function concatenate(lists: readonly List[]): List {
  let length = 0;
  let only: List | undefined;
  for (const list of lists) {
    length += list.length;
    if (list.length > 0) only = list;
  }
  if (only !== undefined && only.length === length) return only;
  const all: Slot[] = new Array(length);
  let at = 0;
  for (const list of lists) for (let i = 0; i < list.length; i++) all[at++] = list[i]!;
  return all;
}

function concatLists(list: Slot): Value {
  const lists = forceList(list, NO_POS, 'while evaluating the first argument passed to builtins.concatLists');
  return concatenate(
    lists.map((part) => forceList(part, NO_POS, 'while evaluating a value of the list passed to builtins.concatLists')),
  );
}

function concatMap(fn: Slot, list: Slot): Value {
  const f = forceFunction(fn, NO_POS, 'while evaluating the first argument passed to builtins.concatMap');
  const elements = forceList(list, NO_POS, 'while evaluating the second argument passed to builtins.concatMap');
  const at = slotPos(f);
  const all: Slot[] = [];
  for (let i = 0; i < elements.length; i++) {
    const part = forceList(
      call1(f, elements[i]!, NO_POS),
      at,
      'while evaluating the return value of the function passed to builtins.concatMap',
    );
    for (let j = 0; j < part.length; j++) all.push(part[j]!);
  }
  return all;
}

class GeneratedElements extends ElementMaker {
  declare private readonly generator: Value;
  constructor(generator: Value) {
    super();
    this.generator = generator;
  }
  make(index: number): Slot {
    return lazyCall(this.generator, index);
  }
}

/** Far beyond what fits in memory, and where JavaScript's arrays end. */
const maxLength = 2 ** 32 - 1;

function genList(generator: Slot, length: Slot): Value {
  const n = forceInt(length, NO_POS, 'while evaluating the second argument passed to builtins.genList');
  if (n < 0 || n > maxLength) throw new NixError(`cannot create list of size ${n}`);
  const f = forceFunction(generator, NO_POS, 'while evaluating the first argument passed to builtins.genList');
  if (n >= LONG) return lazyList(Number(n), new GeneratedElements(f));
  const list: Slot[] = [];
  for (let i = 0; i < n; i++) list.push(lazyCall(f, i));
  return list;
}

function elem(x: Slot, list: Slot): boolean {
  const elements = forceList(list, NO_POS, 'while evaluating the second argument passed to builtins.elem');
  for (let i = 0; i < elements.length; i++) if (equalSlots(x, elements[i]!)) return true;
  return false;
}

export const listBuiltins: readonly Builtin[] = [
  {
    name: 'length',
    args: ['e'],
    type: '[a] → int',
    doc: 'The number of elements of a list.',
    example: { expr: 'builtins.length [ 1 (throw "not looked at") ]', value: '2' },
    run: (_ctx, _pos, e) =>
      forceLongList(e, NO_POS, 'while evaluating the first argument passed to builtins.length').length,
  },
  {
    name: 'elemAt',
    args: ['xs', 'n'],
    type: '[a] → int → a',
    doc: 'Element *n* of the list *xs*, counted from 0. An index outside of the list is an error.',
    example: { expr: 'builtins.elemAt [ "a" "b" ] 1', value: '"b"' },
    run: (_ctx, _pos, xs, n) => elemAt(xs, n),
  },
  {
    name: 'head',
    args: ['list'],
    type: '[a] → a',
    doc: 'The first element of a list. An empty list is an error.',
    example: { expr: 'builtins.head [ 1 2 3 ]', value: '1' },
    run: (_ctx, _pos, list) => force(nonEmpty(list, 'head')[0]!, NO_POS),
  },
  {
    name: 'tail',
    args: ['list'],
    type: '[a] → [a]',
    doc: "The list without its first element. An empty list is an error. Each call copies the list: to go through a long one, use `foldl'` or `map`.",
    example: { expr: 'builtins.tail [ 1 2 3 ]', value: '[ 2 3 ]' },
    run: (_ctx, _pos, list) => nonEmpty(list, 'tail').slice(1),
  },
  {
    name: 'map',
    args: ['f', 'list'],
    type: '(a → b) → [a] → [b]',
    global: true,
    doc: 'The list of what *f* gives for each element.',
    example: { expr: 'map (x: x * x) [ 1 2 3 ]', value: '[ 1 4 9 ]' },
    run: (_ctx, _pos, f, list) => mapList(f, list),
  },
  {
    name: 'filter',
    args: ['f', 'list'],
    type: '(a → bool) → [a] → [a]',
    doc: 'The elements for which *f* gives `true`.',
    example: { expr: 'builtins.filter (x: x > 1) [ 1 2 3 ]', value: '[ 2 3 ]' },
    run: (_ctx, _pos, f, list) => filterList(f, list),
  },
  {
    name: 'elem',
    args: ['x', 'xs'],
    type: 'a → [a] → bool',
    doc: 'Is an element of the list *xs* equal to *x*?',
    example: { expr: 'builtins.elem 2 [ 1 2.0 ]', value: 'true' },
    run: (_ctx, _pos, x, xs) => elem(x, xs),
  },
  {
    name: 'concatLists',
    args: ['lists'],
    type: '[[a]] → [a]',
    doc: 'The lists of a list, one after the other.',
    example: { expr: 'builtins.concatLists [ [ 1 2 ] [ ] [ 3 ] ]', value: '[ 1 2 3 ]' },
    run: (_ctx, _pos, lists) => concatLists(lists),
  },
  {
    name: 'concatMap',
    args: ['f', 'list'],
    type: '(a → [b]) → [a] → [b]',
    doc: 'The lists that *f* gives for the elements, one after the other: `concatLists (map f list)`, but at once.',
    example: { expr: 'builtins.concatMap (x: [ x (x * 10) ]) [ 1 2 ]', value: '[ 1 10 2 20 ]' },
    run: (_ctx, _pos, f, list) => concatMap(f, list),
  },
  {
    name: 'genList',
    args: ['generator', 'length'],
    type: '(int → a) → int → [a]',
    doc: 'The list of what *generator* gives for 0, 1, ... *length* - 1.',
    example: { expr: 'builtins.genList (i: i * i) 4', value: '[ 0 1 4 9 ]' },
    run: (_ctx, _pos, generator, length) => genList(generator, length),
  },
];
