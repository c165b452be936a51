/**
 * Values as `nix-instantiate --eval` and `nix-env` print them: always on one line, functions as <LAMBDA>, <PRIMOP> and
 * <PRIMOP-APP>, what is not evaluated as <CODE>, a set or list that has been printed as «repeated». Forces nothing.
 */
import { NO_POS } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { formatFloat } from './float.ts';
import { Lambda, Primop } from './function.ts';
import { printName, quoteString } from './print-text.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { isBlackHole, peek } from './thunk.ts';
import { isInt, isList, isNixString, NixFloat, NixPath, type Slot, stringText } from './value.ts';

export function printAmbiguous(slot: Slot): string {
  return print(slot, new Set(), 0);
}

function print(slot: Slot, seen: Set<unknown>, depth: number): string {
  if (depth > calls.max) throw callDepthExceeded(NO_POS);
  const value = peek(slot);
  if (value === undefined) return isBlackHole(slot) ? '«potential infinite recursion»' : '<CODE>';
  if (value === null || typeof value === 'boolean' || isInt(value)) return String(value);
  if (isNixString(value)) return quoteString(stringText(value));
  if (value instanceof NixPath) return value.path;
  if (value instanceof NixFloat) return formatFloat(value.value);
  if (value instanceof Attrs) {
    if (isRepeated(value, value.isEmpty, seen)) return '«repeated»';
    let text = '{ ';
    for (const [name, member] of value.sortedEntries())
      text += `${printName(name)} = ${print(member, seen, depth + 1)}; `;
    return `${text}}`;
  }
  if (isList(value)) {
    if (isRepeated(slot, value.length === 0, seen)) return '«repeated»';
    let text = '[ ';
    for (const member of value) text += `${print(member, seen, depth + 1)} `;
    return `${text}]`;
  }
  return value instanceof Lambda ? '<LAMBDA>' : value instanceof Primop ? '<PRIMOP>' : '<PRIMOP-APP>';
}

function isRepeated(key: unknown, empty: boolean, seen: Set<unknown>): boolean {
  if (empty) return false;
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
