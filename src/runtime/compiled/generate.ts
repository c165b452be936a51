/**
 * From flat code to JavaScript. The text is made of statements; an expression's result is a constant, a local variable
 * or a temporary. It does instruction for instruction what the machine does (machine.ts), with what is known while it is
 * written left out: where a variable stands, whether it has been forced already, whether it is an int.
 *
 * Arguments are locals. The environment that thunks and functions take with them is made where the first of them is, and
 * not at all where there is none. So is the one of a `let` whose variables stay within the function; the others have
 * theirs from the start, since what is bound there may be made by whoever comes first.
 */
import type { LambdaInfo } from '../../code/lambda.ts';
import * as op from '../../code/opcodes.ts';
import type { Unit } from '../../code/unit.ts';
import { lambdaInfo } from '../machine-load.ts';
import { writeTail } from './expressions.ts';
import { Generator, NeedsArray, TooLarge } from './generator.ts';
import { Shared } from './shared.ts';
import type { Generated } from './tier.ts';

export function generateLambda(info: LambdaInfo, observeThunks: boolean): Generated | undefined {
  const { unit } = info;
  const chain = [info];
  while (chain.length < 3) {
    const last = chain[chain.length - 1]!;
    if (unit.code[last.body] !== op.LAMBDA) break;
    const inner = lambdaInfo(unit, last.body);
    if (inner.formals !== undefined) break;
    if (last.formals !== undefined) break;
    chain.push(inner);
  }
  const shared = new Shared(unit, observeThunks);
  const text = attempt((arrays) => lambdaText(new Generator(shared, arrays), chain));
  if (text === undefined) return undefined;
  // Calls with fewer arguments only make the next function: the machine does that.
  return shared.finish([1, 2, 3].map((arity) => (arity === chain.length ? text : 'undefined')));
}

export function generateThunk(unit: Unit, offset: number, observeThunks: boolean): Generated | undefined {
  const shared = new Shared(unit, observeThunks);
  const text = attempt((arrays) => thunkText(new Generator(shared, arrays), offset));
  return text === undefined ? undefined : shared.finish([text]);
}

function attempt(generate: (arrays: ReadonlySet<number>) => string): string | undefined {
  const arrays = new Set<number>();
  for (;;) {
    try {
      return generate(arrays);
    } catch (stop) {
      if (stop instanceof TooLarge) return undefined;
      if (!(stop instanceof NeedsArray)) throw stop;
      arrays.add(stop.letAt);
    }
  }
}

/** Lambdas one in the other, called with an argument for each. */
function lambdaText(g: Generator, chain: readonly LambdaInfo[]): string {
  const cells: string[] = [];
  let loops = false;
  const info = chain[chain.length - 1]!;
  const args = chain.map((_, i) => `a${i}`);
  let bind = '';
  if (info.formals !== undefined) {
    const k = g.shared.constant(info);
    g.level = { name: 'e', parent: g.level, locals: undefined, letAt: undefined };
    bind = `let e = bind(${k}, env, a0, pos);`;
  } else {
    for (const arg of args) {
      const cell = g.temp();
      cells.push(cell);
      g.level = { name: cell, parent: g.level, locals: ['', arg], letAt: undefined };
    }
  }
  g.self = {
    info: chain[0]!,
    arity: chain.length,
    again: (env, values) => {
      loops = true;
      g.emit('if (calls.depth > calls.max) { s = 0; throw callDepthExceeded(p); }');
      g.emit('calls.depth++;');
      if (info.formals !== undefined) {
        g.emit(`s = 0; e = bind(${g.shared.constant(info)}, ${env}, ${values[0]}, p);`);
      } else {
        // One may be what another was.
        const kept = values.map((value) => (value.startsWith('a') ? g.keep(value).js : value));
        for (const [i, value] of kept.entries()) g.emit(`a${i} = ${value};`);
        for (const cell of cells) g.emit(`${cell} = undefined;`);
      }
      g.emit(`env = ${env};`);
      g.emit('continue again;');
    },
  };
  g.leave = 'calls.depth = d; ';
  writeTail(g, info.body);
  const body = g.lines.join('\n');
  return `function (env, ${args.join(', ')}, pos) {
const d = calls.depth;
if (d > calls.max) throw callDepthExceeded(pos);
calls.depth = d + 1;
if (--calls.untilLong === 0) longRun();
${bind}
let s = 0, q${g.declarations()};
try {
${loops ? `again: for (;;) {\n${body}\n}` : body}
} catch (x) { throw unwind(x, U, S, s, q); }
}`;
}

/** The code of a thunk: a function of its environment. */
function thunkText(g: Generator, offset: number): string {
  writeTail(g, offset);
  return `function (env) {
if (--calls.untilLong === 0) longRun();
let s = 0, q${g.declarations()};
try {
${g.lines.join('\n')}
} catch (x) { throw unwind(x, U, S, s, q); }
}`;
}
