/**
 * The operators: how tightly each binds, and to which side it groups; from the pipes, the loosest, to unary minus. The
 * parser reads an expression as a flat row of operands and operators and groups it by this table alone; the automaton
 * behind error messages (messages.ts) takes its precedences from here too.
 *
 * `?` takes an attribute path on its right and is therefore always complete. Application and selection bind tighter than
 * all of them and have rules of their own. The two pipes do not mix in one row.
 */
import type { TokenType } from 'chevrotain';
import * as t from './tokens.ts';

export type Associativity = 'left' | 'right' | 'none';

export interface Operator {
  readonly precedence: number;
  readonly associativity: Associativity;
}

const levels: readonly (readonly [Associativity, ...TokenType[]])[] = [
  ['left', t.PipeInto],
  ['right', t.PipeFrom],
  ['right', t.Implies],
  ['left', t.Or],
  ['left', t.And],
  ['none', t.Equal, t.NotEqual],
  ['none', t.Less, t.Greater, t.LessEqual, t.GreaterEqual],
  ['right', t.Update],
  ['left', t.Not],
  ['left', t.Plus, t.Minus],
  ['left', t.Star, t.Slash],
  ['right', t.Concat],
  ['none', t.Question],
];

/** By the token type's index: what Chevrotain knows a token by. */
const byIndex: Operator[] = [];
levels.forEach(([associativity, ...types], level) => {
  for (const type of types) byIndex[type.tokenTypeIdx!] = { precedence: level + 1, associativity };
});

/** Up to this precedence operators are pipes. */
export const PIPE_PRECEDENCE = 2;
/** Unary minus binds tighter than every operator of two operands. */
export const NEGATE_PRECEDENCE = levels.length + 1;
export const NOT_PRECEDENCE = operatorOf(t.Not.tokenTypeIdx!)!.precedence;
export const HAS_PRECEDENCE = operatorOf(t.Question.tokenTypeIdx!)!.precedence;

export function operatorOf(tokenTypeIdx: number): Operator | undefined {
  return byIndex[tokenTypeIdx];
}
