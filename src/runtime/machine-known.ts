/**
 * Selections whose value is known already: the subject is a variable that has been forced, and so has the attribute. They
 * need neither a thunk nor a run of the machine, and cannot fail; of nixpkgs' selections that is every second one.
 */
import * as op from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import { Attrs } from './attrs.ts';
import type { Env } from './machine.ts';
import { DONE, Thunk } from './thunk.ts';
import type { Slot, Value } from './value.ts';

/** The value of SELECT @subject text memo, or undefined where something would have to be computed. */
export function knownSelection(unit: Unit, code: Int32Array, pc: number, env: Env): Value | undefined {
  const subject = knownVariable(unit, code, code[pc + 1]!, env);
  if (!(subject instanceof Attrs)) return undefined;
  const { memo } = unit;
  const cell = code[pc + 3]!;
  const { shape, slots } = subject;
  let slot: Slot | undefined;
  if (memo[cell] === shape) slot = slots[memo[cell + 1] as number] as Slot | undefined;
  else {
    const name = unit.texts[code[pc + 2]!] ?? unit.text(code[pc + 2]!);
    const index = shape.find(name);
    if (index === 0) slot = subject.getBelow(name);
    else {
      memo[cell] = shape;
      memo[cell + 1] = index;
      slot = slots[index] as Slot | undefined;
    }
  }
  if (!(slot instanceof Thunk)) return slot;
  return slot.offset === DONE ? (slot.payload as Value) : undefined;
}

function knownVariable(unit: Unit, code: Int32Array, pc: number, env: Env): unknown {
  let slot: unknown;
  switch (code[pc]) {
    case op.VAR_0:
      slot = env[code[pc + 1]!];
      break;
    case op.VAR_1:
      slot = (env[0] as Env)[code[pc + 1]!];
      break;
    case op.VAR_2:
      slot = ((env[0] as Env)[0] as Env)[code[pc + 1]!];
      break;
    case op.VAR:
    case op.LAZY: {
      let home = env;
      for (let depth = code[pc + 1]!; depth > 0; depth--) home = home[0] as Env;
      slot = home[code[pc + 2]!];
      break;
    }
    case op.GLOBAL:
      slot = unit.memo[code[pc + 2]!];
      break;
    default:
      return undefined;
  }
  return slot instanceof Thunk ? (slot.offset === DONE ? slot.payload : undefined) : slot;
}
