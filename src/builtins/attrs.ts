/** Attribute sets. Wherever a new set is made of an old one, slots are shared and nothing is computed. */

import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos, resolvePosition } from '../errors/position.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceAttrs, forceFunction, forceList, forceStringNoContext, getAttr } from '../runtime/coerce.ts';
import { Lambda, Primop, PrimopApp } from '../runtime/function.ts';
import { Shape } from '../runtime/shape.ts';
import { force, lazy, lazyCall, NamedCalls } from '../runtime/thunk.ts';
import type { Slot, Value } from '../runtime/value.ts';

const first = (name: string) => `while evaluating the first argument passed to builtins.${name}`;
const second = (name: string) => `while evaluating the second argument passed to builtins.${name}`;

const attrPosShape = Shape.of(['column', 'file', 'line']);

/** File, line and column of a position in a file; null for any other. */
export function positionValue(pos: Pos): Value {
  const position = resolvePosition(pos);
  if (position === undefined || position.source.origin.kind !== 'file') return null;
  const { source, offset } = position;
  const { path } = position.source.origin;
  return Attrs.of(
    attrPosShape,
    lazy(() => source.lineColumn(offset).column),
    path,
    lazy(() => source.lineColumn(offset).line),
  );
}

function unsafeGetAttrPos(name: Slot, set: Slot): Value {
  const attr = forceStringNoContext(name, NO_POS, first('unsafeGetAttrPos'));
  const attrs = forceAttrs(set, NO_POS, second('unsafeGetAttrPos'));
  return attrs.has(attr) ? positionValue(attrs.pos(attr)) : null;
}

function removeAttrs(set: Slot, list: Slot): Value {
  const attrs = forceAttrs(set, NO_POS, first('removeAttrs'));
  const names = forceList(list, NO_POS, second('removeAttrs'));
  const context = 'while evaluating the values of the second argument passed to builtins.removeAttrs';
  return attrs.remove(names.map((name) => forceStringNoContext(name, NO_POS, context)));
}

/** So many names are compared one by one. */
const FEW = 8;

function listToAttrs(list: Slot): Value {
  const elements = forceList(list, NO_POS, 'while evaluating the argument passed to builtins.listToAttrs');
  if (elements.length === 0) return Attrs.empty;
  const names: string[] = [''];
  const pairs: Attrs[] = [];
  const seen = elements.length > FEW ? new Set<string>() : undefined;
  for (let i = 0; i < elements.length; i++) {
    const pair = forceAttrs(
      elements[i]!,
      NO_POS,
      'while evaluating an element of the list passed to builtins.listToAttrs',
    );
    const name = forceStringNoContext(
      getAttr(pair, 'name', 'in a {name=...; value=...;} pair'),
      pair.pos('name'),
      'while evaluating the `name` attribute of an element of the list passed to builtins.listToAttrs',
    );
    if (seen === undefined ? names.indexOf(name, 1) > 0 : seen.has(name)) continue;
    seen?.add(name);
    names.push(name);
    pairs.push(pair);
  }
  const slots: (Slot | undefined)[] = [undefined];
  const positions: Pos[] = [NO_POS];
  for (let i = 0; i < pairs.length; i++) {
    const pair = pairs[i]!;
    slots.push(getAttr(pair, 'value', 'in a {name=...; value=...;} pair'));
    positions.push(pair.pos('value'));
  }
  return new Attrs(Shape.withIndex(names, undefined, positions), slots);
}

/**
 * The attributes of `right` that `left` has, too. The smaller set is gone through; sizes of sets that are still in layers
 * are not known, and finding out would mean merging them (callPackage asks this of the whole package set).
 */
function intersect(left: Attrs, right: Attrs): Attrs {
  if (right.below === undefined && (left.below !== undefined || right.shape.size <= left.shape.size))
    return right.filterNames((name) => left.has(name));
  return right.restrict(left.keys());
}

function catAttrs(name: Slot, list: Slot): Value {
  const attr = forceStringNoContext(name, NO_POS, first('catAttrs'));
  const elements = forceList(list, NO_POS, second('catAttrs'));
  const found: Slot[] = [];
  for (const element of elements) {
    const set = forceAttrs(
      element,
      NO_POS,
      'while evaluating an element in the list passed as second argument to builtins.catAttrs',
    );
    const slot = set.get(attr);
    if (slot !== undefined) found.push(slot);
  }
  return found;
}

const argumentSets = new WeakMap<Lambda['info'], Attrs>();

function functionArgs(slot: Slot): Value {
  const f = force(slot, NO_POS);
  if (f instanceof Primop || f instanceof PrimopApp) return Attrs.empty;
  if (!(f instanceof Lambda)) throw new NixError("'functionArgs' requires a function", { class: 'TypeError' });
  let args = argumentSets.get(f.info);
  if (args === undefined) {
    const builder = new AttrsBuilder();
    for (const formal of f.info.formals ?? []) builder.set(formal.name, formal.fallback >= 0, formal.pos);
    argumentSets.set(f.info, (args = builder.build()));
  }
  // Printing tells sets that are «repeated»: this is another one each time.
  return args.isEmpty ? args : new Attrs(args.shape, args.slots);
}

function mapAttrs(f: Slot, attrs: Attrs): Attrs {
  const calls = new NamedCalls(f, attrs.names);
  return attrs.mapLazily((_name, slot, index) => calls.lazy(index, slot));
}

function zipAttrsWith(fn: Slot, list: Slot): Value {
  const f = forceFunction(fn, NO_POS, first('zipAttrsWith'));
  const sets = forceList(list, NO_POS, second('zipAttrsWith'));
  const members = new Map<string, Slot[]>();
  for (const slot of sets) {
    const context = 'while evaluating a value of the list passed as second argument to builtins.zipAttrsWith';
    forceAttrs(slot, NO_POS, context).forEach((name, member) => {
      const known = members.get(name);
      if (known) known.push(member);
      else members.set(name, [member]);
    });
  }
  const result = new AttrsBuilder();
  for (const [name, slots] of members) result.set(name, lazyCall(f, name, slots));
  return result.build();
}

export const attrsBuiltins: readonly Builtin[] = [
  {
    name: 'attrNames',
    args: ['set'],
    type: 'set → [string]',
    doc: 'The names of the attributes, in byte order.',
    example: { expr: 'builtins.attrNames { y = 1; x = "foo"; }', value: '[ "x" "y" ]' },
    run: (_ctx, _pos, set) =>
      forceAttrs(set, NO_POS, 'while evaluating the argument passed to builtins.attrNames').sortedKeys(),
  },
  {
    name: 'attrValues',
    args: ['set'],
    type: '{ name :: a } → [a]',
    doc: 'The values of the attributes, in the order of their names.',
    example: { expr: 'builtins.attrValues { y = 1; x = "foo"; }', value: '[ "foo" 1 ]' },
    run: (_ctx, _pos, set) => {
      const attrs = forceAttrs(set, NO_POS, 'while evaluating the argument passed to builtins.attrValues');
      return attrs.sortedKeys().map((name) => attrs.get(name)!);
    },
  },
  {
    name: 'getAttr',
    args: ['s', 'set'],
    type: 'string → { name :: a } → a',
    doc: 'The attribute named *s*: a `.` whose name is computed. It is an error where there is none.',
    example: { expr: 'builtins.getAttr "a" { a = 1; }', value: '1' },
    run: (_ctx, _pos, s, set) => {
      const name = forceStringNoContext(s, NO_POS, first('getAttr'));
      const attrs = forceAttrs(set, NO_POS, second('getAttr'));
      return force(getAttr(attrs, name, 'in the attribute set under consideration'), NO_POS);
    },
  },
  {
    name: 'hasAttr',
    args: ['s', 'set'],
    type: 'string → set → bool',
    doc: 'Does the set have an attribute named *s*? A `?` whose name is computed.',
    example: { expr: 'builtins.hasAttr "a" { a = throw "not looked at"; }', value: 'true' },
    run: (_ctx, _pos, s, set) => {
      const name = forceStringNoContext(s, NO_POS, first('hasAttr'));
      return forceAttrs(set, NO_POS, second('hasAttr')).has(name);
    },
  },
  {
    name: 'unsafeGetAttrPos',
    args: ['s', 'set'],
    type: 'string → set → null or { file :: string; line :: int; column :: int }',
    doc: 'Where the attribute named *s* was written: a set of `file`, `line` and `column`; `null` where nobody knows. Unsafe because the result depends on where the code stands.',
    example: { expr: 'builtins.unsafeGetAttrPos "b" { a = 1; }', value: 'null' },
    run: (_ctx, _pos, s, set) => unsafeGetAttrPos(s, set),
  },
  {
    name: 'removeAttrs',
    args: ['set', 'list'],
    type: 'set → [string] → set',
    global: true,
    doc: 'The set without the attributes that the list names; a name that is not there does no harm.',
    example: { expr: 'removeAttrs { x = 1; y = 2; z = 3; } [ "a" "x" "z" ]', value: '{ y = 2; }' },
    run: (_ctx, _pos, set, list) => removeAttrs(set, list),
  },
  {
    name: 'listToAttrs',
    args: ['e'],
    type: '[{ name :: string; value :: a }] → { name :: a }',
    doc: 'A set of a list of sets `{ name = ...; value = ...; }`. Of several of the same name the first counts.',
    example: {
      expr: 'builtins.listToAttrs [ { name = "a"; value = 1; } { name = "b"; value = 2; } { name = "a"; value = 3; } ]',
      value: '{ a = 1; b = 2; }',
    },
    run: (_ctx, _pos, e) => listToAttrs(e),
  },
  {
    name: 'intersectAttrs',
    args: ['e1', 'e2'],
    type: 'set → set → set',
    doc: 'The attributes of *e2* whose names *e1* has, too.',
    example: { expr: 'builtins.intersectAttrs { a = 1; c = 1; } { a = 2; b = 2; }', value: '{ a = 2; }' },
    run: (_ctx, _pos, e1, e2) => {
      const left = forceAttrs(e1, NO_POS, first('intersectAttrs'));
      return intersect(left, forceAttrs(e2, NO_POS, second('intersectAttrs')));
    },
  },
  {
    name: 'catAttrs',
    args: ['attr', 'list'],
    type: 'string → [set] → [a]',
    doc: 'The values of the attribute *attr* of those sets of the list that have it.',
    example: { expr: 'builtins.catAttrs "a" [ { a = 1; } { b = 0; } { a = 2; } ]', value: '[ 1 2 ]' },
    run: (_ctx, _pos, attr, list) => catAttrs(attr, list),
  },
  {
    name: 'functionArgs',
    args: ['f'],
    type: 'function → { name :: bool }',
    doc: 'The formal arguments of `{ a, b ? 1 }: ...` as a set that tells which have a default. Empty for functions without a pattern, and for builtins.',
    example: { expr: 'builtins.functionArgs ({ x, y ? 123 }: x)', value: '{ x = false; y = true; }' },
    run: (_ctx, _pos, f) => functionArgs(f),
  },
  {
    name: 'mapAttrs',
    args: ['f', 'attrset'],
    type: '(string → a → b) → { name :: a } → { name :: b }',
    doc: 'A set of the same names; each value is what *f* gives for name and value.',
    example: { expr: 'builtins.mapAttrs (name: value: "${name}=${value}") { a = "1"; }', value: '{ a = "a=1"; }' },
    run: (_ctx, _pos, f, attrset) => mapAttrs(f, forceAttrs(attrset, NO_POS, second('mapAttrs'))),
  },
  {
    name: 'zipAttrsWith',
    args: ['f', 'list'],
    type: '(string → [a] → b) → [{ name :: a }] → { name :: b }',
    doc: 'Turns a list of sets into a set of lists, and calls *f* for each: with the name, and with the list of all values that the sets have under it.',
    example: {
      expr: 'builtins.zipAttrsWith (name: values: { inherit name values; }) [ { a = "x"; } { a = "y"; b = "z"; } ]',
      value: '{ a = { name = "a"; values = [ "x" "y" ]; }; b = { name = "b"; values = [ "z" ]; }; }',
    },
    run: (_ctx, _pos, f, list) => zipAttrsWith(f, list),
  },
];
