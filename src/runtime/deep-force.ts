/** Forcing a value with everything in it: builtins.deepSeq, --strict. Cycles are fine. */
import { knownFirst } from '../errors/name-order.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { slotPos, traced } from './coerce.ts';
import { elementOf } from './lazy-list.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { force } from './thunk.ts';
import type { List, Slot } from './value.ts';

export function deepForce(slot: Slot): void {
  forceWithin(slot, new Set());
}

function forceWithin(slot: Slot, seen: Set<object>): void {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(slotPos(slot));
  calls.depth = depth + 1;
  const value = force(slot, slotPos(slot));
  if (typeof value === 'object' && value !== null && !seen.has(value)) {
    if (value instanceof Attrs) {
      seen.add(value);
      forceAttributes(value, seen);
    } else if (Array.isArray(value)) {
      seen.add(value);
      forceElements(value, seen);
    }
  }
  calls.depth = depth;
}

function forceAttributes(set: Attrs, seen: Set<object>): void {
  for (const name of evaluationOrder(set)) {
    try {
      forceWithin(set.get(name)!, seen);
    } catch (error) {
      throw traced(error, `while evaluating the attribute '${name}'`, set.pos(name));
    }
  }
}

function forceElements(list: List, seen: Set<object>): void {
  for (let i = 0; i < list.length; i++) {
    const element = elementOf(list, i);
    try {
      // The thunk stays where it is: --eval tells by it which lists are the same one.
      forceWithin(element, seen);
    } catch (error) {
      throw traced(error, `while evaluating list element at index ${i}`, NO_POS);
    }
  }
}

/** What C++ Nix has known before any file comes first: of a derivation the path. Then failures tell which one it is. */
function evaluationOrder(attrs: Attrs): readonly string[] {
  const names = attrs.keys();
  let order = orders.get(names);
  if (order === undefined) orders.set(names, (order = knownFirst(names)));
  return order;
}

/** By the names of a shape, which are one array for all its sets. */
const orders = new WeakMap<readonly string[], readonly string[]>();
