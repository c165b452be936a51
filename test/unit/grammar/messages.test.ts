import { expect, test } from 'vitest';
import { tokenize } from '../../../grammar/lexer.ts';
import { findSyntaxError } from '../../../grammar/messages.ts';

/** More than four expectations are not listed; what a state can reduce by counts as none. */
test.each([
  ['a.', "unexpected end of file, expecting identifier or 'or' or '${' or '\"'"],
  ['{ a', "unexpected end of file, expecting '.' or '='"],
  ['{ a =', 'unexpected end of file'],
  ['{ a = 1', "unexpected end of file, expecting ';'"],
  ['{ a = 1;', "unexpected end of file, expecting 'inherit'"],
  ['{ inherit (a', "unexpected end of file, expecting ')'"],
  ['{ a,', "unexpected end of file, expecting identifier or '...' or '}'"],
  ['{ a }', "unexpected end of file, expecting ':' or '@'"],
  ['{ a }@', 'unexpected end of file, expecting identifier'],
  ['{ a }: 1 )', "unexpected ')', expecting end of file"],
  ['a@', "unexpected end of file, expecting '{'"],
  ["''", "unexpected end of file, expecting indented string or '${' or end of an indented string"],
  ['"', "unexpected end of file, expecting '\"'"],
  ['[ a', 'unexpected end of file'],
  ['with a', "unexpected end of file, expecting ';'"],
  ['let a = 1;', "unexpected end of file, expecting 'in' or 'inherit'"],
  ['1 1.5.6 ]', "unexpected ']', expecting end of file"],
  ['/a//b', "unexpected end of path, expecting '${'"],
])('%s', (text, expected) => {
  expect(findSyntaxError(tokenize(text), 'file')?.message).toBe(`syntax error, ${expected}`);
});

test('nothing is wrong with a right text', () => {
  expect(findSyntaxError(tokenize('{ a }: a.b or 1'), 'file')).toBeUndefined();
});
