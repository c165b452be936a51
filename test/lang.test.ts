/**
 * The fixtures fixtures/lang/eval-{okay,fail}-*.nix as `nix-instantiate --eval --strict` of the command line shows them:
 * standard output (.exp) and standard error (.err.exp) with the whole trace. A .flags file beside a fixture holds more
 * flags. UPDATE_GOLDEN=1 writes what comes out; then read the difference.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeBytes, encodeBytes } from '../src/base/bytes.ts';
import type { Case, Result } from './support/many-commands.ts';
import { run } from './support/nixlet.ts';

const folder = new URL('../fixtures/lang/', import.meta.url).pathname;
const names = readdirSync(folder)
  .filter((file) => /^eval-(okay|fail)-.*\.nix$/.test(file))
  .map((file) => file.slice(0, -'.nix'.length));

const cache = mkdtempSync(join(tmpdir(), 'nixlet-lang-'));
let results: readonly Result[];

beforeAll(async () => {
  const driver = new URL('support/many-commands.ts', import.meta.url).pathname;
  const cases = names.map((name): Case => {
    const flags = existsSync(join(folder, `${name}.flags`)) ? read(`${name}.flags`).trim().split(/\s+/) : [];
    return { program: 'nix-instantiate', args: ['--eval', '--strict', ...flags, `${name}.nix`] };
  });
  const env = {
    HOME: '/home/user',
    NIX_PATH: '',
    NIX_CONF_DIR: cache,
    NIX_CONFIG: 'show-trace = true',
    XDG_CACHE_HOME: cache,
  };
  const options = { cwd: folder, env, input: JSON.stringify(cases) };
  const { code, stdout, stderr } = await run(process.execPath, ['--stack-size=7000', driver], options);
  expect(code, stderr).toBe(0);
  results = JSON.parse(stdout) as Result[];
});

afterAll(() => rmSync(cache, { recursive: true }));

function read(file: string): string {
  return decodeBytes(readFileSync(join(folder, file)));
}

function expectGolden(file: string, actual: string): void {
  const path = join(folder, file);
  if (process.env.UPDATE_GOLDEN) {
    if (actual !== '') writeFileSync(path, encodeBytes(actual));
    else rmSync(path, { force: true });
  }
  expect(actual).toBe(existsSync(path) ? read(file) : '');
}

describe('fixtures/lang', () => {
  test.each(names.map((name, index) => [name, index] as const))('%s', (name, index) => {
    const { code, out, err } = results[index]!;
    const neutral = (text: string) => text.replaceAll(folder, '/lang/');
    expect(code, err).toBe(name.startsWith('eval-fail') ? 1 : 0);
    expectGolden(`${name}.exp`, neutral(out));
    expectGolden(`${name}.err.exp`, neutral(err));
  });
});
