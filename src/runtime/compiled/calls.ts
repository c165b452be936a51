/** Calls: of a compiled function directly, of a builtin by name, of anything else as the machine does. */
import * as op from '../../code/opcodes.ts';
import { Primop } from '../function.ts';
import { writeValue } from './expressions.ts';
import type { Generator, Val } from './generator.ts';
import { intrinsics } from './intrinsics.ts';
import { writeSlot } from './slots.ts';
import { constantAt } from './variables.ts';

/** CALL_1, CALL_2, CALL. In tail position a call of the function itself becomes a jump, and nothing is given back. */
export function writeCall(g: Generator, pc: number, site: number, tail: boolean): Val | undefined {
  const { code } = g;
  const calleeAt = code[pc + 1]!;
  const args: number[] = [];
  if (code[pc] === op.CALL) for (let i = 0; i < code[pc + 2]!; i++) args.push(code[pc + 3 + i]!);
  else for (let i = 0; i < (code[pc] === op.CALL_1 ? 1 : 2); i++) args.push(code[pc + 2 + i]!);
  const known = constantAt(g, calleeAt);
  const pos = g.pos(pc);
  if (known instanceof Primop && known.arity === args.length) {
    const inPlace = intrinsics[known.builtin.name]?.(g, pc, known, args, site);
    if (inPlace !== undefined) return inPlace;
    const slots = args.map((arg) => writeSlot(g, arg));
    return g.general(site, `callPrimop(${g.shared.constant(known)}, ${pos}, ${slots.join(', ')})`);
  }
  const f = writeValue(g, calleeAt, site).js;
  const slots = args.map((arg) => writeSlot(g, arg));
  const n = args.length;
  const { self } = g;
  if (tail && self !== undefined && self.arity === n && code[calleeAt]! >= op.VAR_0 && code[calleeAt]! <= op.LAZY) {
    g.emit(`if (${f} instanceof Lambda && ${f}.info === ${g.shared.constant(self.info)}) {`);
    g.emit(`const p = ${pos};`);
    self.again(`${f}.env`, slots);
    g.emit('}');
  }
  if (n > 3) return g.general(site, `callFunction(${f}, [${slots.join(', ')}], ${pos})`);
  const general =
    n === 3 ? `callFunction(${f}, [${slots.join(', ')}], ${pos})` : `call${n}(${f}, ${slots.join(', ')}, ${pos})`;
  return g.general(
    site,
    `${f} instanceof Lambda && ${f}.info.code${n} !== undefined ? ${f}.info.code${n}(${f}.env, ${slots.join(', ')}, ${pos}) : ${general}`,
  );
}
