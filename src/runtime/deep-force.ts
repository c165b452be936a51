/** Forcing a value with everything in it: builtins.deepSeq, --strict. Cycles are fine. */
import { NO_POS } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { slotPos, traced } from './coerce.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force } from './thunk.ts';
import { isList, type Slot } from './value.ts';

export function deepForce(slot: Slot): void {
  forceWithin(slot, new Set());
}

function forceWithin(slot: Slot, seen: Set<object>): void {
  const value = force(slot, slotPos(slot));
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Attrs) {
    if (seen.has(value)) return;
    seen.add(value);
    const depth = enter();
    for (const name of evaluationOrder(value)) {
      const member = value.get(name)!;
      try {
        checkDepth(member);
        forceWithin(member, seen);
      } catch (error) {
        throw traced(error, `while evaluating the attribute '${name}'`, value.pos(name));
      }
    }
    calls.depth = depth;
  } else if (isList(value)) {
    if (seen.has(value)) return;
    seen.add(value);
    const depth = enter();
    for (let i = 0; i < value.length; i++) {
      try {
        checkDepth(value[i]!);
        forceWithin(value[i]!, seen);
      } catch (error) {
        throw traced(error, `while evaluating list element at index ${i}`, NO_POS);
      }
    }
    calls.depth = depth;
  }
}

/** Of a derivation the path first: whatever is wrong then tells which derivation it is wrong with. */
function evaluationOrder(attrs: Attrs): readonly string[] {
  const names = attrs.keys();
  if (!attrs.has('outPath')) return names;
  return ['outPath', ...names.filter((name) => name !== 'outPath')];
}

function enter(): number {
  return calls.depth++;
}

function checkDepth(slot: Slot): void {
  if (calls.depth > calls.max) throw callDepthExceeded(slotPos(slot));
}
