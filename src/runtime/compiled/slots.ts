/**
 * What is passed on unevaluated: machine.ts, makeSlot. A thunk that compiled code makes counts how often code like it is
 * run (tier.ts).
 */
import * as op from '../../code/opcodes.ts';
import { COMPILED, DONE } from '../thunk.ts';
import { writeValue } from './expressions.ts';
import type { Generator } from './generator.ts';
import { safe } from './operators.ts';
import { constantAt, constantValue, isAtHand, variableSlot } from './variables.ts';

/** What is passed on unevaluated: machine.ts, makeSlot. */
export function writeSlot(g: Generator, pc: number): string {
  const { code } = g;
  switch (code[pc]) {
    case op.VAR_0:
    case op.VAR_1:
    case op.VAR_2:
      return variableSlot(g, code[pc]! - op.VAR_0, code[pc + 1]!, -1);
    case op.VAR:
      return variableSlot(g, code[pc + 1]!, code[pc + 2]!, -1);
    case op.LAZY:
      return variableSlot(g, code[pc + 1]!, code[pc + 2]!, code[pc + 3]!);
    case op.LAMBDA:
      return g.shared.observeThunks ? thunkOf(g, pc) : writeValue(g, pc, 0).js;
    case op.EMPTY_SET:
      return g.shared.observeThunks ? thunkOf(g, pc) : writeValue(g, pc, 0).js;
    case op.GLOBAL: {
      const known = constantAt(g, pc);
      return known === undefined ? g.keep(`makeSlot(U, ${pc}, env)`).js : constantValue(g, known).js;
    }
    case op.SELECT: {
      const known = knownSelection(g, pc);
      if (known === undefined) return thunkOf(g, pc);
      g.emit(`if (${known} === undefined) {`);
      g.maybe(() => g.emit(`${known} = ${thunkOf(g, pc)};`));
      g.emit(`} else if (typeof ${known} === 'object' && ${known} !== null) ${known} = copyFunction(${known});`);
      return known;
    }
    case op.SUBTRACT:
    case op.CONCAT: {
      const known = knownInt(g, pc);
      if (known === undefined) return thunkOf(g, pc);
      g.emit(`if (${known} === undefined) {`);
      g.maybe(() => g.emit(`${known} = ${thunkOf(g, pc)};`));
      g.emit('}');
      return known;
    }
    case op.ATTRS:
      if (code[pc + 2] === 0 && code[pc + 3]! <= 8 && !g.shared.observeThunks) return writeValue(g, pc, 0).js;
      return thunkOf(g, pc);
    default: {
      const known = code[pc]! < op.VAR_0 ? constantAt(g, pc) : undefined;
      return known === undefined ? thunkOf(g, pc) : constantValue(g, known).js;
    }
  }
}

function thunkOf(g: Generator, pc: number): string {
  return g.keep(`new Thunk(${g.shared.constant(g.shared.thunkCode(pc))}, ${COMPILED}, ${g.env()})`).js;
}

/** A selection from a variable, if nothing has to be computed for it; undefined in JavaScript where something has. */
function knownSelection(g: Generator, pc: number): string | undefined {
  const { code } = g;
  const subjectAt = code[pc + 1]!;
  if (g.shared.observeThunks || !isAtHand(g, subjectAt) || code[subjectAt]! < op.VAR_0) return undefined;
  const subject = writeSlot(g, subjectAt);
  const t = g.temp();
  const cell = code[pc + 3]!;
  g.emit(
    `${t} = ${subject} instanceof Attrs && M[${cell}] === ${subject}.shape ? ${subject}.slots[M[${cell + 1}]] : undefined;`,
  );
  g.emit(`if (${t} instanceof Thunk) ${t} = ${t}.offset === ${DONE} ? ${t}.payload : undefined;`);
  return t;
}

/** `n - 1` where n is known when the slot is made; undefined in JavaScript where it is not. */
export function knownInt(g: Generator, pc: number): string | undefined {
  const { code } = g;
  if (g.shared.observeThunks) return undefined;
  const isSum = code[pc] === op.CONCAT;
  if (isSum && (code[pc + 1] !== 0 || code[pc + 2] !== 2)) return undefined;
  const parts = [code[isSum ? pc + 3 : pc + 1]!, code[isSum ? pc + 4 : pc + 2]!];
  // Of constants alone it stays a thunk, as which it is printed.
  if (parts.every((part) => code[part]! < op.VAR_0)) return undefined;
  const tests: string[] = [];
  const operands: string[] = [];
  for (const part of parts) {
    const opcode = code[part]!;
    const operand =
      opcode === op.INT || (opcode >= op.VAR_0 && opcode <= op.VAR)
        ? writeSlot(g, part)
        : opcode === op.SELECT
          ? knownSelection(g, part)
          : undefined;
    if (operand === undefined) return undefined;
    operands.push(operand);
    if (opcode !== op.INT) tests.push(`typeof ${operand} === 'number'`);
  }
  const t = g.temp();
  const result = operands.join(isSum ? ' + ' : ' - ');
  g.emit(`if (!(${tests.join(' && ')} && ${safe(t, result)})) ${t} = undefined;`);
  return t;
}
