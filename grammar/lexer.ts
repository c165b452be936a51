/**
 * The lexer: text to tokens. It does what flex does with Nix's rules: the longest match wins, and what
 * looks like a word may go on as a path (`a/b`) or a URI (`x:y`).
 *
 * Modes are a stack: expressions, both kinds of string, and the inside of a path; `${` pushes an expression, its `}`
 * brings back what was before. A lexical error becomes a token of its own, which ends the list: the parser may find an
 * error before it, and the first one counts.
 *
 * A first evaluation runs in V8's slowest tier, where a loop over characters costs ten times what it costs later. So
 * characters are skipped by sticky regular expressions, which are machine code from their second use on, and tokens are
 * no objects: kinds and places stand in typed arrays, and a token's text is cut out when it is asked for.
 */
import type { TokenType } from 'chevrotain';
import { DIGIT, isAt, PATH_PART, PATH_PARTS, skip } from './characters.ts';
import { numberEnd, numberFault } from './numbers.ts';
import { interpolationAt, pathPieceEnd, schemeEnd, searchPathEnd, slashOfPath, uriEnd } from './paths.ts';
import { indentedRunEnd, readIndentedEscape, readStringPart } from './strings.ts';
import { pairedSymbol, punctuation, singleSymbol } from './symbols.ts';
import type { NixToken } from './tokens.ts';
import * as t from './tokens.ts';

export interface LexerOptions {
  /** Are `|>` and `<|` allowed (experimental feature pipe-operators)? */
  readonly pipeOperators?: boolean;
}

/** Offsets of a documentation comment, its delimiters included. */
export interface DocComment {
  readonly start: number;
  readonly end: number;
}

const EXPRESSION = 0;
const STRING = 1;
const INDENTED = 2;
const PATH = 3;

/** More than the parser looks ahead. */
const AHEAD = 4;

const PIPES_DISABLED =
  "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it";

const spaces = /[ \t\r\n]+/y;
const line = /[^\r\n]*/y;
const word = /[a-zA-Z_][a-zA-Z0-9_'-]*/y;

/** What a character may begin: by its code, what to do with most of them at once. */
const OTHER = 0;
const SPACE = 1;
const COMMENT = 2;
const WORD = 3;
const PUNCTUATION = 4;
const EQUALS = 5;
const DOT = 6;
const classes = new Uint8Array(128);
for (let code = 0; code < classes.length; code++) {
  const character = String.fromCharCode(code);
  if (' \t\r\n'.includes(character)) classes[code] = SPACE;
  else if (character === '#') classes[code] = COMMENT;
  else if (/[a-zA-Z_]/.test(character)) classes[code] = WORD;
  else if (punctuation[code]) classes[code] = PUNCTUATION;
  else if (character === '=') classes[code] = EQUALS;
  else if (character === '.') classes[code] = DOT;
}

const IDENTIFIER = t.Identifier.tokenTypeIdx!;

/** All tokens of a text as objects, for those who explain errors; the last one is the end of the file or a lexical error. */
export function tokenize(text: string, options: LexerOptions = {}): NixToken[] {
  const lexer = new NixLexer(text, options);
  return Array.from({ length: lexer.count }, (_, i) => {
    const tokenType = t.typeOf(lexer.kinds[i]!);
    const image = t.hasText(tokenType) ? lexer.text(i) : '';
    return {
      tokenType,
      tokenTypeIdx: tokenType.tokenTypeIdx!,
      startOffset: lexer.starts[i]!,
      end: lexer.ends[i]!,
      image,
    };
  });
}

/** Of the lexer made last: arrays of their own would cost more than what is written to them. */
let kinds = new Uint8Array(4096);
let starts = new Int32Array(4096);
let ends = new Int32Array(4096);

function grow(): void {
  const size = 4 * kinds.length;
  const [oldKinds, oldStarts, oldEnds] = [kinds, starts, ends];
  kinds = new Uint8Array(size);
  kinds.set(oldKinds);
  starts = new Int32Array(size);
  starts.set(oldStarts);
  ends = new Int32Array(size);
  ends.set(oldEnds);
}

/**
 * Names that were met last: the same name is the same string then, whose hash is known already. Longer ones V8 does not
 * copy out of the text, and would keep all of that.
 */
const NAME_SLOTS = 2048;
const SHORT_NAME = 13;
const names = new Array<string | undefined>(NAME_SLOTS).fill(undefined);

function wordKind(input: string, code: number, at: number, end: number): number {
  const candidates = t.keywords[code];
  if (candidates === undefined) return IDENTIFIER;
  for (let i = 0; i < candidates.length; i++) {
    const { text, kind } = candidates[i]!;
    if (text.length === end - at && input.startsWith(text, at)) return kind;
  }
  return IDENTIFIER;
}

/** Reads the whole text at once. Its tokens are there until the next lexer is made. */
export class NixLexer {
  /** The tokens' types, as tokenTypeIdx; zeros after the last. */
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  /** Where each ends, exclusive. */
  readonly ends: Int32Array;
  count = 0;
  /** Documentation comments, by the offset of the token right after each. */
  readonly docs = new Map<number, DocComment>();

  private readonly input: string;
  private readonly pipeOperators: boolean;
  private readonly mayHaveNulls: boolean;
  /** The text of tokens that is not what stands there: unescaped, or a message. */
  private readonly texts = new Map<number, string>();
  /** Everything before this offset is tokenized. */
  private at = 0;
  private mode = EXPRESSION;
  private done = false;
  private readonly outer: number[] = [];
  /** Inside a path: does the piece before end with a slash? */
  private afterSlash = false;
  /** `a.b.c.d` is looked through for a slash or a colon once, not from each of its names again. */
  private noPathBefore = 0;
  private noUriBefore = 0;
  /** The doc comment that only white space and other comments follow so far. */
  private doc: DocComment | undefined;

  constructor(text: string, options: LexerOptions = {}) {
    this.input = text;
    this.pipeOperators = options.pipeOperators ?? false;
    this.mayHaveNulls = text.includes('\0');
    while (!this.done) {
      if (this.mode === EXPRESSION) this.expression();
      else if (this.mode === STRING) this.string();
      else if (this.mode === INDENTED) this.indentedString();
      else this.path();
    }
    kinds.fill(0, this.count, this.count + AHEAD);
    this.kinds = kinds;
    this.starts = starts;
    this.ends = ends;
  }

  /** What a token says: a name, a number, a path, unescaped text of a string, the message of a lexical error. */
  text(index: number): string {
    const text = this.texts.size > 0 ? this.texts.get(index) : undefined;
    return text ?? this.input.slice(this.starts[index]!, this.ends[index]!);
  }

  /** The text of an identifier. */
  name(index: number): string {
    const { input } = this;
    const start = starts[index]!;
    const length = ends[index]! - start;
    if (length >= SHORT_NAME) return input.slice(start, start + length);
    const slot =
      (131 * input.charCodeAt(start) +
        31 * input.charCodeAt(start + length - 1) +
        7 * input.charCodeAt(start + (length >> 1)) +
        17 * length) &
      (NAME_SLOTS - 1);
    const known = names[slot];
    if (known !== undefined && known.length === length && input.startsWith(known, start)) return known;
    const name = input.slice(start, start + length);
    names[slot] = name;
    return name;
  }

  /** Of an indented string: does the white space of this piece count when the indentation is looked for? */
  isIndented(index: number): boolean {
    return !this.texts.has(index);
  }

  private push(kind: number, start: number, end: number): void {
    const index = this.count++;
    if (index + AHEAD >= kinds.length) grow();
    kinds[index] = kind;
    starts[index] = start;
    ends[index] = end;
  }

  private add(type: TokenType, end: number): void {
    this.push(type.tokenTypeIdx!, this.at, end);
    this.at = end;
  }

  /** Adds a token whose text is not what stands there. */
  private addText(type: TokenType, end: number, text: string): void {
    this.texts.set(this.count, text);
    this.add(type, end);
  }

  /** Emits `type` and enters `mode`; the mode that it comes from is what the closing token brings back. */
  private enter(type: TokenType, end: number, mode: number): void {
    this.add(type, end);
    this.outer.push(this.mode);
    this.mode = mode;
  }

  private leave(type: TokenType, end: number): void {
    this.add(type, end);
    this.mode = this.outer.pop() ?? EXPRESSION;
  }

  private finish(type: TokenType, start: number, end: number): void {
    this.push(type.tokenTypeIdx!, start, end);
    this.done = true;
  }

  private fail(message: string, at = this.at): void {
    this.texts.set(this.count, message);
    this.finish(t.LexicalError, at, at);
  }

  /** Tokens of an expression, and the white space and comments between them, as long as the mode stays the same. */
  private expression(): void {
    const { input } = this;
    let { at } = this;
    for (;;) {
      const code = input.charCodeAt(at);
      const begins = code < 128 ? classes[code] : OTHER;
      if (begins === SPACE) {
        at++;
        if (!(input.charCodeAt(at) > 32)) at = skip(input, at, spaces);
        continue;
      }
      if (begins === COMMENT) {
        at = skip(input, at, line);
        continue;
      }
      this.at = at;
      if (code === 47 /* / */ && input.charCodeAt(at + 1) === 42 /* * */ && this.blockComment()) {
        at = this.at;
        continue;
      }
      if (this.doc !== undefined) {
        this.docs.set(at, this.doc);
        this.doc = undefined;
      }
      switch (begins) {
        case WORD:
          this.word(code);
          break;
        case PUNCTUATION:
          this.add(punctuation[code]!, at + 1);
          break;
        case EQUALS:
          if (input.charCodeAt(at + 1) === 61) this.add(t.Equal, at + 2);
          else this.add(t.Assign, at + 1);
          break;
        case DOT:
          if (!this.tryDot()) this.symbol(code);
          break;
        default:
          if (at >= input.length) this.finish(t.EndOfFile, input.length, input.length);
          else this.symbol(code);
      }
      if (this.mode !== EXPRESSION || this.done) return;
      at = this.at;
    }
  }

  /** A dot between names, in the run of names and dots that has been looked through for a path already. */
  private tryDot(): boolean {
    const { at } = this;
    const next = this.input.charCodeAt(at + 1);
    if (at >= this.noPathBefore || next === 46 || (next >= 48 && next <= 57)) return false;
    this.add(t.Dot, at + 1);
    return true;
  }

  /** False where the comment does not end: then its slash is an operator. */
  private blockComment(): boolean {
    const { input, at } = this;
    const close = input.indexOf('*/', at + 2);
    if (close < 0) return false;
    // Three stars begin no documentation, nor does the empty comment.
    if (input.charCodeAt(at + 2) === 42 && input.charCodeAt(at + 3) !== 42 && close > at + 2)
      this.doc = { start: at, end: close + 2 };
    this.at = close + 2;
    return true;
  }

  /** Identifier, keyword, or a path or URI that begins like one. */
  private word(code: number): void {
    const { input, at } = this;
    const end = skip(input, at, word);
    const next = input.charCodeAt(end);
    if (next === 47 || next === 46 || next === 43 || next === 58 /* / . + : */) {
      if (this.tryPath() || this.tryUri()) return;
    }
    this.push(end - at > t.LONGEST_KEYWORD ? IDENTIFIER : wordKind(input, code, at, end), at, end);
    this.at = end;
  }

  private tryUri(): boolean {
    const { input, at } = this;
    if (at < this.noUriBefore || input.charCodeAt(at) === 95 /* _ */) return false;
    const colon = schemeEnd(input, at);
    const end = uriEnd(input, colon);
    if (end === undefined) this.noUriBefore = colon;
    else this.add(t.Uri, end);
    return end !== undefined;
  }

  /** A path that begins here: `a/b`, `./x`, `/x`, or the same up to the first slash where `${` follows it. */
  private tryPath(): boolean {
    const { input, at } = this;
    if (at < this.noPathBefore) return false;
    const slash = skip(input, at, PATH_PARTS);
    const isPath = slashOfPath(input, slash);
    if (isPath) this.beginPath(t.Path, slash);
    else this.noPathBefore = slash;
    return isPath;
  }

  /** `slash` is the offset of the first slash, which is known to belong to the path. */
  private beginPath(type: TokenType, slash: number): void {
    const { input } = this;
    const end = pathPieceEnd(input, slash);
    this.add(type, end);
    this.afterSlash = input.charCodeAt(end - 1) === 47;
    this.outer.push(this.mode);
    this.mode = PATH;
  }

  /** Inside a path: another piece, an interpolation, or its end. */
  private path(): void {
    const { input, at } = this;
    if (interpolationAt(input, at)) {
      this.enter(t.DollarBrace, at + 2, EXPRESSION);
      this.afterSlash = false;
      return;
    }
    const end = pathPieceEnd(input, skip(input, at, PATH_PARTS));
    if (end > at) {
      this.add(t.StringPart, end);
      this.afterSlash = input.charCodeAt(end - 1) === 47;
      return;
    }
    // flex rewinds at the character that ends a path, and so the end of a path has its last piece's place. At the end of
    // the file there is no such character, and Nix points before the last piece.
    const last = this.count - 1;
    const start = starts[last]!;
    const atEnd = at >= input.length;
    if (this.afterSlash) this.fail('path has a trailing slash', atEnd ? start : at);
    else if (atEnd) {
      const follows = last > 0 && ends[last - 1] === start;
      this.push(t.PathEnd.tokenTypeIdx!, follows ? starts[last - 1]! : start, start);
      this.finish(t.EndOfFile, start, start);
    } else {
      this.push(t.PathEnd.tokenTypeIdx!, start, ends[last]!);
      this.mode = this.outer.pop()!;
    }
  }

  private number(): void {
    const { input, at } = this;
    const { end, float } = numberEnd(input, at);
    const fault = numberFault(input.slice(at, end), float);
    if (fault) this.fail(fault);
    else this.add(float ? t.Float : t.Integer, end);
  }

  /** Everything that begins with neither a letter nor plain punctuation. */
  private symbol(code: number): void {
    const { input, at } = this;
    const next = input.charCodeAt(at + 1);
    if (code === 123 /* { */) this.enter(t.OpenBrace, at + 1, EXPRESSION);
    else if (code === 125 /* } */) this.leave(t.CloseBrace, at + 1);
    else if (code === 34 /* " */) this.enter(t.Quote, at + 1, STRING);
    else if (code === 39 && next === 39 /* '' */) this.openIndented();
    else if (interpolationAt(input, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else if (code === 126 /* ~ */ && slashOfPath(input, at + 1)) this.beginPath(t.HomePath, at + 1);
    // Nix takes a NUL byte for the end of the file.
    else if (code === 0) this.finish(t.EndOfFile, at, at + 1);
    else if (code === 60 /* < */ && this.trySearchPath()) return;
    else if ((code === 47 || isAt(input, at, PATH_PART)) && this.tryPath()) return;
    else if (isAt(input, code === 46 ? at + 1 : at, DIGIT)) this.number();
    else this.operator(code, next);
  }

  private trySearchPath(): boolean {
    const { input, at } = this;
    const end = searchPathEnd(input, at);
    if (end !== undefined) this.addText(t.SearchPath, end + 1, input.slice(at + 1, end));
    return end !== undefined;
  }

  private operator(code: number, next: number): void {
    const pair = pairedSymbol(code, next);
    if (code === 46 && this.input.startsWith('...', this.at)) this.add(t.Ellipsis, this.at + 3);
    else if (pair === undefined) this.add(singleSymbol(code) ?? t.Invalid, this.at + 1);
    else if ((pair === t.PipeFrom || pair === t.PipeInto) && !this.pipeOperators) this.fail(PIPES_DISABLED);
    else this.add(pair, this.at + 2);
  }

  private openIndented(): void {
    // The rest of the line, when it is blank, is no part of the string.
    let end = this.at + 2;
    while (this.input.charCodeAt(end) === 32) end++;
    this.enter(t.IndentedOpen, this.input.charCodeAt(end) === 10 ? end + 1 : this.at + 2, INDENTED);
  }

  private string(): void {
    const { input, at } = this;
    const code = input.charCodeAt(at);
    if (code === 34) this.leave(t.Quote, at + 1);
    else if (interpolationAt(input, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else {
      const { end, value } = readStringPart(input, at);
      if (end > at) this.part(t.StringPart, end, value);
      // What is left is a lone `$`, `\` or `$\` at the end of the file, or nothing.
      else this.finish(t.EndOfFile, input.length, input.length);
    }
  }

  private indentedString(): void {
    const { input, at } = this;
    const end = indentedRunEnd(input, at);
    if (end > at) this.part(t.IndentedPart, end, undefined);
    else if (at >= input.length) this.finish(t.EndOfFile, at, at);
    else if (interpolationAt(input, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else {
      const escaped = readIndentedEscape(input, at);
      if (escaped) this.part(t.IndentedPart, escaped.end, escaped.value);
      else this.leave(t.IndentedClose, at + 2);
    }
  }

  /** Text of a string; `value` where it is not, or does not count as, what stands there. */
  private part(type: TokenType, end: number, value: string | undefined): void {
    const text = this.mayHaveNulls ? (value ?? this.input.slice(this.at, end)) : '';
    if (text.includes('\0')) {
      const shown = text.replaceAll('\0', '␀');
      this.fail(`input string '${shown}' cannot be represented as Nix string because it contains null bytes`);
    } else if (value === undefined) this.add(type, end);
    else this.addText(type, end, value);
  }
}
