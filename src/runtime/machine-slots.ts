/**
 * Expressions that are not needed yet, and the environments that hold them. One place, `makeSlot`, decides that constants,
 * variables, lambdas, small sets and sums of known ints are made at once, and everything else becomes a thunk.
 */
import type { LambdaInfo } from '../code/lambda.ts';
import * as op from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import { Attrs } from './attrs.ts';
import { copyFunction, Lambda } from './function.ts';
import type { Env } from './machine.ts';
import { knownSelection } from './machine-known.ts';
import { lambdaInfo, loadBigInt, loadFloat, loadGlobal, loadPath } from './machine-load.ts';
import { makeAttrs } from './machine-sets.ts';
import { calls } from './stack.ts';
import { DONE, Thunk } from './thunk.ts';
import type { List, Slot, Value } from './value.ts';

export function makeLambda(unit: Unit, pc: number, env: Env): Lambda {
  return new Lambda((unit.memo[unit.code[pc + 1]!] as LambdaInfo | undefined) ?? lambdaInfo(unit, pc), env);
}

/**
 * The slot for the expression at an offset: its value where that costs nothing, else a thunk. What C++ Nix makes a thunk
 * of is one here too if somebody is going to see the difference (calls.observeThunks).
 */
export function makeSlot(unit: Unit, pc: number, env: Env): Slot {
  const code = unit.code;
  let slot: Slot;
  switch (code[pc]) {
    case op.VAR_0:
      slot = env[code[pc + 1]!] as Slot;
      break;
    case op.VAR_1:
      slot = (env[0] as Env)[code[pc + 1]!] as Slot;
      break;
    case op.VAR_2:
      slot = ((env[0] as Env)[0] as Env)[code[pc + 1]!] as Slot;
      break;
    case op.VAR:
      slot = climb(env, code[pc + 1]!)[code[pc + 2]!] as Slot;
      break;
    case op.LAZY:
      slot = lazySlot(unit, code, pc, env);
      break;
    case op.STRING:
      return unit.texts[code[pc + 1]!] ?? unit.text(code[pc + 1]!);
    case op.INT:
      return code[pc + 1]!;
    case op.TRUE:
      return true;
    case op.FALSE:
      return false;
    case op.NULL:
      return null;
    case op.LAMBDA:
      return calls.observeThunks ? new Thunk(unit, pc, env) : makeLambda(unit, pc, env);
    case op.EMPTY_LIST:
      return emptyList;
    case op.EMPTY_SET:
      return calls.observeThunks ? new Thunk(unit, pc, env) : Attrs.empty;
    case op.PATH:
      return loadPath(unit, pc);
    case op.FLOAT:
      return loadFloat(unit, pc);
    case op.BIG_INT:
      return loadBigInt(unit, pc);
    case op.GLOBAL:
      slot = (unit.memo[code[pc + 2]!] as Slot | undefined) ?? loadGlobal(unit, pc);
      break;
    case op.SELECT: {
      const known = calls.observeThunks ? undefined : knownSelection(unit, code, pc, env);
      if (known === undefined) return new Thunk(unit, pc, env);
      return typeof known === 'object' && known !== null ? copyFunction(known) : known;
    }
    case op.SUBTRACT:
    case op.CONCAT: {
      // `n - 1` and `n + 1` are computed at once where n is known: that costs less than a thunk, and cannot fail.
      const known = calls.observeThunks ? undefined : knownInt(unit, pc, env);
      return known === undefined ? new Thunk(unit, pc, env) : known;
    }
    case op.ATTRS:
      if (code[pc + 2] === 0 && code[pc + 3]! <= SMALL_SET && !calls.observeThunks) return makeAttrs(unit, pc, env);
      return new Thunk(unit, pc, env);
    default:
      return new Thunk(unit, pc, env);
  }
  return slot instanceof Thunk && slot.offset === DONE ? (slot.payload as Value) : slot;
}

/** The slots of `n @part...`. An array that grows by `push` takes more room than these mostly need. */
export function makeSlots(unit: Unit, code: Int32Array, at: number, env: Env): Slot[] {
  const count = code[at]!;
  const first = makeSlot(unit, code[at + 1]!, env);
  if (count === 1) return [first];
  const second = makeSlot(unit, code[at + 2]!, env);
  if (count === 2) return [first, second];
  const third = makeSlot(unit, code[at + 3]!, env);
  if (count === 3) return [first, second, third];
  const slots = [first, second, third, makeSlot(unit, code[at + 4]!, env)];
  for (let i = 5; i <= count; i++) slots.push(makeSlot(unit, code[at + i]!, env));
  return slots;
}

/** SUBTRACT, or CONCAT of two parts, whose operands are variables and constants that are known to be ints. */
function knownInt(unit: Unit, pc: number, env: Env): number | undefined {
  const { code } = unit;
  const isSum = code[pc] === op.CONCAT;
  if (isSum && (code[pc + 1] !== 0 || code[pc + 2] !== 2)) return undefined;
  const first = code[isSum ? pc + 3 : pc + 1]!;
  const second = code[isSum ? pc + 4 : pc + 2]!;
  if (code[first]! > op.VAR_2 || code[second]! > op.VAR_2) return undefined;
  // Of constants alone it stays a thunk, as which it is printed.
  if (code[first]! < op.VAR_0 && code[second]! < op.VAR_0) return undefined;
  const a = makeSlot(unit, first, env);
  if (typeof a !== 'number') return undefined;
  const b = makeSlot(unit, second, env);
  if (typeof b !== 'number') return undefined;
  const result = isSum ? a + b : a - b;
  return Number.isSafeInteger(result) ? result : undefined;
}

/** Sets of so many attributes are made where others become thunks. */
const SMALL_SET = 8;

export const emptyList: List = [];

function climb(env: Env, depth: number): Env {
  let up = env;
  for (let i = depth; i > 0; i--) up = up[0] as Env;
  return up;
}

function lazySlot(unit: Unit, code: Int32Array, pc: number, env: Env): Slot {
  let home = env;
  for (let depth = code[pc + 1]!; depth > 0; depth--) home = home[0] as Env;
  const index = code[pc + 2]!;
  let slot = home[index] as Slot | undefined;
  if (slot === undefined) {
    slot = makeSlot(unit, code[pc + 3]!, home);
    home[index] = slot;
  }
  return slot;
}

/** An environment with unmade slots. */
export function newEnv(parent: Env, size: number): Env {
  switch (size) {
    case 1:
      return [parent, undefined];
    case 2:
      return [parent, undefined, undefined];
    case 3:
      return [parent, undefined, undefined, undefined];
    case 4:
      return [parent, undefined, undefined, undefined, undefined];
    default: {
      const env = size < unmade.length ? unmade[size]!.slice() : unmadeSlots(size);
      env[0] = parent;
      return env;
    }
  }
}

function unmadeSlots(size: number): Env {
  // Pushed, so that the array has no holes to V8's mind.
  const slots: Env = [undefined];
  for (let i = 0; i < size; i++) slots.push(undefined);
  return slots;
}

/** Environments without a parent, by size, to be copied. */
const unmade: readonly Env[] = Array.from({ length: 64 }, (_, size) => unmadeSlots(size));
