/** What JSON reading and writing do in fast ways, against JavaScript's own. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareBytewise } from '../../../src/base/order.ts';
import { readJson } from '../../../src/builtins/json-reader.ts';
import { NO_POS } from '../../../src/errors/position.ts';
import { ContextBuilder } from '../../../src/runtime/context-builder.ts';
import { printJsonValue } from '../../../src/runtime/print-json.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** As Nix prints it: keys in byte order. */
function canonical(json: Json): string {
  if (Array.isArray(json)) return `[${json.map(canonical).join(',')}]`;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const members = Object.entries(json).sort((a, b) => compareBytewise(a[0], b[0]));
  return `{${members.map(([key, value]) => `${JSON.stringify(key)}:${canonical(value)}`).join(',')}}`;
}

function throughNix(text: string): string {
  return printJsonValue(undefined as never, readJson(text), NO_POS, new ContextBuilder());
}

const unit = fc.constantFrom('a', 'b', '"', '\\', '\n', '\x7f', '\x01', 'é', '€', '🙂', '/');
const text = fc.oneof(
  fc.string({ unit, maxLength: 5 }),
  fc.string({ unit: fc.constantFrom('x', 'y'), maxLength: 100 }),
  fc.string({ unit, maxLength: 100 }),
);
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'ab', 'name', '__proto__', '') },
  { weight: 1, arbitrary: text },
);
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false, 0, 7, -1, 123456789012345, 2 ** 53 - 1),
    text,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4 }),
  ),
}));

it('reads and prints what JavaScript reads', () => {
  fc.assert(
    fc.property(json, fc.constantFrom('', ' ', '\n\t'), (value, space) => {
      expect(throughNix(JSON.stringify(value, undefined, space))).toBe(canonical(value));
    }),
    { numRuns: 500 },
  );
});

it('takes the last of equal keys, also where objects are alike', () => {
  expect(throughNix('[{"a":1,"b":2,"a":3},{"a":4,"b":5,"a":6},{"a":7,"b":8}]')).toBe(
    '[{"a":3,"b":2},{"a":6,"b":5},{"a":7,"b":8}]',
  );
});

it('reads keys that are written in another way', () => {
  expect(throughNix('[{"ab":1,"c":2},{"a\\u0062":3,"c":4},{"ab":5,"\\u0063":6},{"ab" : 7 , "cc":8}]')).toBe(
    '[{"ab":1,"c":2},{"ab":3,"c":4},{"ab":5,"c":6},{"ab":7,"cc":8}]',
  );
});

it('reads objects that are maps, and such with many keys', () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${(i * 7919) % 1000}`, i]));
  const maps = Array.from({ length: 600 }, (_, i) => ({ [`m${i}`]: i, same: 1 }));
  const all = [many, maps, many];
  expect(throughNix(JSON.stringify(all))).toBe(canonical(all));
});

it('tells small numbers from what only begins like one', () => {
  const texts = ['01', '1.', '1e', '0x1', '1234567890123456', '12345678901234567890123'];
  const results = texts.map((number) => {
    try {
      return throughNix(number);
    } catch {
      return 'error';
    }
  });
  expect(results).toEqual(['error', 'error', 'error', 'error', '1234567890123456', '1.2345678901234568e+22']);
});
