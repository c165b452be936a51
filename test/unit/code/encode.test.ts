import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUnit, encodeUnit } from '../../../src/code/encode.ts';
import { MOST_BYTES, readPositions, writePosition } from '../../../src/code/positions.ts';
import { compile } from '../../../src/compile/compile.ts';
import { resolvePosition } from '../../../src/errors/position.ts';
import { Source } from '../../../src/errors/source.ts';
import { parse } from '../../../src/syntax/parse.ts';

const globals = { has: (name: string) => name === 'map' || name === '__sub', isShadowed: () => false };

function unitOf(text: string) {
  const source = new Source(text, { kind: 'string' });
  const { node, base } = parse(source, { basePath: '/' });
  return compile(node, { globals, base, source: () => source, basePath: '/' });
}

const text =
  'rec { a = { x ? 1.5, ... }@y: map /p "q${y}" (y.b or (-0.0)) 9223372036854775807; "ä\u{1F600}" = ""; } # \udc80\n';

describe('encoding', () => {
  test('a unit survives', () => {
    const unit = unitOf(text);
    const again = decodeUnit(encodeUnit(unit), () => unit.source)!;
    expect(again.code).toEqual(unit.code);
    expect(again.entry).toBe(unit.entry);
    expect(again.memo.length).toBe(unit.memo.length);
    expect(again.numbers).toEqual(unit.numbers);
    expect(unit.texts.map((_, i) => again.text(i))).toEqual(unit.texts);
    expect(again.side.packed).toEqual(unit.side.packed);
    const offsets = Array.from(unit.code.keys());
    const place = (base: number) => offsets.map((offset) => resolvePosition(base + offset)?.offset);
    expect(place(again.posBase)).toEqual(place(unit.posBase));
  });

  test('no text is read before it is wanted', () => {
    const unit = decodeUnit(encodeUnit(unitOf(text)), () => {
      throw new Error('the source is not wanted');
    })!;
    expect(unit.texts.every((entry) => entry === undefined)).toBe(true);
  });

  test('a buffer may lie anywhere', () => {
    const bytes = encodeUnit(unitOf(text));
    const moved = new Uint8Array(bytes.length + 1);
    moved.set(bytes, 1);
    expect(decodeUnit(moved.subarray(1), () => new Source(text, { kind: 'string' }))).toBeDefined();
  });

  test('a damaged entry is none', () => {
    const bytes = encodeUnit(unitOf(text));
    const source = () => new Source(text, { kind: 'string' });
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at]! ^= change;
        expect(decodeUnit(damaged, source)).toBeUndefined();
      }),
    );
    for (const length of [0, 3, 40, bytes.length - 4])
      expect(decodeUnit(bytes.slice(0, length), source)).toBeUndefined();
  });

  test('tables of positions', () => {
    const entry = fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 2 ** 30 }));
    fc.assert(
      fc.property(fc.array(entry), (steps) => {
        const bytes = new Uint8Array(MOST_BYTES * steps.length);
        let length = 0;
        let code = 0;
        let last = 0;
        const table = steps.flatMap(([step, source]) => {
          length = writePosition(bytes, length, step, source - last);
          last = source;
          return [(code += step), source];
        });
        expect(readPositions(bytes.subarray(0, length))).toEqual(Int32Array.from(table));
      }),
    );
  });
});
