import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referencePage, renderReference } from '../../../.ci/builtins-reference.ts';

test('docs/reference/builtins.md is what `npm run docs` makes', () => {
  expect(readFileSync(referencePage, 'utf8')).toBe(renderReference());
});
