/**
 * The "while ..." lines that the machine's instructions add to an error on its way out. The instruction that was running
 * and its part that was being evaluated say it all, so nothing is kept for this while all goes well.
 */
import * as op from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos, resolvePosition } from '../errors/position.ts';
import type { Attrs } from './attrs.ts';

/** Gives the error back, with lines added if it is a user's. `at` is the part, or `pc` itself. */
export function traceThrough(error: unknown, unit: Unit, pc: number, at: number, subject: Attrs | undefined): unknown {
  if (!(error instanceof NixError) || at < 0) return error;
  const { code } = unit;
  if (code[pc] === op.SELECT && at === pc) {
    const name = unit.text(code[pc + 2]!);
    if (subject?.has(name)) definedAt(error, subject.pos(name), name);
    return error.addTrace(`while evaluating the attribute '${name}'`, unit.posBase + pc);
  }
  if (at !== pc && code[pc]! >= op.LESS && code[pc]! <= op.MULTIPLY) {
    return error.addTrace(`while calling the '${builtinNames[code[pc]! - op.LESS]}' builtin`, unit.posBase + pc);
  }
  const line = at === pc ? undefined : partLine(code, pc, at);
  return line === undefined ? error : error.addTrace(line, unit.posBase + at);
}

const builtinNames = ['lessThan', 'sub', 'mul'];

/** "from the definition of", unless that is Nix's own wrapper around derivations, which would only confuse. */
export function definedAt(error: NixError, definition: Pos, path: string): void {
  if (definition === NO_POS) return;
  const origin = resolvePosition(definition)?.source.origin;
  if (origin !== undefined && origin.kind !== 'internal')
    error.addTrace(`from the definition of '${path}'`, definition);
}

function partLine(code: Int32Array, pc: number, at: number): string | undefined {
  switch (code[pc]) {
    case op.IF:
      return 'while evaluating a branch condition';
    case op.ASSERT:
      return 'in the condition of the assert statement';
    case op.NOT:
      return "in the argument of '!'";
    case op.HAS_ATTR:
      return "in the argument of '?'";
    case op.SELECT:
      return 'while selecting an attribute';
    case op.CONCAT:
      return "in an operand of '+'";
    case op.EQUAL:
      return operand('==', at === code[pc + 1]);
    case op.NOT_EQUAL:
      return operand('!=', at === code[pc + 1]);
    case op.AND:
      return operand('&&', at === code[pc + 1]);
    case op.OR:
      return operand('||', at === code[pc + 1]);
    case op.IMPLIES:
      return operand('->', at === code[pc + 1]);
    case op.CONCAT_LISTS:
      return operand('++', at === code[pc + 1]);
    case op.UPDATE:
      // A chain of updates is one operator to Nix: its inner ones say nothing.
      return code[at] === op.UPDATE ? undefined : operand('//', at !== code[pc + 2]);
    default:
      return undefined;
  }
}

function operand(operator: string, isLeft: boolean): string {
  return `in the ${isLeft ? 'left' : 'right'} operand of '${operator}'`;
}
