/** The launcher with scripts of its own instead of dist/: how they find each other, and what is kept of their functions. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

const launcher = new URL('../../src/cli/launcher.js', import.meta.url).pathname;

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-launcher-'));
  mkdirSync(join(work, 'src/cli'), { recursive: true });
  mkdirSync(join(work, 'dist'));
  writeFileSync(join(work, 'package.json'), '{ "type": "module" }');
  copyFileSync(launcher, join(work, 'src/cli/launcher.js'));
  script(
    'nixlet.cjs',
    `const crypto = require('node:crypto', ['createHash', 'constants']);
     const loaded = () => process.moduleLoadList.includes('NativeModule crypto');
     const says = { lazy() {
       const before = loaded();
       return [before, crypto.createHash('sha1').update('x').digest('hex').slice(0, 4), typeof crypto.constants, loaded()];
     }, other: () => require('nixlet:rest/b.ts').twice(21), work() {
       for (const start = process.cpuUsage().user; process.cpuUsage().user - start < 400_000; );
       return 'worked';
     } };
     exports.modules = { 'a.ts': () => ({ answer: (x) => 2 * x }) };
     exports.start = async () => void console.log(JSON.stringify(says[process.argv[2]]()));`,
  );
  script('nixlet-rest.cjs', `exports.modules = { 'b.ts': () => ({ twice: require('nixlet:core/a.ts').answer }) };`);
});
beforeEach(() => rmSync(join(work, 'cache'), { recursive: true, force: true }));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function script(name: string, text: string): void {
  writeFileSync(join(work, 'dist', name), `/*0123456789abcdef*/${text}`);
}

function run(word: string): unknown {
  const env = { ...process.env, XDG_CACHE_HOME: join(work, 'cache') };
  return JSON.parse(
    execFileSync(process.execPath, [join(work, 'src/cli/launcher.js'), word], { env, encoding: 'utf8' }),
  );
}

/** The file that holds the functions of a script. */
function kept(name = 'nixlet.cjs'): string {
  const directory = join(work, 'cache/nixlet/v8');
  return join(directory, readdirSync(directory).find((file) => file.startsWith(name))!);
}

it('loads a module of Node when something of it is used', () => {
  expect(run('lazy')).toEqual([false, '11f6', 'object', true]);
});

it('loads one script from another', () => {
  expect(run('other')).toBe(42);
  expect(run('other')).toBe(42);
  expect(statSync(kept('nixlet-rest.cjs')).size).toBeGreaterThan(100);
});

it('writes the functions once, and again after a process that works much longer', () => {
  const worked = () => Number.parseInt(readFileSync(kept(), 'latin1'), 10);
  run('lazy');
  const { ino } = statSync(kept());
  const short = worked();
  run('lazy');
  expect(statSync(kept()).ino).toBe(ino);
  run('work');
  expect(worked()).toBeGreaterThan(2 * short);
});

it.each([
  ['a byte is wrong', (bytes: Buffer) => void (bytes[bytes.length - 100]! ^= 1)],
  ['nothing is left', (bytes: Buffer) => void bytes.fill(0)],
])('does without what is damaged: %s', (_, damage) => {
  run('lazy');
  const bytes = readFileSync(kept());
  damage(bytes);
  writeFileSync(kept(), bytes);
  expect(run('lazy')).toEqual([false, '11f6', 'object', true]);
  expect(readFileSync(kept())).not.toEqual(bytes);
});

it('does without a file that was cut off', () => {
  run('lazy');
  writeFileSync(kept(), readFileSync(kept()).subarray(0, 500));
  expect(run('lazy')).toEqual([false, '11f6', 'object', true]);
});
