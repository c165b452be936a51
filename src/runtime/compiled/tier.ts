/**
 * The second tier: Nix functions that are called again and again become functions of JavaScript. The machine stays what
 * everything starts in, and what compiled code hands back to wherever it does not know an instruction; both work on the
 * same values, environments and thunks, so every call may go either way.
 *
 * Calls of a lambda are counted (LambdaInfo.heat); a thunk that compiled code makes counts how often code like it was
 * forced (ThunkCode). Where JavaScript may not be made of text (a browser's Content-Security-Policy, say), the first
 * attempt ends the matter and the machine goes on. docs/decisions/0033-second-tier.md has the figures.
 */
import type { CompiledCode, LambdaInfo } from '../../code/lambda.ts';
import type { Unit } from '../../code/unit.ts';
import { type Env, run } from '../machine.ts';
import { calls } from '../stack.ts';
import type { Value } from '../value.ts';
import { generateLambda, generateThunk } from './generate.ts';
import { support } from './support.ts';

/** Where the second tier stands: how hot code must be, and whether it can be had at all. */
export const tier = {
  /** Calls of a function, or of code like a thunk's, until it is compiled. */
  threshold: 20_000,
  available: true,
};

/** As good as never: a heat from which the threshold is not reached. */
const NEVER = -(2 ** 30);

/**
 * A function was called often. From now on its `code1`... are there, unless it cannot or need not be compiled. Tells
 * whether there is one for calls with so many arguments.
 */
export function compileLambda(info: LambdaInfo, args: 1 | 2): boolean {
  info.heat = NEVER;
  // With frames every call must be seen.
  if (!tier.available || calls.keepFrames) return false;
  const entries = load(info.unit, generateLambda(info, calls.observeThunks));
  if (entries === undefined) return false;
  [info.code1, info.code2, info.code3] = entries;
  return entries[args - 1] !== undefined;
}

/** The code of a thunk that compiled code makes. */
export class ThunkCode {
  readonly unit: Unit;
  readonly offset: number;
  private heat = 0;
  private compiled: CompiledCode | undefined = undefined;

  constructor(unit: Unit, offset: number) {
    this.unit = unit;
    this.offset = offset;
  }

  run(env: Env): Value {
    if (this.compiled === undefined && ++this.heat > tier.threshold) {
      this.heat = NEVER;
      if (tier.available)
        this.compiled = load(this.unit, generateThunk(this.unit, this.offset, calls.observeThunks))?.[0];
    }
    if (this.compiled !== undefined) return this.compiled(env) as Value;
    return run(this.unit, this.offset, env);
  }
}

export interface Generated {
  /** Of a function (support, unit, constants, sites) that gives the compiled functions. */
  readonly text: string;
  readonly constants: readonly unknown[];
  readonly sites: readonly unknown[];
}

type Maker = (
  support: unknown,
  unit: Unit,
  constants: readonly unknown[],
  sites: readonly unknown[],
) => (CompiledCode | undefined)[];

function load(unit: Unit, generated: Generated | undefined): (CompiledCode | undefined)[] | undefined {
  if (generated === undefined) return undefined;
  try {
    const make = new Function('R', 'U', 'K', 'S', generated.text) as Maker;
    return make(support(), unit, generated.constants, generated.sites);
  } catch (error) {
    if (!(error instanceof EvalError)) throw error;
    tier.available = false;
    return undefined;
  }
}
