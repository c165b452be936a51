/** The machine (being written). */
import type { Unit } from '../code/unit.ts';
import type { Slot, Value } from './value.ts';

/** [parent, slots...]; a slot may still be unmade (undefined). */
export type Env = (Slot | undefined | Env)[];

export function run(_unit: Unit, _offset: number, _env: Env): Value {
  throw new Error('the machine is not there yet');
}

/** The slot for the expression at an offset: its value where that costs nothing, else a thunk. */
export function makeSlot(_unit: Unit, _offset: number, _env: Env): Slot {
  throw new Error('the machine is not there yet');
}
