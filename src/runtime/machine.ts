/**
 * The machine: one loop over flat code (code/opcodes.ts). `run` calls itself for the parts of an instruction and goes on
 * in place for what is in tail position, calls of lambdas included (unless --show-trace wants their frames). The file is
 * long because a switch is: one function, so that everything that the loop needs stays in its locals.
 *
 * What an expression is when it is not needed yet is machine-slots.ts. Errors are not looked after on the way: when one
 * passes through `run`, the instruction at `pc` and the part at `at` tell which "while ..." lines it gets
 * (machine-trace.ts).
 */

import { wholeText } from '../base/bytes.ts';
import type { LambdaInfo } from '../code/lambda.ts';
import * as op from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import type { Pos } from '../errors/position.ts';
import { Attrs, slotAt } from './attrs.ts';
import { forceList } from './coerce.ts';
import { compileLambda, tier } from './compiled/tier.ts';
import { equalValues } from './equality.ts';
import { bindFormals } from './formals.ts';
import { call1, call2, callFunction, callLambda, Lambda } from './function.ts';
import { Concatenation } from './machine-concat.ts';
import { failedAssertion, missingAttribute, notABoolean, notASet } from './machine-errors.ts';
import { knownSelection } from './machine-known.ts';
import { lambdaInfo, loadGlobal } from './machine-load.ts';
import { lookupWith, positionValue } from './machine-scope.ts';
import { hasAttrPath, selectOr, selectPath } from './machine-select.ts';
import { addDynamic, makeAttrs } from './machine-sets.ts';
import { makeLambda, makeSlot, makeSlots, newEnv } from './machine-slots.ts';
import { traceThrough } from './machine-trace.ts';
import { callDepthExceeded, calls, longRun } from './stack.ts';
import { DONE, forceThunk, Thunk } from './thunk.ts';
import type { List, Slot, Value } from './value.ts';

/**
 * [parent, slots...]; a slot of `let`, `rec` or a formal's default is undefined until it is made (LAZY). The environment
 * of a `with` is [parent, the set, position of the `with`].
 */
export type Env = (Slot | undefined | Env)[];

/** The value of the expression at an offset. */
export function run(unit: Unit, pc: number, env: Env): Value {
  if (--calls.untilLong === 0) longRun();
  let code = unit.code;
  /** The part that is being evaluated. */
  let at = -1;
  /** The set that is being selected from. */
  let subject: Attrs | undefined;
  /** Calls that were entered in place. */
  let entered = 0;
  let result: Value;
  try {
    loop: for (;;) {
      switch (code[pc]) {
        case op.IF: {
          at = code[pc + 1]!;
          const condition = part(unit, code, at, env);
          if (condition === true) pc = code[pc + 2]!;
          else if (condition === false) pc = code[pc + 3]!;
          else throw notABoolean(condition, unit.posBase + at);
          continue;
        }
        case op.LET:
          env = newEnv(env, code[pc + 1]!);
          pc = code[pc + 2]!;
          continue;
        case op.WITH:
          env = [env, makeSlot(unit, code[pc + 1]!, env), unit.posBase + pc];
          pc = code[pc + 2]!;
          continue;
        case op.ASSERT: {
          at = code[pc + 1]!;
          const condition = part(unit, code, at, env);
          if (condition !== true) {
            if (condition !== false) throw notABoolean(condition, unit.posBase + at);
            at = pc;
            throw failedAssertion(unit, pc, env);
          }
          pc = code[pc + 2]!;
          continue;
        }
        case op.DELAY:
          pc = code[pc + 1]!;
          continue;
        case op.CALL_1: {
          at = code[pc + 1]!;
          const callee = part(unit, code, at, env);
          at = pc;
          const arg = makeSlot(unit, code[pc + 2]!, env);
          if (callee instanceof Lambda && !calls.keepFrames) {
            if (calls.depth > calls.max) throw callDepthExceeded(unit.posBase + pc);
            const info = callee.info;
            if (info.code1 !== undefined || (++info.heat > tier.threshold && compileLambda(info, 1))) {
              result = info.code1!(callee.env, arg, unit.posBase + pc) as Value;
              break loop;
            }
            calls.depth++;
            entered++;
            env = info.formals === undefined ? [callee.env, arg] : bindFormals(callee, arg, unit.posBase + pc);
            unit = info.unit;
            code = unit.code;
            pc = info.body;
            continue;
          }
          result = call1(callee, arg, unit.posBase + pc);
          break loop;
        }
        case op.CALL_2: {
          at = code[pc + 1]!;
          let callee = part(unit, code, at, env);
          at = pc;
          const first = makeSlot(unit, code[pc + 2]!, env);
          const second = makeSlot(unit, code[pc + 3]!, env);
          if (callee instanceof Lambda && !calls.keepFrames) {
            const info = callee.info;
            if (info.code2 !== undefined || (++info.heat > tier.threshold && compileLambda(info, 2))) {
              result = info.code2!(callee.env, first, second, unit.posBase + pc) as Value;
              break loop;
            }
            if (calls.depth > calls.max) throw callDepthExceeded(unit.posBase + pc);
            const inner = info.unit;
            let curried: LambdaInfo | undefined;
            // A curried function: the second lambda need not be made.
            if (
              info.formals === undefined &&
              inner.code[info.body] === op.LAMBDA &&
              (curried = lambdaInfo(inner, info.body)).formals === undefined
            ) {
              env = [[callee.env, first], second];
              pc = curried.body;
            } else {
              callee = callLambda(callee, first, unit.posBase + pc);
              if (!(callee instanceof Lambda)) {
                result = callFunction(callee, [second], unit.posBase + pc);
                break loop;
              }
              curried = callee.info;
              env =
                curried.formals === undefined ? [callee.env, second] : bindFormals(callee, second, unit.posBase + pc);
              pc = curried.body;
            }
            calls.depth++;
            entered++;
            unit = curried.unit;
            code = unit.code;
            continue;
          }
          result = call2(callee, first, second, unit.posBase + pc);
          break loop;
        }
        case op.CALL: {
          at = code[pc + 1]!;
          let callee = part(unit, code, at, env);
          at = pc;
          const args = makeSlots(unit, code, pc + 2, env);
          if (callee instanceof Lambda && !calls.keepFrames) {
            const last = args.pop()!;
            callee = callFunction(callee, args, unit.posBase + pc);
            if (callee instanceof Lambda) {
              if (calls.depth > calls.max) throw callDepthExceeded(unit.posBase + pc);
              calls.depth++;
              entered++;
              const info = callee.info;
              env = info.formals === undefined ? [callee.env, last] : bindFormals(callee, last, unit.posBase + pc);
              unit = info.unit;
              code = unit.code;
              pc = info.body;
              continue;
            }
            result = callFunction(callee, [last], unit.posBase + pc);
            break loop;
          }
          result = callFunction(callee, args, unit.posBase + pc);
          break loop;
        }
        case op.SELECT: {
          at = code[pc + 1]!;
          const set = part(unit, code, at, env);
          at = pc;
          if (!(set instanceof Attrs)) throw notASet(set, unit.posBase + pc);
          subject = set;
          const { memo } = unit;
          const cell = code[pc + 3]!;
          const shape = set.shape;
          let index: number;
          if (memo[cell] === shape) index = memo[cell + 1] as number;
          else {
            const name = unit.texts[code[pc + 2]!] ?? unit.text(code[pc + 2]!);
            index = shape.find(name);
            if (index === 0) {
              const slot = set.getBelow(name);
              if (slot === undefined) throw missingAttribute(set, name);
              result = slot instanceof Thunk ? forceThunk(slot, unit.posBase + pc) : slot;
              break loop;
            }
            memo[cell] = shape;
            memo[cell + 1] = index;
          }
          const slot = slotAt(shape, set.slots, index);
          if (slot instanceof Thunk) {
            const { slots } = set;
            result = forceThunk(slot, unit.posBase + pc);
            slots[index] = result;
          } else result = slot;
          break loop;
        }
        case op.SELECT_PATH:
          at = pc;
          result = selectPath(unit, pc, env);
          break loop;
        case op.SELECT_OR:
          at = pc;
          result = selectOr(unit, pc, env);
          break loop;
        case op.HAS_ATTR:
          at = code[pc + 1]!;
          result = hasAttrPath(part(unit, code, at, env), unit, pc, env);
          break loop;
        case op.ATTRS:
          result = makeAttrs(unit, pc, env);
          break loop;
        case op.DYNAMIC:
          result = addDynamic(unit, pc, env);
          break loop;
        case op.LIST: {
          result = makeSlots(unit, code, pc + 1, env);
          break loop;
        }
        case op.CONCAT: {
          at = code[pc + 3]!;
          const a = part(unit, code, at, env);
          // A number becomes no text: it fails before the next part is evaluated.
          if (code[pc + 2] === 2 && (typeof a === 'string' || (typeof a === 'number' && code[pc + 1] === 0))) {
            at = code[pc + 4]!;
            const b = part(unit, code, at, env);
            if (typeof a === 'string' && typeof b === 'string') {
              result = wholeText(a + b);
              break loop;
            }
            if (typeof a === 'number' && typeof b === 'number' && Number.isSafeInteger(a + b)) {
              result = a + b;
              break loop;
            }
            at = pc;
            result = new Concatenation(unit, pc).add(a).add(b).finish();
            break loop;
          }
          at = pc;
          const concatenation = new Concatenation(unit, pc).add(a);
          for (let i = 1, n = code[pc + 2]!; i < n; i++) {
            at = code[pc + 3 + i]!;
            const value = part(unit, code, at, env);
            at = pc;
            concatenation.add(value);
          }
          result = concatenation.finish();
          break loop;
        }
        case op.EQUAL: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          at = pc;
          result = equalValues(a, b, unit.posBase + pc);
          break loop;
        }
        case op.NOT_EQUAL: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          at = pc;
          result = !equalValues(a, b, unit.posBase + pc);
          break loop;
        }
        case op.NOT: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          if (typeof a !== 'boolean') throw notABoolean(a, unit.posBase + at);
          result = !a;
          break loop;
        }
        case op.AND:
        case op.OR:
        case op.IMPLIES: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          if (typeof a !== 'boolean') throw notABoolean(a, unit.posBase + at);
          if (code[pc] === op.AND ? !a : code[pc] === op.OR ? a : !a) {
            result = code[pc] !== op.AND;
            break loop;
          }
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          if (typeof b !== 'boolean') throw notABoolean(b, unit.posBase + at);
          result = b;
          break loop;
        }
        case op.UPDATE: {
          at = code[pc + 2]!;
          const right = part(unit, code, at, env);
          if (!(right instanceof Attrs)) throw notASet(right);
          at = code[pc + 1]!;
          const left = part(unit, code, at, env);
          if (!(left instanceof Attrs)) throw notASet(left);
          result = Attrs.update(left, right);
          break loop;
        }
        case op.CONCAT_LISTS: {
          at = code[pc + 1]!;
          const left = part(unit, code, at, env);
          at = code[pc + 2]!;
          const right = part(unit, code, at, env);
          at = pc;
          result = concatLists(left, right, unit.posBase + pc);
          break loop;
        }
        case op.LESS: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          at = pc;
          if (typeof a === 'number' && typeof b === 'number') {
            result = a < b;
            break loop;
          }
          result = callFunction(part(unit, code, code[pc + 3]!, env), [a, b], unit.posBase + pc);
          break loop;
        }
        case op.SUBTRACT: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          at = pc;
          if (typeof a === 'number' && typeof b === 'number') {
            result = a - b;
            if (Number.isSafeInteger(result)) break loop;
          }
          result = callFunction(part(unit, code, code[pc + 3]!, env), [a, b], unit.posBase + pc);
          break loop;
        }
        case op.MULTIPLY: {
          at = code[pc + 1]!;
          const a = part(unit, code, at, env);
          at = code[pc + 2]!;
          const b = part(unit, code, at, env);
          at = pc;
          if (typeof a === 'number' && typeof b === 'number') {
            result = a * b + 0; // never -0
            if (Number.isSafeInteger(result)) break loop;
          }
          result = callFunction(part(unit, code, code[pc + 3]!, env), [a, b], unit.posBase + pc);
          break loop;
        }
        case op.CUR_POS:
          result = positionValue(unit.posBase + pc);
          break loop;
        default:
          result = part(unit, code, pc, env);
          break loop;
      }
    }
  } catch (error) {
    throw traceThrough(error, unit, pc, at, subject);
  }
  if (entered !== 0) calls.depth -= entered;
  return result;
}

/**
 * The value of a part: variables and constants right here, for the rest the machine is entered again. A variable that is
 * forced is its value from then on.
 */
export function part(unit: Unit, code: Int32Array, pc: number, env: Env): Value {
  let home: unknown[];
  let index: number;
  switch (code[pc]) {
    case op.VAR_0:
      home = env;
      index = code[pc + 1]!;
      break;
    case op.VAR_1:
      home = env[0] as Env;
      index = code[pc + 1]!;
      break;
    case op.VAR_2:
      home = (env[0] as Env)[0] as Env;
      index = code[pc + 1]!;
      break;
    case op.VAR:
      home = env;
      for (let depth = code[pc + 1]!; depth > 0; depth--) home = home[0] as Env;
      index = code[pc + 2]!;
      break;
    case op.LAZY:
      home = env;
      for (let depth = code[pc + 1]!; depth > 0; depth--) home = home[0] as Env;
      index = code[pc + 2]!;
      if (home[index] === undefined) home[index] = makeSlot(unit, code[pc + 3]!, home as Env);
      break;
    case op.GLOBAL:
      home = unit.memo;
      index = code[pc + 2]!;
      if (home[index] === undefined) loadGlobal(unit, pc);
      break;
    case op.WITH_VAR: {
      const slot = lookupWith(unit, pc, env);
      return slot instanceof Thunk ? forceThunk(slot, unit.posBase + pc) : slot;
    }
    case op.SELECT: {
      const known = knownSelection(unit, code, pc, env);
      return known === undefined ? run(unit, pc, env) : known;
    }
    default:
      return code[pc]! <= op.LAST_LEAF ? leaf(unit, pc, env) : run(unit, pc, env);
  }
  const slot = home[index] as Slot;
  if (!(slot instanceof Thunk)) return slot;
  const value = slot.offset === DONE ? (slot.payload as Value) : forceThunk(slot, unit.posBase + pc);
  home[index] = value;
  return value;
}

function leaf(unit: Unit, pc: number, env: Env): Value {
  switch (unit.code[pc]) {
    case op.LAMBDA:
      return makeLambda(unit, pc, env);
    case op.EMPTY_SET:
      return Attrs.empty;
    default:
      return makeSlot(unit, pc, env) as Value;
  }
}

export function concatLists(a: Value, b: Value, pos: Pos): List {
  const left = forceList(a, pos, 'while evaluating one of the elements to concatenate');
  const right = forceList(b, pos, 'while evaluating one of the elements to concatenate');
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  return left.concat(right);
}
