/** Evaluation that needs something built: every way of looking into a derivation's output, and what stops it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nixlet, run } from '../support/nixlet.ts';
import { withPeer } from '../support/peers.ts';

/** `second` cannot be described before `first` has been built; `third` not before `second` has. */
const text = `
  let
    make = name: script: attrs: derivation (attrs // {
      inherit name; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" script ];
    });
    first = make "first.nix" "echo '{ number = 5; }' > $out" { };
    second = make "second" "echo -n made of $number > $out" { inherit (import first) number; };
    broken = make "broken" "exit 3" { };
  in {
    read = builtins.readFile second;
    looked = [ (builtins.pathExists first) (import "\${first}").number (builtins.hashFile "sha256" second) ];
    copied = [ "\${builtins.path { path = first; name = "copy"; }}" (builtins.readFileType second) ];
    third = make "third" "true" { text = builtins.readFile second; };
    context = builtins.getContext (builtins.readFile second);
    broken = import broken;
    isBroken = (builtins.tryEval (import broken)).success;
  }`;

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-ifd-'));
  writeFileSync(join(work, 'default.nix'), text);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const ask = (...args: string[]) =>
  nixlet(['nix-instantiate', '--store', join(work, 'store'), ...args], {
    cwd: work,
    env: { XDG_CACHE_HOME: join(work, 'cache') },
  });
const value = async (attribute: string) => {
  const { code, stdout, stderr } = await ask('--eval', '--read-write-mode', '--strict', '--json', '-A', attribute);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as unknown;
};

it('builds what is read, hashed, copied or imported', async () => {
  expect(await value('read')).toBe('made of 5');
  expect(await value('looked')).toEqual([true, 5, expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(await value('copied')).toEqual([expect.stringMatching(/^\/nix\/store\/[a-z0-9]{32}-copy$/), 'regular']);
  expect(await value('context')).toEqual({});
});

it('needs a store that is written to', async () => {
  const { stderr } = await ask('--eval', '-A', 'broken');
  expect(stderr).toMatch(/error: path '\/nix\/store\/[a-z0-9]{32}-broken\.drv' is not valid/);
});

it('stops where a build fails, or is not wanted', async () => {
  const failed = await ask('--eval', '--read-write-mode', '-A', 'broken');
  expect(failed.code).toBe(100);
  expect(failed.stderr).toMatch(/Cannot build '\/nix\/store\/[a-z0-9]{32}-broken\.drv'/);
  expect((await ask('--eval', '--read-write-mode', '-A', 'isBroken')).code).not.toBe(0);
  const unwanted = await ask('--eval', '-A', 'broken', '--option', 'allow-import-from-derivation', 'false');
  expect(unwanted.stderr).toMatch(
    /-broken\.drv\^out' during evaluation because the option 'allow-import-from-derivation' is disabled/,
  );
});

withPeer('nix-instantiate')('gives the .drv of C++ Nix', async () => {
  const peer = ['--store', join(work, 'peer'), '--option', 'substitute', 'false'];
  const sandbox = ['--option', 'extra-sandbox-paths', '/bin /lib /lib64 /usr'];
  const theirs = await run('nix-instantiate', [...peer, ...sandbox, '-A', 'third'], { cwd: work });
  expect(await ask('-A', 'third')).toEqual({ code: 0, stdout: theirs.stdout, stderr: expect.anything() });
});
