/**
 * A thunk is a computation put off: (unit, offset, environment) for Nix code, which the machine runs; a call of a Nix
 * function that a builtin put off (`lazyCall`); or a JS function (`lazy`). `force` computes it once.
 *
 * While it is computed it is a black hole, so that forcing it again is Nix's infinite recursion. If the computation fails
 * with a user's error, it has failed for good: who forces the thunk again (after tryEval) gets that error with the trace
 * of the first time. After anything else (JavaScript's stack is full) the thunk is as before. The state stands in `offset`,
 * whose negative values are no code; unit and payload are kept while it is a black hole.
 *
 * A function that a thunk comes out as is a function object of the thunk's own: `==` on sets and lists asks whether two
 * functions are in one and the same place (equality.ts), and slots that have been forced hold the value without the thunk.
 */
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import type { ThunkCode } from './compiled/tier.ts';
import { call1, call2, copyFunction } from './function.ts';
import { type Env, run } from './machine.ts';
import { calls } from './stack.ts';
import type { Slot, Value } from './value.ts';

export const DONE = -1; //   payload: the value
const BUSY = -2;
const FAILED = -3; // payload: the error
const NATIVE = -4; // payload: () => Value
const CALL_TWO = -5; // unit: the function; payload: its two arguments
const CALL_ONE = -6; // unit: the function; payload: its argument
const CALL_NAMED = -16; // CALL_NAMED - index: unit: a NamedCalls; payload: the second argument
export const COMPILED = -8; // unit: a ThunkCode (compiled/tier.ts); payload: the environment
// 0 and above:       offset into unit's code; payload: the environment

export class Thunk {
  declare unit: unknown;
  declare offset: number;
  declare payload: unknown;
  constructor(unit: unknown, offset: number, payload: unknown) {
    this.unit = unit;
    this.offset = offset;
    this.payload = payload;
  }

  get isForced(): boolean {
    return this.offset === DONE;
  }
}

/** A slot that `compute` fills when it is first forced. */
export function lazy(compute: () => Value): Thunk {
  return new Thunk(null, NATIVE, compute);
}

/** The call `callee arg ...`, put off; cheaper than `lazy` with a closure. */
export function lazyCall(callee: Slot, first: Slot, second?: Slot): Thunk {
  return second === undefined ? new Thunk(callee, CALL_ONE, first) : new Thunk(callee, CALL_TWO, [first, second]);
}

/**
 * Calls of a function with a name and something else, as mapAttrs puts them off for each attribute. Nobody has looked at
 * the function, so that nothing is known of it either where something goes wrong.
 */
export class NamedCalls {
  private readonly callee: Slot;
  private readonly names: readonly string[];

  /** Thunks name their first argument by its index. */
  constructor(callee: Slot, names: readonly string[]) {
    this.callee = callee;
    this.names = names;
  }

  lazy(index: number, second: Slot): Thunk {
    return new Thunk(this, CALL_NAMED - index, second);
  }

  run(index: number, second: Slot): Value {
    return call2(this.callee, this.names[index]!, second, NO_POS);
  }
}

/** The value of a slot. `pos` is where it is needed, for "infinite recursion encountered". */
export function force(slot: Slot, pos: Pos = NO_POS): Value {
  if (!(slot instanceof Thunk)) return slot;
  return slot.offset === DONE ? (slot.payload as Value) : forceThunk(slot, pos);
}

/** The value of a slot if it is known without computing anything; else undefined. */
export function peek(slot: Slot): Value | undefined {
  if (!(slot instanceof Thunk)) return slot;
  return slot.offset === DONE ? (slot.payload as Value) : undefined;
}

/** Is the slot being computed right now? */
export function isBlackHole(slot: Slot): boolean {
  return slot instanceof Thunk && slot.offset === BUSY;
}

/** The function that a slot is a call of, if it is one that was put off by lazyCall. */
export function calleeOf(slot: Slot): Slot | undefined {
  if (!(slot instanceof Thunk)) return undefined;
  return slot.offset === CALL_TWO || slot.offset === CALL_ONE ? (slot.unit as Slot) : undefined;
}

export function forceThunk(thunk: Thunk, pos: Pos): Value {
  const offset = thunk.offset;
  if (offset < 0 && offset > NATIVE) {
    if (offset === DONE) return thunk.payload as Value;
    throw offset === FAILED ? (thunk.payload as NixError).again() : new InfiniteRecursion(thunk, pos);
  }
  const depth = calls.depth;
  thunk.offset = BUSY;
  let value: Value;
  try {
    value = offset >= 0 ? run(thunk.unit as Unit, offset, thunk.payload as Env) : forceNative(thunk, offset, pos);
  } catch (error) {
    throw failed(thunk, offset, error);
  }
  calls.depth = depth;
  if (typeof value === 'object' && value !== null) value = copyFunction(value);
  thunk.offset = DONE;
  thunk.unit = null;
  thunk.payload = value;
  return value;
}

/** The computation of a black hole has thrown: what the thunk becomes. Gives the error back. */
function failed(thunk: Thunk, offset: number, error: unknown): unknown {
  if (!(error instanceof NixError)) {
    thunk.offset = offset;
    return error;
  }
  if (error instanceof InfiniteRecursion && error.thunk === thunk) {
    error.addTrace('entering the infinite recursion', NO_POS, true);
    error.thunk = undefined;
  }
  thunk.offset = FAILED;
  thunk.unit = null;
  thunk.payload = error;
  return error;
}

function forceNative(thunk: Thunk, offset: number, pos: Pos): Value {
  if (offset === COMPILED) return (thunk.unit as ThunkCode).run(thunk.payload as Env);
  if (offset === CALL_ONE) return call1(thunk.unit as Slot, thunk.payload as Slot, pos);
  if (offset <= CALL_NAMED) return (thunk.unit as NamedCalls).run(CALL_NAMED - offset, thunk.payload as Slot);
  if (offset === NATIVE) return (thunk.payload as () => Value)();
  const [first, second] = thunk.payload as [Slot, Slot];
  return call2(thunk.unit as Slot, first, second, pos);
}

class InfiniteRecursion extends NixError {
  thunk: Thunk | undefined;
  constructor(thunk: Thunk, pos: Pos) {
    super('infinite recursion encountered', { class: 'InfiniteRecursionError', pos });
    this.thunk = thunk;
  }
}
