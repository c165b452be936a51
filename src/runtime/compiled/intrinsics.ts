/**
 * Builtins that compiled code computes in place where their arguments are of the simplest kind; for all others it calls
 * them. An argument that is an expression is computed at once: each of these evaluates its arguments first thing and in
 * this order, adding no line of its own to their errors but that of the call.
 */
import * as op from '../../code/opcodes.ts';
import type { Primop } from '../function.ts';
import { writeValue } from './expressions.ts';
import type { Generator, Val } from './generator.ts';
import { writeSlot } from './slots.ts';

type Intrinsic = (g: Generator, pc: number, primop: Primop, args: readonly number[], site: number) => Val;

/** `test` and `result` are JavaScript, with #0 and #1 for the arguments. */
function inPlace(test: string, result: string, kind: Val['kind']): Intrinsic {
  return (g, pc, primop, args, site) => {
    const pos = g.pos(pc);
    g.emit(`if (calls.depth > calls.max) { s = ${site}; throw callDepthExceeded(${pos}); }`);
    const inside = g.shared.site(pc, pc, site, `while calling the '${primop.builtin.name}' builtin`);
    const values = args.map((arg) => {
      if (g.code[arg]! <= op.GLOBAL) return writeSlot(g, arg);
      g.emit('calls.depth++;');
      const { js } = writeValue(g, arg, inside);
      g.emit('calls.depth--;');
      return js;
    });
    const fill = (text: string) => text.replace(/#(\d)/g, (_, i) => values[Number(i)]!);
    const t = g.temp();
    const general = `callPrimop(${g.shared.constant(primop)}, ${pos}, ${values.join(', ')})`;
    g.emit(`if (${fill(test)}) ${t} = ${fill(result)}; else { s = ${site}; ${t} = ${general}; }`);
    return { js: t, kind };
  };
}

export const intrinsics: Readonly<Record<string, Intrinsic>> = {
  toString: inPlace("typeof #0 === 'number'", "'' + #0", 'any'),
  length: inPlace('Array.isArray(#0)', '#0.length', 'number'),
  div: inPlace("typeof #0 === 'number' && typeof #1 === 'number' && #1 !== 0", 'Math.trunc(#0 / #1) + 0 || 0', 'any'),
};
