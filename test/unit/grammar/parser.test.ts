/**
 * The grammar stands twice in grammar/: as Chevrotain's rules, which parse, and as the productions of the automaton, which
 * explains errors. They must accept the same texts.
 */
import { EmbeddedActionsParser } from 'chevrotain';
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

/** The same grammar, run by Chevrotain's own engine instead of the lean one. */
class OrdinaryParser extends NixParser {}
const dsl = ['SUBRULE', 'SUBRULE2', 'CONSUME', 'CONSUME2', 'many', 'option', 'or'];
for (const method of dsl)
  Object.defineProperty(
    OrdinaryParser.prototype,
    method,
    Object.getOwnPropertyDescriptor(EmbeddedActionsParser.prototype, method) ??
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(EmbeddedActionsParser.prototype), method)!,
  );

/** Notes every call with its arguments; what it gives is the call's number. */
function recorder(): { readonly actions: AnyActions; readonly calls: unknown[] } {
  const calls: unknown[] = [];
  const get =
    (_: object, name: string) =>
    (...args: unknown[]) =>
      calls.push([name, ...args]);
  return { actions: new Proxy({}, { get }) as AnyActions, calls };
}

test.each(['file', 'replBindings'] as const)('the lean engine does what the ordinary one does: %s', (rule) => {
  const parsers = [new NixParser(false, new NixParser().analysis()), new OrdinaryParser()];
  fc.assert(
    fc.property(tokenSoup(), (text) => {
      const [lean, ordinary] = parsers.map((parser) => {
        const { actions, calls } = recorder();
        const parsed = parser.run(rule, new NixLexer(text, options), actions);
        return { parsed, calls };
      });
      expect(lean).toEqual(ordinary);
    }),
    { numRuns: 2000 },
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
