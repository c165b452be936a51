/**
 * The words of the language. Each token type is named as Nix's messages name it (its LABEL), and `terminals` holds them
 * in the order in which Nix's grammar declares them, because that is the order in which a syntax error lists what it
 * expected (see messages.ts).
 *
 * Tokens are made by our own lexer (lexer.ts): flex's longest match and its rewinding have no counterpart in an ordered
 * list of patterns, and a lexer of our own is several times faster. So no token type
 * has a pattern. Categories: the binary operators share one, so that the parser asks for "an operator" (operators.ts).
 */
import { createToken, Lexer, type TokenType } from 'chevrotain';

/** A token as messages need it. Offsets are UTF-16 code units. */
export interface NixToken {
  readonly tokenType: TokenType;
  readonly startOffset: number;
  /** Where the token ends, exclusive. */
  readonly end: number;
  /** The text, unescaped where it is part of a string; empty where the type says it all. */
  readonly image: string;
}

/** Every binary operator, `?` apart, which is followed by an attribute path. */
export const BinaryOperator = token('BinaryOperator', '');

export const Identifier = token('Identifier', 'identifier');
export const StringPart = token('StringPart', 'string');
export const IndentedPart = token('IndentedPart', 'indented string');
export const Integer = token('Integer', 'integer');
export const Float = token('Float', 'floating-point literal');
export const Path = token('Path', 'path');
export const HomePath = token('HomePath', "'~/…' path");
export const SearchPath = token('SearchPath', "'<…>' path");
export const PathEnd = token('PathEnd', 'end of path');
export const Uri = token('Uri', 'URI');

export const If = token('If', "'if'");
export const Then = token('Then', "'then'");
export const Else = token('Else', "'else'");
export const Assert = token('Assert', "'assert'");
export const With = token('With', "'with'");
export const Let = token('Let', "'let'");
export const In = token('In', "'in'");
export const Rec = token('Rec', "'rec'");
export const Inherit = token('Inherit', "'inherit'");

export const Equal = operator('Equal', "'=='");
export const NotEqual = operator('NotEqual', "'!='");
export const LessEqual = operator('LessEqual', "'<='");
export const GreaterEqual = operator('GreaterEqual', "'>='");
export const Update = operator('Update', "'//'");
export const Concat = operator('Concat', "'++'");
export const And = operator('And', "'&&'");
export const Or = operator('Or', "'||'");
export const Implies = operator('Implies', "'->'");
export const OrKeyword = token('OrKeyword', "'or'");
export const PipeFrom = operator('PipeFrom', "'<|'");
export const PipeInto = operator('PipeInto', "'|>'");

export const DollarBrace = token('DollarBrace', "'${'");
export const IndentedOpen = token('IndentedOpen', 'start of an indented string');
export const IndentedClose = token('IndentedClose', 'end of an indented string');
export const Ellipsis = token('Ellipsis', "'...'");
export const ReplBindings = token('ReplBindings', 'start of REPL bindings');

export const Less = operator('Less', "'<'");
export const Greater = operator('Greater', "'>'");
export const Plus = operator('Plus', "'+'");
export const Minus = operator('Minus', "'-'");
export const Star = operator('Star', "'*'");
export const Slash = operator('Slash', "'/'");
export const Question = token('Question', "'?'");
export const Colon = token('Colon', "':'");
export const At = token('At', "'@'");
export const Semicolon = token('Semicolon', "';'");
export const Not = token('Not', "'!'");
export const Dot = token('Dot', "'.'");
export const Quote = token('Quote', "'\"'");
export const OpenParen = token('OpenParen', "'('");
export const CloseParen = token('CloseParen', "')'");
export const OpenBrace = token('OpenBrace', "'{'");
export const CloseBrace = token('CloseBrace', "'}'");
export const OpenBracket = token('OpenBracket', "'['");
export const CloseBracket = token('CloseBracket', "']'");
export const Assign = token('Assign', "'='");
export const Comma = token('Comma', "','");

export const EndOfFile = token('EndOfFile', 'end of file');
/** A character that begins no token. */
export const Invalid = token('Invalid', 'invalid token');
/** The lexer gave up here; the message is the token's image. It counts only once the parser gets so far. */
export const LexicalError = token('LexicalError', '');

/** Terminals in the order of Nix's own grammar file: ORDER OF EXPECTATIONS. */
// biome-ignore format: one row a group
export const terminals: readonly TokenType[] = [
  EndOfFile, Invalid,
  Identifier, StringPart, IndentedPart, Integer, Float, Path, HomePath, SearchPath, PathEnd, Uri,
  If, Then, Else, Assert, With, Let, In, Rec, Inherit,
  Equal, NotEqual, LessEqual, GreaterEqual, Update, Concat, And, Or, Implies, OrKeyword, PipeFrom, PipeInto,
  DollarBrace, IndentedOpen, IndentedClose, Ellipsis, ReplBindings,
  Less, Greater, Plus, Minus, Star, Slash, Question, Colon, At, Semicolon, Not, Dot, Quote,
  OpenParen, CloseParen, OpenBrace, CloseBrace, OpenBracket, CloseBracket, Assign, Comma,
];

export const vocabulary: TokenType[] = [...terminals, LexicalError, BinaryOperator];

export const LONGEST_KEYWORD = 'inherit'.length;

/** Those that begin with a character, by its code; `kind` is a tokenTypeIdx. */
export const keywords: { readonly text: string; readonly kind: number }[][] = [];
for (const type of [If, Then, Else, Assert, With, Let, In, Rec, Inherit, OrKeyword]) {
  const text = type.LABEL!.slice(1, -1);
  (keywords[text.charCodeAt(0)] ??= []).push({ text, kind: type.tokenTypeIdx! });
}

const byIndex: TokenType[] = [];
for (const type of vocabulary) byIndex[type.tokenTypeIdx!] = type;

export function typeOf(tokenTypeIdx: number): TokenType {
  return byIndex[tokenTypeIdx]!;
}

const withText = new Set([
  Identifier,
  StringPart,
  IndentedPart,
  Integer,
  Float,
  Path,
  HomePath,
  SearchPath,
  Uri,
  LexicalError,
]);

/** Do tokens of this type say more than their type? */
export function hasText(type: TokenType): boolean {
  return withText.has(type);
}

function token(name: string, label: string): TokenType {
  return createToken({ name, label, pattern: Lexer.NA });
}

function operator(name: string, label: string): TokenType {
  return createToken({ name, label, pattern: Lexer.NA, categories: [BinaryOperator] });
}
