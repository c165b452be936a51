/** `e.a.b`, `e.a.b or d`, `e ? a.b`: paths of more than one fixed name. */
import type { Unit } from '../code/unit.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { Attrs, slotAt } from './attrs.ts';
import { forceStringNoContext } from './coerce.ts';
import { type Env, part } from './machine.ts';
import { missingAttribute, notASet } from './machine-errors.ts';
import { definedAt } from './machine-trace.ts';
import { force, forceThunk, Thunk } from './thunk.ts';
import type { Slot, Value } from './value.ts';

/** One step of a path: a text, or -1 - the offset of an expression. */
function attrName(unit: Unit, step: number, env: Env): string {
  if (step >= 0) return unit.text(step);
  const pc = -1 - step;
  return forceStringNoContext(part(unit, unit.code, pc, env), unit.posBase + pc, 'while evaluating an attribute name');
}

function subjectOf(unit: Unit, pc: number, env: Env): Value {
  const at = unit.code[pc + 1]!;
  try {
    return part(unit, unit.code, at, env);
  } catch (error) {
    if (error instanceof NixError) error.addTrace('while selecting an attribute', unit.posBase + at);
    throw error;
  }
}

/** SELECT_PATH @subject n (step)... memo text... */
export function selectPath(unit: Unit, pc: number, env: Env): Value {
  return walk(subjectOf(unit, pc, env), unit, pc, env, pc + 2, NONE) as Value;
}

/** The same from a subject that is there. */
export function selectFrom(subject: Value, unit: Unit, pc: number, env: Env): Value {
  return walk(subject, unit, pc, env, pc + 2, NONE) as Value;
}

/** SELECT_OR @subject @default n (step)... memo : an error in the default counts as one of the selection. */
export function selectOr(unit: Unit, pc: number, env: Env): Value {
  return walk(subjectOf(unit, pc, env), unit, pc, env, pc + 3, unit.code[pc + 2]!) as Value;
}

/** The same from a subject that is there. */
export function selectOrFrom(subject: Value, unit: Unit, pc: number, env: Env): Value {
  return walk(subject, unit, pc, env, pc + 3, unit.code[pc + 2]!) as Value;
}

/** SELECT_OR as far as the default: undefined where that is wanted. */
export function selectIfThere(subject: Value, unit: Unit, pc: number, env: Env): Value | undefined {
  return walk(subject, unit, pc, env, pc + 3, LATER);
}

/** In place of the default's code: there is none; it is not wanted yet. */
const NONE = -1;
const LATER = -2;

/** `fallback`: where the default is, NONE or LATER. */
function walk(subject: Value, unit: Unit, pc: number, env: Env, countAt: number, fallback: number): Value | undefined {
  const { code } = unit;
  const pos = unit.posBase + pc;
  /** What the next name is looked up in: evaluated when that name has been computed. */
  let slot: Slot = subject;
  /** The set that the last step was found in, and how many were found. */
  let owner: Attrs | undefined;
  let found = 0;
  const count = code[countAt]!;
  const cells = code[countAt + count + 1]! - 2;
  try {
    for (let i = 1; i <= count; i++) {
      const step = code[countAt + i]!;
      // A name that is computed is computed even where there is no set.
      const computed = step >= 0 ? undefined : attrName(unit, step, env);
      const value: Value = slot instanceof Thunk ? forceThunk(slot, NO_POS) : slot;
      if (!(value instanceof Attrs)) {
        if (fallback !== NONE) return fallback === LATER ? undefined : part(unit, code, fallback, env);
        throw notASet(value, pos);
      }
      const member: Slot | undefined =
        computed === undefined ? lookUp(unit, step, cells + 2 * i, value) : value.get(computed);
      if (member === undefined) {
        if (fallback !== NONE) return fallback === LATER ? undefined : part(unit, code, fallback, env);
        throw missingAttribute(value, computed ?? unit.text(step));
      }
      owner = value;
      found = i;
      slot = member;
    }
    return slot instanceof Thunk ? forceThunk(slot, NO_POS) : slot;
  } catch (error) {
    if (error instanceof NixError) {
      const names = pathNames(unit, env, countAt);
      if (owner !== undefined) {
        const definition = owner.pos(names[found - 1]!);
        // A black hole: where the cycle closes is known only here.
        if (error.class === 'InfiniteRecursionError' && error.pos === NO_POS) error.pos = definition || pos;
        definedAt(error, definition, names.slice(0, found).join('.'));
      }
      error.addTrace(`while evaluating the attribute '${names.join('.')}'`, pos);
    }
    throw error;
  }
}

/** The attribute of a set that a text names. `cell` and the next remember where it is in sets of the last one's shape. */
export function lookUp(unit: Unit, text: number, cell: number, set: Attrs): Slot | undefined {
  const { memo } = unit;
  const { shape } = set;
  let index: number;
  if (memo[cell] === shape) index = memo[cell + 1] as number;
  else {
    index = shape.find(unit.texts[text] ?? unit.text(text));
    memo[cell] = shape;
    memo[cell + 1] = index;
  }
  if (index !== 0) return slotAt(shape, set.slots, index);
  return set.below === undefined ? undefined : set.getBelow(unit.texts[text]!);
}

/** The whole path as messages show it. */
function pathNames(unit: Unit, env: Env, countAt: number): string[] {
  const { code } = unit;
  const names: string[] = [];
  const count = code[countAt]!;
  for (let i = 1, text = countAt + count + 1; i <= count; i++) {
    const step = code[countAt + i]!;
    if (step < 0) text++;
    try {
      names.push(attrName(unit, step, env));
    } catch {
      names.push(`"\${${unit.text(code[text]!)}}"`);
    }
  }
  return names;
}

/** HAS_ATTR @subject n (step)... memo */
export function hasAttrPath(subject: Value, unit: Unit, pc: number, env: Env): boolean {
  const { code } = unit;
  let value = subject;
  const count = code[pc + 2]!;
  const cells = code[pc + 3 + count]! - 2;
  for (let i = 1; i <= count; i++) {
    const step = code[pc + 2 + i]!;
    const computed = step >= 0 ? undefined : attrName(unit, step, env);
    if (!(value instanceof Attrs)) return false;
    const slot: Slot | undefined =
      computed === undefined ? lookUp(unit, step, cells + 2 * i, value) : value.get(computed);
    if (slot === undefined) return false;
    if (i < count) value = force(slot, unit.posBase + pc);
  }
  return true;
}
