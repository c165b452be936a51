/**
 * Patterns that JavaScript's RegExp matches exactly as libstdc++ would, turned into one: that is nearly all of them, and
 * it is much the faster engine. Both try options and iterations in the same order; they differ where
 *
 *   - a repeated body can match nothing (JavaScript drops an empty iteration, and with it what its groups matched)
 *   - a repeated body holds a group that an iteration may leave out (JavaScript forgets what it held before)
 *   - searching, a choice could go on in several ways (JavaScript takes the first that matches, POSIX the longest);
 *     harmless when at most one option can start with the next byte
 *
 * `translate` gives undefined in these cases, and the automaton does the work.
 */
import { type ByteSet, byteSet, hasByte, type ParsedRegex, type RegexNode } from './syntax.ts';

export interface Translation {
  /** For a match of the whole subject. */
  readonly whole: RegExp | undefined;
  /** For searching; with flag g. */
  readonly search: RegExp | undefined;
}

export function translate(regex: ParsedRegex): Translation {
  if (!sameIterations(regex.root)) return { whole: undefined, search: undefined };
  const source = toSource(regex.root);
  return {
    whole: new RegExp(`^(?:${source})$`),
    search: sameChoices(regex.root) ? new RegExp(source, 'g') : undefined,
  };
}

export function canBeEmpty(node: RegexNode): boolean {
  switch (node.kind) {
    case 'empty':
    case 'start':
    case 'end':
      return true;
    case 'bytes':
      return false;
    case 'sequence':
      return node.items.every(canBeEmpty);
    case 'choice':
      return node.options.some(canBeEmpty);
    case 'repeat':
      return node.min === 0 || canBeEmpty(node.body);
    case 'group':
      return canBeEmpty(node.body);
  }
}

function sameIterations(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every(sameIterations);
    case 'choice':
      return node.options.every(sameIterations);
    case 'group':
      return sameIterations(node.body);
    case 'repeat':
      return !canBeEmpty(node.body) && (node.max <= 1 || !hasSkippableGroup(node.body)) && sameIterations(node.body);
    default:
      return true;
  }
}

/** May a match of `node` leave one of its groups out? */
function hasSkippableGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.some(hasSkippableGroup);
    case 'choice':
      return node.options.some(hasGroup);
    case 'group':
      return hasSkippableGroup(node.body);
    case 'repeat':
      return node.min === 0 ? hasGroup(node.body) : hasSkippableGroup(node.body);
    default:
      return false;
  }
}

function hasGroup(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.some(hasGroup);
    case 'choice':
      return node.options.some(hasGroup);
    case 'repeat':
      return hasGroup(node.body);
    case 'group':
      return true;
    default:
      return false;
  }
}

function sameChoices(node: RegexNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.every(sameChoices);
    case 'repeat':
    case 'group':
      return sameChoices(node.body);
    case 'choice': {
      if (node.options.some(canBeEmpty) || !node.options.every(sameChoices)) return false;
      const taken = byteSet();
      for (const option of node.options) {
        const first = firstBytes(option);
        for (let word = 0; word < 8; word++) {
          if (taken[word]! & first[word]!) return false;
          taken[word]! |= first[word]!;
        }
      }
      return true;
    }
    default:
      return true;
  }
}

/** The bytes that a non-empty match can start with. */
export function firstBytes(node: RegexNode): ByteSet {
  const first = byteSet();
  const add = (more: ByteSet) => {
    for (let word = 0; word < 8; word++) first[word]! |= more[word]!;
  };
  switch (node.kind) {
    case 'bytes':
      return node.set;
    case 'sequence':
      for (const item of node.items) {
        add(firstBytes(item));
        if (!canBeEmpty(item)) break;
      }
      return first;
    case 'choice':
      for (const option of node.options) add(firstBytes(option));
      return first;
    case 'repeat':
      return node.max === 0 ? first : firstBytes(node.body);
    case 'group':
      return firstBytes(node.body);
    default:
      return first;
  }
}

function toSource(node: RegexNode): string {
  switch (node.kind) {
    case 'empty':
      return '';
    case 'bytes':
      return node.char === undefined ? bracket(node.set) : escapeByte(node.char.charCodeAt(0));
    case 'start':
      return '^';
    case 'end':
      return '$';
    case 'sequence':
      return node.items.map((item) => (item.kind === 'choice' ? `(?:${toSource(item)})` : toSource(item))).join('');
    case 'choice':
      return node.options.map(toSource).join('|');
    case 'group':
      return `(${toSource(node.body)})`;
    case 'repeat': {
      const { min, max } = node;
      const body = node.body.kind === 'repeat' ? `(?:${toSource(node.body)})` : toSource(node.body);
      return body + (max !== Infinity ? `{${min},${max}}` : min === 0 ? '*' : min === 1 ? '+' : `{${min},}`);
    }
  }
}

function bracket(set: ByteSet): string {
  let out = '';
  for (let byte = 0; byte < 256; byte++) {
    if (!hasByte(set, byte)) continue;
    let last = byte;
    while (last < 255 && hasByte(set, last + 1)) last++;
    out += escapeByte(byte);
    if (last > byte) out += `-${escapeByte(last)}`;
    byte = last;
  }
  return `[${out}]`;
}

function escapeByte(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[0-9A-Za-z]/.test(char) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
}
