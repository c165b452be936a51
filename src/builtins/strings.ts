/** Strings. They are bytes: lengths and places count bytes of UTF-8, and may fall inside a character. */
import { byteLength, decodeBytes, encodeBytes, isAscii, joinedText } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import type { Builtin } from '../runtime/builtin.ts';
import { forceInt, forceLongList, forceString } from '../runtime/coerce.ts';
import { coerceToString, toStringCoercion } from '../runtime/coerce-string.ts';
import { ContextBuilder, contextOf, withContext } from '../runtime/context-builder.ts';
import type { EvalContext } from '../runtime/eval-context.ts';
import { elementOf, settle } from '../runtime/lazy-list.ts';
import { force } from '../runtime/thunk.ts';
import { isNixString, type Slot, type Value } from '../runtime/value.ts';
import { replaceStrings } from './replace-strings.ts';

/** Up to this length it is simply looked whether text is ASCII. */
const SHORT = 64;

interface KnownText {
  readonly text: string;
  /** Undefined: it is ASCII. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * What is known of the long texts that substring was called with lately, the last one first: loops that take texts apart
 * character by character call it once for each.
 */
const lately: KnownText[] = [];
const KEPT = 4;

function known(text: string): KnownText {
  for (let i = 0; i < lately.length; i++) {
    const entry = lately[i]!;
    if (entry.text === text) {
      for (let j = i; j > 0; j--) lately[j] = lately[j - 1]!;
      return (lately[0] = entry);
    }
  }
  const entry = { text, bytes: isAscii(text) ? undefined : encodeBytes(text) };
  lately.unshift(entry);
  if (lately.length > KEPT) lately.pop();
  return entry;
}

/** At most `length` bytes of a text, from byte `start` on. */
export function byteSubstring(text: string, start: number, length: number): string {
  const end = start + length;
  if (end <= SHORT || text.length <= SHORT) {
    // As long as all characters up to the end are bytes, whatever follows does not matter.
    const beginning = text.length <= end ? text : text.slice(0, end);
    if (isAscii(beginning)) return beginning.slice(start);
  }
  const { bytes } = known(text);
  return bytes === undefined ? text.slice(start, end) : decodeBytes(bytes.subarray(start, end));
}

function substring(ctx: EvalContext, start: Slot, length: Slot, s: Slot): Value {
  const from = forceInt(
    start,
    NO_POS,
    'while evaluating the first argument (the start offset) passed to builtins.substring',
  );
  if (from < 0) throw new NixError("negative start position in 'substring'");
  const count = forceInt(
    length,
    NO_POS,
    'while evaluating the second argument (the substring length) passed to builtins.substring',
  );
  if (count === 0) {
    const value = force(s, NO_POS);
    if (isNixString(value)) return withContext('', contextOf(value));
  }
  const builder = new ContextBuilder();
  const context = 'while evaluating the third argument (the string) passed to builtins.substring';
  const text = coerceToString(ctx, NO_POS, s, builder, context);
  return builder.string(byteSubstring(text, Number(from), count < 0 ? Infinity : Number(count)));
}

function concatStringsSep(ctx: EvalContext, separator: Slot, list: Slot): Value {
  const sep = forceString(
    separator,
    NO_POS,
    'while evaluating the first argument (the separator string) passed to builtins.concatStringsSep',
  );
  const elements = forceLongList(
    list,
    NO_POS,
    'while evaluating the second argument (the list of strings to concat) passed to builtins.concatStringsSep',
  );
  const builder = new ContextBuilder();
  builder.add(contextOf(sep));
  const between = typeof sep === 'string' ? sep : sep.value;
  const context = 'while evaluating one element of the list of strings to concat passed to builtins.concatStringsSep';
  const joiner = new Joiner(between);
  for (let i = 0; i < elements.length; i++) {
    const element = elementOf(elements, i);
    joiner.add(coerceToString(ctx, NO_POS, element, builder, context));
    settle(elements, i, element);
  }
  return builder.string(joinedText(joiner.finish()));
}

/** What `join` does, a thousand texts at a time, so that millions of them need not live until the last one is there. */
class Joiner {
  private readonly between: string;
  private readonly chunks: string[] = [];
  private texts: string[] = [];
  private count = 0;

  constructor(between: string) {
    this.between = between;
  }

  add(text: string): void {
    this.texts[this.count++] = text;
    if (this.count < 1024) return;
    this.chunks.push(this.texts.join(this.between));
    this.count = 0;
  }

  finish(): string {
    this.texts.length = this.count;
    if (this.chunks.length === 0) return this.texts.join(this.between);
    if (this.count > 0) this.chunks.push(this.texts.join(this.between));
    return this.chunks.join(this.between);
  }
}

export const stringBuiltins: readonly Builtin[] = [
  {
    name: 'toString',
    args: ['e'],
    type: 'a → string',
    global: true,
    doc: 'A value as text: strings and paths as they are (nothing is copied to the store), `true` as `"1"`, `false` and `null` as `""`, numbers, lists with their elements joined by spaces, sets by their `__toString` or `outPath`.',
    example: { expr: 'toString [ 1 true null "a" 0.5 ]', value: '"1 1  a 0.500000"' },
    run: (ctx, _pos, e) => {
      const builder = new ContextBuilder();
      const context = 'while evaluating the first argument passed to builtins.toString';
      return builder.string(coerceToString(ctx, NO_POS, e, builder, context, toStringCoercion));
    },
  },
  {
    name: 'stringLength',
    args: ['e'],
    type: 'string → int',
    doc: 'The number of bytes of a string.',
    example: { expr: 'map builtins.stringLength [ "abc" "é" ]', value: '[ 3 2 ]' },
    run: (ctx, _pos, e) => {
      const context = 'while evaluating the argument passed to builtins.stringLength';
      return byteLength(coerceToString(ctx, NO_POS, e, new ContextBuilder(), context));
    },
  },
  {
    name: 'substring',
    args: ['start', 'len', 's'],
    type: 'int → int → string → string',
    doc: 'At most *len* bytes of *s*, from byte *start* on, counted from 0. Whatever lies beyond the end is left out; a negative *len* means all that is left.',
    example: {
      expr: '[ (builtins.substring 0 3 "nixos") (builtins.substring 3 (-1) "nixos") ]',
      value: '[ "nix" "os" ]',
    },
    run: (ctx, _pos, start, len, s) => substring(ctx, start, len, s),
  },
  {
    name: 'concatStringsSep',
    args: ['separator', 'list'],
    type: 'string → [string] → string',
    doc: 'The strings of a list, with a separator between them.',
    example: { expr: 'builtins.concatStringsSep "/" [ "usr" "local" "bin" ]', value: '"usr/local/bin"' },
    run: (ctx, _pos, separator, list) => concatStringsSep(ctx, separator, list),
  },
  {
    name: 'replaceStrings',
    args: ['from', 'to', 's'],
    type: '[string] → [string] → string → string',
    doc: '*s* with each occurrence of a string of the list *from* replaced by the one at the same place in *to*. Text is gone through once, from left to right; of several that match at one place the first of the list counts. A replacement is only evaluated when it is used.',
    example: { expr: 'builtins.replaceStrings [ "oo" "a" ] [ "a" "i" ] "foobar"', value: '"fabir"' },
    run: (_ctx, _pos, from, to, s) => replaceStrings(from, to, s),
  },
];
