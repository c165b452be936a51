/** What calling a lambda needs to know of it; read once per lambda from the code (opcodes.ts, LAMBDA). */
import type { Pos } from '../errors/position.ts';
import type { Unit } from './unit.ts';

export interface FormalInfo {
  readonly name: string;
  /** Code of the default, -1 where there is none. */
  readonly fallback: number;
  readonly pos: Pos;
}

/** A compiled function: the environment, an argument for each lambda, where it is called (runtime/compiled). */
// biome-ignore lint/suspicious/noExplicitAny: what the arguments are is the runtime's business.
export type CompiledCode = (env: any, ...args: any[]) => unknown;

export class LambdaInfo {
  readonly unit: Unit;
  /** Where the body's code starts. */
  readonly body: number;
  readonly pos: Pos;
  /** What it is bound to, for messages. */
  readonly name: string | undefined;
  /** The name of the whole argument (`x:`, or `x@{ ... }`). */
  readonly arg: string | undefined;
  /** In order of appearance; undefined for `x: ...`. */
  readonly formals: readonly FormalInfo[] | undefined;
  readonly ellipsis: boolean;
  /** Offset of its LAMBDA instruction, which names it within the unit. */
  readonly offset: number;
  /** Calls so far, while that matters to the second tier; and what it made: for calls with one argument, two, three. */
  heat = 0;
  code1: CompiledCode | undefined = undefined;
  code2: CompiledCode | undefined = undefined;
  code3: CompiledCode | undefined = undefined;
  private formalNames: ReadonlySet<string> | undefined = undefined;

  constructor(
    unit: Unit,
    offset: number,
    body: number,
    pos: Pos,
    name: string | undefined,
    arg: string | undefined,
    formals: readonly FormalInfo[] | undefined,
    ellipsis: boolean,
  ) {
    this.unit = unit;
    this.offset = offset;
    this.body = body;
    this.pos = pos;
    this.name = name;
    this.arg = arg;
    this.formals = formals;
    this.ellipsis = ellipsis;
  }

  hasFormal(name: string): boolean {
    this.formalNames ??= new Set(this.formals?.map((formal) => formal.name));
    return this.formalNames.has(name);
  }
}
