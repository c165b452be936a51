/**
 * builtins.match and builtins.split over POSIX extended regular expressions: parsed once per pattern, matched by
 * JavaScript's RegExp where that is the same (translate.ts), else by the automaton.
 *
 * Nix strings are bytes, and so are matches: "." is one byte, and a match may fall inside a character. Text that is all
 * ASCII is matched as it is; other text is first spread out to one character a byte, and results are put together again.
 */
import { decodeBytes, encodeBytes, isAscii } from '../../base/bytes.ts';
import { type Automaton, buildAutomaton, Explorer } from './automaton.ts';
import { byteSet, hasByte, type ParsedRegex, parseRegex } from './syntax.ts';
import { canBeEmpty, firstBytes, type Translation, translate } from './translate.ts';

/** What groups matched, in order; null where a group took no part. */
export type Groups = (string | null)[];

const cacheLimit = 4096;
const cache = new Map<string, Regex>();

/** Throws RegexError (syntax.ts) where the pattern is not one. */
export function compileRegex(pattern: string): Regex {
  let regex = cache.get(pattern);
  if (!regex) {
    regex = new Regex(parseRegex(spread(pattern)));
    if (cache.size >= cacheLimit) cache.clear();
    cache.set(pattern, regex);
  }
  return regex;
}

export class Regex {
  private readonly parsed: ParsedRegex;
  private readonly translation: Translation;
  private automaton: Automaton | undefined;

  constructor(parsed: ParsedRegex) {
    this.parsed = parsed;
    this.translation = translate(parsed);
  }

  /** The groups, where the whole text matches. */
  match(text: string): Groups | undefined {
    const subject = spread(text);
    const { whole } = this.translation;
    const groups = whole ? this.matchNative(whole, subject) : this.matchExact(subject);
    return groups && subject !== text ? groups.map(unspread) : groups;
  }

  /** Texts between matches, and at odd indices the groups of the match between them; one element where none matches. */
  split(text: string): (string | Groups)[] {
    const subject = spread(text);
    const parts = this.translation.search
      ? this.splitNative(this.translation.search, subject)
      : this.splitExact(subject);
    return subject === text
      ? parts
      : parts.map((part) => (typeof part === 'string' ? unspread(part) : part.map(unspread)));
  }

  private matchNative(whole: RegExp, subject: string): Groups | undefined {
    const found = whole.exec(subject);
    return found ? groupsOf(found) : undefined;
  }

  private matchExact(subject: string): Groups | undefined {
    const found = new Explorer(this.exact(), subject).explore(0, { whole: true });
    return found && this.cut(subject, found);
  }

  private splitNative(search: RegExp, subject: string): (string | Groups)[] {
    const parts: (string | Groups)[] = [];
    let rest = 0;
    search.lastIndex = 0;
    for (let found = search.exec(subject); found; found = search.exec(subject)) {
      const end = found.index + found[0].length;
      parts.push(subject.slice(rest, found.index), groupsOf(found));
      rest = end;
      if (found[0] !== '') continue;
      if (end === subject.length) break;
      search.lastIndex = end + 1;
    }
    parts.push(subject.slice(rest));
    return parts;
  }

  /** As std::regex_iterator goes: after an empty match it looks for a non-empty one at the same place, then one further. */
  private splitExact(subject: string): (string | Groups)[] {
    const parts: (string | Groups)[] = [];
    const explorer = new Explorer(this.exact(), subject);
    const { root } = this.parsed;
    const nullable = canBeEmpty(root);
    const first = nullable ? byteSet().fill(-1) : firstBytes(root);
    const next = (from: number, startIsNotStart: boolean): Int32Array | undefined => {
      for (let at = from; at <= subject.length; at++) {
        const mayStart = at === subject.length ? nullable : hasByte(first, subject.charCodeAt(at));
        const found = mayStart
          ? explorer.explore(at, { whole: false, startIsNotStart: startIsNotStart || at > from })
          : undefined;
        if (found) return found;
      }
      return undefined;
    };
    let rest = 0;
    let moved = false;
    let found = next(0, moved);
    while (found) {
      parts.push(subject.slice(rest, found[0]), this.cut(subject, found));
      rest = found[1]!;
      const empty = found[0] === rest;
      if (empty && rest === subject.length) break;
      const other: Int32Array | undefined = empty
        ? explorer.explore(rest, { whole: false, startIsNotStart: moved, notEmpty: true })
        : undefined;
      moved ||= !other;
      found = other ?? next(empty ? rest + 1 : rest, true);
    }
    parts.push(subject.slice(rest));
    return parts;
  }

  private exact(): Automaton {
    this.automaton ??= buildAutomaton(this.parsed);
    return this.automaton;
  }

  private cut(subject: string, captures: Int32Array): Groups {
    const groups: Groups = [];
    for (let i = 2; i < captures.length; i += 2) {
      groups.push(captures[i + 1]! < 0 ? null : subject.slice(captures[i]!, captures[i + 1]!));
    }
    return groups;
  }
}

function groupsOf(found: RegExpExecArray): Groups {
  const groups: Groups = new Array(found.length - 1);
  for (let i = 1; i < found.length; i++) groups[i - 1] = found[i] ?? null;
  return groups;
}

/** One character for each byte; ASCII stays itself. */
function spread(text: string): string {
  if (isAscii(text)) return text;
  let out = '';
  for (const byte of encodeBytes(text)) out += String.fromCharCode(byte);
  return out;
}

function unspread(part: string): string;
function unspread(part: string | null): string | null;
function unspread(part: string | null): string | null {
  return part === null || isAscii(part) ? part : decodeBytes(Uint8Array.from(part, (c) => c.charCodeAt(0)));
}
