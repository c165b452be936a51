import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relativePath, resolvePath } from '../../../src/code/paths.ts';

const path = fc.array(fc.constantFrom('a', 'b', 'nix', '...'), { maxLength: 4 }).map((parts) => `/${parts.join('/')}`);

test('a relative path leads back', () => {
  fc.assert(
    fc.property(path, path, fc.boolean(), (directory, target, slash) => {
      const wanted = slash && target !== '/' ? `${target}/` : target;
      expect(resolvePath(directory, relativePath(directory, wanted))).toBe(wanted);
    }),
  );
});

test('it is as short as it is written', () => {
  expect(relativePath('/d/e', '/d/e/x')).toBe('x');
  expect(relativePath('/d/e', '/d/x/')).toBe('../x/');
  expect(relativePath('/d', '/d')).toBe('');
});
