/** Forcing a value with everything in it: builtins.deepSeq, --strict. Cycles are fine. */
import { NO_POS } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { traced } from './coerce.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force } from './thunk.ts';
import { isList, type Slot } from './value.ts';

export function deepForce(slot: Slot): void {
  forceWithin(slot, new Set());
}

function forceWithin(slot: Slot, seen: Set<object>): void {
  const value = force(slot);
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Attrs) {
    if (seen.has(value)) return;
    seen.add(value);
    const depth = enter();
    value.forEach((name, member, pos) => {
      try {
        forceWithin(member, seen);
      } catch (error) {
        throw traced(error, `while evaluating the attribute '${name}'`, pos);
      }
    });
    calls.depth = depth;
  } else if (isList(value)) {
    if (seen.has(value)) return;
    seen.add(value);
    const depth = enter();
    for (let i = 0; i < value.length; i++) {
      try {
        forceWithin(value[i]!, seen);
      } catch (error) {
        throw traced(error, `while evaluating list element at index ${i}`, NO_POS);
      }
    }
    calls.depth = depth;
  }
}

function enter(): number {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(NO_POS);
  calls.depth = depth + 1;
  return depth;
}
