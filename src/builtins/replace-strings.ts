/**
 * builtins.replaceStrings. Texts are compared as they are, in UTF-16: for well-formed text that finds the same places as
 * comparing bytes does. Where it does not (an empty string to replace sits between all bytes, a raw byte may be part of a
 * character), text is first spread out to one character a byte.
 */
import { decodeBytes, encodeBytes, isAscii } from '../base/bytes.ts';
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
  const plain = isAscii(text) || (text.isWellFormed() && patterns.every((p) => p !== '' && p.isWellFormed()));
  if (plain) return replace(text, patterns, replacement);
  const spread = replace(toByteChars(text), patterns.map(toByteChars), (index) => toByteChars(replacement(index)));
  return decodeBytes(Uint8Array.from(spread, (char) => char.charCodeAt(0)));
}

function toByteChars(text: string): string {
  if (isAscii(text)) return text;
  let out = '';
  for (const byte of encodeBytes(text)) out += String.fromCharCode(byte);
  return out;
}

/** From this length on it pays to compile the patterns into a regular expression. */
const LONG = 2000;

function replace(text: string, patterns: readonly string[], replacement: (index: number) => string): string {
  const empty = patterns.indexOf('');
  if (patterns.length === 1 && empty < 0) return replaceOne(text, patterns[0]!, () => replacement(0));
  if (patterns.length === 0) return text;
  if (empty < 0 && text.length >= LONG) return replaceInLong(text, patterns, replacement);
  // Patterns behind an empty one never get their turn.
  const byFirst = new Map<number, number[]>();
  for (let i = 0; i < (empty < 0 ? patterns.length : empty); i++) {
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
    const found = candidates?.find((i) => text.startsWith(patterns[i]!, at)) ?? empty;
    if (found < 0) {
      at++;
      continue;
    }
    out += text.slice(kept, at) + replacement(found);
    kept = at;
    if (found === empty) at++;
    else kept = at += patterns[found]!.length;
  }
  out += text.slice(kept);
  return empty < 0 ? out : out + replacement(empty);
}

/** Alternatives are tried in order, too, so that the first of equal patterns is the one. */
function replaceInLong(text: string, patterns: readonly string[], replacement: (index: number) => string): string {
  const escaped = patterns.map((pattern) => pattern.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'));
  const found = new Map<string, string>();
  return text.replace(new RegExp(escaped.join('|'), 'g'), (match) => {
    let by = found.get(match);
    if (by === undefined) found.set(match, (by = replacement(patterns.indexOf(match))));
    return by;
  });
}

function replaceOne(text: string, pattern: string, replacement: () => string): string {
  let at = text.indexOf(pattern);
  if (at < 0) return text;
  const by = replacement();
  let out = '';
  let kept = 0;
  while (at >= 0) {
    out += text.slice(kept, at) + by;
    kept = at + pattern.length;
    at = text.indexOf(pattern, kept);
  }
  return out + text.slice(kept);
}
