/** nix-shell: packages, shell.nix, purity, commands, scripts. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nixlet } from '../support/nixlet.ts';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-shell-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const shell = (args: readonly string[], cwd = work, env: Record<string, string> = {}) =>
  nixlet(['nix-shell', '--store', join(work, 'store'), ...args], { cwd, env });

describe('nix-shell', { timeout: 300_000 }, () => {
  it('-p: the package is there, and its libraries', async () => {
    const { code, stdout, stderr } = await shell([
      '-p',
      'jq',
      'python3Packages.requests',
      '--run',
      'jq --version; python3 -c "import requests; print(1)"',
    ]);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^jq-1\.\d+.*\n1\n$/);
  });

  it('gives the exit code of the command', async () => {
    expect((await shell(['-p', 'jq', '--run', 'exit 7'])).code).toBe(7);
  });

  it('reads shell.nix, runs its shellHook, and sets IN_NIX_SHELL', async () => {
    const directory = join(work, 'project');
    mkdirSync(directory);
    writeFileSync(
      join(directory, 'shell.nix'),
      `{ pkgs ? import <nixpkgs> { }, inNixShell ? false }:
      pkgs.mkShell { GREETING = "hello"; inside = inNixShell; shellHook = "export GREETED=$GREETING"; }`,
    );
    const { code, stdout, stderr } = await shell(['--run', 'echo "$GREETED $IN_NIX_SHELL $inside"'], directory);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe('hello impure 1\n');
  });

  it('--pure clears the environment, --keep keeps a variable', async () => {
    const env = { FOREIGN: 'foreign', KEPT: 'kept' };
    const { stdout, stderr } = await shell(
      [
        '--pure',
        '--keep',
        'KEPT',
        '-p',
        'jq',
        '--run',
        'echo "$IN_NIX_SHELL:$FOREIGN:$KEPT"; type -P git || echo no git',
      ],
      work,
      env,
    );
    expect(stdout, stderr).toBe('pure::kept\nno git\n');
  });

  it('runs a script that names it in its first line', async () => {
    const script = join(work, 'script.py');
    writeFileSync(
      script,
      '#!/usr/bin/env nix-shell\n#! nix-shell -i python3 -p python3\nimport sys\nprint(sys.argv[1:])\n',
    );
    chmodSync(script, 0o755);
    const { code, stdout, stderr } = await nixlet(['nix-shell', script, 'one', 'two words'], {
      env: { NIX_CONFIG: `store = ${join(work, 'store')}` },
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toBe("['one', 'two words']\n");
  });

  it('says what is missing', async () => {
    const empty = mkdtempSync(join(work, 'empty-'));
    const { code, stderr } = await shell([], empty);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "no argument specified and no 'shell.nix' or 'default.nix' file found in the working directory",
    );
  });
});
