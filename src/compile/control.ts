/** `let`, `with`, `if`, `assert` */
import { ASSERT, IF, LET, WITH } from '../code/opcodes.ts';
import type { Node } from '../syntax/nodes.ts';
import { printExpression } from '../syntax/print.ts';
import { Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { compileBindings } from './sets.ts';

type NodeOf<Kind> = Extract<Node, { kind: Kind }>;

export function compileLet(c: Compiler, node: NodeOf<'let'>, outer: Scope): number {
  const { scope } = compileBindings(c, node.attrs, outer);
  const body = c.compile(node.body, scope);
  return c.out.emit2(undefined, LET, scope.size, body);
}

export function compileWith(c: Compiler, node: NodeOf<'with'>, outer: Scope): number {
  const attrs = c.compile(node.scope, outer);
  const body = c.compile(node.body, Scope.with(outer));
  return c.out.emit2(node.pos, WITH, attrs, body);
}

export function compileIf(c: Compiler, node: NodeOf<'if'>, scope: Scope): number {
  const condition = c.compile(node.condition, scope);
  const then = c.compile(node.then, scope);
  const otherwise = c.compile(node.otherwise, scope);
  return c.out.emit3(node.pos, IF, condition, then, otherwise);
}

export function compileAssert(c: Compiler, node: NodeOf<'assert'>, scope: Scope): number {
  const condition = c.compile(node.condition, scope);
  const body = c.compile(node.body, scope);
  return c.out.emit3(node.pos, ASSERT, condition, body, c.out.text(printExpression(node.condition)));
}
