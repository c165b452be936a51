/** What the machine complains about, in Nix's words. */
import { EQUAL } from '../code/opcodes.ts';
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { bestMatches } from '../errors/suggestions.ts';
import { assertEqual } from './assert-equal.ts';
import type { Attrs } from './attrs.ts';
import { describeValue } from './describe.ts';
import { type Env, part } from './machine.ts';
import type { Value } from './value.ts';

export function notAFunction(value: Value, pos: Pos): NixError {
  return new NixError(`attempt to call something which is not a function but ${describeValue(value)}`, {
    class: 'TypeError',
    pos,
  });
}

export function notABoolean(value: Value, pos: Pos): NixError {
  return new NixError(`expected a Boolean but found ${describeValue(value)}`, { class: 'TypeError', pos });
}

export function notASet(value: Value, selectedAt?: Pos): NixError {
  const error = new NixError(`expected a set but found ${describeValue(value)}`, { class: 'TypeError' });
  return selectedAt === undefined ? error : error.addTrace('while selecting an attribute', selectedAt);
}

export function missingAttribute(set: Attrs, name: string): NixError {
  return new NixError(`attribute '${name}' missing`, { suggestions: bestMatches(set.keys(), name) });
}

/** ASSERT @condition @body text, whose condition is false. */
export function failedAssertion(unit: Unit, pc: number, env: Env): NixError {
  const { code } = unit;
  const pos = unit.posBase + pc;
  const text = unit.text(code[pc + 3]!);
  const condition = code[pc + 1]!;
  if (code[condition] === EQUAL) {
    // Say where the two sides differ.
    try {
      const left = part(unit, code, code[condition + 1]!, env);
      const right = part(unit, code, code[condition + 2]!, env);
      assertEqual(left, right, unit.posBase + condition);
    } catch (error) {
      if (error instanceof NixError && error.class === 'AssertionError') {
        return error.addTrace(`while evaluating the condition of the assertion '${text}'`, pos);
      }
      throw error;
    }
  }
  return new NixError(`assertion '${text}' failed`, { class: 'AssertionError', pos });
}
