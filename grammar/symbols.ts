/** Operators and punctuation: what two characters, or else one, mean on their own. */
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';

const texts: readonly (readonly [string, TokenType])[] = [
  ['==', t.Equal],
  ['!=', t.NotEqual],
  ['<=', t.LessEqual],
  ['>=', t.GreaterEqual],
  ['&&', t.And],
  ['||', t.Or],
  ['->', t.Implies],
  ['//', t.Update],
  ['++', t.Concat],
  ['<|', t.PipeFrom],
  ['|>', t.PipeInto],
  ['<', t.Less],
  ['>', t.Greater],
  ['=', t.Assign],
  ['!', t.Not],
  ['+', t.Plus],
  ['-', t.Minus],
  ['*', t.Star],
  ['/', t.Slash],
  ['.', t.Dot],
  ['?', t.Question],
  ['@', t.At],
  [':', t.Colon],
  [';', t.Semicolon],
  [',', t.Comma],
  ['(', t.OpenParen],
  [')', t.CloseParen],
  ['[', t.OpenBracket],
  [']', t.CloseBracket],
];

const singles: (TokenType | undefined)[] = [];
const pairs: ((TokenType | undefined)[] | undefined)[] = [];
for (const [text, type] of texts) {
  const first = text.charCodeAt(0);
  if (text.length === 1) singles[first] = type;
  else {
    pairs[first] ??= [];
    pairs[first][text.charCodeAt(1)] = type;
  }
}

/** What the character alone means, by its code. */
export function singleSymbol(code: number): TokenType | undefined {
  return singles[code];
}

/** What it means together with the next. */
export function pairedSymbol(code: number, next: number): TokenType | undefined {
  return pairs[code]?.[next];
}

/** Single characters that begin nothing longer: no operator of two, no path, no comment. */
export const punctuation: readonly (TokenType | undefined)[] = singles.map((type, code) =>
  '?@:;,()[]*'.includes(String.fromCharCode(code)) ? type : undefined,
);
