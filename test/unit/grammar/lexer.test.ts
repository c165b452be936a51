import { describe, expect, test } from 'vitest';
import { NixLexer, tokenize } from '../../../grammar/lexer.ts';

/** Names of the tokens, with the text of those that have one; the end of the file left out. */
function tokens(text: string): string {
  return tokenize(text, { pipeOperators: true })
    .slice(0, -1)
    .map(({ tokenType, image }) => (image === '' ? tokenType.name : `${tokenType.name}(${image})`))
    .join(' ');
}

describe('the longest match wins', () => {
  test.each([
    ['a/b', 'Path(a/b) PathEnd'],
    ['a /b', 'Identifier(a) Path(/b) PathEnd'],
    ['a/ b', 'Identifier(a) Slash Identifier(b)'],
    ['1/2', 'Path(1/2) PathEnd'],
    ['1.5/x', 'Path(1.5/x) PathEnd'],
    ['-/x', 'Path(-/x) PathEnd'],
    ['a-b', 'Identifier(a-b)'],
    ["a'b", "Identifier(a'b)"],
    ["a'/b", "Identifier(a') Path(/b) PathEnd"],
    ['if/x', 'Path(if/x) PathEnd'],
    ['iff', 'Identifier(iff)'],
    ['x:x', 'Uri(x:x)'],
    ['x: x', 'Identifier(x) Colon Identifier(x)'],
    ['_x:x', 'Identifier(_x) Colon Identifier(x)'],
    ['a_b:c', 'Identifier(a_b) Colon Identifier(c)'],
    ['a.b:c', 'Uri(a.b:c)'],
    ['a.b.c/d', 'Path(a.b.c/d) PathEnd'],
    ['...', 'Ellipsis'],
    ['.../x', 'Path(.../x) PathEnd'],
    ['..', 'Dot Dot'],
    ['1.5.6', 'Float(1.5) Float(.6)'],
    ['00.5', 'Integer(00) Float(.5)'],
    ['1.', 'Float(1.)'],
    ['1.e', 'Float(1.) Identifier(e)'],
    ['<a/b>', 'SearchPath(a/b)'],
    ['<a/>', 'Less Identifier(a) Slash Greater'],
    ['<a', 'Less Identifier(a)'],
    ['a<|b|>c||d', 'Identifier(a) PipeFrom Identifier(b) PipeInto Identifier(c) Or Identifier(d)'],
    ['~/a', 'HomePath(~/a) PathEnd'],
    ['a//b', 'Identifier(a) Update Identifier(b)'],
    ['/a//b', 'Path(/a/) StringPart(/b) PathEnd'],
    ['->-', 'Implies Minus'],
    ['+++', 'Concat Plus'],
    ['/*', 'Slash Star'],
  ])('%s', (text, expected) => {
    expect(tokens(text)).toBe(expected);
  });
});

describe('modes', () => {
  test.each([
    ['"a${b}c"', 'Quote StringPart(a) DollarBrace Identifier(b) CloseBrace StringPart(c) Quote'],
    ['"$${a"', 'Quote StringPart($${a) Quote'],
    ['"a$"', 'Quote StringPart(a$) Quote'],
    ['"\\${"', 'Quote StringPart(${) Quote'],
    ['"a\r\nb\\\r"', 'Quote StringPart(a\nb\r) Quote'],
    ["''a''${b}''", 'IndentedOpen IndentedPart(a) IndentedPart($) IndentedPart({b}) IndentedClose'],
    ["'' \n a'''b''", "IndentedOpen IndentedPart( a) IndentedPart('') IndentedPart(b) IndentedClose"],
    ["''''\\n''", 'IndentedOpen IndentedPart(\n) IndentedClose'],
    ['./a${b}/c', 'Path(./a) DollarBrace Identifier(b) CloseBrace StringPart(/c) PathEnd'],
    ['{ } }', 'OpenBrace CloseBrace CloseBrace'],
  ])('%s', (text, expected) => {
    expect(tokens(text)).toBe(expected);
  });

  test('a lexical error is the last token', () => {
    expect(tokenize('1 ./a/ 2').map(({ tokenType }) => tokenType.name)).toEqual(['Integer', 'Path', 'LexicalError']);
  });
});

test('a documentation comment belongs to the token right after it', () => {
  const text = '/** one */ a /** two */ # and\n /* more */ b /** lost */ /** three */ c /**/ d /*** e */ f';
  const lexer = new NixLexer(text);
  const docs = [...lexer.docs].map(([at, { start, end }]) => `${text[at]}: ${text.slice(start, end)}`);
  expect(docs).toEqual(['a: /** one */', 'b: /** two */', 'c: /** three */']);
});
