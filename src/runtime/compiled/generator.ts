/**
 * The text of one function while it is being written: its lines, its temporaries, the environments that are open, and
 * what is known of variables at this point of the text.
 */
import type { LambdaInfo } from '../../code/lambda.ts';
import type { Unit } from '../../code/unit.ts';
import type { Shared } from './shared.ts';

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
export interface Level {
  /** The array; for one in locals the local where it is kept once it had to be made. */
  readonly name: string;
  readonly parent: Level | undefined;
  /** By slot, from 1 on. */
  readonly locals: readonly string[] | undefined;
  /** The LET, if its variables are in locals. */
  readonly letAt: number | undefined;
}

/** A variable's value, or that it may or may not be there. */
export type Fact = Val | 'maybe';

/** Thrown while a function is generated, to begin anew: the variables of a `let` cannot be locals. */
export class NeedsArray {
  readonly letAt: number;
  constructor(letAt: number) {
    this.letAt = letAt;
  }
}

export class TooLarge {}

export class Generator {
  readonly shared: Shared;
  readonly unit: Unit;
  readonly code: Int32Array;
  /** The LETs whose environments are arrays. */
  readonly arrays: ReadonlySet<number>;
  readonly lines: string[] = [];
  level: Level = { name: 'env', parent: undefined, locals: undefined, letAt: undefined };
  facts = new Map<string, Fact>();
  /** Variables whose binding is being written right now. */
  readonly open = new Set<string>();
  /** Writes a jump to the beginning, with other arguments; undefined where there is no beginning to go to. */
  self: { info: LambdaInfo; arity: number; again: (env: string, args: readonly string[]) => void } | undefined;
  /** What a return has to do first. */
  leave = '';
  private temps = 0;
  private letLocals = 0;
  private instructions = 0;

  constructor(shared: Shared, arrays: ReadonlySet<number>) {
    this.shared = shared;
    this.unit = shared.unit;
    this.code = shared.unit.code;
    this.arrays = arrays;
  }

  /** The temporaries, as `let` wants them after others. */
  declarations(): string {
    let names = '';
    for (let i = 0; i < this.temps; i++) names += `, t${i}`;
    for (let i = 0; i < this.letLocals; i++) names += `, v${i}`;
    return names;
  }

  /** Called for every instruction. */
  count(): void {
    if (++this.instructions > MAX_INSTRUCTIONS) throw new TooLarge();
  }

  emit(line: string): void {
    this.lines.push(line);
  }

  temp(): string {
    return `t${this.temps++}`;
  }

  /** A temporary with this value. */
  keep(js: string, kind: Kind = 'any'): Val {
    const name = this.temp();
    this.emit(`${name} = ${js};`);
    return { js: name, kind };
  }

  /** Something that may fail. */
  general(site: number, js: string, kind: Kind = 'any'): Val {
    this.emit(`s = ${site};`);
    return this.keep(js, kind);
  }

  pos(pc: number): number {
    return this.unit.posBase + pc;
  }

  /** A local for a variable of a `let`. */
  letLocal(): string {
    return `v${this.letLocals++}`;
  }

  learn(name: string, value: Val): Val {
    this.facts.set(name, value);
    return value;
  }

  /** Writes code that may run or not; what it finds out is forgotten, save for variables that it may have filled. */
  maybe(write: () => void): void {
    const before = this.facts;
    this.facts = new Map(before);
    write();
    const after = this.facts;
    this.facts = before;
    this.merge(before, after);
  }

  either(condition: string, then: () => void, otherwise: () => void): void {
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

  up(depth: number): Level {
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

  within<T>(level: Level, write: () => T): T {
    const before = this.level;
    this.level = level;
    const result = write();
    this.level = before;
    return result;
  }
}
