/**
 * Forcing a slot to a value of a certain type. `context` is the trace line that an error gets ("while evaluating the first
 * argument passed to builtins.x"; nothing for ''). As in C++ Nix, forceList, forceAttrs and getAttr put it only on their
 * own complaint, the others also on errors of the evaluation itself.
 */
import { NixError } from '../errors/nix-error.ts';
import { NO_POS, type Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { displayElement, orderedElements } from './context-order.ts';
import { describeValue } from './describe.ts';
import { Lambda, Primop, PrimopApp } from './function.ts';
import { calleeOf, force, forceThunk, peek, Thunk } from './thunk.ts';
import {
  type Int,
  isInt,
  isList,
  isNixString,
  type List,
  NixFloat,
  type NixString,
  type Slot,
  type Value,
} from './value.ts';

export function forceInt(slot: Slot, pos: Pos, context: string): Int {
  const value = evaluate(slot, pos, context);
  if (isInt(value)) return value;
  throw unexpected('an integer', value, pos, context, pos);
}

/** Ints become floats. */
export function forceFloat(slot: Slot, pos: Pos, context: string): number {
  const value = evaluate(slot, pos, context);
  if (isInt(value)) return Number(value);
  if (value instanceof NixFloat) return value.value;
  throw unexpected('a float', value, pos, context, pos);
}

export function forceBool(slot: Slot, pos: Pos, context: string): boolean {
  const value = evaluate(slot, pos, context);
  if (typeof value === 'boolean') return value;
  throw unexpected('a Boolean', value, pos, context, pos);
}

export function forceString(slot: Slot, pos: Pos, context: string): NixString {
  const value = evaluate(slot, pos, context);
  if (isNixString(value)) return value;
  throw unexpected('a string', value, pos, context, pos);
}

/** The text of a string that must not have a context. */
export function forceStringNoContext(slot: Slot, pos: Pos, context: string): string {
  const value = forceString(slot, pos, context);
  if (typeof value === 'string') return value;
  throw traced(
    new NixError(
      `the string '${value.value}' is not allowed to refer to a store path (such as '${displayElement(orderedElements(value.context)[0]!)}')`,
    ),
    context,
    pos,
  );
}

/** Sets with `__functor` count as functions. */
export function forceFunction(slot: Slot, pos: Pos, context: string): Value {
  const value = evaluate(slot, pos, context);
  if (isFunction(value) || (value instanceof Attrs && value.has('__functor'))) return value;
  throw unexpected('a function', value, pos, context, pos);
}

export function forceList(slot: Slot, pos: Pos, context: string): List {
  const value = force(slot, pos);
  if (isList(value)) return value;
  throw unexpected('a list', value, NO_POS, context, pos);
}

/** The same for callers that take the elements from lazy-list.ts, or do not look at them. */
export function forceLongList(slot: Slot, pos: Pos, context: string): List {
  const value = force(slot, pos);
  if (Array.isArray(value)) return value;
  throw unexpected('a list', value, NO_POS, context, pos);
}

export function forceAttrs(slot: Slot, pos: Pos, context: string): Attrs {
  const value = force(slot, pos);
  if (value instanceof Attrs) return value;
  throw unexpected('a set', value, NO_POS, context, pos);
}

/** The attribute of a set that must have it. */
export function getAttr(attrs: Attrs, name: string, context: string): Slot {
  const slot = attrs.get(name);
  if (slot !== undefined) return slot;
  throw traced(new NixError(`attribute '${name}' missing`, { class: 'TypeError' }), context, NO_POS);
}

export function isFunction(value: Value): value is Lambda | Primop | PrimopApp {
  return value instanceof Lambda || value instanceof Primop || value instanceof PrimopApp;
}

/** Does the set say `type = "derivation"`? Forces that attribute. */
export function isDerivation(value: Value): value is Attrs {
  if (!(value instanceof Attrs)) return false;
  const type = value.get('type');
  if (type === undefined) return false;
  const forced = force(type, value.pos('type'));
  return isNixString(forced) && (typeof forced === 'string' ? forced : forced.value) === 'derivation';
}

/** Where the code of a slot is, as far as that can be told: a lambda's place, and that of a call which was put off. */
export function slotPos(slot: Slot): Pos {
  let at = slot;
  for (let callee = calleeOf(at); callee !== undefined; callee = calleeOf(at)) at = callee;
  const value = peek(at);
  return value instanceof Lambda ? value.info.pos : NO_POS;
}

/** The error with one more trace line, none for ''. */
export function traced<E>(error: E, context: string, pos: Pos): E {
  if (context !== '' && error instanceof NixError) error.addTrace(context, pos);
  return error;
}

function evaluate(slot: Slot, pos: Pos, context: string): Value {
  if (!(slot instanceof Thunk)) return slot;
  if (slot.isForced) return slot.payload as Value;
  try {
    return forceThunk(slot, pos);
  } catch (error) {
    throw traced(error, context, pos);
  }
}

function unexpected(wanted: string, value: Value, at: Pos, context: string, pos: Pos): NixError {
  const message = `expected ${wanted} but found ${describeValue(value)}`;
  return traced(new NixError(message, { class: 'TypeError', pos: at }), context, pos);
}
