import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reserveSourcePositions, resolvePosition } from '../../../src/errors/position.ts';
import { Source } from '../../../src/errors/source.ts';

describe('lines and columns', () => {
  const text = 'a\nbé c\r\n\rd😀e\udcffg';
  const source = new Source(text, { kind: 'stdin' });

  test.each([
    ['a', 1, 1],
    ['b', 2, 1],
    ['c', 2, 5],
    ['d', 4, 1],
    ['e', 4, 6],
    ['g', 4, 8],
  ])('%s', (character, line, column) => {
    expect(source.lineColumn(text.indexOf(character))).toEqual({ line, column });
  });

  test('the end has a place, too', () => {
    expect(source.lineColumn(text.length)).toEqual({ line: 4, column: 9 });
    expect(new Source('a\n', { kind: 'stdin' }).lineColumn(2)).toEqual({ line: 2, column: 1 });
  });

  test('the text of a line is without its end', () => {
    expect([1, 2, 3, 4, 5].map((line) => source.lineText(line))).toEqual(['a', 'bé c', '', 'd😀e\udcffg', undefined]);
  });
});

test('how sources are called', () => {
  const label = (origin: Source['origin']) => new Source('', origin).label;
  expect(label({ kind: 'file', path: '/a.nix' })).toBe('/a.nix');
  expect(label({ kind: 'string' })).toBe('«string»');
  expect(label({ kind: 'stdin' })).toBe('«stdin»');
  expect(label({ kind: 'internal', name: 'derivation.nix' })).toBe('«nix-internal»/derivation.nix');
});

test('positions resolve to the source and offset that they were made of', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { minLength: 1 }), fc.nat(), fc.nat(), (lengths, which, offset) => {
      const sources = lengths.map((length) => new Source('x'.repeat(length), { kind: 'string' }));
      const bases = sources.map(reserveSourcePositions);
      const i = which % sources.length;
      const at = offset % (sources[i]!.text.length + 1);
      expect(resolvePosition(bases[i]! + at)).toEqual({ source: sources[i], offset: at });
    }),
  );
  expect(resolvePosition(0)).toBeUndefined();
});
