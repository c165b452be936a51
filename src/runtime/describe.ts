/** Values and positions as error messages show them. */
import { type Pos, resolvePosition } from '../errors/position.ts';
import { printValue } from './print.ts';
import { describeType } from './type-names.ts';
import type { Slot, Value } from './value.ts';

/** For instance: an integer: 3 */
export function describeValue(value: Value): string {
  return `${describeType(value)}: ${showValue(value)}`;
}

/** The value itself, as far as it is known, cut where it is large. Forces nothing. */
export function showValue(slot: Slot): string {
  return printValue(slot, { maxDepth: 10, maxAttrs: 10, maxListItems: 10, maxStringLength: 1024, trackRepeated: true });
}

/** For instance /etc/x.nix:3:14 */
export function positionText(pos: Pos): string {
  const position = resolvePosition(pos);
  if (position === undefined) return '«none»';
  const { line, column } = position.source.lineColumn(position.offset);
  return `${position.source.label}:${line}:${column}`;
}
