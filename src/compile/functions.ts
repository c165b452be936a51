/** Lambdas and calls. */
import {
  CALL,
  CALL_1,
  CALL_2,
  GLOBAL,
  LAMBDA,
  LAMBDA_ARG,
  LAMBDA_ELLIPSIS,
  LAMBDA_FORMALS,
  LESS,
  MULTIPLY,
  SUBTRACT,
} from '../code/opcodes.ts';
import type { Formal, LambdaNode, Node } from '../syntax/nodes.ts';
import { type Binding, Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { delayAlias } from './sets.ts';

const NO_FORMALS: readonly Formal[] = [];

export function compileLambda(c: Compiler, node: LambdaNode, outer: Scope): number {
  const { out } = c;
  const scope = Scope.binding(outer);
  if (node.arg !== undefined) scope.add(node.arg, false);
  const formals = node.formals?.formals ?? NO_FORMALS;
  const bindings: Binding[] = [];
  for (const { name, fallback } of formals) bindings.push(scope.add(name, fallback !== undefined));
  for (let i = 0; i < formals.length; i++) {
    const { fallback } = formals[i]!;
    if (fallback) out.bind(bindings[i]!, delayAlias(c, c.compile(fallback, scope), bindings[i]!.slot));
  }
  const body = c.compile(node.body, scope);
  const flags =
    (node.arg === undefined ? 0 : LAMBDA_ARG) |
    (node.formals ? LAMBDA_FORMALS : 0) |
    (node.formals?.ellipsis ? LAMBDA_ELLIPSIS : 0);
  const name = node.name === undefined ? -1 : out.text(node.name);
  const offset = out.emit3(node.pos, LAMBDA, out.memo(), body, name);
  out.operand(flags);
  out.operand(formals.length);
  for (let i = 0; i < formals.length; i++) {
    out.operand(out.text(formals[i]!.name), formals[i]!.pos);
    out.operand(bindings[i]!.code);
  }
  if (node.arg !== undefined) out.operand(out.text(node.arg));
  if (node.doc !== undefined) out.document(offset, node.doc);
  return offset;
}

/** Calls that the parser writes for operators; the machine computes them itself where both operands are ints. */
const arithmetic: ReadonlyMap<string, number> = new Map([
  ['__lessThan', LESS],
  ['__sub', SUBTRACT],
  ['__mul', MULTIPLY],
]);

export function compileCall(c: Compiler, node: Extract<Node, { kind: 'call' }>, scope: Scope): number {
  const { out } = c;
  const callee = c.compile(node.callee, scope);
  const { args } = node;
  if (args.length === 1) return out.emit2(node.pos, CALL_1, callee, c.compile(args[0]!, scope));
  if (args.length > 2) {
    const offsets = args.map((arg) => c.compile(arg, scope));
    const offset = out.emit2(node.pos, CALL, callee, offsets.length);
    out.operands(offsets);
    return offset;
  }
  const first = c.compile(args[0]!, scope);
  const second = c.compile(args[1]!, scope);
  if (node.callee.kind === 'variable' && out.opcodeAt(callee) === GLOBAL) {
    const opcode = c.globals.isShadowed(node.callee.name) ? undefined : arithmetic.get(node.callee.name);
    if (opcode !== undefined) return out.emit3(node.pos, opcode, first, second, callee);
  }
  return out.emit3(node.pos, CALL_2, callee, first, second);
}
