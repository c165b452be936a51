/** A value as error messages show it: its type, and what it is. */
import { describeType } from './type-names.ts';
import type { Value } from './value.ts';

/** For instance: an integer: 3 */
export function describeValue(value: Value): string {
  return describeType(value);
}
