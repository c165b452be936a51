/**
 * Variables and constants. A variable that has been forced on the way is known to be; one of a `let` in locals is computed
 * where its value is first wanted, which may be in several places of the text.
 */
import * as op from '../../code/opcodes.ts';
import { Attrs } from '../attrs.ts';
import { Primop } from '../function.ts';
import type { Env } from '../machine.ts';
import { loadGlobal } from '../machine-load.ts';
import { makeSlot } from '../machine-slots.ts';
import { peek } from '../thunk.ts';
import type { Slot } from '../value.ts';
import { writeValue } from './expressions.ts';
import { type Generator, type Level, NeedsArray, type Val } from './generator.ts';

const noEnv: Env = [];

/** The value of an instruction that is the same whenever it runs; undefined if it is not known yet. */
export function constantAt(g: Generator, pc: number): Slot | undefined {
  const { unit, code } = g;
  // An empty set is a thunk to whoever observes thunks, but the same set wherever it is forced.
  if (code[pc] === op.EMPTY_SET) return Attrs.empty;
  if (code[pc]! < op.VAR_0) return makeSlot(unit, pc, noEnv);
  switch (code[pc]) {
    case op.GLOBAL:
      return peek((unit.memo[code[pc + 2]!] as Slot | undefined) ?? loadGlobal(unit, pc));
    case op.SELECT: {
      // `builtins.map`: nothing is computed, and nothing can fail.
      if (code[code[pc + 1]!] !== op.GLOBAL) return undefined;
      const set = constantAt(g, code[pc + 1]!);
      const slot = set instanceof Attrs ? set.get(unit.text(code[pc + 2]!)) : undefined;
      return slot instanceof Primop ? slot : undefined;
    }
    default:
      return undefined;
  }
}

export function constantValue(g: Generator, value: Slot): Val {
  if (value === null || value === true || value === false)
    return { js: String(value), kind: value === null ? 'other' : 'boolean' };
  // In parentheses, so that anything can be asked of it.
  if (typeof value === 'number') return { js: `(${value})`, kind: 'number' };
  if (typeof value === 'string') return { js: g.shared.constant(value), kind: 'string' };
  const kind = value instanceof Attrs ? 'set' : Array.isArray(value) ? 'list' : 'other';
  return { js: g.shared.constant(value), kind };
}

/** The value of a variable; `binding` is its code if it is a lazy one. */
export function writeVariable(
  g: Generator,
  pc: number,
  depth: number,
  slot: number,
  binding: number,
  site: number,
): Val {
  const level = g.up(depth);
  if (level.letAt !== undefined) return letVariable(g, level, slot, binding, site);
  const pos = g.pos(pc);
  if (level.locals !== undefined) {
    const name = level.locals[slot]!;
    const known = g.facts.get(name);
    if (known !== undefined && known !== 'maybe') return known;
    g.emit(`if (${name} instanceof Thunk) { s = ${site}; ${name} = forced(${name}, ${pos}); }`);
    return g.learn(name, { js: name, kind: 'any' });
  }
  const key = `${level.name}[${slot}]`;
  const known = g.facts.get(key);
  if (known !== undefined && known !== 'maybe') return known;
  const value = g.keep(key);
  const t = value.js;
  if (binding >= 0) g.emit(`if (${t} === undefined) ${t} = bound(U, ${binding}, ${level.name}, ${slot});`);
  g.emit(`if (${t} instanceof Thunk) { s = ${site}; ${t} = forcedIn(${level.name}, ${slot}, ${t}, ${pos}); }`);
  return g.learn(key, value);
}

/** A variable of a `let` that nobody but g function sees: computed where it is needed first. */
function letVariable(g: Generator, level: Level, slot: number, binding: number, site: number): Val {
  const local = level.locals![slot]!;
  const name = local;
  const fact = g.facts.get(name);
  if (fact !== undefined && fact !== 'maybe') return fact;
  // A variable that needs itself is a black hole, which only thunks are.
  if (g.open.has(name)) throw new NeedsArray(level.letAt!);
  const isLeaf = g.code[binding]! <= op.LAST_LEAF && g.code[binding] !== op.DELAY;
  const compute = () => {
    g.open.add(name);
    const value = g.within(level, () => writeValue(g, binding, site));
    g.open.delete(name);
    if (isLeaf || value.kind !== 'any') g.emit(`${local} = ${value.js};`);
    else {
      const v = value.js;
      g.emit(`${local} = typeof ${v} === 'object' && ${v} !== null ? copyFunction(${v}) : ${v};`);
    }
    return value.kind;
  };
  if (fact === undefined) return g.learn(name, { js: local, kind: compute() });
  g.emit(`if (${local} === undefined) {`);
  g.maybe(compute);
  g.emit('}');
  return g.learn(name, { js: local, kind: 'any' });
}

function letSlot(g: Generator, level: Level, slot: number): string {
  const local = level.locals![slot]!;
  const fact = g.facts.get(local);
  if (fact !== undefined && fact !== 'maybe') return fact.js;
  throw new NeedsArray(level.letAt!);
}

export function variableSlot(g: Generator, depth: number, slot: number, binding: number): string {
  const level = g.up(depth);
  if (level.letAt !== undefined) return letSlot(g, level, slot);
  if (level.locals !== undefined) {
    const name = level.locals[slot]!;
    return g.facts.has(name) ? name : g.keep(`${name} instanceof Thunk ? bare(${name}) : ${name}`).js;
  }
  const key = `${level.name}[${slot}]`;
  const known = g.facts.get(key);
  if (known !== undefined && known !== 'maybe') return known.js;
  const t = g.keep(key).js;
  if (binding >= 0) g.emit(`if (${t} === undefined) ${t} = bound(U, ${binding}, ${level.name}, ${slot});`);
  g.emit(`if (${t} instanceof Thunk) ${t} = bare(${t});`);
  return t;
}

/** Is the slot of an instruction a constant or a variable that is there? */
export function isAtHand(g: Generator, pc: number): boolean {
  const opcode = g.code[pc]!;
  if (opcode === op.LAZY) {
    const level = g.up(g.code[pc + 1]!);
    if (level.letAt === undefined) return true;
    const fact = g.facts.get(level.locals![g.code[pc + 2]!]!);
    return fact !== undefined && fact !== 'maybe';
  }
  return opcode <= op.GLOBAL;
}
