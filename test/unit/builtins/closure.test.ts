/** Keys of genericClosure are told apart in three ways: small ints, other numbers and texts, anything else in order. */
import * as fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { errorOf, evaluate } from '../../support/memory-session.ts';

const key = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.integer({ min: 2 ** 31 - 2, max: 2 ** 31 + 2 }),
  fc.integer(),
);

function closure(keys: readonly (string | number)[]): string {
  const elements = keys.map((k, i) => `{ key = ${JSON.stringify(k)}; n = ${i}; }`).join(' ');
  return `map (e: e.n) (builtins.genericClosure { startSet = [ ${elements} ]; operator = e: [ ]; })`;
}

function firstOfEach(keys: readonly (string | number)[]): string {
  const places = keys.map((k, i) => (keys.indexOf(k) === i ? `${i} ` : '')).join('');
  return `[ ${places}]`;
}

it('keeps the first element of each key', () => {
  const same = (keys: readonly (string | number)[]) => {
    expect(evaluate(closure(keys))).toBe(firstOfEach(keys));
  };
  const positive = fc.array(key, { minLength: 1, maxLength: 30 }).map((keys) => keys.map(Math.abs));
  fc.assert(fc.property(positive, same));
  fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'ab', '', 'é'), { minLength: 1, maxLength: 12 }), same));
});

test('negative keys, floats between ints, lists', () => {
  const run = (keys: string) =>
    evaluate(
      `map (e: e.key) (builtins.genericClosure { startSet = map (key: { inherit key; }) ${keys}; operator = e: [ ]; })`,
    );
  expect(run('[ (-1) 1 0 (-1) 0 (-2147483648) 2147483647 (-2147483648) ]')).toBe('[ -1 1 0 -2147483648 2147483647 ]');
  expect(run('[ 1 1.0 2.0 2 0.0 0 1.5 1.5 ]')).toBe('[ 1 2 0 1.5 ]');
  expect(run('[ [ 1 ] [ 1 2 ] [ 1 ] ]')).toBe('[ [ 1 ] [ 1 2 ] ]');
});

test('ten thousand keys, each of them twice', () => {
  const text = `builtins.length (builtins.genericClosure {
    startSet = [ { key = 0; } ];
    operator = e: if e.key >= 9999 then [ ] else [ { key = e.key + 1; } { key = e.key; } { key = e.key * 7919 - e.key * 7919 / 10000 * 10000; } ];
  })`;
  expect(evaluate(text)).toBe('10000');
});

test('keys that cannot be compared', () => {
  const error = errorOf('builtins.genericClosure { startSet = [ { key = 1; } { key = "a"; } ]; operator = e: [ ]; }');
  expect(error.message).toContain('cannot compare');
});
