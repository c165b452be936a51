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
import { Attrs } from '../attrs.ts';
import { Primop } from '../function.ts';
import { emptyList } from '../machine.ts';
import { lambdaInfo, loadBigInt, loadFloat, loadGlobal, loadPath } from '../machine-load.ts';
import { literalShape } from '../machine-sets.ts';
import { COMPILED, DONE, peek } from '../thunk.ts';
import type { Slot } from '../value.ts';
import { intrinsics } from './intrinsics.ts';
import { type ErrorSite, support } from './support.ts';
import { type Generated, ThunkCode } from './tier.ts';

/** Larger functions stay with the machine. */
const MAX_INSTRUCTIONS = 500;

/** What is known of a value. */
export type Kind = 'any' | 'number' | 'boolean' | 'string' | 'set' | 'list' | 'other';

export interface Val {
  /** An expression without effects, whose value stays the same. */
  readonly js: string;
  readonly kind: Kind;
}

/** An environment: in an array, or (its parent aside) in locals. */
interface Level {
  /** The array; for one in locals the local where it is kept once it had to be made. */
  readonly name: string;
  readonly parent: Level | undefined;
  /** By slot, from 1 on. */
  readonly locals: readonly string[] | undefined;
  /** The LET, if its variables are in locals. */
  readonly letAt: number | undefined;
}

/** A variable's value, or that it may or may not be there. */
type Fact = Val | 'maybe';

/** Thrown while a function is generated, to begin anew. */
class NeedsArray {
  readonly letAt: number;
  constructor(letAt: number) {
    this.letAt = letAt;
  }
}

class TooLarge {}

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
  const texts: string[] = [];
  const shared = new Shared(unit, observeThunks);
  for (let arity = 1; arity <= 3; arity++) {
    const last = arity === chain.length;
    if (arity > chain.length) texts.push('undefined');
    else if (!last) texts.push('undefined');
    else {
      const text = attempt((arrays) => new Generator(shared, arrays).lambda(chain.slice(0, arity)));
      texts.push(text ?? 'undefined');
    }
  }
  return texts.every((text) => text === 'undefined') ? undefined : shared.finish(texts);
}

export function generateThunk(unit: Unit, offset: number, observeThunks: boolean): Generated | undefined {
  const shared = new Shared(unit, observeThunks);
  const text = attempt((arrays) => new Generator(shared, arrays).thunk(offset));
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

/** What the entries of one lambda share. */
class Shared {
  readonly unit: Unit;
  readonly observeThunks: boolean;
  readonly constants: unknown[] = [];
  readonly sites: ErrorSite[] = [{ pc: 0, at: 0, up: 0 }];
  private readonly constantIndex = new Map<unknown, number>();
  private readonly siteIndex = new Map<string, number>();
  private readonly thunks = new Map<number, ThunkCode>();

  constructor(unit: Unit, observeThunks: boolean) {
    this.unit = unit;
    this.observeThunks = observeThunks;
  }

  constant(value: unknown): string {
    let index = this.constantIndex.get(value);
    if (index === undefined) {
      index = this.constants.push(value) - 1;
      this.constantIndex.set(value, index);
    }
    return `k${index}`;
  }

  site(pc: number, at: number, up: number, line?: string): number {
    const key = `${pc} ${at} ${up} ${line}`;
    let index = this.siteIndex.get(key);
    if (index === undefined) {
      index = this.sites.push(line === undefined ? { pc, at, up } : { pc, at, up, line }) - 1;
      this.siteIndex.set(key, index);
    }
    return index;
  }

  thunkCode(offset: number): ThunkCode {
    let code = this.thunks.get(offset);
    if (code === undefined) this.thunks.set(offset, (code = new ThunkCode(this.unit, offset)));
    return code;
  }

  finish(functions: readonly string[]): Generated {
    const { constants, sites } = this;
    const taken = constants.map((_, i) => `k${i} = K[${i}]`).join(', ');
    const text = `'use strict';
const { ${Object.keys(support()).join(', ')} } = R;
const M = U.memo;
${taken === '' ? '' : `const ${taken};`}
return [${functions.join(',\n')}];`;
    return { text, constants, sites };
  }
}

export class Generator {
  readonly shared: Shared;
  readonly unit: Unit;
  readonly code: Int32Array;
  private readonly arrays: ReadonlySet<number>;
  private lines: string[] = [];
  private temps = 0;
  private letLocals = 0;
  private instructions = 0;
  private level!: Level;
  private facts = new Map<string, Fact>();
  /** Variables whose binding is being written right now. */
  private readonly open = new Set<string>();
  private readonly cells: string[] = [];
  /** Writes a jump to the beginning, with other arguments; undefined where there is no beginning to go to. */
  private self: { info: LambdaInfo; arity: number; again: (env: string, args: readonly string[]) => void } | undefined;
  private loops = false;
  /** What a return has to do first. */
  private leave = '';

  constructor(shared: Shared, arrays: ReadonlySet<number>) {
    this.shared = shared;
    this.unit = shared.unit;
    this.code = shared.unit.code;
    this.arrays = arrays;
  }

  /** Lambdas one in the other, called with an argument for each. */
  lambda(chain: readonly LambdaInfo[]): string {
    const info = chain[chain.length - 1]!;
    const outer: Level = { name: 'env', parent: undefined, locals: undefined, letAt: undefined };
    const args = chain.map((_, i) => `a${i}`);
    let bind = '';
    if (info.formals !== undefined) {
      const k = this.shared.constant(info);
      this.level = { name: 'e', parent: outer, locals: undefined, letAt: undefined };
      bind = `let e = bind(${k}, env, a0, pos);`;
    } else {
      this.level = outer;
      for (const arg of args) {
        const cell = this.temp();
        this.cells.push(cell);
        this.level = { name: cell, parent: this.level, locals: ['', arg], letAt: undefined };
      }
    }
    this.self = {
      info: chain[0]!,
      arity: chain.length,
      again: (env, values) => {
        this.loops = true;
        this.emit('if (calls.depth > calls.max) { s = 0; throw callDepthExceeded(p); }');
        this.emit('calls.depth++;');
        if (info.formals !== undefined) {
          this.emit(`e = bind(${this.shared.constant(info)}, ${env}, ${values[0]}, p);`);
        } else {
          // One may be what another was.
          const kept = values.map((value) => (value.startsWith('a') ? this.keep(value).js : value));
          for (const [i, value] of kept.entries()) this.emit(`a${i} = ${value};`);
          for (const cell of this.cells) this.emit(`${cell} = undefined;`);
        }
        this.emit(`env = ${env};`);
        this.emit('continue again;');
      },
    };
    this.leave = 'calls.depth = d; ';
    this.tail(info.body);
    const body = this.lines.join('\n');
    return `function (env, ${args.join(', ')}, pos) {
const d = calls.depth;
if (d > calls.max) throw callDepthExceeded(pos);
calls.depth = d + 1;
if (--calls.untilLong === 0) longRun();
${bind}
let s = 0, q${this.declarations()};
try {
${this.loops ? `again: for (;;) {\n${body}\n}` : body}
} catch (x) { throw unwind(x, U, S, s, q); }
}`;
  }

  /** The code of a thunk: a function of its environment. */
  thunk(offset: number): string {
    this.level = { name: 'env', parent: undefined, locals: undefined, letAt: undefined };
    this.tail(offset);
    return `function (env) {
if (--calls.untilLong === 0) longRun();
let s = 0, q${this.declarations()};
try {
${this.lines.join('\n')}
} catch (x) { throw unwind(x, U, S, s, q); }
}`;
  }

  private declarations(): string {
    let names = '';
    for (let i = 0; i < this.temps; i++) names += `, t${i}`;
    for (let i = 0; i < this.letLocals; i++) names += `, v${i}`;
    return names;
  }

  // Writing

  emit(line: string): void {
    this.lines.push(line);
  }

  temp(): string {
    return `t${this.temps++}`;
  }

  /** A temporary with this value. */
  private keep(js: string, kind: Kind = 'any'): Val {
    const name = this.temp();
    this.emit(`${name} = ${js};`);
    return { js: name, kind };
  }

  pos(pc: number): number {
    return this.unit.posBase + pc;
  }

  /** Writes code that may run or not; what it finds out is forgotten, save for variables that it may have filled. */
  private maybe(write: () => void): void {
    const before = this.facts;
    this.facts = new Map(before);
    write();
    const after = this.facts;
    this.facts = before;
    this.merge(before, after);
  }

  /** What holds whichever of two ways was taken. */
  private merge(a: Map<string, Fact>, b: Map<string, Fact>): void {
    const merged = new Map<string, Fact>();
    for (const [name, fact] of a) {
      const other = b.get(name);
      if (fact !== 'maybe' && other !== undefined && other !== 'maybe' && other.js === fact.js)
        merged.set(name, fact.kind === other.kind ? fact : { js: fact.js, kind: 'any' });
      else if (name.startsWith('v')) merged.set(name, 'maybe');
    }
    for (const name of b.keys()) if (!a.has(name) && name.startsWith('v')) merged.set(name, 'maybe');
    this.facts = merged;
  }

  // Environments

  private up(depth: number): Level {
    let level = this.level;
    for (let i = depth; i > 0; i--) level = level.parent ?? { ...level, name: `${level.name}[0]` };
    return level;
  }

  /** An expression for the array of an environment. */
  env(level: Level = this.level): string {
    if (level.locals === undefined) return level.name;
    if (level.letAt !== undefined) throw new NeedsArray(level.letAt);
    const slots = level.locals.slice(1).join(', ');
    return `(${level.name} === undefined ? ${level.name} = [${this.env(level.parent!)}, ${slots}] : ${level.name})`;
  }

  private within<T>(level: Level, write: () => T): T {
    const before = this.level;
    this.level = level;
    const result = write();
    this.level = before;
    return result;
  }

  /** Enters a LET or WITH for good, or while `write` runs. */
  private enterLet(pc: number): Level {
    const size = this.code[pc + 1]!;
    if (this.arrays.has(pc)) {
      const name = this.temp();
      this.emit(`${name} = newEnv(${this.env()}, ${size});`);
      return { name, parent: this.level, locals: undefined, letAt: undefined };
    }
    const locals = [''];
    for (let i = 0; i < size; i++) {
      locals.push(`v${this.letLocals++}`);
      this.emit(`${locals[i + 1]} = undefined;`);
    }
    return { name: '', parent: this.level, locals, letAt: pc };
  }

  private enterWith(pc: number): Level {
    const scope = this.slot(this.code[pc + 1]!);
    const name = this.temp();
    this.emit(`${name} = [${this.env()}, ${scope}, ${this.pos(pc)}];`);
    return { name, parent: this.level, locals: undefined, letAt: undefined };
  }

  // Variables

  /** The value of a variable; `binding` is its code if it is a lazy one. */
  private variable(pc: number, depth: number, slot: number, binding: number, site: number): Val {
    const level = this.up(depth);
    if (level.letAt !== undefined) return this.letVariable(level, slot, binding, site);
    const pos = this.pos(pc);
    if (level.locals !== undefined) {
      const name = level.locals[slot]!;
      const known = this.facts.get(name);
      if (known !== undefined && known !== 'maybe') return known;
      this.emit(`if (${name} instanceof Thunk) { s = ${site}; ${name} = forced(${name}, ${pos}); }`);
      return this.learn(name, { js: name, kind: 'any' });
    }
    const key = `${level.name}[${slot}]`;
    const known = this.facts.get(key);
    if (known !== undefined && known !== 'maybe') return known;
    const value = this.keep(key);
    const t = value.js;
    if (binding >= 0) this.emit(`if (${t} === undefined) ${t} = bound(U, ${binding}, ${level.name}, ${slot});`);
    this.emit(`if (${t} instanceof Thunk) { s = ${site}; ${t} = forcedIn(${level.name}, ${slot}, ${t}, ${pos}); }`);
    return this.learn(key, value);
  }

  private learn(name: string, value: Val): Val {
    this.facts.set(name, value);
    return value;
  }

  /** A variable of a `let` that nobody but this function sees: computed where it is needed first. */
  private letVariable(level: Level, slot: number, binding: number, site: number): Val {
    const local = level.locals![slot]!;
    const name = local;
    const fact = this.facts.get(name);
    if (fact !== undefined && fact !== 'maybe') return fact;
    // A variable that needs itself is a black hole, which only thunks are.
    if (this.open.has(name)) throw new NeedsArray(level.letAt!);
    const isLeaf = this.code[binding]! <= op.LAST_LEAF && this.code[binding] !== op.DELAY;
    const compute = () => {
      this.open.add(name);
      const value = this.within(level, () => this.value(binding, site));
      this.open.delete(name);
      if (isLeaf || value.kind !== 'any') this.emit(`${local} = ${value.js};`);
      else {
        const v = value.js;
        this.emit(`${local} = typeof ${v} === 'object' && ${v} !== null ? copyFunction(${v}) : ${v};`);
      }
      return value.kind;
    };
    if (fact === undefined) return this.learn(name, { js: local, kind: compute() });
    this.emit(`if (${local} === undefined) {`);
    this.maybe(compute);
    this.emit('}');
    return this.learn(name, { js: local, kind: 'any' });
  }

  private letSlot(level: Level, slot: number): string {
    const local = level.locals![slot]!;
    const fact = this.facts.get(local);
    if (fact !== undefined && fact !== 'maybe') return fact.js;
    throw new NeedsArray(level.letAt!);
  }

  private variableSlot(depth: number, slot: number, binding: number): string {
    const level = this.up(depth);
    if (level.letAt !== undefined) return this.letSlot(level, slot);
    if (level.locals !== undefined) {
      const name = level.locals[slot]!;
      return this.facts.has(name) ? name : this.keep(`${name} instanceof Thunk ? bare(${name}) : ${name}`).js;
    }
    const key = `${level.name}[${slot}]`;
    const known = this.facts.get(key);
    if (known !== undefined && known !== 'maybe') return known.js;
    const t = this.keep(key).js;
    if (binding >= 0) this.emit(`if (${t} === undefined) ${t} = bound(U, ${binding}, ${level.name}, ${slot});`);
    this.emit(`if (${t} instanceof Thunk) ${t} = bare(${t});`);
    return t;
  }

  // Constants

  /** The value of an instruction that is the same whenever it runs; undefined if it is not known yet. */
  private constantAt(pc: number): Slot | undefined {
    const { unit, code } = this;
    switch (code[pc]) {
      case op.INT:
        return code[pc + 1]!;
      case op.STRING:
        return unit.text(code[pc + 1]!);
      case op.TRUE:
        return true;
      case op.FALSE:
        return false;
      case op.NULL:
        return null;
      case op.EMPTY_LIST:
        return emptyList;
      case op.EMPTY_SET:
        return Attrs.empty;
      case op.PATH:
        return loadPath(unit, pc);
      case op.FLOAT:
        return loadFloat(unit, pc);
      case op.BIG_INT:
        return loadBigInt(unit, pc);
      case op.GLOBAL:
        return peek((unit.memo[code[pc + 2]!] as Slot | undefined) ?? loadGlobal(unit, pc));
      case op.SELECT: {
        // `builtins.map`: nothing is computed, and nothing can fail.
        if (code[code[pc + 1]!] !== op.GLOBAL) return undefined;
        const set = this.constantAt(code[pc + 1]!);
        const slot = set instanceof Attrs ? set.get(unit.text(code[pc + 2]!)) : undefined;
        return slot instanceof Primop ? slot : undefined;
      }
      default:
        return undefined;
    }
  }

  private constantValue(value: Slot): Val {
    if (value === null || value === true || value === false)
      return { js: String(value), kind: value === null ? 'other' : 'boolean' };
    // In parentheses, so that anything can be asked of it.
    if (typeof value === 'number') return { js: `(${value})`, kind: 'number' };
    if (typeof value === 'string') return { js: this.shared.constant(value), kind: 'string' };
    const kind = value instanceof Attrs ? 'set' : Array.isArray(value) ? 'list' : 'other';
    return { js: this.shared.constant(value), kind };
  }

  // Slots

  /** What is passed on unevaluated: machine.ts, makeSlot. */
  slot(pc: number): string {
    const { code } = this;
    switch (code[pc]) {
      case op.VAR_0:
      case op.VAR_1:
      case op.VAR_2:
        return this.variableSlot(code[pc]! - op.VAR_0, code[pc + 1]!, -1);
      case op.VAR:
        return this.variableSlot(code[pc + 1]!, code[pc + 2]!, -1);
      case op.LAZY:
        return this.variableSlot(code[pc + 1]!, code[pc + 2]!, code[pc + 3]!);
      case op.LAMBDA:
        return this.shared.observeThunks ? this.thunkOf(pc) : this.value(pc, 0).js;
      case op.EMPTY_SET:
        return this.shared.observeThunks ? this.thunkOf(pc) : this.value(pc, 0).js;
      case op.GLOBAL: {
        const known = this.constantAt(pc);
        return known === undefined ? this.keep(`makeSlot(U, ${pc}, env)`).js : this.constantValue(known).js;
      }
      case op.SELECT: {
        const known = this.knownSelection(pc);
        if (known === undefined) return this.thunkOf(pc);
        this.emit(`if (${known} === undefined) {`);
        this.maybe(() => this.emit(`${known} = ${this.thunkOf(pc)};`));
        this.emit(`} else if (typeof ${known} === 'object' && ${known} !== null) ${known} = copyFunction(${known});`);
        return known;
      }
      case op.SUBTRACT:
      case op.CONCAT: {
        const known = this.knownInt(pc);
        if (known === undefined) return this.thunkOf(pc);
        this.emit(`if (${known} === undefined) {`);
        this.maybe(() => this.emit(`${known} = ${this.thunkOf(pc)};`));
        this.emit('}');
        return known;
      }
      case op.ATTRS:
        if (code[pc + 2] === 0 && code[pc + 3]! <= 8 && !this.shared.observeThunks) return this.value(pc, 0).js;
        return this.thunkOf(pc);
      default: {
        const known = code[pc]! < op.VAR_0 ? this.constantAt(pc) : undefined;
        return known === undefined ? this.thunkOf(pc) : this.constantValue(known).js;
      }
    }
  }

  private thunkOf(pc: number): string {
    return this.keep(`new Thunk(${this.shared.constant(this.shared.thunkCode(pc))}, ${COMPILED}, ${this.env()})`).js;
  }

  /** A selection from a variable, if nothing has to be computed for it; undefined in JavaScript where something has. */
  private knownSelection(pc: number): string | undefined {
    const { code } = this;
    const subjectAt = code[pc + 1]!;
    if (this.shared.observeThunks || !this.isAtHand(subjectAt) || code[subjectAt]! < op.VAR_0) return undefined;
    const subject = this.slot(subjectAt);
    const t = this.temp();
    const cell = code[pc + 3]!;
    this.emit(
      `${t} = ${subject} instanceof Attrs && M[${cell}] === ${subject}.shape ? ${subject}.slots[M[${cell + 1}]] : undefined;`,
    );
    this.emit(`if (${t} instanceof Thunk) ${t} = ${t}.offset === ${DONE} ? ${t}.payload : undefined;`);
    return t;
  }

  /** `n - 1` where n is known when the slot is made; undefined in JavaScript where it is not. */
  private knownInt(pc: number): string | undefined {
    const { code } = this;
    if (this.shared.observeThunks) return undefined;
    const isSum = code[pc] === op.CONCAT;
    if (isSum && (code[pc + 1] !== 0 || code[pc + 2] !== 2)) return undefined;
    const parts = [code[isSum ? pc + 3 : pc + 1]!, code[isSum ? pc + 4 : pc + 2]!];
    // Of constants alone it stays a thunk, as which it is printed.
    if (parts.every((part) => code[part]! < op.VAR_0)) return undefined;
    const tests: string[] = [];
    const operands: string[] = [];
    for (const part of parts) {
      const opcode = code[part]!;
      const operand =
        opcode === op.INT || (opcode >= op.VAR_0 && opcode <= op.VAR)
          ? this.slot(part)
          : opcode === op.SELECT
            ? this.knownSelection(part)
            : undefined;
      if (operand === undefined) return undefined;
      operands.push(operand);
      if (opcode !== op.INT) tests.push(`typeof ${operand} === 'number'`);
    }
    const t = this.temp();
    const result = operands.join(isSum ? ' + ' : ' - ');
    this.emit(`if (!(${tests.join(' && ')} && ${this.safe(t, result)})) ${t} = undefined;`);
    return t;
  }

  // Expressions

  /** Writes what gives the value of an instruction. `site`: the lines of an error that it does not explain itself. */
  value(pc: number, site: number): Val {
    const { code } = this;
    if (++this.instructions > MAX_INSTRUCTIONS) throw new TooLarge();
    const known = this.constantAt(pc);
    if (known !== undefined) return this.constantValue(known);
    switch (code[pc]) {
      case op.VAR_0:
      case op.VAR_1:
      case op.VAR_2:
        return this.variable(pc, code[pc]! - op.VAR_0, code[pc + 1]!, -1, site);
      case op.VAR:
        return this.variable(pc, code[pc + 1]!, code[pc + 2]!, -1, site);
      case op.LAZY:
        return this.variable(pc, code[pc + 1]!, code[pc + 2]!, code[pc + 3]!, site);
      case op.DELAY:
        return this.value(code[pc + 1]!, site);
      case op.LAMBDA: {
        const info = this.shared.constant(lambdaInfo(this.unit, pc));
        return this.keep(`new Lambda(${info}, ${this.env()})`, 'other');
      }
      case op.CALL_1:
      case op.CALL_2:
      case op.CALL:
        return this.call(pc, site, false)!;
      case op.ATTRS:
        return this.attrs(pc, site);
      case op.DYNAMIC:
        return this.general(site, `addDynamic(U, ${pc}, ${this.env()})`, 'set');
      case op.LIST: {
        const items: string[] = [];
        for (let i = 0; i < code[pc + 1]!; i++) items.push(this.slot(code[pc + 2 + i]!));
        return this.keep(`[${items.join(', ')}]`, 'list');
      }
      case op.SELECT:
        return this.select(pc, site);
      case op.SELECT_PATH: {
        const subject = this.value(
          code[pc + 1]!,
          this.shared.site(code[pc + 1]!, 0, site, 'while selecting an attribute'),
        );
        return this.general(site, `selectFrom(${subject.js}, U, ${pc}, ${this.pathEnv(pc + 2)})`);
      }
      case op.SELECT_OR: {
        const subject = this.value(
          code[pc + 1]!,
          this.shared.site(code[pc + 1]!, 0, site, 'while selecting an attribute'),
        );
        const found = this.general(site, `selectIfThere(${subject.js}, U, ${pc}, ${this.pathEnv(pc + 3)})`);
        const known = this.constantAt(code[pc + 2]!);
        this.emit(`if (${found.js} === undefined) {`);
        // What goes wrong in the default is told as an error of the selection, so that does the rest.
        const rest = () =>
          known === undefined ? `selectOrFrom(${subject.js}, U, ${pc}, ${this.env()})` : this.constantValue(known).js;
        this.maybe(() => this.emit(`${found.js} = ${rest()};`));
        this.emit('}');
        return found;
      }
      case op.HAS_ATTR: {
        const inside = this.shared.site(pc, code[pc + 1]!, site);
        const subject = this.value(code[pc + 1]!, inside);
        if (code[pc + 2] === 1 && code[pc + 3]! >= 0) {
          const name = this.shared.constant(this.unit.text(code[pc + 3]!));
          return this.keep(`${subject.js} instanceof Attrs && ${subject.js}.has(${name})`, 'boolean');
        }
        return this.general(inside, `hasAttrPath(${subject.js}, U, ${pc}, ${this.pathEnv(pc + 2)})`, 'boolean');
      }
      case op.LET:
        return this.within(this.enterLet(pc), () => this.value(code[pc + 2]!, site));
      case op.WITH:
        return this.within(this.enterWith(pc), () => this.value(code[pc + 2]!, site));
      case op.IF: {
        const condition = this.condition(pc, site);
        const t = this.temp();
        let kind: Kind | undefined;
        const branch = (part: number) => {
          const value = this.value(part, site);
          kind = kind === undefined || kind === value.kind ? value.kind : 'any';
          this.emit(`${t} = ${value.js};`);
        };
        this.either(
          condition,
          () => branch(code[pc + 2]!),
          () => branch(code[pc + 3]!),
        );
        return { js: t, kind: kind! };
      }
      case op.ASSERT:
        this.assert(pc, site);
        return this.value(code[pc + 2]!, site);
      case op.NOT: {
        const inside = this.shared.site(pc, code[pc + 1]!, site);
        return this.keep(`!${this.boolean(code[pc + 1]!, inside)}`, 'boolean');
      }
      case op.AND:
      case op.OR:
      case op.IMPLIES:
        return this.logic(pc, site);
      case op.EQUAL:
      case op.NOT_EQUAL:
        return this.equal(pc, site);
      case op.UPDATE: {
        const right = this.set(code[pc + 2]!, this.shared.site(pc, code[pc + 2]!, site));
        const left = this.set(code[pc + 1]!, this.shared.site(pc, code[pc + 1]!, site));
        return this.keep(`Attrs.update(${left}, ${right})`, 'set');
      }
      case op.CONCAT_LISTS: {
        const left = this.value(code[pc + 1]!, this.shared.site(pc, code[pc + 1]!, site));
        const right = this.value(code[pc + 2]!, this.shared.site(pc, code[pc + 2]!, site));
        return this.general(site, `concatLists(${left.js}, ${right.js}, ${this.pos(pc)})`, 'list');
      }
      case op.CONCAT:
        return code[pc + 1] === 0 && code[pc + 2] === 2 ? this.sum(pc, site) : this.concat(pc, site);
      case op.LESS:
      case op.SUBTRACT:
      case op.MULTIPLY:
        return this.arithmetic(pc, site);
      case op.CUR_POS:
        return this.keep(`positionValue(${this.pos(pc)})`);
      case op.WITH_VAR: {
        const t = this.general(site, `lookupWith(U, ${pc}, ${this.env()})`);
        this.emit(`if (${t.js} instanceof Thunk) ${t.js} = forced(${t.js}, ${this.pos(pc)});`);
        return t;
      }
      case op.GLOBAL:
        return this.general(site, `part(U, U.code, ${pc}, env)`);
      default:
        return this.general(site, `part(U, U.code, ${pc}, ${this.env()})`);
    }
  }

  /** Something that may fail. */
  private general(site: number, js: string, kind: Kind = 'any'): Val {
    this.emit(`s = ${site};`);
    return this.keep(js, kind);
  }

  /** The environment for names of a path that are computed; any will do where there are none. */
  private pathEnv(countAt: number): string {
    const { code } = this;
    for (let i = 1; i <= code[countAt]!; i++) if (code[countAt + i]! < 0) return this.env();
    return 'env';
  }

  private either(condition: string, then: () => void, otherwise: () => void): void {
    const before = this.facts;
    this.emit(`if (${condition}) {`);
    this.facts = new Map(before);
    then();
    const first = this.facts;
    this.emit('} else {');
    this.facts = new Map(before);
    otherwise();
    this.emit('}');
    this.merge(first, this.facts);
  }

  /** The value of a part that must be a boolean. */
  private boolean(part: number, site: number): string {
    const value = this.value(part, site);
    if (value.kind !== 'boolean')
      this.emit(
        `if (typeof ${value.js} !== 'boolean') { s = ${site}; throw notABoolean(${value.js}, ${this.pos(part)}); }`,
      );
    return value.js;
  }

  private condition(pc: number, site: number): string {
    const part = this.code[pc + 1]!;
    return this.boolean(part, this.shared.site(pc, part, site));
  }

  private assert(pc: number, site: number): void {
    const condition = this.condition(pc, site);
    this.emit(`if (!${condition}) {`);
    this.maybe(() => this.emit(`s = ${site}; throw failedAssertion(U, ${pc}, ${this.env()});`));
    this.emit('}');
  }

  private logic(pc: number, site: number): Val {
    const { code } = this;
    const a = this.boolean(code[pc + 1]!, this.shared.site(pc, code[pc + 1]!, site));
    const t = this.keep(code[pc] === op.IMPLIES ? `!${a}` : a, 'boolean');
    this.emit(`if (${code[pc] === op.AND ? '' : '!'}${t.js}) {`);
    this.maybe(() => this.emit(`${t.js} = ${this.boolean(code[pc + 2]!, this.shared.site(pc, code[pc + 2]!, site))};`));
    this.emit('}');
    return t;
  }

  private equal(pc: number, site: number): Val {
    const { code } = this;
    const a = this.value(code[pc + 1]!, this.shared.site(pc, code[pc + 1]!, site));
    const b = this.value(code[pc + 2]!, this.shared.site(pc, code[pc + 2]!, site));
    const not = code[pc] === op.NOT_EQUAL;
    const simple = (kind: Kind) => kind === 'boolean' || kind === 'string' || kind === 'number';
    const t = this.temp();
    // Ints, booleans, null and strings without context; the same set may hold what is not equal to itself.
    const same = [a, b]
      .filter((value) => value.kind === 'any')
      .map(({ js }) => `typeof ${js} !== 'object'`)
      .join(' && ');
    if (simple(a.kind) && simple(b.kind)) this.emit(`${t} = ${a.js} ${not ? '!==' : '==='} ${b.js};`);
    else if (!simple(a.kind) && a.kind !== 'any') this.compare(t, a, b, not, pc, site);
    else if (!simple(b.kind) && b.kind !== 'any') this.compare(t, a, b, not, pc, site);
    else {
      this.emit(`if (${same}) ${t} = ${a.js} ${not ? '!==' : '==='} ${b.js}; else {`);
      this.compare(t, a, b, not, pc, site);
      this.emit('}');
    }
    return { js: t, kind: 'boolean' };
  }

  private compare(t: string, a: Val, b: Val, not: boolean, pc: number, site: number): void {
    this.emit(`s = ${site}; ${t} = ${not ? '!' : ''}equalValues(${a.js}, ${b.js}, ${this.pos(pc)});`);
  }

  /** The value of a part that must be a set. */
  private set(part: number, site: number): string {
    const value = this.value(part, site);
    if (value.kind !== 'set')
      this.emit(`if (!(${value.js} instanceof Attrs)) { s = ${site}; throw notASet(${value.js}); }`);
    return value.js;
  }

  private select(pc: number, site: number): Val {
    const { code } = this;
    const part = code[pc + 1]!;
    const subject = this.value(part, this.shared.site(pc, part, site)).js;
    const inside = this.shared.site(pc, pc, site);
    const t = this.temp();
    const cell = code[pc + 3]!;
    this.emit(
      `if (!(${subject} instanceof Attrs && M[${cell}] === ${subject}.shape && (${t} = ${subject}.slots[M[${cell + 1}]]) !== undefined && !(${t} instanceof Thunk))) {`,
    );
    this.emit(`s = ${inside}; q = ${subject}; ${t} = select(${subject}, U, ${pc}); }`);
    return { js: t, kind: 'any' };
  }

  private arithmetic(pc: number, site: number): Val {
    const { code } = this;
    const a = this.value(code[pc + 1]!, this.shared.site(pc, code[pc + 1]!, site));
    const b = this.value(code[pc + 2]!, this.shared.site(pc, code[pc + 2]!, site));
    const t = this.temp();
    const slow = `s = ${site}; ${t} = operate(U, ${pc}, ${a.js}, ${b.js});`;
    if (code[pc] === op.LESS) {
      this.emit(`if (${this.ints(a, b)}) ${t} = ${a.js} < ${b.js}; else { ${slow} }`);
      return { js: t, kind: 'boolean' };
    }
    const result = code[pc] === op.SUBTRACT ? `${a.js} - ${b.js}` : `${a.js} * ${b.js} + 0`;
    this.emit(`if (!(${this.ints(a, b)} && ${this.safe(t, result)})) { ${slow} }`);
    return { js: t, kind: 'any' };
  }

  private ints(...values: readonly Val[]): string {
    const checks = values.filter(({ kind }) => kind !== 'number').map(({ js }) => `typeof ${js} === 'number'`);
    return checks.length === 0 ? 'true' : checks.join(' && ');
  }

  /** An assignment whose value is an int that numbers hold exactly. */
  private safe(t: string, result: string): string {
    return `(${t} = ${result}) <= 9007199254740991 && ${t} >= -9007199254740991`;
  }

  /** CONCAT of two parts that are no interpolation. */
  private sum(pc: number, site: number): Val {
    const { code } = this;
    const a = this.value(code[pc + 3]!, this.shared.site(pc, code[pc + 3]!, site));
    // Anything else is looked at before the second part is evaluated.
    const checked = a.kind === 'number' || a.kind === 'string';
    const so = checked ? 'undefined' : this.temp();
    if (!checked) {
      this.emit(`${so} = undefined;`);
      this.emit(
        `if (typeof ${a.js} !== 'number' && typeof ${a.js} !== 'string') { s = ${site}; ${so} = concatPart(undefined, U, ${pc}, 0, '', ${a.js}); }`,
      );
    }
    const b = this.value(code[pc + 4]!, this.shared.site(pc, code[pc + 4]!, site));
    const t = this.temp();
    const slow = `s = ${site}; ${t} = add(${so}, U, ${pc}, ${a.js}, ${b.js});`;
    const texts = [a, b]
      .filter(({ kind }) => kind !== 'string')
      .map(({ js }) => `typeof ${js} === 'string'`)
      .join(' && ');
    const maybeInt = a.kind !== 'string' && b.kind !== 'string';
    const maybeText = a.kind !== 'number' && b.kind !== 'number';
    const asText = `if (${texts === '' ? 'true' : texts}) ${t} = wholeText(${a.js} + ${b.js}); else { ${slow} }`;
    if (!maybeInt) this.emit(maybeText ? asText : slow);
    else
      this.emit(`if (!(${this.ints(a, b)} && ${this.safe(t, `${a.js} + ${b.js}`)})) { ${maybeText ? asText : slow} }`);
    return { js: t, kind: a.kind === 'string' && b.kind === 'string' ? 'string' : 'any' };
  }

  private concat(pc: number, site: number): Val {
    const { code } = this;
    const so = this.temp();
    const text = this.temp();
    this.emit(`${so} = undefined; ${text} = '';`);
    for (let i = 0, n = code[pc + 2]!; i < n; i++) {
      const part = code[pc + 3 + i]!;
      const value = this.value(part, this.shared.site(pc, part, site));
      const v = value.js;
      const plain = value.kind === 'string' ? '' : ` && typeof ${v} === 'string'`;
      this.emit(`if (${so} === undefined${plain}) ${text} += ${v};`);
      this.emit(`else { s = ${site}; ${so} = concatPart(${so}, U, ${pc}, ${i}, ${text}, ${v}); }`);
    }
    return this.general(site, `${so} === undefined ? wholeText(${text}) : ${so}.finish()`);
  }

  /** A set; attributes that are known already are put there at once. */
  private attrs(pc: number, site: number): Val {
    const { code } = this;
    const flags = code[pc + 2]!;
    const n = code[pc + 3]!;
    if (flags !== 0 || n > 8 || this.shared.observeThunks) {
      return this.general(site, `makeAttrs(U, ${pc}, ${this.env()})`, 'set');
    }
    const shape = literalShape(this.unit, pc);
    const slots: string[] = [];
    /** In JavaScript: are there slots that are to be made later? */
    const missing: string[] = [];
    for (let i = 0; i < n; i++) {
      const part = code[pc + 5 + i]!;
      if (this.isAtHand(part)) {
        slots.push(this.slot(part));
        continue;
      }
      shape.codes ??= [];
      shape.codes[i + 1] = this.shared.thunkCode(part);
      const known = code[part] === op.SUBTRACT || code[part] === op.CONCAT ? this.knownInt(part) : undefined;
      slots.push(known ?? 'undefined');
      missing.push(known === undefined ? 'true' : `${known} === undefined`);
    }
    const makers =
      missing.length === 0
        ? 'undefined'
        : missing.includes('true')
          ? this.env()
          : `${missing.join(' || ')} ? ${this.env()} : undefined`;
    return this.keep(`new Attrs(${this.shared.constant(shape)}, [${[makers, ...slots].join(', ')}], undefined)`, 'set');
  }

  /** Is the slot of an instruction a constant or a variable that is there? */
  private isAtHand(pc: number): boolean {
    const opcode = this.code[pc]!;
    if (opcode === op.LAZY) {
      const level = this.up(this.code[pc + 1]!);
      if (level.letAt === undefined) return true;
      const fact = this.facts.get(level.locals![this.code[pc + 2]!]!);
      return fact !== undefined && fact !== 'maybe';
    }
    return opcode <= op.GLOBAL;
  }

  /** CALL_1, CALL_2, CALL. In tail position a call of the function itself becomes a jump, and nothing is given back. */
  private call(pc: number, site: number, tail: boolean): Val | undefined {
    const { code } = this;
    const calleeAt = code[pc + 1]!;
    const args: number[] = [];
    if (code[pc] === op.CALL) for (let i = 0; i < code[pc + 2]!; i++) args.push(code[pc + 3 + i]!);
    else for (let i = 0; i < (code[pc] === op.CALL_1 ? 1 : 2); i++) args.push(code[pc + 2 + i]!);
    const known = this.constantAt(calleeAt);
    const pos = this.pos(pc);
    if (known instanceof Primop && known.arity === args.length) {
      const inPlace = intrinsics[known.builtin.name]?.(this, pc, known, args, site);
      if (inPlace !== undefined) return inPlace;
      const slots = args.map((arg) => this.slot(arg));
      return this.general(site, `callPrimop(${this.shared.constant(known)}, ${pos}, ${slots.join(', ')})`);
    }
    const f = this.value(calleeAt, site).js;
    const slots = args.map((arg) => this.slot(arg));
    const n = args.length;
    const { self } = this;
    if (tail && self !== undefined && self.arity === n && code[calleeAt]! >= op.VAR_0 && code[calleeAt]! <= op.LAZY) {
      this.emit(`if (${f} instanceof Lambda && ${f}.info === ${this.shared.constant(self.info)}) {`);
      this.emit(`const p = ${pos};`);
      self.again(`${f}.env`, slots);
      this.emit('}');
    }
    if (n > 3) return this.general(site, `callFunction(${f}, [${slots.join(', ')}], ${pos})`);
    const general =
      n === 3 ? `callFunction(${f}, [${slots.join(', ')}], ${pos})` : `call${n}(${f}, ${slots.join(', ')}, ${pos})`;
    return this.general(
      site,
      `${f} instanceof Lambda && ${f}.info.code${n} !== undefined ? ${f}.info.code${n}(${f}.env, ${slots.join(', ')}, ${pos}) : ${general}`,
    );
  }

  /** Writes what returns the value of an instruction. */
  private tail(pc: number): void {
    const { code } = this;
    if (++this.instructions > MAX_INSTRUCTIONS) throw new TooLarge();
    switch (code[pc]) {
      case op.DELAY:
        this.tail(code[pc + 1]!);
        return;
      case op.IF:
        this.either(
          this.condition(pc, 0),
          () => this.tail(code[pc + 2]!),
          () => this.tail(code[pc + 3]!),
        );
        return;
      case op.LET:
        this.within(this.enterLet(pc), () => this.tail(code[pc + 2]!));
        return;
      case op.WITH:
        this.within(this.enterWith(pc), () => this.tail(code[pc + 2]!));
        return;
      case op.ASSERT:
        this.assert(pc, 0);
        this.tail(code[pc + 2]!);
        return;
      case op.CALL_1:
      case op.CALL_2:
      case op.CALL:
        this.emit(`${this.leave}return ${this.call(pc, 0, true)!.js};`);
        return;
      default:
        this.emit(`${this.leave}return ${this.value(pc, 0).js};`);
        return;
    }
  }
}
