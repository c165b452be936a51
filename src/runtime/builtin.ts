/**
 * A builtin is a record: everything that the language, the REPL's :doc and docs/reference/builtins.md know about it.
 * Records stand in src/builtins, one theme a file; the session binds them to its context when it makes `builtins`.
 */
import type { Pos } from '../errors/position.ts';
import type { EvalContext } from './eval-context.ts';
import type { Slot, Value } from './value.ts';

export interface Builtin {
  /** As in `builtins.<name>`. */
  readonly name: string;
  /** Argument names, for messages and documentation; their number is the arity (0: a constant, computed once). */
  readonly args: readonly string[];
  /** Its type in the usual notation: `(a → b) → [a] → [b]`; `name ?` in a set is an attribute that may be missing. */
  readonly type: string;
  /** Markdown: what it gives, when it fails. */
  readonly doc: string;
  /** Shown in the reference and run as a test: `expr` evaluates, strictly, to what `value` evaluates to. */
  readonly example?: { readonly expr: string; readonly value: string };
  /** Also reachable without `builtins.` (map, toString, ...). Every other one is reachable as `__name` besides. */
  readonly global?: boolean;
  /** Behind an experimental feature: absent from `builtins` without it. */
  readonly feature?: string;
  /** Absent from `builtins` in pure mode. */
  readonly impureOnly?: boolean;
  /**
   * The function. Arguments come as slots, forced by nobody yet; `pos` is the call's position. The machine adds
   * "while calling the 'name' builtin" to an error that passes through.
   */
  readonly run: BuiltinFunction;
}

/** Takes as many slots as the record has arguments; for fewer, leave the rest out. */
/** Called with exactly as many slots as the record has argument names; the rest is undefined and nobody's business. */
export type BuiltinFunction = (ctx: EvalContext, pos: Pos, a: Slot, b: Slot, c: Slot) => Value;
