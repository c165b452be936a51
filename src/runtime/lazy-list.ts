/**
 * Long lists whose elements come into being when somebody comes to them, as those of genList and map. The thunk of an
 * element then mostly dies young, replaced by its value; millions of thunks that all wait in their list would be moved
 * about by the garbage collector again and again.
 *
 * Such a list is an array with holes, and what makes its elements stands where the last one is to be. Whoever gets a list
 * by `forceList` or `isList` sees nothing of this: they have the list completed. Loops that want to spare that take it
 * from `forceLongList`, and its elements from `elementOf`, in order.
 */
import { DONE, Thunk } from './thunk.ts';
import type { List, Slot } from './value.ts';

/** Makes the elements of a list, each once. */
export abstract class ElementMaker {
  abstract make(index: number): Slot;
}

/** Shorter lists have their elements from the start. */
export const LONG = 64;

/** A list of `length` elements, at least LONG. */
export function lazyList(length: number, maker: ElementMaker): List {
  const list: (Slot | ElementMaker)[] = new Array(length);
  list[length - 1] = maker;
  return list as List;
}

/** Makes the elements that are not there yet. */
export function complete(list: List): void {
  const last = list.length - 1;
  if (last < LONG - 1) return;
  const maker = list[last] as Slot | ElementMaker;
  if (!(maker instanceof ElementMaker)) return;
  const slots = list as Slot[];
  for (let i = 0; i < last; i++) if (slots[i] === undefined) slots[i] = maker.make(i);
  slots[last] = maker.make(last);
}

/** An element of a list from forceLongList. */
export function elementOf(list: List, index: number): Slot {
  const slot = list[index] as Slot | ElementMaker | undefined;
  return slot === undefined || slot instanceof ElementMaker ? makeElement(list, index) : slot;
}

function makeElement(list: List, index: number): Slot {
  const last = list.length - 1;
  const maker = list[last] as unknown as ElementMaker;
  if (index === last) complete(list);
  else (list as Slot[])[index] = maker.make(index);
  return list[index]!;
}

/**
 * An element was used, and has perhaps been evaluated: its thunk is no longer wanted then. That of a list or a set stays,
 * since printing tells by it whether it is the same one again.
 */
export function settle(list: List, index: number, element: Slot): Slot {
  if (!(element instanceof Thunk) || element.offset !== DONE) return element;
  const value = element.payload as Slot;
  if (typeof value === 'object' && value !== null) return element;
  (list as Slot[])[index] = value;
  return value;
}
