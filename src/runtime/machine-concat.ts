/** `a + b`, "a${b}" and paths with interpolation: one instruction, whose first part decides what it is. */
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { coerceToString } from './coerce-string.ts';
import { ContextBuilder } from './context-builder.ts';
import { checkedInt } from './integer.ts';
import type { MachineSession } from './machine-load.ts';
import { canonicalPath } from './path-text.ts';
import { describeType } from './type-names.ts';
import { type Int, isInt, isNixString, NixFloat, NixPath, type Value } from './value.ts';

/** CONCAT forceString n (part)... , with the parts' values. */
export function addParts(unit: Unit, pc: number, parts: readonly Value[]): Value {
  const first = parts[0]!;
  if (unit.code[pc + 1] === 0) {
    if (isInt(first)) return addInts(unit, pc, first, parts);
    if (first instanceof NixFloat) return addFloats(unit, pc, first.value, parts, 1);
  }
  return concatenate(unit, pc, parts);
}

function addInts(unit: Unit, pc: number, first: Int, parts: readonly Value[]): Value {
  let sum = first;
  for (let i = 1; i < parts.length; i++) {
    const part = parts[i]!;
    if (part instanceof NixFloat) return addFloats(unit, pc, Number(sum), parts, i);
    const pos = unit.posBase + pc + 3 + i;
    if (!isInt(part)) throw new NixError(`cannot add ${describeType(part)} to an integer`, { pos });
    if (typeof sum === 'number' && typeof part === 'number' && Number.isSafeInteger(sum + part)) sum += part;
    else {
      const exact = checkedInt(BigInt(sum) + BigInt(part));
      if (exact === undefined) throw new NixError(`integer overflow in adding ${sum} + ${part}`, { pos });
      sum = exact;
    }
  }
  return sum;
}

function addFloats(unit: Unit, pc: number, first: number, parts: readonly Value[], from: number): Value {
  let sum = first;
  for (let i = from; i < parts.length; i++) {
    const part = parts[i]!;
    if (part instanceof NixFloat) sum += part.value;
    else if (isInt(part)) sum += Number(part);
    else {
      const pos = unit.posBase + pc + 3 + i;
      throw new NixError(`cannot add ${describeType(part)} to a float`, { pos });
    }
  }
  return new NixFloat(sum);
}

function concatenate(unit: Unit, pc: number, parts: readonly Value[]): Value {
  const { context: ctx } = unit.session as MachineSession;
  const forceString = unit.code[pc + 1] === 1;
  const isPath = !forceString && parts[0] instanceof NixPath;
  // Paths are copied to the store where they become part of a string; not behind a path, nor behind a set.
  const copyToStore = forceString || isNixString(parts[0]!);
  const builder = new ContextBuilder();
  let text = '';
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (typeof part === 'string') text += part;
    else {
      text += coerceToString(ctx, unit.posBase + pc + 3 + i, part, builder, 'while evaluating a path segment', {
        copyToStore,
        canonicalizePath: forceString || i > 0,
      });
    }
  }
  if (!isPath) return builder.string(text);
  if (!builder.isEmpty) {
    const message = 'a string that refers to a store path cannot be appended to a path';
    throw new NixError(message, { pos: unit.posBase + pc });
  }
  return new NixPath(canonicalPath(text));
}
