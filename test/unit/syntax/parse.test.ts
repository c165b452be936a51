import { describe, expect, test } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { renderWarning } from '../../../src/errors/render.ts';
import { Source } from '../../../src/errors/source.ts';
import { exprPos } from '../../../src/syntax/expr-pos.ts';
import type { LintSettings } from '../../../src/syntax/lower/lints.ts';
import type { AttrDef, LambdaNode, Node } from '../../../src/syntax/nodes.ts';
import { parse, parseBindings } from '../../../src/syntax/parse.ts';
import { printExpression } from '../../../src/syntax/print.ts';

function read(text: string): Node {
  return parse(new Source(text, { kind: 'string' }), { basePath: '/base', homeDirectory: '/home/user' }).node;
}

function failure(run: () => unknown): NixError {
  try {
    run();
  } catch (error) {
    if (error instanceof NixError) return error;
    throw error;
  }
  throw new Error('expected a NixError');
}

describe('the position that stands for an expression', () => {
  test.each([
    ['  f a', 2],
    ['  (f a) b', 3],
    [' a.b', 1],
    [' a + b', 3],
    [' a == b', 3],
    [' a - b', 3],
    [' - a', 1],
    [' a <= b', 3],
    [' ! a', 3],
    [' a ? b', 1],
    [' [ a ]', 3],
    [' "${a}"', 2],
    [" ''${a}''", 1],
    [' ./a${b}', 1],
    [' { }', 1],
    [' rec { }', 1],
    [' let { }', 1],
    [' x: x', 1],
    [' { }@x: x', 1],
    [' with a; b', 1],
    [' if a then b else c', 1],
    [' <a>', 1],
    [' a or', 1],
    [' 1', undefined],
    [' "a"', undefined],
    [' ./a', undefined],
    [' let in a', undefined],
    [' [ ]', undefined],
  ])('%s', (text, expected) => {
    expect(exprPos(read(text))).toBe(expected);
  });
});

test('operands of + keep the place where they begin, parentheses included', () => {
  const node = read('(a) + (b)');
  expect(node.kind === 'concat' && node.parts.map(({ pos }) => pos)).toEqual([0, 6]);
});

test('a definition has the place of its attribute path, an inherited name its own', () => {
  const node = read('{ a.b = 1; inherit c "d"; inherit (e) f; }');
  const attrs: ReadonlyMap<string, AttrDef> = node.kind === 'attrs' ? node.attrs : new Map();
  expect([...attrs].map(([name, { pos }]) => [name, pos])).toEqual([
    ['a', 2],
    ['c', 19],
    ['d', 21],
    ['f', 38],
  ]);
});

/** Each lambda of a curried chain, as name and comment. */
function lambdas(node: Node): [string | undefined, string | undefined][] {
  const found: [string | undefined, string | undefined][] = [];
  for (let at = node; at.kind === 'lambda'; at = (at as LambdaNode).body) found.push([at.name, at.doc]);
  return found;
}

function attribute(text: string, name: string): Node {
  const node = read(text);
  const def = node.kind === 'attrs' ? node.attrs.get(name) : undefined;
  if (def?.kind !== 'plain') throw new Error('no such attribute');
  return def.value;
}

test('lambdas go by the name that they are bound to', () => {
  expect(lambdas(attribute('{ f = a: { b }: 1; }', 'f'))).toEqual([
    ['f', undefined],
    ['f', undefined],
  ]);
  expect(lambdas(attribute('{ f.g = a: 1; }', 'f'))).toEqual([]);
  expect(lambdas(read('a: b: 1'))[0]).toEqual([undefined, undefined]);
});

test('a documentation comment goes to the whole curried function, the innermost one first', () => {
  expect(lambdas(attribute('{ /** d */ f = a: b: 1; }', 'f'))).toEqual([
    ['f', '/** d */'],
    ['f', '/** d */'],
  ]);
  expect(lambdas(attribute('{ /** d */ f = a: /** e */ b: 1; }', 'f'))).toEqual([
    ['f', '/** d */'],
    ['f', '/** e */'],
  ]);
  expect(lambdas(attribute('{ /** d */ f = /** e */ a: 1; }', 'f'))).toEqual([['f', '/** e */']]);
});

describe('doubtful things', () => {
  function warnings(text: string, lint: LintSettings = {}): string[] {
    const found: string[] = [];
    const source = new Source(text, { kind: 'string' });
    parse(source, {
      basePath: '/base',
      homeDirectory: '/home/user',
      lint,
      warn: (warning) => found.push(renderWarning(warning)),
    });
    return found;
  }

  test('a stray `or` warns where its meaning will change', () => {
    expect(warnings('[ (f or) (g or x) ]')).toEqual([]);
    expect(warnings('[ f or ]')[0]).toMatch(
      /^warning: at «string»:1:3: This expression uses `or` .*\n.*\n {4}\(f or\)\n/,
    );
    expect(warnings('a (b or) c or')).toHaveLength(1);
    expect(warnings('a.b or c or')).toHaveLength(1);
  });

  test('literals, when asked', () => {
    const all = { urlLiterals: 'warn', absolutePathLiterals: 'warn', shortPathLiterals: 'warn' } as const;
    expect(warnings('[ a:b /a ~/a a/b ./a ../a ]')).toEqual([]);
    expect(warnings('[ a:b /a ~/a a/b ./a ../a ]', all).map((warning) => /\((.*)\)/.exec(warning)![1])).toEqual([
      'lint-url-literals',
      'lint-absolute-path-literals',
      'lint-absolute-path-literals',
      'lint-short-path-literals',
    ]);
    expect(failure(() => warnings('a:b', { urlLiterals: 'fatal' })).message).toMatch(/^URL literals are disallowed/);
  });
});

test('home paths need a home, and an impure evaluation', () => {
  const source = new Source('~/a', { kind: 'string' });
  expect(failure(() => parse(source, { basePath: '/' })).message).toMatch(/home directory/);
  expect(failure(() => parse(source, { basePath: '/', homeDirectory: '/h', pureEval: true })).message).toBe(
    "the path '~/a' can not be resolved in pure mode",
  );
});

test('bindings for the REPL', () => {
  const { node } = parseBindings(new Source('a.b = 1; inherit c;', { kind: 'string' }), { basePath: '/' });
  expect([...node.attrs.keys()]).toEqual(['a', 'c']);
});

describe('long and deep', () => {
  const many = 10_000;
  test.each([
    ...['+', '++', '//', '->', '&&', '||', '-', '*', ' '].map((operator) =>
      Array(many).fill('a').join(` ${operator} `),
    ),
    `[ ${'a '.repeat(many)}]`,
    `${'! '.repeat(many)}a`,
    `${'a: '.repeat(many)}a`,
    `${'if a then b else '.repeat(many)}c`,
    `${'with a; '.repeat(many)}b`,
    `${'let a = 1; in '.repeat(many)}b`,
    `{ ${Array(many).fill('a').join('.')} = 1; }`,
    Array(many).fill('a').join('.'),
    `a${' ? b'.repeat(many)}`,
    `"${'${a}b'.repeat(many)}"`,
  ])('a chain costs no stack: %.12s...', (text) => {
    expect(printExpression(read(text)).length).toBeGreaterThan(many);
  });

  test('nesting beyond the stack is an error, and the next text parses', () => {
    const deep = `${'('.repeat(100_000)}1${')'.repeat(100_000)}`;
    expect(failure(() => read(deep)).class).toBe('StackOverflowError');
    expect(read('1').kind).toBe('int');
  });
});
