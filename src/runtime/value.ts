/**
 * What a Nix value is, in JavaScript. The everyday kinds are JS's own, so that no wrapper is allocated:
 *
 *   null            null
 *   bool            true, false
 *   int             number while it is a safe integer, bigint beyond (always within int64; see integer rules below)
 *   float           NixFloat (boxed: a JS number is always an int here)
 *   string          string where it has no context, else ContextString
 *   path            NixPath
 *   list            a JS array of slots; never changed after it is made, except that a slot may be replaced by its own
 *                   forced value
 *   set             Attrs (attrs.ts)
 *   function        Lambda, Primop, PrimopApp (function.ts)
 *
 * A Slot is what a list element, an attribute or a variable holds: a Value or a Thunk that will become one. `force`
 * (thunk.ts) turns a slot into a value. Integer invariant: a bigint is only used where the number is not a safe integer;
 * every constructor of ints keeps that, so === compares ints.
 */
import type { Attrs } from './attrs.ts';
import type { StringContext } from './context.ts';
import type { Lambda, Primop, PrimopApp } from './function.ts';
import { complete } from './lazy-list.ts';
import type { Thunk } from './thunk.ts';

export type Int = number | bigint;
export type NixString = string | ContextString;
export type List = readonly Slot[];
export type Callable = Lambda | Primop | PrimopApp;

export type Value = null | boolean | Int | NixFloat | NixString | NixPath | List | Attrs | Callable;
export type Slot = Value | Thunk;

export class NixFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** A string with a non-empty context. */
export class ContextString {
  readonly value: string;
  readonly context: StringContext;
  constructor(value: string, context: StringContext) {
    this.value = value;
    this.context = context;
  }
}

/** An absolute, canonical path. */
export class NixPath {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** The text of a string, its context aside. */
export function stringText(value: NixString): string {
  return typeof value === 'string' ? value : value.value;
}

export function isNixString(value: Value): value is NixString {
  return typeof value === 'string' || value instanceof ContextString;
}

export function isInt(value: Value): value is Int {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** A list, with all of its elements (lazy-list.ts). */
export function isList(value: Value): value is List {
  if (!Array.isArray(value)) return false;
  complete(value);
  return true;
}
