/**
 * builtins.replaceStrings. Strings are bytes, and an empty pattern matches between any two of them. In short texts that are
 * well-formed, without empty patterns, comparing characters finds the same places; all others are gone through byte by
 * byte. A single pattern is looked for with what JavaScript has for that.
 */
import { ByteBuffer } from '../base/byte-buffer.ts';
import { encodeBytes, isAscii } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { forceList, forceString } from '../runtime/coerce.ts';
import { ContextBuilder, contextOf } from '../runtime/context-builder.ts';
import { type Slot, stringText, type Value } from '../runtime/value.ts';

export function replaceStrings(fromSlot: Slot, toSlot: Slot, s: Slot): Value {
  const froms = forceList(fromSlot, NO_POS, 'while evaluating the first argument passed to builtins.replaceStrings');
  const tos = forceList(toSlot, NO_POS, 'while evaluating the second argument passed to builtins.replaceStrings');
  if (froms.length !== tos.length)
    throw new NixError("'from' and 'to' arguments passed to builtins.replaceStrings have different lengths");
  const patterns = froms.map((from) =>
    stringText(
      forceString(from, NO_POS, 'while evaluating one of the strings to replace passed to builtins.replaceStrings'),
    ),
  );
  const subject = forceString(s, NO_POS, 'while evaluating the third argument passed to builtins.replaceStrings');
  const builder = new ContextBuilder();
  builder.add(contextOf(subject));
  const texts: (string | undefined)[] = new Array(tos.length);
  const replacement = (index: number): string => {
    let text = texts[index];
    if (text === undefined) {
      const value = forceString(
        tos[index]!,
        NO_POS,
        'while evaluating one of the replacement strings passed to builtins.replaceStrings',
      );
      builder.add(contextOf(value));
      texts[index] = text = stringText(value);
    }
    return text;
  };
  return builder.string(replaceInText(stringText(subject), patterns, replacement));
}

/** `replacement(i)` is asked for when pattern i is found. */
export function replaceInText(
  text: string,
  patterns: readonly string[],
  replacement: (index: number) => string,
): string {
  if (patterns.length === 0) return text;
  const isShort = text.length < LONG;
  if (!isShort && patterns.length > 1) return replaceBytes(text, patterns, replacement);
  const plain = isAscii(text)
    ? !patterns.includes('')
    : text.isWellFormed() && patterns.every((p) => p !== '' && p.isWellFormed());
  if (!plain) return replaceBytes(text, patterns, replacement);
  return patterns.length === 1
    ? replaceOne(text, patterns[0]!, () => replacement(0))
    : replaceChars(text, patterns, replacement);
}

/** From this length on the tables that bytes are looked up in are worth their making. */
const LONG = 1000;

function replaceOne(text: string, pattern: string, replacement: () => string): string {
  if (!text.includes(pattern)) return text;
  // Two dollars stand for one. Of a regular expression that is but text V8 knows that it is.
  return text.replace(
    new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'g'),
    replacement().replaceAll('$', '$$$$'),
  );
}

function replaceChars(text: string, patterns: readonly string[], replacement: (index: number) => string): string {
  const byFirst = new Map<number, number[]>();
  for (let i = 0; i < patterns.length; i++) {
    const code = patterns[i]!.charCodeAt(0);
    const same = byFirst.get(code);
    if (same) same.push(i);
    else byFirst.set(code, [i]);
  }
  let out = '';
  let kept = 0;
  let at = 0;
  while (at < text.length) {
    const candidates = byFirst.get(text.charCodeAt(at));
    const found = candidates?.find((i) => text.startsWith(patterns[i]!, at));
    if (found === undefined) {
      at++;
      continue;
    }
    out += text.slice(kept, at) + replacement(found);
    kept = at += patterns[found]!.length;
  }
  return out + text.slice(kept);
}

function replaceBytes(text: string, patterns: readonly string[], replacement: (index: number) => string): string {
  const replacer = new ByteReplacer(encodeBytes(text), patterns);
  for (let found = replacer.run(); found >= 0; found = replacer.run())
    replacer.setReplacement(found, encodeBytes(replacement(found)));
  return replacer.changed ? replacer.out.finish() : text;
}

/** Up to this length a loop is faster than a call. */
const LONG_REPLACEMENT = 64;

class ByteReplacer {
  readonly out: ByteBuffer;
  changed = false;
  private readonly from: Uint8Array;
  private at = 0;
  private readonly empty: number;
  /** For each byte the first pattern that begins with it, and for each pattern the next one with the same first byte. */
  private readonly first = new Int32Array(256).fill(-1);
  private readonly next: Int32Array;
  /** All patterns and, as they become known, replacements: one array, so that the loop has few objects to look after. */
  private texts = new Uint8Array(256);
  private textsLength = 0;
  private readonly patternStart: Int32Array;
  private readonly patternLength: Int32Array;
  /** -1: not known. */
  private readonly start: Int32Array;
  private readonly end: Int32Array;

  constructor(from: Uint8Array, patterns: readonly string[]) {
    this.from = from;
    // There is always room for what is left of the text, as it is, and one byte more.
    this.out = new ByteBuffer(from.length + 1);
    this.empty = patterns.indexOf('');
    // Patterns behind an empty one never get their turn.
    const count = this.empty < 0 ? patterns.length : this.empty + 1;
    this.patternStart = new Int32Array(count);
    this.patternLength = new Int32Array(count);
    this.start = new Int32Array(count).fill(-1);
    this.end = new Int32Array(count);
    this.next = new Int32Array(count);
    for (let i = count - 1; i >= 0; i--) {
      if (i === this.empty) continue;
      const pattern = encodeBytes(patterns[i]!);
      this.patternStart[i] = this.keep(pattern);
      this.patternLength[i] = pattern.length;
      this.next[i] = this.first[pattern[0]!]!;
      this.first[pattern[0]!] = i;
    }
  }

  setReplacement(i: number, text: Uint8Array): void {
    this.start[i] = this.keep(text);
    this.end[i] = this.textsLength;
    this.changed = true;
  }

  private keep(text: Uint8Array): number {
    const start = this.textsLength;
    if (start + text.length > this.texts.length) {
      const larger = new Uint8Array(2 * (start + text.length));
      larger.set(this.texts);
      this.texts = larger;
    }
    this.texts.set(text, start);
    this.textsLength += text.length;
    return start;
  }

  /** Goes on to the end, which is told by -1, or to a pattern whose replacement is wanted first. */
  run(): number {
    const { from, out, empty, first, next, texts, patternStart, patternLength } = this;
    const size = from.length;
    let { bytes, length } = out;
    let { at } = this;
    /** Beyond what is left of the text. */
    let room = bytes.length - length - (size - at);
    let missing = -1;
    for (;;) {
      let found = -1;
      while (at < size) {
        const byte = from[at]!;
        found = first[byte]!;
        if (found >= 0 || empty >= 0) break;
        bytes[length++] = byte;
        at++;
      }
      while (found >= 0) {
        const matches = patternLength[found]!;
        if (matches === 1) break;
        const pattern = patternStart[found]!;
        let k = 1;
        while (k < matches && at + k < size && from[at + k] === texts[pattern + k]) k++;
        if (k === matches) break;
        found = next[found]!;
      }
      if (found < 0) found = empty;
      if (found >= 0) {
        const start = this.start[found]!;
        if (start < 0) {
          missing = found;
          break;
        }
        const end = this.end[found]!;
        const replaced = patternLength[found]!;
        room -= end - start - replaced;
        if (room < 1) {
          out.length = length;
          out.reserve(end - start + size - at + 1);
          bytes = out.bytes;
          room = bytes.length - length - (end - start) - (size - at - replaced);
        }
        if (end - start > LONG_REPLACEMENT) {
          bytes.set(texts.subarray(start, end), length);
          length += end - start;
        } else for (let k = start; k < end; k++) bytes[length++] = texts[k]!;
        if (found !== empty) {
          at += replaced;
          continue;
        }
      }
      if (at >= size) break;
      bytes[length++] = from[at++]!;
    }
    out.length = length;
    this.at = at;
    return missing;
  }
}
