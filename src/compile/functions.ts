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
import type { LambdaNode, Node } from '../syntax/nodes.ts';
import { Scope } from '../syntax/scope.ts';
import type { Compiler } from './compile.ts';
import { delayAlias } from './sets.ts';

export function compileLambda(c: Compiler, node: LambdaNode, outer: Scope): number {
  const { out } = c;
  const scope = Scope.binding(outer);
  if (node.arg !== undefined) scope.add(node.arg, false);
  const formals = node.formals?.formals ?? [];
  const bindings = formals.map((formal) => scope.add(formal.name, formal.fallback !== undefined));
  const defaults = formals.map((formal, i) => {
    if (!formal.fallback) return -1;
    const code = delayAlias(c, c.compile(formal.fallback, scope), bindings[i]!.slot);
    out.bind(bindings[i]!, code);
    return code;
  });
  const body = c.compile(node.body, scope);
  const flags =
    (node.arg === undefined ? 0 : LAMBDA_ARG) |
    (node.formals ? LAMBDA_FORMALS : 0) |
    (node.formals?.ellipsis ? LAMBDA_ELLIPSIS : 0);
  const name = node.name === undefined ? -1 : out.text(node.name);
  const offset = out.emit(node.pos, LAMBDA, out.memo(), body, name, flags, formals.length);
  formals.forEach((formal, i) => {
    out.operand(out.text(formal.name), formal.pos);
    out.operand(defaults[i]!);
  });
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
  const args = node.args.map((arg) => c.compile(arg, scope));
  if (args.length === 2 && node.callee.kind === 'variable' && out.opcodeAt(callee) === GLOBAL) {
    const opcode = c.globals.isShadowed(node.callee.name) ? undefined : arithmetic.get(node.callee.name);
    if (opcode !== undefined) return out.emit(node.pos, opcode, args[0]!, args[1]!, callee);
  }
  if (args.length === 1) return out.emit(node.pos, CALL_1, callee, args[0]!);
  if (args.length === 2) return out.emit(node.pos, CALL_2, callee, args[0]!, args[1]!);
  return out.emit(node.pos, CALL, callee, args.length, ...args);
}
