import { posix } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalPath } from '../../../src/syntax/lower/paths.ts';

const names = (...more: string[]) => fc.array(fc.constantFrom('a', 'bc', '.d', ...more), { maxLength: 5 });

test('a path literal leads where the directory and it together lead', () => {
  const bases = fc.oneof(names(), names('..', '.', '')).map((parts) => `/${parts.join('/')}`);
  const literals = fc
    .tuple(fc.constantFrom('', '/'), names('..', '..', '.', ''), fc.constantFrom('', '/'))
    .map(([first, parts, last]) => first + parts.join('/') + last);
  fc.assert(
    fc.property(bases, literals, (base, literal) => {
      const path = posix.resolve(base, literal.replace(/^\/+/, '/'));
      expect(canonicalPath(literal, base)).toBe(path);
    }),
    { numRuns: 2000 },
  );
});
