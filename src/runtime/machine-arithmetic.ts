/**
 * `<`, `-` and `*`: calls of builtins to the language (syntax/nodes.ts), computed right here while both operands are
 * ints and the result is a safe one. In every other case the builtin is called with what was found.
 */
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { callFunction, Primop } from './function.ts';
import { type Env, part } from './machine.ts';
import type { Value } from './value.ts';

/** LESS @a @b @builtin */
export function lessThan(unit: Unit, pc: number, env: Env): Value {
  const a = operand(unit, pc, 1, env);
  const b = operand(unit, pc, 2, env);
  return typeof a === 'number' && typeof b === 'number' ? a < b : callBuiltin(unit, pc, env, a, b);
}

/** SUBTRACT @a @b @builtin */
export function subtract(unit: Unit, pc: number, env: Env): Value {
  const a = operand(unit, pc, 1, env);
  const b = operand(unit, pc, 2, env);
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a - b;
    if (Number.isSafeInteger(result)) return result;
  }
  return callBuiltin(unit, pc, env, a, b);
}

/** MULTIPLY @a @b @builtin */
export function multiply(unit: Unit, pc: number, env: Env): Value {
  const a = operand(unit, pc, 1, env);
  const b = operand(unit, pc, 2, env);
  if (typeof a === 'number' && typeof b === 'number') {
    const result = a * b;
    if (Number.isSafeInteger(result)) return result + 0; // never -0
  }
  return callBuiltin(unit, pc, env, a, b);
}

function operand(unit: Unit, pc: number, index: 1 | 2, env: Env): Value {
  const { code } = unit;
  try {
    return part(unit, code, code[pc + index]!, env);
  } catch (error) {
    if (error instanceof NixError) {
      const builtin = part(unit, code, code[pc + 3]!, env);
      if (builtin instanceof Primop) {
        error.addTrace(`while calling the '${builtin.builtin.name}' builtin`, unit.posBase + pc);
      }
    }
    throw error;
  }
}

function callBuiltin(unit: Unit, pc: number, env: Env, a: Value, b: Value): Value {
  return callFunction(part(unit, unit.code, unit.code[pc + 3]!, env), [a, b], unit.posBase + pc);
}
