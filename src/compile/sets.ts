/** Sets and lists; and what sets share with `let`: bindings in a scope of their own. */
import {
  ATTRS,
  ATTRS_OVERRIDES,
  ATTRS_RECURSIVE,
  DELAY,
  DYNAMIC,
  EMPTY_LIST,
  EMPTY_SET,
  LAZY,
  LET,
  LIST,
  SELECT,
} from '../code/opcodes.ts';
import type { AttrDef, AttrsNode, Node } from '../syntax/nodes.ts';
import { type Binding, Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { positionOf } from './position.ts';

export function compileList(c: Compiler, node: Extract<Node, { kind: 'list' }>, scope: Scope): number {
  if (node.items.length === 0) return c.out.constant(EMPTY_LIST);
  const items = node.items.map((item) => c.compile(item, scope));
  const offset = c.out.emit1(positionOf(node), LIST, items.length);
  c.out.operands(items);
  return offset;
}

export function compileAttrs(c: Compiler, node: AttrsNode, scope: Scope): number {
  return node.recursive ? recursiveSet(c, node, scope) : plainSet(c, node, scope);
}

function plainSet(c: Compiler, node: AttrsNode, outer: Scope): number {
  if (node.inheritFrom.length === 0)
    return dynamic(c, node, outer, set(c, node, 0, node.attrs.size, values(c, node, outer)));
  // The sources of `inherit (e) x` are shared by the attributes: they get an environment around the set.
  const scope = Scope.binding(outer);
  const sources = node.inheritFrom.map(() => scope.add(undefined, true));
  for (const [i, source] of node.inheritFrom.entries()) bind(c, sources[i]!, source, Scope.binding(outer));
  const body = dynamic(c, node, scope, set(c, node, 0, node.attrs.size, values(c, node, scope, sources)));
  return c.out.emit2(node.pos, LET, scope.size, body);
}

function recursiveSet(c: Compiler, node: AttrsNode, outer: Scope): number {
  const { scope, codes } = compileBindings(c, node, outer);
  const flags = ATTRS_RECURSIVE | (node.attrs.has('__overrides') ? ATTRS_OVERRIDES : 0);
  return dynamic(c, node, scope, set(c, node, flags, scope.size, codes));
}

function values(c: Compiler, node: AttrsNode, scope: Scope, sources?: readonly Binding[]): number[] {
  const codes: number[] = [];
  node.attrs.forEach((def, name) => void codes.push(value(c, name, def, scope, scope, sources)));
  return codes;
}

function value(
  c: Compiler,
  name: string,
  def: AttrDef,
  scope: Scope,
  around: Scope,
  sources: readonly Binding[] | undefined,
): number {
  switch (def.kind) {
    case 'plain':
      return c.compile(def.value, scope);
    case 'inherited':
      return c.compile(def.value, around);
    case 'inheritedFrom': {
      const { out } = c;
      const source = out.emit2(def.pos, LAZY, 0, sources![def.from]!.slot);
      out.use(sources![def.from]!);
      return out.emit3(def.pos, SELECT, source, out.text(name), out.memo(2));
    }
  }
}

function set(c: Compiler, node: AttrsNode, flags: number, size: number, codes: readonly number[]): number {
  const { out } = c;
  if (codes.length === 0 && flags === 0) return out.constant(EMPTY_SET);
  const offset = out.emit3(node.pos, ATTRS, out.memo(), flags, codes.length);
  out.operand(size);
  let i = 0;
  node.attrs.forEach((def) => void out.operand(codes[i++]!, def.pos));
  node.attrs.forEach((_, name) => void out.operand(out.text(name)));
  return offset;
}

function dynamic(c: Compiler, node: AttrsNode, scope: Scope, base: number): number {
  if (node.dynamic.length === 0) return base;
  const parts = node.dynamic.map((part) => ({
    name: c.compile(part.name, scope),
    value: c.compile(part.value, scope),
    pos: part.pos,
  }));
  const offset = c.out.emit2(node.pos, DYNAMIC, base, parts.length);
  for (const part of parts) {
    c.out.operand(part.name, part.pos);
    c.out.operand(part.value);
  }
  return offset;
}

/** The bindings of `let` and `rec`: slots for the names, then for the sources of `inherit (e) x`. */
export function compileBindings(c: Compiler, node: AttrsNode, outer: Scope): { scope: Scope; codes: number[] } {
  const scope = Scope.binding(outer);
  const bindings: Binding[] = [];
  node.attrs.forEach((_, name) => void bindings.push(scope.add(name, true)));
  const sources = node.inheritFrom.map(() => scope.add(undefined, true));
  for (const [i, source] of node.inheritFrom.entries()) bind(c, sources[i]!, source, scope);
  // `inherit x` means the x outside, but runs in the new environment as everything else here does.
  const around = Scope.binding(outer);
  const codes: number[] = [];
  node.attrs.forEach((def, name) => {
    const binding = bindings[codes.length]!;
    const code = delayAlias(c, value(c, name, def, scope, around, sources), binding.slot);
    c.out.bind(binding, code);
    codes.push(code);
  });
  return { scope, codes };
}

function bind(c: Compiler, binding: Binding, node: Node, scope: Scope): void {
  c.out.bind(binding, delayAlias(c, c.compile(node, scope), 0));
}

/** The code for the slot `own` of a scope. See opcodes.ts, note 2. */
export function delayAlias(c: Compiler, code: number, own: number): number {
  const aliased = c.out.aliasedSlot(code);
  return aliased !== undefined && aliased >= own ? c.out.emit1(undefined, DELAY, code) : code;
}
