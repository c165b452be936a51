/**
 * POSIX extended regular expressions as C++ Nix accepts them: the grammar of std::regex (libstdc++, `extended`), read into
 * a small tree. Patterns and subjects are byte strings: JS strings in which every character is one byte (regex.ts makes
 * them). Where POSIX leaves room, libstdc++'s choice counts, since that is what Nix programs were written against:
 *
 *   - a backslash may only precede one of  . [ \ ( ) * + ? { | ^ $ ;  \d, \n, \] ... are errors
 *   - no backslash escapes inside brackets; [[:d:]], [[:w:]], [[:s:]] and class names in any case are known
 *   - empty alternatives are fine, a quantifier with nothing before it is not; a quantifier may follow a quantifier
 *   - an automaton of more than 100,000 states is "memory limit exceeded" (states are counted, never built here)
 */

/** Which of the 256 bytes match, as 8 words of 32 bits. */
export type ByteSet = Int32Array;

export type RegexNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'bytes'; readonly set: ByteSet; readonly char?: string }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly options: readonly RegexNode[] }
  /** `max` is Infinity for * + {n,}. */
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number }
  /** Groups count from 1. */
  | { readonly kind: 'group'; readonly body: RegexNode; readonly index: number };

export interface ParsedRegex {
  readonly root: RegexNode;
  readonly groups: number;
}

export class RegexError extends Error {
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge = false) {
    super(message);
    this.tooLarge = tooLarge;
  }
}

const stateLimit = 100_000;

export function byteSet(): ByteSet {
  return new Int32Array(8);
}

export function addByte(set: ByteSet, byte: number): void {
  set[byte >> 5]! |= 1 << (byte & 31);
}

export function hasByte(set: ByteSet, byte: number): boolean {
  return ((set[byte >> 5]! >> (byte & 31)) & 1) === 1;
}

/** A node and the number of automaton states that libstdc++ would spend on a copy of it. */
interface Sized {
  readonly node: RegexNode;
  readonly states: number;
}

export function parseRegex(pattern: string): ParsedRegex {
  let at = 0;
  let groups = 0;
  let states = 3; // the whole match's own group, and acceptance

  const fail = (why: string): never => {
    throw new RegexError(why);
  };
  const spend = (count: number): void => {
    states += count;
    if (states > stateLimit) throw new RegexError('too many states', true);
  };

  function parseChoice(): Sized {
    const first = parseSequence();
    if (pattern[at] !== '|') return first;
    const options = [first.node];
    let size = first.states;
    while (pattern[at] === '|') {
      at++;
      const next = parseSequence();
      options.push(next.node);
      size += next.states + 2;
      spend(2);
    }
    return { node: { kind: 'choice', options }, states: size };
  }

  function parseSequence(): Sized {
    const items: RegexNode[] = [];
    let size = 1;
    spend(1);
    for (let term = parseTerm(); term; term = parseTerm()) {
      items.push(term.node);
      size += term.states;
    }
    const node: RegexNode =
      items.length === 0 ? { kind: 'empty' } : items.length === 1 ? items[0]! : { kind: 'sequence', items };
    return { node, states: size };
  }

  function parseTerm(): Sized | undefined {
    const c = pattern[at];
    if (c === undefined || c === '|' || c === ')') return undefined;
    if (c === '^' || c === '$') {
      at++;
      spend(1);
      return { node: { kind: c === '^' ? 'start' : 'end' }, states: 1 };
    }
    let atom = parseAtom(c);
    for (;;) {
      const quantified = parseQuantifier(atom);
      if (!quantified) return atom;
      atom = quantified;
    }
  }

  function parseAtom(c: string): Sized {
    at++;
    switch (c) {
      case '.':
        return bytes(anyByteButNul);
      case '(': {
        const index = ++groups;
        spend(2);
        const body = parseChoice();
        if (pattern[at] !== ')') fail('parenthesis is not closed');
        at++;
        return { node: { kind: 'group', body: body.node, index }, states: body.states + 2 };
      }
      case '[':
        return bytes(parseBracket());
      case '\\': {
        const escaped = pattern[at];
        if (escaped === undefined || !'.[\\()*+?{|^$'.includes(escaped)) fail('invalid escape');
        at++;
        return literal(escaped!);
      }
      case '*':
      case '+':
      case '?':
      case '{':
        return fail('nothing to repeat');
      case '\0':
        return fail('null character');
      default:
        return literal(c);
    }
  }

  function bytes(set: ByteSet): Sized {
    spend(1);
    return { node: { kind: 'bytes', set }, states: 1 };
  }

  function literal(char: string): Sized {
    spend(1);
    const set = byteSet();
    addByte(set, char.charCodeAt(0));
    return { node: { kind: 'bytes', set, char }, states: 1 };
  }

  function parseQuantifier(atom: Sized): Sized | undefined {
    const c = pattern[at];
    const body = atom.node;
    if (c === '*' || c === '+') {
      at++;
      spend(1);
      return { node: { kind: 'repeat', body, min: c === '*' ? 0 : 1, max: Infinity }, states: atom.states + 1 };
    }
    if (c === '?') {
      at++;
      spend(2);
      return { node: { kind: 'repeat', body, min: 0, max: 1 }, states: atom.states + 2 };
    }
    if (c !== '{') return undefined;
    at++;
    const min = parseCount() ?? fail('bad brace');
    let max = min;
    if (pattern[at] === ',') {
      at++;
      max = parseCount() ?? Infinity;
    }
    if (pattern[at] !== '}') fail('brace is not closed');
    at++;
    if (max < min) fail('invalid range in brace expression');
    const size = 1 + min * atom.states + (max === Infinity ? atom.states + 1 : (max - min) * (atom.states + 1) + 1);
    spend(size);
    return { node: { kind: 'repeat', body, min, max }, states: size };
  }

  function parseCount(): number | undefined {
    const start = at;
    while (at < pattern.length && isDigit(pattern[at]!)) at++;
    if (at === start) return undefined;
    const count = Number(pattern.slice(start, at));
    // Larger counts do not fit the int that libstdc++ reads them into.
    return count > 0x7fffffff ? fail('count is too large') : count;
  }

  /** After '['. A dash is literal at either end; "[a-]", "[--0]" are fine, "[a-z--0]" and "[[:d:]-z]" are not. */
  function parseBracket(): ByteSet {
    const set = byteSet();
    const negated = pattern[at] === '^';
    if (negated) at++;
    let last: string | 'class' | undefined;
    const pushChar = (c: string): void => {
      addByte(set, c.charCodeAt(0));
      last = c;
    };
    const item = (first: boolean): { char?: string; dash?: boolean; end?: boolean } => {
      const c = pattern[at++];
      if (c === undefined) return fail('bracket is not closed');
      if (c === '-') return { dash: true };
      if (c === ']' && !first) return { end: true };
      if (c === '[') {
        const kind = pattern[at];
        if (kind === undefined) return fail('bracket is not closed');
        if (kind === ':' || kind === '.' || kind === '=') return named(kind);
      }
      return { char: c };
    };
    const named = (kind: string): { char?: string } => {
      const end = pattern.indexOf(`${kind}]`, at + 1);
      if (end < 0) return fail('class is not closed');
      const name = pattern.slice(at + 1, end);
      at = end + 2;
      if (kind === '.') return { char: collatingElement(name) ?? fail('unknown collating element') };
      const members = kind === ':' ? characterClass(name) : equivalenceClass(name);
      for (const byte of members ?? fail('unknown class')) addByte(set, byte);
      last = 'class';
      return {};
    };

    let first = true;
    for (;;) {
      const token = item(first);
      if (token.end) break;
      if (token.char !== undefined) pushChar(token.char);
      else if (token.dash && first) pushChar('-');
      else if (token.dash) {
        if (pattern[at] === ']') {
          at++;
          pushChar('-');
          break;
        }
        if (last === undefined || last === 'class') fail('invalid range');
        const upper = item(false);
        if (upper.dash) addRange(set, last!, '-');
        else if (upper.char !== undefined) addRange(set, last!, upper.char);
        else fail('invalid range');
        last = undefined;
      }
      first = false;
    }
    if (negated) for (let word = 0; word < 8; word++) set[word] = ~set[word]!;
    return set;
  }

  /** Ranges compare signed chars, as on the platforms that Nix runs on: [\x80-a] is a valid range. */
  function addRange(set: ByteSet, from: string, to: string): void {
    const low = (from.charCodeAt(0) << 24) >> 24;
    const high = (to.charCodeAt(0) << 24) >> 24;
    if (low > high) fail('invalid range');
    for (let value = low; value <= high; value++) addByte(set, value & 0xff);
  }

  const root = parseChoice();
  if (at < pattern.length) fail('unexpected character');
  return { root: root.node, groups };
}

function isDigit(c: string): boolean {
  return c >= '0' && c <= '9';
}

const anyByteButNul: ByteSet = (() => {
  const set = byteSet().fill(-1);
  set[0]! &= ~1;
  return set;
})();

/** Character classes of the C locale. */
const classes: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  d: /[0-9]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  s: /[ \t\n\v\f\r]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  w: /[0-9A-Za-z_]/,
  xdigit: /[0-9A-Fa-f]/,
};

function characterClass(name: string): number[] | undefined {
  const members = Object.hasOwn(classes, name.toLowerCase()) ? classes[name.toLowerCase()] : undefined;
  return members && Array.from({ length: 128 }, (_, byte) => byte).filter((b) => members.test(String.fromCharCode(b)));
}

/** In the C locale, two characters are equivalent when they differ by case only. */
function equivalenceClass(name: string): number[] | undefined {
  const char = collatingElement(name);
  return char === undefined ? undefined : [char.toLowerCase().charCodeAt(0), char.toUpperCase().charCodeAt(0)];
}

/** POSIX names of the ASCII characters, in order; letters are called by themselves. */
const collatingNames = (
  'NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return SO SI DLE DC1 DC2 ' +
  'DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark number-sign dollar-sign ' +
  'percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign comma hyphen period slash ' +
  'zero one two three four five six seven eight nine colon semicolon less-than-sign equals-sign greater-than-sign ' +
  'question-mark commercial-at A B C D E F G H I J K L M N O P Q R S T U V W X Y Z left-square-bracket backslash ' +
  'right-square-bracket circumflex underscore grave-accent a b c d e f g h i j k l m n o p q r s t u v w x y z ' +
  'left-curly-bracket vertical-line right-curly-bracket tilde DEL'
).split(' ');

function collatingElement(name: string): string | undefined {
  const code = collatingNames.indexOf(name);
  return code < 0 ? undefined : String.fromCharCode(code);
}
