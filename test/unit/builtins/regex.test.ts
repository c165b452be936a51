/** Regular expressions: results known from C++ Nix (libstdc++), and laws about the two engines. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildAutomaton, Explorer } from '../../../src/builtins/regex/automaton.ts';
import { compileRegex } from '../../../src/builtins/regex/regex.ts';
import { parseRegex, RegexError } from '../../../src/builtins/regex/syntax.ts';
import { translate } from '../../../src/builtins/regex/translate.ts';

describe('match', () => {
  test.each([
    ['(a|ab)(c|bcd)(d*)', 'abcd', ['a', 'bcd', '']],
    ['((a)|b)*', 'ab', ['b', 'a']],
    ['(x(y)?)*', 'xyx', ['x', 'y']],
    ['(a*)*', '', ['']],
    ['(a*)?', '', ['']],
    ['(a*)+', 'b', undefined],
    ['[]a]', ']', []],
    ['[^]a]', 'b', []],
    ['[--0]', '.', []],
    ['[[.hyphen.]-0]', '.', []],
    ['[[=a=]]', 'A', []],
    ['[[:ALPHA:]]', 'x', []],
    ['a]b}', 'a]b}', []],
    ['a**', 'aa', []],
    ['a^b', 'a^b', undefined],
    ['.', 'é', undefined],
    ['..', 'é', []],
    ['[é]+', 'é', []],
    ['.*', 'a\nb', []],
    ['a||b', '', []],
  ])('%j of %j', (pattern, text, groups) => {
    expect(compileRegex(pattern).match(text)).toEqual(groups);
  });

  test('long texts need no deep stack, and no exponential time', () => {
    const text = 'ab'.repeat(100_000);
    expect(compileRegex('(a|ab|b)*').match(text)).toEqual(['b']);
    expect(compileRegex('((a)|b)*').match(text)).toEqual(['b', 'a']);
    expect(compileRegex('((a|ab)(c|bcd)*)*x').match('ab'.repeat(2000))).toBeUndefined();
  });
});

describe('split', () => {
  test.each([
    ['(a|ab)', 'abab', ['', ['ab'], '', ['ab'], '']],
    ['a?(ab)?', 'ab', ['', [null], '', [null], 'b', [null], '']],
    ['(b|)', 'abc', ['', [''], 'a', ['b'], '', [''], 'c', [''], '']],
    ['(|b)', 'abc', ['', [''], 'a', ['b'], '', [''], 'c', [''], '']],
    ['^a|b', 'aab', ['', [], 'a', [], '']],
    ['', 'ab', ['', [], 'a', [], 'b', [], '']],
    ['x', 'abc', ['abc']],
    ['', 'é', ['', [], '\udcc3', [], '\udca9', [], '']],
  ])('%j of %j', (pattern, text, parts) => {
    expect(compileRegex(pattern).split(text)).toEqual(parts);
  });
});

describe('patterns that are none', () => {
  const bad = [
    '*a',
    '(*a)',
    '^*',
    'a|*',
    '\\d',
    'a\\]',
    'a\\',
    'a\\\n',
    '(',
    ')',
    'a)',
    '[a',
    '[a-',
    '[z-a]',
    '[a-z--0]',
    '[[:d:]-z]',
    '[[.-.]]',
    '[[:nope:]]',
    '[[:alpha:',
    'a{',
    'a{1',
    'a{,2}',
    'a{2,1}',
    'a{x}',
    '{1}',
  ];
  test.each(bad)('%j', (pattern) => {
    expect(() => parseRegex(pattern)).toThrow(RegexError);
  });

  test('too many states', () => {
    expect(() => parseRegex('a{99999}')).toThrow(expect.objectContaining({ tooLarge: true }));
    expect(() => parseRegex('((a{100}){100}){100}')).toThrow(expect.objectContaining({ tooLarge: true }));
    expect(() => parseRegex('a{1000}')).not.toThrow();
  });
});

describe('laws', () => {
  const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '^', '$');
  const { pattern } = fc.letrec<{ pattern: string; term: string; group: string }>((tie) => ({
    group: fc
      .tuple(fc.array(tie('pattern'), { minLength: 1, maxLength: 3 }))
      .map(([options]) => `(${options.join('|')})`),
    term: fc
      .tuple(fc.oneof({ maxDepth: 3 }, atom, tie('group')), fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}'))
      .map(([what, times]) => (what === '^' || what === '$' ? what : what + times)),
    pattern: fc.array(tie('term'), { maxLength: 3 }).map((terms) => terms.join('')),
  }));
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });

  test('where a pattern is translated, both engines agree', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const parsed = parseRegex(source);
        const { whole } = translate(parsed);
        fc.pre(whole !== undefined);
        const automaton = buildAutomaton(parsed);
        const exact = new Explorer(automaton, subject).explore(0, { whole: true });
        const native = whole!.exec(subject);
        expect(native === null).toBe(exact === undefined);
        if (!native || !exact) return;
        const groups = Array.from({ length: parsed.groups }, (_, i) =>
          exact[2 * i + 3]! < 0 ? undefined : subject.slice(exact[2 * i + 2], exact[2 * i + 3]),
        );
        expect(native.slice(1)).toEqual(groups);
      }),
      { numRuns: 2000 },
    );
  });

  test('split: the parts and matches make up the text', () => {
    fc.assert(
      fc.property(pattern, text, (source, subject) => {
        const parts = compileRegex(`(${source})`).split(subject);
        expect(parts.map((part) => (typeof part === 'string' ? part : part[0])).join('')).toBe(subject);
      }),
      { numRuns: 1000 },
    );
  });
});
