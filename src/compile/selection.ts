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
  const path = attrPath(c, node.path, scope);
  const shown = node.path.flatMap((part) => ('name' in part ? [] : [out.text(printExpression(part.expr))]));
  if (fallback !== undefined) return out.emit(node.pos, SELECT_OR, subject, fallback, path.length, ...path, ...shown);
  if (path.length === 1 && path[0]! >= 0) return out.emit(node.pos, SELECT, subject, path[0]!, out.memo(2));
  return out.emit(node.pos, SELECT_PATH, subject, path.length, ...path, ...shown);
}

export function compileHasAttr(c: Compiler, node: Extract<Node, { kind: 'hasAttr' }>, scope: Scope): number {
  const subject = c.compile(node.subject, scope);
  const path = attrPath(c, node.path, scope);
  return c.out.emit(positionOf(node.subject), HAS_ATTR, subject, path.length, ...path);
}

/** A name's text; an expression's offset as -1 - offset. */
function attrPath(c: Compiler, path: readonly AttrName[], scope: Scope): number[] {
  return path.map((part) => ('name' in part ? c.out.text(part.name) : -1 - c.compile(part.expr, scope)));
}
