/** Conditions, and what opens an environment. */
import * as op from '../../code/opcodes.ts';
import { writeValue } from './expressions.ts';
import type { Generator, Level, Val } from './generator.ts';
import { writeSlot } from './slots.ts';

export function writeCondition(g: Generator, pc: number, site: number): string {
  const part = g.code[pc + 1]!;
  return writeBoolean(g, part, g.shared.site(pc, part, site));
}

/** The value of a part that must be a boolean. */
export function writeBoolean(g: Generator, part: number, site: number): string {
  const value = writeValue(g, part, site);
  if (value.kind !== 'boolean')
    g.emit(`if (typeof ${value.js} !== 'boolean') { s = ${site}; throw notABoolean(${value.js}, ${g.pos(part)}); }`);
  return value.js;
}

export function writeAssert(g: Generator, pc: number, site: number): void {
  const condition = writeCondition(g, pc, site);
  g.emit(`if (!${condition}) {`);
  g.maybe(() => g.emit(`s = ${site}; throw failedAssertion(U, ${pc}, ${g.env()});`));
  g.emit('}');
}

export function writeLogic(g: Generator, pc: number, site: number): Val {
  const { code } = g;
  const a = writeBoolean(g, code[pc + 1]!, g.shared.site(pc, code[pc + 1]!, site));
  const t = g.keep(code[pc] === op.IMPLIES ? `!${a}` : a, 'boolean');
  g.emit(`if (${code[pc] === op.AND ? '' : '!'}${t.js}) {`);
  g.maybe(() => g.emit(`${t.js} = ${writeBoolean(g, code[pc + 2]!, g.shared.site(pc, code[pc + 2]!, site))};`));
  g.emit('}');
  return t;
}

/** Enters a LET or WITH for good, or while `write` runs. */
export function enterLet(g: Generator, pc: number): Level {
  const size = g.code[pc + 1]!;
  if (g.arrays.has(pc)) {
    const name = g.temp();
    g.emit(`${name} = newEnv(${g.env()}, ${size});`);
    return { name, parent: g.level, locals: undefined, letAt: undefined };
  }
  const locals = [''];
  for (let i = 0; i < size; i++) {
    locals.push(g.letLocal());
    g.emit(`${locals[i + 1]} = undefined;`);
  }
  return { name: '', parent: g.level, locals, letAt: pc };
}

export function enterWith(g: Generator, pc: number): Level {
  const scope = writeSlot(g, g.code[pc + 1]!);
  const name = g.temp();
  g.emit(`${name} = [${g.env()}, ${scope}, ${g.pos(pc)}];`);
  return { name, parent: g.level, locals: undefined, letAt: undefined };
}
