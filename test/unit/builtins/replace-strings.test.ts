/** Long texts are gone through by a regular expression: with the same result as short ones, piece by piece. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { replaceInText } from '../../../src/builtins/replace-strings.ts';

/** The definition: at each place the first pattern that matches, text from left to right. */
function replaceSlowly(text: string, patterns: readonly string[], by: readonly string[]): string {
  let out = '';
  for (let at = 0; at < text.length; ) {
    const found = patterns.findIndex((pattern) => text.startsWith(pattern, at));
    out += found < 0 ? text[at] : by[found];
    at += found < 0 ? 1 : patterns[found]!.length;
  }
  return out;
}

const alphabet = fc.constantFrom('a', 'b', '.', '[', '\\', '$', '|', 'é', '\n', '🙂');
const word = fc.string({ unit: alphabet, minLength: 1, maxLength: 3 });

it('replaces in long texts as in short ones', () => {
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 4 }),
      fc.string({ unit: alphabet, minLength: 1, maxLength: 40 }),
      (patterns, piece) => {
        const text = piece.repeat(Math.ceil(2500 / piece.length));
        const by = patterns.map((_, i) => `$&${i}`);
        expect(replaceInText(text, patterns, (i) => by[i]!)).toBe(replaceSlowly(text, patterns, by));
      },
    ),
  );
});

it('asks for a replacement when it is needed', () => {
  const asked: number[] = [];
  replaceInText(`a${'x'.repeat(3000)}c`, ['a', 'b', 'c', 'a'], (i) => {
    asked.push(i);
    return '';
  });
  expect(asked).toEqual([0, 2]);
});
