/** Operators that are no calls. */
import { AND, CONCAT, CONCAT_LISTS, EQUAL, IMPLIES, NOT, NOT_EQUAL, OR, UPDATE } from '../code/opcodes.ts';
import type { BinaryNode, BinaryOperator, ConcatNode, Node } from '../syntax/nodes.ts';
import type { Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { positionOf } from './position.ts';

const opcodes: Readonly<Record<BinaryOperator, number>> = {
  '==': EQUAL,
  '!=': NOT_EQUAL,
  '&&': AND,
  '||': OR,
  '->': IMPLIES,
  '//': UPDATE,
  '++': CONCAT_LISTS,
};

export function compileBinary(c: Compiler, node: BinaryNode, scope: Scope): number {
  const left = c.compile(node.left, scope);
  const right = c.compile(node.right, scope);
  return c.out.emit2(node.pos, opcodes[node.operator], left, right);
}

export function compileNot(c: Compiler, node: Extract<Node, { kind: 'not' }>, scope: Scope): number {
  const operand = c.compile(node.operand, scope);
  return c.out.emit1(positionOf(node.operand), NOT, operand);
}

export function compileConcat(c: Compiler, node: ConcatNode, scope: Scope): number {
  const { out } = c;
  const parts = node.parts.map((part) => c.compile(part.node, scope));
  const offset = out.emit2(node.pos, CONCAT, node.forceString ? 1 : 0, parts.length);
  for (let i = 0; i < parts.length; i++) out.operand(parts[i]!, node.parts[i]!.pos);
  return offset;
}
