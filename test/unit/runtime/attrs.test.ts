import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Attrs, AttrsBuilder } from '../../../src/runtime/attrs.ts';
import { Shape } from '../../../src/runtime/shape.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'ä', '😀', '\udc80');
const entries = fc.array(fc.tuple(name, fc.integer()), { maxLength: 12 });
type Operation =
  | { kind: 'update' | 'under'; entries: [string, number][] }
  | { kind: 'remove'; names: string[] }
  | { kind: 'map' }
  | { kind: 'look' };
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ kind: fc.constantFrom('update' as const, 'under' as const), entries }),
  fc.record({ kind: fc.constant('remove' as const), names: fc.array(name, { maxLength: 3 }) }),
  fc.record({ kind: fc.constantFrom('map' as const, 'look' as const) }),
);

function expectSame(set: Attrs, model: Map<string, number>): void {
  expect(set.isEmpty).toBe(model.size === 0);
  for (const key of ['a', 'e', '😀', 'none']) {
    expect(set.get(key)).toBe(model.get(key));
    expect(set.has(key)).toBe(model.has(key));
  }
}

test('a set behaves as a map, whatever it has been through', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
      let set = Attrs.empty;
      let model = new Map<string, number>();
      const before: [Attrs, Map<string, number>][] = [];
      for (const step of operations) {
        before.push([set, model]);
        switch (step.kind) {
          case 'update':
            set = Attrs.update(set, Attrs.fromEntries(step.entries));
            model = new Map([...model, ...step.entries]);
            break;
          case 'under':
            set = Attrs.update(Attrs.fromEntries(step.entries), set);
            model = new Map([...step.entries, ...model]);
            break;
          case 'remove':
            set = set.remove(step.names);
            model = new Map([...model].filter(([key]) => !step.names.includes(key)));
            break;
          case 'map':
            set = set.mapLazily((_, slot) => (slot as number) + 1);
            model = new Map([...model].map(([key, value]) => [key, value + 1]));
            break;
          case 'look':
            expect(set.size).toBe(model.size);
        }
        expectSame(set, model);
      }
      before.push([set, model]);
      for (const [old, expected] of before) {
        expectSame(old, expected);
        expect(new Map(old.entries())).toEqual(expected);
        expect([...old.keys()].sort()).toEqual([...expected.keys()].sort());
      }
    }),
  );
});

describe('order and positions', () => {
  test('sorted keys are in byte order', () => {
    const set = Attrs.fromEntries(['z', '\uffff', '😀', 'a', 'ä', '\udc80'].map((key, i) => [key, i]));
    expect(set.sortedKeys()).toEqual(['a', 'z', '\udc80', 'ä', '\uffff', '😀']);
  });

  test('positions come along through // and remove, not through map', () => {
    const build = (key: string, pos: number) => new AttrsBuilder().set(key, 1, pos).set('plain', 1).build();
    const set = Attrs.update(build('a', 7), build('b', 8));
    const positions = (s: Attrs) => ['a', 'b', 'plain', 'none'].map((key) => s.pos(key));
    expect(positions(set)).toEqual([7, 8, 0, 0]);
    expect(set.size).toBe(3);
    expect(positions(set)).toEqual([7, 8, 0, 0]);
    expect(positions(set.remove(['plain']))).toEqual([7, 8, 0, 0]);
    expect(positions(set.mapLazily((_, slot) => slot))).toEqual([0, 0, 0, 0]);
  });

  test('mapLazily makes each slot once, on first use', () => {
    const made: string[] = [];
    const set = Attrs.fromObject({ a: 1, b: 2 }).mapLazily((key, slot) => {
      made.push(key);
      return (slot as number) * 2;
    });
    expect(made).toEqual([]);
    expect([set.get('b'), set.get('b')]).toEqual([4, 4]);
    expect(made).toEqual(['b']);
  });

  test('sets of a fixed shape', () => {
    const shape = Shape.of(['name', 'value']);
    expect([...Attrs.of(shape, 'x', 1).entries()]).toEqual([
      ['name', 'x'],
      ['value', 1],
    ]);
  });

  test('a long chain of // stays cheap', () => {
    let set = Attrs.empty;
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) set = Attrs.update(set, Attrs.fromObject({ [`k${i}`]: i }));
    expect(set.size).toBe(20_000);
    expect(set.get('k77')).toBe(77);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
