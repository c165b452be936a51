/** `e.a.b`, `e.a.b or d`, `e ? a.b` */
import { HAS_ATTR, SELECT, SELECT_OR, SELECT_PATH } from '../code/opcodes.ts';
import type { AttrName, Node, SelectNode } from '../syntax/nodes.ts';
import { printExpression } from '../syntax/print.ts';
import type { Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { positionOf } from './position.ts';

export function compileSelect(c: Compiler, node: SelectNode, scope: Scope): number {
  const { out } = c;
  const subject = c.compile(node.subject, scope);
  const fallback = node.fallback && c.compile(node.fallback, scope);
  const first = node.path[0]!;
  if (fallback === undefined && node.path.length === 1 && 'name' in first)
    return out.emit3(node.pos, SELECT, subject, out.text(first.name), out.memo(2));
  const path = attrPath(c, node.path, scope);
  const shown = node.path.flatMap((part) => ('name' in part ? [] : [out.text(printExpression(part.expr))]));
  const offset =
    fallback === undefined
      ? out.emit2(node.pos, SELECT_PATH, subject, path.length)
      : out.emit3(node.pos, SELECT_OR, subject, fallback, path.length);
  out.operands(path);
  out.operand(out.memo(2 * path.length));
  out.operands(shown);
  return offset;
}

export function compileHasAttr(c: Compiler, node: Extract<Node, { kind: 'hasAttr' }>, scope: Scope): number {
  const subject = c.compile(node.subject, scope);
  const path = attrPath(c, node.path, scope);
  const offset = c.out.emit2(positionOf(node.subject), HAS_ATTR, subject, path.length);
  c.out.operands(path);
  c.out.operand(c.out.memo(2 * path.length));
  return offset;
}

/** A name's text; an expression's offset as -1 - offset. */
function attrPath(c: Compiler, path: readonly AttrName[], scope: Scope): number[] {
  return path.map((part) => ('name' in part ? c.out.text(part.name) : -1 - c.compile(part.expr, scope)));
}
