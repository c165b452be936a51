/**
 * The grammar stands twice in grammar/: as Chevrotain's rules, which parse, and as the productions of the automaton, which
 * explains errors. They must accept the same texts.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyActions } from '../../../grammar/actions.ts';
import { NixLexer, tokenize } from '../../../grammar/lexer.ts';
import { findSyntaxError } from '../../../grammar/messages.ts';
import { NixParser, parseText } from '../../../grammar/parser.ts';
import { tokenSoup } from '../../support/token-soup.ts';

const nothing = new Proxy({}, { get: () => () => undefined }) as AnyActions;
const options = { pipeOperators: true };

function accepts(text: string, rule: 'file' | 'replBindings'): boolean {
  return parseText(new NixLexer(text, options), nothing, rule) !== undefined;
}

test('Chevrotain finds the grammar free of ambiguities', () => {
  expect(() => new NixParser(true)).not.toThrow();
});

test.each(['file', 'replBindings'] as const)('rules and productions accept the same: %s', (rule) => {
  fc.assert(
    fc.property(tokenSoup(), (text) => {
      const explained = findSyntaxError(tokenize(text, options), rule);
      expect(accepts(text, rule), explained?.message).toBe(explained === undefined);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['x = 1; inherit (y) z;', true],
  ['a.b = 1;', true],
  ['', false],
  ['x', false],
  ['x = 1', false],
])('bindings for the REPL: %s', (text, expected) => {
  expect(accepts(text, 'replBindings')).toBe(expected);
});
