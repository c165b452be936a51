/** Printing values: the plain form, the pretty one, limits, and what fits on a line. */
import { describe, expect, test } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { Attrs } from '../../../src/runtime/attrs.ts';
import { printValue } from '../../../src/runtime/print.ts';
import { lazy } from '../../../src/runtime/thunk.ts';
import { NixFloat, NixPath, type Slot } from '../../../src/runtime/value.ts';

const set = (object: Record<string, Slot>) => Attrs.fromObject(object);

describe('printValue', () => {
  test('the plain form forces nothing', () => {
    const value = set({
      b: [1, lazy(() => 2)],
      a: 'x"${y}\n',
      'c d': null,
      e: new NixPath('/p'),
      f: new NixFloat(0.5),
    });
    expect(printValue(value)).toBe('{ a = "x\\"\\${y}\\n"; b = [ 1 «thunk» ]; "c d" = null; e = /p; f = 0.5; }');
  });

  test('errors are printed in their place, or thrown', () => {
    const bad = lazy(() => {
      throw new NixError('no');
    });
    expect(printValue([bad], { force: true })).toBe('[ «error: no» ]');
    expect(() => printValue(bad, { force: true, errors: 'throwAtTop' })).toThrow('no');
    expect(printValue([bad], { force: true, errors: 'throwAtTop' })).toBe('[ «error: no» ]');
    expect(() => printValue([bad], { force: true, errors: 'throw' })).toThrow('no');
  });

  test('limits count over the whole value', () => {
    const value = set({ a: set({ b: 1, c: 2 }), d: [1, 2, 3], type: 't' });
    expect(printValue(value, { maxAttrs: 3, maxListItems: 2 })).toBe(
      '{ type = "t"; a = { b = 1; c = 2; }; «1 attribute elided» }',
    );
    expect(printValue([1, 2, 3, [4]], { maxListItems: 2 })).toBe('[ 1 2 «2 items elided» ]');
    expect(printValue('é'.repeat(3), { maxStringLength: 4 })).toBe('"éé" «2 bytes elided»');
    expect(printValue([[1], set({ a: 1 })], { maxDepth: 1 })).toBe('[ [ ... ] { ... } ]');
  });

  test('what was printed before is repeated', () => {
    const inner = set({ a: 1 });
    expect(printValue([inner, inner], { trackRepeated: true })).toBe('[ { a = 1; } «repeated» ]');
    expect(printValue([inner, inner])).toBe('[ { a = 1; } { a = 1; } ]');
  });

  test('the pretty form', () => {
    const value = set({ a: set({ b: [1, 2] }), c: [set({})], d: 1 });
    expect(printValue(value, { force: true, indent: 2 })).toBe(
      '{\n  a = {\n    b = [\n      1\n      2\n    ];\n  };\n  c = [\n    { }\n  ];\n  d = 1;\n}',
    );
    expect(printValue([1], { force: true, indent: 2 })).toBe('[ 1 ]');
  });

  test('on one line where it fits, colours not counted', () => {
    const value = set({ a: 1, b: 'x' });
    const line = '{ a = 1; b = "x"; }';
    expect(printValue(value, { force: true, indent: 2, width: line.length })).toBe(line);
    expect(printValue(value, { force: true, indent: 2, width: line.length - 1 })).toBe('{\n  a = 1;\n  b = "x";\n}');
    expect(printValue(value, { force: true, indent: 2, width: line.length, colors: true })).not.toContain('\n');
  });

  test('derivations by their path', () => {
    const drv = set({ type: 'derivation', drvPath: '/nix/store/x.drv', other: 1 });
    expect(printValue(drv, { force: true, derivationPaths: true })).toBe('«derivation /nix/store/x.drv»');
  });
});
