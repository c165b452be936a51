/** nixlet channel: the user's own lock is what the embedded set is made of, and the command line around it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { embeddedSet, nixlet, run } from '../support/nixlet.ts';
import { withPeer } from '../support/peers.ts';

let work: string;
let lock: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-channel-'));
  mkdirSync(join(work, 'nixlet'));
  lock = join(work, 'nixlet/debian.lock.json');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const env = () => ({ XDG_STATE_HOME: work, HOME: work });
const version = (...flags: string[]) =>
  nixlet(['nix-instantiate', ...flags, '--eval', '-E', '(import <nixpkgs> {}).hello.version'], {
    env: env(),
    cwd: work,
  });

function writeUserLock(): void {
  const text = readFileSync(join(embeddedSet, 'debian.lock.json'), 'utf8');
  writeFileSync(lock, text.replaceAll(/("package":"hello","version":")[^"]*/g, '$199.9-1'));
}

it('is used wherever <nixpkgs> is the embedded set, until it is removed', async () => {
  const before = (await version()).stdout;
  expect(before).toMatch(/^"[\d.]+"\n$/);
  writeUserLock();
  expect((await nixlet(['channel'], { env: env() })).stdout).toBe(`${lock}\n`);
  expect((await version()).stdout).toBe('"99.9"\n');
  expect((await version('-I', `elsewhere=${work}`)).stdout).toBe('"99.9"\n');
  const visible = await nixlet(['nix-instantiate', '--eval', '--json', '-E', 'map (e: e.prefix) builtins.nixPath'], {
    env: env(),
  });
  expect(visible.stdout).not.toContain('nixlet-lock');
  expect(await nixlet(['channel', 'remove'], { env: env() })).toMatchObject({ code: 0, stderr: `removed '${lock}'\n` });
  expect((await version()).stdout).toBe(before);
  expect((await nixlet(['channel', 'remove'], { env: env() })).stderr).toContain('no lock of your own');
});

withPeer('nix-instantiate')('can be named for C++ Nix too', async () => {
  writeUserLock();
  const theirs = await run(
    'nix-instantiate',
    [
      '-I',
      `nixpkgs=${embeddedSet}`,
      '-I',
      `nixlet-lock=${lock}`,
      '--eval',
      '-E',
      '(import <nixpkgs> {}).hello.version',
    ],
    { env: { ...env(), NIX_REMOTE: '', NIX_STORE_DIR: undefined }, cwd: work },
  );
  expect(theirs.stdout).toBe('"99.9"\n');
});

it('knows its words', async () => {
  expect((await nixlet(['channel', '--help'])).stdout).toContain('--keyring FILE');
  const wrong = await nixlet(['channel', 'upgrade']);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("'upgrade' is not something that nixlet channel does");
  const silent = await nixlet(['channel', 'update', '--debian-mirror', 'http://127.0.0.1:1/'], { env: env() });
  expect(silent).toMatchObject({ code: 1, stdout: '' });
  expect(silent.stderr).toContain('the connection was refused');
});
