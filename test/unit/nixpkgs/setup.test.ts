/** The shell side of stdenv, on the host's bash: functions that build scripts call. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { embeddedSet, run } from '../../support/nixlet.ts';
import { withPeer } from '../../support/peers.ts';

const it = withPeer('bash');
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nixlet-setup-'));
  const setup = readFileSync(join(embeddedSet, 'stdenv', 'setup.sh'), 'utf8')
    .replace('@storeDir@', '/nix/store')
    .replace('@initialPath@', process.env.PATH!)
    .replace('@shell@', '/bin/bash')
    .replace('@defaultNativeBuildInputs@', '');
  writeFileSync(join(directory, 'setup'), setup);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function bash(script: string, env: Record<string, string> = {}) {
  const text = `set -e -o pipefail\nsource ./setup\nsource ${embeddedSet}/build-support/make-wrapper.sh\n${script}`;
  return run('bash', ['-c', text], { cwd: directory, env: { out: join(directory, 'out'), ...env } });
}

async function output(script: string, env: Record<string, string> = {}): Promise<string> {
  const { code, stdout, stderr } = await bash(script, env);
  expect(code, stderr).toBe(0);
  return stdout;
}

function program(name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

describe('setup.sh', () => {
  it('runs the phases in order, with hooks, functions and texts', async () => {
    const script = `
      preBuild() { echo function; }
      preBuildHooks+=("echo array")
      buildPhase="runHook preBuild; echo building"
      dontUnpack=1 dontFixup=1
      installPhase() { echo install function; }
      genericBuild`;
    expect(await output(script)).toBe(
      'patching sources\nconfiguring\nno configure script, doing nothing\nbuilding\nfunction\narray\nbuilding\ninstalling\ninstall function\n',
    );
  });

  it('substitutes in files', async () => {
    writeFileSync(join(directory, 'f'), 'a=@a@ b=@b@ /usr/bin/x *\n');
    await output(
      `export a='1 & \\ 2'; substituteInPlace f --replace-fail /usr/bin /new --subst-var a --subst-var-by b '*'`,
    );
    expect(readFileSync(join(directory, 'f'), 'utf8')).toBe('a=1 & \\ 2 b=* /new/x *\n');
    const { code, stderr } = await bash('substituteInPlace f --replace-fail nothing x');
    expect(code).toBe(1);
    expect(stderr).toContain("pattern 'nothing' doesn't match anything");
    expect((await bash('substituteInPlace f --replace nothing x')).code).toBe(0);
  });

  it('points scripts at the programs of the inputs', async () => {
    const tool = program('in/bin/tool', '#!/bin/sh\n');
    program('s/env', '#!/usr/bin/env -S tool --flag\nbody\n');
    program('s/plain', '#!/usr/local/bin/tool -x\nbody\n');
    program('s/other', '#!/usr/bin/not-there\n');
    await output('patchShebangs s', { HOST_PATH: join(directory, 'in', 'bin'), buildInputs: join(directory, 'in') });
    const first = (name: string) => readFileSync(join(directory, 's', name), 'utf8');
    expect(first('env')).toBe(`#!${tool} --flag\nbody\n`);
    expect(first('plain')).toBe(`#!${tool} -x\nbody\n`);
    expect(first('other')).toBe('#!/usr/bin/not-there\n');
  });

  it('takes inputs, what they propagate, and their hooks into account', async () => {
    const a = join(directory, 'a');
    const b = join(directory, 'b');
    program('a/bin/x', '');
    mkdirSync(join(a, 'nix-support'));
    writeFileSync(join(a, 'nix-support', 'propagated-build-inputs'), `${b}\n`);
    mkdirSync(join(b, 'nix-support'), { recursive: true });
    mkdirSync(join(b, 'lib', 'mods'), { recursive: true });
    writeFileSync(
      join(b, 'nix-support', 'setup-hook'),
      'add() { addToSearchPath MODS "$1/lib/mods"; }\naddEnvHooks "$hostOffset" add\n',
    );
    expect(await output('echo "$MODS"; type -p x', { nativeBuildInputs: a })).toBe(`${b}/lib/mods\n${a}/bin/x\n`);
  });

  it('unpacks directories and archives, and finds the source root', async () => {
    mkdirSync(join(directory, 'src-1'));
    writeFileSync(join(directory, 'src-1', 'file'), 'x');
    const script = 'tar -czf src.tar.gz src-1; mkdir w; cd w; src=../src.tar.gz; unpackPhase; pwd; cat file';
    expect(await output(script)).toContain(`${directory}/w/src-1\nx`);
  });

  it('keeps lists with spaces where attributes are structured', async () => {
    expect(
      await output('declare -a flags=("a b" c); all=(); concatTo all flags none=d; printf "<%s>" "${all[@]}"'),
    ).toBe('<a b><c><d>');
  });

  it('says what failed, and may be told to succeed', async () => {
    expect((await bash('trap exitHandler EXIT; failureHook() { echo hook; }; false')).stdout).toBe('hook\n');
  });
});

describe('makeWrapper', () => {
  it('sets, prefixes and adds', async () => {
    program('real', '#!/bin/sh\necho "$0|$A|$B|$LIST|$*"\n');
    await output(
      `makeWrapper ./real bin/wrapped --set A "a 'quoted' b" --set-default B default --prefix LIST : /one --suffix LIST : /two --add-flags "--x 'y z'" --append-flags --last --argv0 shown`,
    );
    const call = (env: Record<string, string>) => run('bin/wrapped', ['arg 1'], { cwd: directory, env });
    expect((await call({ B: '', LIST: '' })).stdout).toContain("/real|a 'quoted' b||/one:/two|--x y z arg 1 --last\n");
    expect((await call({ B: 'mine', LIST: '/zero:/two' })).stdout).toContain('|mine|/one:/zero:/two|');
  });

  it('puts a program behind a wrapper of its own name', async () => {
    program('bin/p', '#!/bin/sh\necho real "$X"\n');
    await output('wrapProgram bin/p --set X 1; wrapProgram bin/p --set Y 2');
    expect((await run(join(directory, 'bin', 'p'), [], { cwd: directory })).stdout).toBe('real 1\n');
  });

  it('refuses what it does not understand', async () => {
    program('real', '#!/bin/sh\n');
    expect((await bash('makeWrapper ./real w --nonsense')).stderr).toContain(
      "makeWrapper doesn't understand the arg --nonsense",
    );
    expect((await bash('makeWrapper ./missing w')).stderr).toContain('not an executable file');
  });
});
