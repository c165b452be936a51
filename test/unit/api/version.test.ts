import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { nixletVersion } from '../../../src/api/version.ts';

it('names the version of package.json', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(nixletVersion).toBe(version);
});
