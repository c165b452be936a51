/** Short and long texts, one pattern and several, are gone through in different ways: with the same result. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBytes, encodeBytes } from '../../../src/base/bytes.ts';
import { replaceInText } from '../../../src/builtins/replace-strings.ts';

/** The definition: at each place the first pattern that matches, byte by byte; an empty one matches also at the end. */
function replaceSlowly(text: string, patterns: readonly string[], by: readonly string[]): string {
  const from = Buffer.from(encodeBytes(text));
  const wanted = patterns.map((pattern) => Buffer.from(encodeBytes(pattern)));
  const out: number[] = [];
  for (let at = 0; at <= from.length; ) {
    const found = wanted.findIndex((pattern) => from.subarray(at, at + pattern.length).equals(pattern));
    if (found >= 0) out.push(...encodeBytes(by[found]!));
    const length = found < 0 ? 0 : wanted[found]!.length;
    if (length === 0 && at < from.length) out.push(from[at]!);
    at += Math.max(length, 1);
  }
  return decodeBytes(Uint8Array.from(out));
}

const character = fc.constantFrom('a', 'b', '.', '[', '\\', '$', '|', 'é', '\n', '🙂');
/** The bytes of é, too, each for itself. */
const byte = fc.oneof(character, fc.constantFrom('\udcc3', '\udca9'));

function agrees(minLength: number, maxLength: number, unit: fc.Arbitrary<string>, shortestPattern: number): void {
  const word = fc.string({ unit, minLength: shortestPattern, maxLength: 3 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, fc.string({ unit, maxLength: 4 }), fc.constantFrom(1, 1, 1, 50)), { maxLength: 4 }),
      fc.string({ unit, minLength: 1, maxLength: 40 }),
      fc.integer({ min: minLength, max: maxLength }),
      (pairs, piece, length) => {
        const text = decodeBytes(encodeBytes(piece.repeat(Math.ceil(length / piece.length))));
        const patterns = pairs.map(([pattern]) => decodeBytes(encodeBytes(pattern)));
        const by = pairs.map(([, replacement, times]) => decodeBytes(encodeBytes(`$&${replacement}`.repeat(times))));
        expect(replaceInText(text, patterns, (i) => by[i]!)).toBe(replaceSlowly(text, patterns, by));
      },
    ),
  );
}

it('replaces in short texts', () => agrees(1, 100, character, 1));
it('replaces in long texts', () => agrees(2500, 2600, character, 1));
it('replaces bytes, also between all of them', () => agrees(1, 100, byte, 0));
it('replaces bytes in long texts', () => agrees(1500, 1600, byte, 0));

it('grows where replacements are long', () => {
  const text = 'ab'.repeat(50_000);
  expect(replaceInText(text, ['a', 'b'], (i) => ['12345', 'x'.repeat(70)][i]!)).toBe(
    `12345${'x'.repeat(70)}`.repeat(50_000),
  );
});

it('asks for a replacement when it is needed', () => {
  for (const length of [10, 3000]) {
    const asked: number[] = [];
    replaceInText(`a${'x'.repeat(length)}c`, ['a', 'b', 'c', 'a'], (i) => {
      asked.push(i);
      return '';
    });
    expect(asked).toEqual([0, 2]);
  }
});
