import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBytes } from '../../../src/base/bytes.ts';
import { bestMatches, editDistance } from '../../../src/errors/suggestions.ts';

const distance = (a: string, b: string) => editDistance(encodeBytes(a), encodeBytes(b));

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['kitten', 'sitting', 3],
  ['foo', 'foo', 0],
  ['ab', 'ba', 2],
  ['é', 'e', 2],
])('distance of %s and %s', (a, b, expected) => {
  expect(distance(a, b)).toBe(expected);
});

test('distance is a metric', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 6 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      expect(distance(a, b)).toBe(distance(b, a));
      expect(distance(a, b) === 0).toBe(a === b);
      expect(distance(a, c)).toBeLessThanOrEqual(distance(a, b) + distance(b, c));
    }),
  );
});

test('the nearest first, then by bytes, five at most, none further than two edits', () => {
  expect(bestMatches(['fooo', 'fo1', 'bar', 'foo', 'fo2', 'fo'], 'foo')).toEqual(['foo', 'fo', 'fo1', 'fo2', 'fooo']);
  expect(bestMatches(['a', 'b', 'c', 'd', 'e', 'f'], 'x')).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(bestMatches(['something'], 'else')).toEqual([]);
  expect(bestMatches(['ééé'], 'ééééé')).toEqual([]);
  expect(bestMatches(['éé'], 'ééé')).toEqual(['éé']);
});
