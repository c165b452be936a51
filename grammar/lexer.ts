/**
 * The lexer: text to tokens, one at a time. It does what flex does with Nix's rules: the longest match wins, and what
 * looks like a word may go on as a path (`a/b`) or a URI (`x:y`).
 *
 * Modes are a stack: expressions, both kinds of string, and the inside of a path; `${` pushes an expression, its `}`
 * brings back what was before. A lexical error becomes a token of its own, which ends the list: the parser may find an
 * error before it, and the first one counts.
 */
import type { TokenType } from 'chevrotain';
import { DIGIT, ID_PART, ID_START, isAt, PATH_PART, SPACE, skip } from './characters.ts';
import { numberEnd, numberFault } from './numbers.ts';
import { interpolationAt, pathPieceEnd, schemeEnd, searchPathEnd, slashOfPath, uriEnd } from './paths.ts';
import { readIndentedPart, readStringPart } from './strings.ts';
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

const PIPES_DISABLED =
  "experimental Nix feature 'pipe-operators' is disabled; add '--extra-experimental-features pipe-operators' to enable it";

const LONGEST_KEYWORD = 'inherit'.length;

/** All tokens of a text; the last one is the end of the file or a lexical error. */
export function tokenize(text: string, options: LexerOptions = {}): NixToken[] {
  return tokenizeWithDocs(text, options).tokens;
}

/** The same, with the doc comments by the offset of the token that follows. */
export function tokenizeWithDocs(
  text: string,
  options: LexerOptions = {},
): { tokens: NixToken[]; docs: ReadonlyMap<number, DocComment> } {
  const lexer = new NixLexer(text, options);
  const tokens: NixToken[] = [];
  while (!lexer.done) {
    lexer.step();
    while (tokens.length < lexer.count) tokens.push(lexer.ring[tokens.length & (RING_SIZE - 1)]!);
  }
  return { tokens, docs: lexer.docs };
}

class Token implements NixToken {
  readonly tokenTypeIdx: number;
  readonly tokenType: TokenType;
  readonly startOffset: number;
  readonly end: number;
  readonly image: string;
  readonly indented: boolean;

  constructor(type: TokenType, start: number, end: number, image: string, indented: boolean) {
    this.tokenTypeIdx = type.tokenTypeIdx!;
    this.tokenType = type;
    this.startOffset = start;
    this.end = end;
    this.image = image;
    this.indented = indented;
  }
}

/** A power of two, far above the tokens that one step makes and what a parser looks ahead. */
const RING_SIZE = 32;

export class NixLexer {
  /** The last RING_SIZE tokens: token number i is at i modulo the size. */
  readonly ring: NixToken[];
  /** How many tokens there are so far. */
  count = 0;
  /** Is the last of them the end of the file, or a lexical error? */
  done = false;
  /** Documentation comments, by the offset of the token right after each. */
  readonly docs = new Map<number, DocComment>();

  private readonly text: string;
  private readonly pipeOperators: boolean;
  /** Everything before this offset is tokenized. */
  private at = 0;
  private mode = EXPRESSION;
  private readonly outer: number[] = [];
  /** Inside a path: does the piece before end with a slash? */
  private afterSlash = false;
  /** `a.b.c.d` is looked through for a slash or a colon once, not from each of its names again. */
  private noPathBefore = 0;
  private noUriBefore = 0;
  /** The doc comment that only white space and other comments follow so far. */
  private doc: DocComment | undefined;

  constructor(text: string, options: LexerOptions = {}) {
    this.text = text;
    this.pipeOperators = options.pipeOperators ?? false;
    this.ring = new Array<NixToken>(RING_SIZE).fill(new Token(t.EndOfFile, 0, 0, '', false));
  }

  /** Reads on until there is at least one more token. */
  step(): void {
    const before = this.count;
    do {
      if (this.mode === EXPRESSION) this.expression();
      else if (this.mode === STRING) this.string();
      else if (this.mode === INDENTED) this.indentedString();
      else this.path();
    } while (this.count === before);
  }

  private push(type: TokenType, start: number, end: number, image: string, indented: boolean): void {
    this.ring[this.count++ & (RING_SIZE - 1)] = new Token(type, start, end, image, indented);
  }

  private add(type: TokenType, end: number, image = '', indented = false): void {
    this.push(type, this.at, end, image, indented);
    this.at = end;
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

  private finish(type: TokenType, start: number, end: number, message = ''): void {
    this.push(type, start, end, message, false);
    this.done = true;
  }

  private fail(message: string, at = this.at): void {
    this.finish(t.LexicalError, at, at, message);
  }

  /** A token of an expression, after any white space and comments. */
  private expression(): void {
    const { text } = this;
    for (;;) {
      const code = text.charCodeAt(this.at);
      if (code === 32 || code === 10 || code === 13 || code === 9) {
        this.at = skip(text, this.at + 1, SPACE);
        continue;
      }
      if (code === 35 /* # */) {
        this.lineComment();
        continue;
      }
      if (code === 47 /* / */ && text.charCodeAt(this.at + 1) === 42 /* * */ && this.blockComment()) continue;
      if (this.doc) {
        this.docs.set(this.at, this.doc);
        this.doc = undefined;
      }
      const single = punctuation[code];
      if (single) this.add(single, this.at + 1);
      else if (isAt(text, this.at, ID_START)) this.word();
      else if (this.at >= text.length) this.finish(t.EndOfFile, text.length, text.length);
      else this.symbol(code);
      return;
    }
  }

  private lineComment(): void {
    let end = this.at + 1;
    for (;;) {
      const code = this.text.charCodeAt(end);
      if (code === 10 || code === 13 || end >= this.text.length) break;
      end++;
    }
    this.at = end;
  }

  /** False where the comment does not end: then its slash is an operator. */
  private blockComment(): boolean {
    const { text, at } = this;
    const close = text.indexOf('*/', at + 2);
    if (close < 0) return false;
    // Three stars begin no documentation, nor does the empty comment.
    if (text.charCodeAt(at + 2) === 42 && text.charCodeAt(at + 3) !== 42 && close > at + 2)
      this.doc = { start: at, end: close + 2 };
    this.at = close + 2;
    return true;
  }

  /** Identifier, keyword, or a path or URI that begins like one. */
  private word(): void {
    const { text, at } = this;
    const end = skip(text, at + 1, ID_PART);
    const next = text.charCodeAt(end);
    if (next === 47 || next === 46 || next === 43 || next === 58 /* / . + : */) {
      if (this.tryPath() || this.tryUri()) return;
    }
    const image = text.slice(at, end);
    const keyword = end - at <= LONGEST_KEYWORD ? t.keywords.get(image) : undefined;
    if (keyword) this.add(keyword, end);
    else this.add(t.Identifier, end, image);
  }

  private tryUri(): boolean {
    const { text, at } = this;
    if (at < this.noUriBefore || text.charCodeAt(at) === 95 /* _ */) return false;
    const colon = schemeEnd(text, at);
    const end = uriEnd(text, colon);
    if (end === undefined) this.noUriBefore = colon;
    else this.add(t.Uri, end, text.slice(at, end));
    return end !== undefined;
  }

  /** A path that begins here: `a/b`, `./x`, `/x`, or the same up to the first slash where `${` follows it. */
  private tryPath(): boolean {
    const { text, at } = this;
    if (at < this.noPathBefore) return false;
    const slash = skip(text, at, PATH_PART);
    const isPath = slashOfPath(text, slash);
    if (isPath) this.beginPath(t.Path, slash);
    else this.noPathBefore = slash;
    return isPath;
  }

  /** `slash` is the offset of the first slash, which is known to belong to the path. */
  private beginPath(type: TokenType, slash: number): void {
    const { text, at } = this;
    const end = pathPieceEnd(text, slash);
    this.add(type, end, text.slice(at, end));
    this.afterSlash = text.charCodeAt(end - 1) === 47;
    this.outer.push(this.mode);
    this.mode = PATH;
  }

  /** Inside a path: another piece, an interpolation, or its end. */
  private path(): void {
    const { text, at } = this;
    if (interpolationAt(text, at)) {
      this.enter(t.DollarBrace, at + 2, EXPRESSION);
      this.afterSlash = false;
      return;
    }
    const end = pathPieceEnd(text, skip(text, at, PATH_PART));
    if (end > at) {
      this.add(t.StringPart, end, text.slice(at, end));
      this.afterSlash = text.charCodeAt(end - 1) === 47;
      return;
    }
    // flex rewinds at the character that ends a path, and so the end of a path has its last piece's place. At the end of
    // the file there is no such character, and Nix points before the last piece.
    const last = this.token(-1);
    const atEnd = at >= text.length;
    if (this.afterSlash) this.fail('path has a trailing slash', atEnd ? last.startOffset : at);
    else if (atEnd) {
      const before = this.token(-2);
      const start = before.end === last.startOffset ? before.startOffset : last.startOffset;
      this.push(t.PathEnd, start, last.startOffset, '', false);
      this.finish(t.EndOfFile, last.startOffset, last.startOffset);
    } else {
      this.push(t.PathEnd, last.startOffset, last.end, '', false);
      this.mode = this.outer.pop()!;
    }
  }

  /** A token that is already there, counted from the end. */
  private token(index: number): NixToken {
    return this.ring[(this.count + index) & (RING_SIZE - 1)]!;
  }

  private number(): void {
    const { text, at } = this;
    const { end, float } = numberEnd(text, at);
    const image = text.slice(at, end);
    const fault = numberFault(image, float);
    if (fault) this.fail(fault);
    else this.add(float ? t.Float : t.Integer, end, image);
  }

  /** Everything that begins with neither a letter nor plain punctuation. */
  private symbol(code: number): void {
    const { text, at } = this;
    const next = text.charCodeAt(at + 1);
    if (code === 123 /* { */) this.enter(t.OpenBrace, at + 1, EXPRESSION);
    else if (code === 125 /* } */) this.leave(t.CloseBrace, at + 1);
    else if (code === 34 /* " */) this.enter(t.Quote, at + 1, STRING);
    else if (code === 39 && next === 39 /* '' */) this.openIndented();
    else if (interpolationAt(text, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else if (code === 126 /* ~ */ && slashOfPath(text, at + 1)) this.beginPath(t.HomePath, at + 1);
    // Nix takes a NUL byte for the end of the file.
    else if (code === 0) this.finish(t.EndOfFile, at, at + 1);
    else if (code === 60 /* < */ && this.trySearchPath()) return;
    else if ((code === 47 || isAt(text, at, PATH_PART)) && this.tryPath()) return;
    else if (isAt(text, code === 46 ? at + 1 : at, DIGIT)) this.number();
    else this.operator(code, next);
  }

  private trySearchPath(): boolean {
    const { text, at } = this;
    const end = searchPathEnd(text, at);
    if (end !== undefined) this.add(t.SearchPath, end + 1, text.slice(at + 1, end));
    return end !== undefined;
  }

  private operator(code: number, next: number): void {
    const pair = pairedSymbol(code, next);
    if (code === 46 && this.text.startsWith('...', this.at)) this.add(t.Ellipsis, this.at + 3);
    else if (pair === undefined) this.add(singleSymbol(code) ?? t.Invalid, this.at + 1);
    else if ((pair === t.PipeFrom || pair === t.PipeInto) && !this.pipeOperators) this.fail(PIPES_DISABLED);
    else this.add(pair, this.at + 2);
  }

  private openIndented(): void {
    // The rest of the line, when it is blank, is no part of the string.
    let end = this.at + 2;
    while (this.text.charCodeAt(end) === 32) end++;
    this.enter(t.IndentedOpen, this.text.charCodeAt(end) === 10 ? end + 1 : this.at + 2, INDENTED);
  }

  private string(): void {
    const { text, at } = this;
    const code = text.charCodeAt(at);
    if (code === 34) this.leave(t.Quote, at + 1);
    else if (interpolationAt(text, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else {
      const { value, end } = readStringPart(text, at);
      if (end > at) this.addText(t.StringPart, end, value, false);
      // What is left is a lone `$`, `\` or `$\` at the end of the file, or nothing.
      else this.finish(t.EndOfFile, text.length, text.length);
    }
  }

  private indentedString(): void {
    const { text, at } = this;
    if (at >= text.length) this.finish(t.EndOfFile, at, at);
    else if (interpolationAt(text, at)) this.enter(t.DollarBrace, at + 2, EXPRESSION);
    else {
      const { value, end, indented } = readIndentedPart(text, at);
      if (end > at) this.addText(t.IndentedPart, end, value, indented);
      else this.leave(t.IndentedClose, at + 2);
    }
  }

  private addText(type: TokenType, end: number, value: string, indented: boolean): void {
    if (value.includes('\0')) {
      const shown = value.replaceAll('\0', '␀');
      this.fail(`input string '${shown}' cannot be represented as Nix string because it contains null bytes`);
    } else this.add(type, end, value, indented);
  }
}
