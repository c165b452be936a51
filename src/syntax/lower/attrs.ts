/**
 * Attribute sets under construction. `a.b = 1; a = { c = 2; };` is one set: wherever a name is given twice and both
 * values are sets written out, they are merged, and everything else is an error that names both places.
 *
 * Two oddities are Nix's own and kept: the `rec` of the later set is lost, and what it makes dynamic is appended without
 * a look at duplicates (the evaluator finds those).
 */
import type { AttrDef, AttrName, AttrsNode, LambdaNode, Node, Offset } from '../nodes.ts';
import { printAttrPath } from '../print.ts';
import { SyntaxFault } from './fault.ts';

/** An AttrsNode that can still grow. */
export interface AttrsBuilder {
  readonly kind: 'attrs';
  recursive: boolean;
  readonly attrs: Map<string, AttrDef>;
  dynamic: { name: Node; value: Node; pos: Offset }[];
  inheritFrom: Node[];
  pos: Offset;
}

/** Shared by all sets that have none: replaced, never written to. */
const NONE: never[] = [];

/** Prints an offset as it stands in messages: file:line:column. */
export type Locate = (offset: Offset) => string;

export function newAttrs(pos: Offset): AttrsBuilder {
  return { kind: 'attrs', recursive: false, attrs: new Map(), dynamic: NONE, inheritFrom: NONE, pos };
}

/** `path = value;`, where the path begins at `pos`. */
export function bind(set: AttrsBuilder, path: readonly AttrName[], value: Node, pos: Offset, locate: Locate): void {
  let attrs = set;
  const last = path.length - 1;
  for (let i = 0; i < last; i++) attrs = enter(attrs, path, i, pos, locate);
  const name = path[last]!;
  if ('name' in name) define(attrs, path, name.name, { kind: 'plain', value, pos }, locate);
  else addDynamic(attrs, name.expr, value, pos);
}

/** The set that step `i` of a path leads into, made where it is not there yet. */
function enter(set: AttrsBuilder, path: readonly AttrName[], i: number, pos: Offset, locate: Locate): AttrsBuilder {
  const step = path[i]!;
  if ('expr' in step) {
    const nested = newAttrs(pos);
    addDynamic(set, step.expr, nested, pos);
    return nested;
  }
  const existing = set.attrs.get(step.name);
  if (existing === undefined) {
    const nested = newAttrs(pos);
    set.attrs.set(step.name, { kind: 'plain', value: nested, pos });
    return nested;
  }
  if (existing.kind === 'plain' && existing.value.kind === 'attrs') return existing.value as AttrsBuilder;
  throw duplicate(path.slice(0, i + 1), pos, existing.pos, locate);
}

function define(set: AttrsBuilder, path: readonly AttrName[], name: string, def: AttrDef, locate: Locate): void {
  const existing = set.attrs.get(name);
  if (existing === undefined) {
    set.attrs.set(name, def);
    if (def.kind === 'plain' && def.value.kind === 'lambda') nameLambda(def.value, name);
    return;
  }
  const mergeable =
    existing.kind === 'plain' && existing.value.kind === 'attrs' && def.kind === 'plain' && def.value.kind === 'attrs';
  if (!mergeable) throw duplicate(path, def.pos, existing.pos, locate);
  merge(existing.value as AttrsBuilder, def.value as AttrsNode, path, locate);
}

function merge(into: AttrsBuilder, from: AttrsNode, path: readonly AttrName[], locate: Locate): void {
  const shift = into.inheritFrom.length;
  for (const [name, def] of from.attrs) {
    const moved = def.kind === 'inheritedFrom' ? { ...def, from: def.from + shift } : def;
    define(into, [...path, { name, pos: def.pos }], name, moved, locate);
  }
  if (from.dynamic.length > 0) into.dynamic = [...into.dynamic, ...from.dynamic];
  if (from.inheritFrom.length > 0) into.inheritFrom = [...into.inheritFrom, ...from.inheritFrom];
}

/** `inherit a b;` or `inherit (source) a b;` */
export function inherit(set: AttrsBuilder, source: Node | undefined, names: readonly AttrName[], locate: Locate): void {
  let from = -1;
  if (source !== undefined) {
    from = set.inheritFrom.length;
    if (from === 0) set.inheritFrom = [source];
    else set.inheritFrom.push(source);
  }
  for (const attr of names) {
    if ('expr' in attr) throw new Error('an inherited name is never dynamic');
    const { name, pos } = attr;
    const existing = set.attrs.get(name);
    if (existing) throw duplicate([attr], pos, existing.pos, locate);
    if (source !== undefined) set.attrs.set(name, { kind: 'inheritedFrom', from, pos });
    else set.attrs.set(name, { kind: 'inherited', value: { kind: 'variable', name, pos }, pos });
  }
}

function addDynamic(set: AttrsBuilder, name: Node, value: Node, pos: Offset): void {
  if (set.dynamic.length === 0) set.dynamic = [{ name, value, pos }];
  else set.dynamic.push({ name, value, pos });
}

/** A lambda, and each lambda that is another one's body, goes by the name that it is bound to. */
function nameLambda(lambda: LambdaNode, name: string): void {
  for (let node: Node = lambda; node.kind === 'lambda'; node = node.body) node.name = name;
}

function duplicate(path: readonly AttrName[], pos: Offset, earlier: Offset, locate: Locate): SyntaxFault {
  return new SyntaxFault(`attribute '${printAttrPath(path)}' already defined at ${locate(earlier)}`, pos);
}
