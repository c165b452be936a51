/**
 * Coercion to strings: what "${x}", derivation attributes and many builtins do with a value.
 *
 *   string        itself, its context goes to the builder
 *   path          copied to the store (copyToStore), or its text
 *   set           __toString called with the set, else outPath; again and again until it is no such set any more
 *   otherwise     only with coerceMore: true is "1"; false and null are ""; numbers; lists, joined by spaces
 *
 * Source: Nix manual, "String interpolation"; builtins.toString.
 */
import { NixError } from '../errors/nix-error.ts';
import type { Pos } from '../errors/position.ts';
import { Attrs } from './attrs.ts';
import { traced } from './coerce.ts';
import type { ContextBuilder } from './context-builder.ts';
import { describeValue, showValue } from './describe.ts';
import type { EvalContext } from './eval-context.ts';
import { formatFloatFixed } from './float.ts';
import { call1 } from './function.ts';
import { canonicalPath } from './path-text.ts';
import { callDepthExceeded, calls } from './stack.ts';
import { copyPathToStore } from './store-copy.ts';
import { force, peek } from './thunk.ts';
import { describeType } from './type-names.ts';
import { ContextString, isInt, isList, isNixString, NixFloat, NixPath, type Slot, type Value } from './value.ts';

export interface StringCoercion {
  /** Numbers, booleans, null and lists, too. */
  readonly coerceMore?: boolean;
  /** Paths become store paths; on unless switched off. */
  readonly copyToStore?: boolean;
  /** Paths lose a slash at their end; on unless switched off (for the first part of /a/${x}). */
  readonly canonicalizePath?: boolean;
}

/** "${x}" */
export const interpolation: StringCoercion = {};
/** Derivation attributes. */
export const derivationAttribute: StringCoercion = { coerceMore: true };
/** builtins.toString */
export const toStringCoercion: StringCoercion = { coerceMore: true, copyToStore: false };
/** Paths as text, nothing copied. */
export const plainText: StringCoercion = { copyToStore: false };

/** The text; contexts go to `builder`. `context` is the trace line for what cannot be coerced. */
export function coerceToString(
  ctx: EvalContext,
  pos: Pos,
  slot: Slot,
  builder: ContextBuilder,
  context: string,
  how: StringCoercion = interpolation,
): string {
  const value = force(slot, pos);
  if (typeof value === 'string') return value;
  if (value instanceof ContextString) {
    builder.add(value.context);
    return value.value;
  }
  if (value instanceof NixPath) {
    if (how.copyToStore !== false) return copyPathToStore(ctx, value.path, builder);
    return how.canonicalizePath === false ? value.path : canonicalPath(value.path);
  }
  if (value instanceof Attrs) return coerceAttrs(ctx, pos, value, builder, context, how);
  if (how.coerceMore) {
    if (value === null || value === false) return '';
    if (value === true) return '1';
    if (isInt(value)) return String(value);
    if (value instanceof NixFloat) return formatFloatFixed(value.value);
    if (isList(value)) return coerceList(ctx, pos, value, builder, context, how);
  }
  throw cannotCoerce(value, pos, context);
}

function coerceAttrs(
  ctx: EvalContext,
  pos: Pos,
  value: Attrs,
  builder: ContextBuilder,
  context: string,
  how: StringCoercion,
): string {
  // A derivation whose path is known: nothing on the way can fail.
  const isPlain = calls.depth <= calls.max && value.get('__toString') === undefined;
  const outPath = isPlain ? value.get('outPath') : undefined;
  const known = outPath && peek(outPath);
  if (typeof known === 'string') return known;
  if (known instanceof ContextString) {
    builder.add(known.context);
    return known.value;
  }
  return peelToStringOutPath(pos, value, false, (peeled) => {
    if (peeled instanceof Attrs) throw cannotCoerce(peeled, pos, context);
    const canonical = how.canonicalizePath === false ? { ...how, canonicalizePath: true } : how;
    return coerceToString(ctx, pos, peeled, builder, context, canonical);
  });
}

function coerceList(
  ctx: EvalContext,
  pos: Pos,
  list: readonly Slot[],
  builder: ContextBuilder,
  context: string,
  how: StringCoercion,
): string {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  let text = '';
  for (let i = 0; i < list.length; i++) {
    try {
      text += coerceToString(ctx, pos, list[i]!, builder, 'while evaluating one element of the list', how);
    } catch (error) {
      throw traced(error, context, pos);
    }
    // An empty list adds no space after it, though one before; nixpkgs' hashes depend on it.
    const element = peek(list[i]!);
    if (i < list.length - 1 && !(element !== undefined && isList(element) && element.length === 0)) text += ' ';
  }
  calls.depth = depth;
  return text;
}

function cannotCoerce(value: Value, pos: Pos, context: string): NixError {
  const error = new NixError(`cannot coerce ${describeType(value)} to a string: ${showValue(value)}`, {
    class: 'TypeError',
  });
  return traced(error, context, pos);
}

/**
 * Follows __toString and outPath from a set until neither is there, and hands on what it arrives at. `use` runs inside,
 * so that its errors, too, tell the way. `checkReturn`: __toString has to give a string in the end (toJSON insists).
 */
export function peelToStringOutPath<R>(
  pos: Pos,
  value: Value,
  checkReturn: boolean,
  use: (peeled: Value, viaToString: boolean) => R,
  viaToString = false,
): R {
  if (!(value instanceof Attrs)) {
    if (checkReturn && viaToString && !isNixString(value) && !(value instanceof NixPath))
      throw new NixError(`\`__toString\` should return a string, but got ${describeValue(value)}`, {
        class: 'TypeError',
        pos,
      });
    return use(value, viaToString);
  }
  const converter = value.get('__toString');
  if (converter !== undefined) {
    const at = value.pos('__toString');
    let result: Value;
    try {
      result = call1(converter, value, at);
    } catch (error) {
      throw traced(error, 'while calling the `__toString` attribute', at);
    }
    try {
      return deeper(pos, () => peelToStringOutPath(at, result, checkReturn, use, true));
    } catch (error) {
      throw traced(error, 'while using the result of the `__toString` attribute', at);
    }
  }
  const outPath = value.get('outPath');
  if (outPath !== undefined) {
    const at = value.pos('outPath');
    try {
      const next = force(outPath, at);
      return deeper(pos, () => peelToStringOutPath(at, next, checkReturn, use, viaToString));
    } catch (error) {
      const verb = peek(outPath) === undefined ? 'evaluating' : 'using';
      throw traced(error, `while ${verb} the \`outPath\` attribute`, at);
    }
  }
  if (checkReturn && viaToString)
    throw new NixError(`\`__toString\` must return a string, but got ${describeValue(value)}`, {
      class: 'TypeError',
      pos,
    });
  return use(value, viaToString);
}

function deeper<R>(pos: Pos, compute: () => R): R {
  const depth = calls.depth;
  if (depth > calls.max) throw callDepthExceeded(pos);
  calls.depth = depth + 1;
  const result = compute();
  calls.depth = depth;
  return result;
}
