/**
 * What compiled functions call where the straight way through an instruction ends: forcing, sets that are not as the last
 * one was, operands that are not ints, errors. Everything here does what the machine does at the same place.
 *
 * A compiled function knows of an error only how far it had come: the number of a site. A site is an instruction and its
 * part that was being evaluated; its `up` is the site that the instruction is itself a part of. `unwind` gives the error
 * the lines that the machine's frames for these would have given it, innermost first.
 */
import { wholeText } from '../../base/bytes.ts';
import type { LambdaInfo } from '../../code/lambda.ts';
import type { Unit } from '../../code/unit.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Pos } from '../../errors/position.ts';
import { Attrs, slotAt } from '../attrs.ts';
import { equalValues } from '../equality.ts';
import { bindFormals } from '../formals.ts';
import { call1, call2, callFunction, callPrimop, copyFunction, Lambda } from '../function.ts';
import { concatLists, type Env, part, run } from '../machine.ts';
import { Concatenation } from '../machine-concat.ts';
import { failedAssertion, missingAttribute, notABoolean, notASet } from '../machine-errors.ts';
import { lookupWith, positionValue } from '../machine-scope.ts';
import { hasAttrPath, selectFrom, selectIfThere, selectOrFrom } from '../machine-select.ts';
import { addDynamic, makeAttrs } from '../machine-sets.ts';
import { makeSlot, newEnv } from '../machine-slots.ts';
import { traceThrough } from '../machine-trace.ts';
import { callDepthExceeded, calls, longRun } from '../stack.ts';
import { DONE, forceThunk, Thunk } from '../thunk.ts';
import type { Slot, Value } from '../value.ts';

/** Where a compiled function can fail. The first one of a function stands for "no line". */
export interface ErrorSite {
  readonly pc: number;
  readonly at: number;
  readonly up: number;
  /** For builtins that are computed in place: the line of their call. */
  readonly line?: string;
}

function unwind(error: unknown, unit: Unit, sites: readonly ErrorSite[], site: number, subject: unknown) {
  if (!(error instanceof NixError)) return error;
  for (let i = site, set = subject instanceof Attrs ? subject : undefined; i !== 0; set = undefined) {
    const { pc, at, up, line } = sites[i]!;
    if (line !== undefined) error.addTrace(line, unit.posBase + pc);
    else traceThrough(error, unit, pc, at, set);
    i = up;
  }
  return error;
}

/** The value of a slot that is a thunk. */
function forced(thunk: Thunk, pos: Pos): Value {
  return thunk.offset === DONE ? (thunk.payload as Value) : forceThunk(thunk, pos);
}

/** The same for a variable, which is its value from then on. */
function forcedIn(home: Env, index: number, thunk: Thunk, pos: Pos): Value {
  const value = thunk.offset === DONE ? (thunk.payload as Value) : forceThunk(thunk, pos);
  home[index] = value;
  return value;
}

/** A variable's slot, to be handed on. */
function bare(slot: Slot): Slot {
  return slot instanceof Thunk && slot.offset === DONE ? (slot.payload as Value) : slot;
}

/** The slot of a binding that nobody has asked for yet. */
function bound(unit: Unit, pc: number, home: Env, index: number): Slot {
  const slot = makeSlot(unit, pc, home);
  home[index] = slot;
  return slot;
}

/** `set.name`; the memo's two cells are the last shape, and the index in it. */
function select(set: Value, unit: Unit, pc: number): Value {
  const pos = unit.posBase + pc;
  if (!(set instanceof Attrs)) throw notASet(set, pos);
  const { code, memo } = unit;
  const cell = code[pc + 3]!;
  const { shape } = set;
  let index: number;
  if (memo[cell] === shape) index = memo[cell + 1] as number;
  else {
    const name = unit.text(code[pc + 2]!);
    index = shape.find(name);
    if (index === 0) {
      const slot = set.getBelow(name);
      if (slot === undefined) throw missingAttribute(set, name);
      return slot instanceof Thunk ? forceThunk(slot, pos) : slot;
    }
    memo[cell] = shape;
    memo[cell + 1] = index;
  }
  const { slots } = set;
  const slot = slotAt(shape, slots, index);
  if (!(slot instanceof Thunk)) return slot;
  const value = forceThunk(slot, pos);
  slots[index] = value;
  return value;
}

/** LESS, SUBTRACT, MULTIPLY of anything but ints whose result is one of ours. */
function operate(unit: Unit, pc: number, a: Value, b: Value): Value {
  return callFunction(part(unit, unit.code, unit.code[pc + 3]!, []), [a, b], unit.posBase + pc);
}

/** The part `value` of CONCAT, behind `count` parts whose text is `text` if no concatenation was needed for them. */
function concatPart(
  so: Concatenation | undefined,
  unit: Unit,
  pc: number,
  count: number,
  text: string,
  value: Value,
): Concatenation {
  if (so !== undefined) return so.add(value);
  const concatenation = new Concatenation(unit, pc);
  if (count > 0) concatenation.startWith(text, count);
  return concatenation.add(value);
}

/** `a + b` where they are not two ints, nor two strings. */
function add(so: Concatenation | undefined, unit: Unit, pc: number, a: Value, b: Value): Value {
  return (so ?? new Concatenation(unit, pc).add(a)).add(b).finish();
}

function bind(info: LambdaInfo, env: Env, arg: Slot, pos: Pos): Env {
  return bindFormals(new Lambda(info, env), arg, pos);
}

/** Made when it is first wanted: modules of the runtime import each other in a circle. */
export function support(): Readonly<Record<string, unknown>> {
  return {
    Attrs,
    Lambda,
    Thunk,
    add,
    addDynamic,
    bare,
    bind,
    bound,
    call1,
    call2,
    callDepthExceeded,
    callFunction,
    callPrimop,
    calls,
    concatLists,
    concatPart,
    copyFunction,
    equalValues,
    failedAssertion,
    forced,
    forcedIn,
    hasAttrPath,
    longRun,
    lookupWith,
    makeAttrs,
    makeSlot,
    newEnv,
    notABoolean,
    notASet,
    operate,
    part,
    positionValue,
    run,
    select,
    selectFrom,
    selectIfThere,
    selectOrFrom,
    unwind,
    wholeText,
  };
}
