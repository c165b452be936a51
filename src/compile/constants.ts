/** Literals. They have no position of their own, as in C++ Nix. */
import { BIG_INT, CUR_POS, FLOAT, INT, PATH, STRING } from '../code/opcodes.ts';
import { relativePath } from '../code/paths.ts';
import type { Node } from '../syntax/nodes.ts';
import type { Compiler } from './compile.ts';

type NodeOf<Kind> = Extract<Node, { kind: Kind }>;

export function compileInt({ out }: Compiler, node: NodeOf<'int'>): number {
  const { value } = node;
  if (typeof value === 'number' && (value | 0) === value) return out.constant(INT, value);
  return out.emit1(undefined, BIG_INT, out.number(value));
}

export function compileFloat({ out }: Compiler, node: NodeOf<'float'>): number {
  return out.emit2(undefined, FLOAT, out.number(node.value), out.memo());
}

export function compileString({ out }: Compiler, node: NodeOf<'string'>): number {
  return out.constant(STRING, out.text(node.value));
}

/** A path that is written relative stays relative to the unit's directory, so that the code does not depend on that. */
export function compilePath({ out, text, basePath }: Compiler, node: NodeOf<'path'>): number {
  const first = text.charCodeAt(node.pos);
  const isRelative = first !== 47 /* / */ && first !== 126; /* ~ */
  const operand = isRelative ? -1 - out.newText(relativePath(basePath, node.value)) : out.newText(node.value);
  return out.emit2(undefined, PATH, operand, out.memo());
}

export function compileCurPos({ out }: Compiler, node: NodeOf<'curPos'>): number {
  return out.emit(node.pos, CUR_POS);
}
