/** Going through a list with a function, strictly: folding, testing, dividing into groups. */
import { NO_POS } from '../errors/position.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceBool, forceFunction, forceList, forceLongList, forceStringNoContext } from '../runtime/coerce.ts';
import { call1, call2 } from '../runtime/function.ts';
import { elementOf, settle } from '../runtime/lazy-list.ts';
import { Shape } from '../runtime/shape.ts';
import { force } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';

function foldStrict(op: Slot, nul: Slot, list: Slot): Value {
  const f = forceFunction(op, NO_POS, 'while evaluating the first argument passed to builtins.foldlStrict');
  const elements = forceLongList(list, NO_POS, 'while evaluating the third argument passed to builtins.foldlStrict');
  let result = nul;
  for (let i = 0; i < elements.length; i++) {
    const element = elementOf(elements, i);
    result = call2(f, result, element, NO_POS);
    settle(elements, i, element);
  }
  return force(result, NO_POS);
}

function anyOrAll(name: 'any' | 'all', pred: Slot, list: Slot): boolean {
  const f = forceFunction(pred, NO_POS, `while evaluating the first argument passed to builtins.${name}`);
  const elements = forceLongList(list, NO_POS, `while evaluating the second argument passed to builtins.${name}`);
  const context = `while evaluating the return value of the function passed to builtins.${name}`;
  const decisive = name === 'any';
  for (let i = 0; i < elements.length; i++)
    if (forceBool(call1(f, elementOf(elements, i), NO_POS), NO_POS, context) === decisive) return decisive;
  return !decisive;
}

const partitionShape = Shape.of(['right', 'wrong']);

function partition(pred: Slot, list: Slot): Value {
  const f = forceFunction(pred, NO_POS, 'while evaluating the first argument passed to builtins.partition');
  const elements = forceList(list, NO_POS, 'while evaluating the second argument passed to builtins.partition');
  const right: Slot[] = [];
  const wrong: Slot[] = [];
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    force(element, NO_POS);
    const is = forceBool(
      call1(f, element, NO_POS),
      NO_POS,
      'while evaluating the return value of the partition function passed to builtins.partition',
    );
    (is ? right : wrong).push(element);
  }
  return Attrs.of(partitionShape, right, wrong);
}

function groupBy(fn: Slot, list: Slot): Value {
  const f = forceFunction(fn, NO_POS, 'while evaluating the first argument passed to builtins.groupBy');
  const elements = forceList(list, NO_POS, 'while evaluating the second argument passed to builtins.groupBy');
  const groups = new Map<string, Slot[]>();
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]!;
    const name = forceStringNoContext(
      call1(f, element, NO_POS),
      NO_POS,
      'while evaluating the return value of the grouping function passed to builtins.groupBy',
    );
    const group = groups.get(name);
    if (group) group.push(element);
    else groups.set(name, [element]);
  }
  const result = new AttrsBuilder();
  for (const [name, group] of groups) result.set(name, group);
  return result.build();
}

export const foldBuiltins: readonly Builtin[] = [
  {
    name: "foldl'",
    args: ['op', 'nul', 'list'],
    type: '(b → a → b) → b → [a] → b',
    doc: 'Combines the elements from left to right: `op (op (op nul x) y) z`. Each result is evaluated before the next step.',
    example: { expr: "builtins.foldl' (acc: x: acc * 10 + x) 0 [ 1 2 3 ]", value: '123' },
    run: (_ctx, _pos, op, nul, list) => foldStrict(op, nul, list),
  },
  {
    name: 'any',
    args: ['pred', 'list'],
    type: '(a → bool) → [a] → bool',
    doc: 'Does *pred* give `true` for an element? Stops at the first one.',
    example: { expr: 'builtins.any (x: x > 1) [ 1 2 (throw "not reached") ]', value: 'true' },
    run: (_ctx, _pos, pred, list) => anyOrAll('any', pred, list),
  },
  {
    name: 'all',
    args: ['pred', 'list'],
    type: '(a → bool) → [a] → bool',
    doc: 'Does *pred* give `true` for every element? Stops at the first that it does not.',
    example: { expr: 'builtins.all (x: x > 1) [ 1 2 ]', value: 'false' },
    run: (_ctx, _pos, pred, list) => anyOrAll('all', pred, list),
  },
  {
    name: 'partition',
    args: ['pred', 'list'],
    type: '(a → bool) → [a] → { right :: [a]; wrong :: [a] }',
    doc: 'A set of two lists: `right`, the elements for which *pred* gives `true`, and `wrong`, the others.',
    example: {
      expr: 'builtins.partition (x: x > 10) [ 1 23 9 42 ]',
      value: '{ right = [ 23 42 ]; wrong = [ 1 9 ]; }',
    },
    run: (_ctx, _pos, pred, list) => partition(pred, list),
  },
  {
    name: 'groupBy',
    args: ['f', 'list'],
    type: '(a → string) → [a] → { name :: [a] }',
    doc: 'A set of lists: each element goes to the one that *f* names.',
    example: {
      expr: 'builtins.groupBy (builtins.substring 0 1) [ "foo" "bar" "baz" ]',
      value: '{ b = [ "bar" "baz" ]; f = [ "foo" ]; }',
    },
    run: (_ctx, _pos, f, list) => groupBy(f, list),
  },
];
