/** The set under nixlet and under C++ Nix: the same values and derivations, wherever it lies. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { embeddedSet, nixlet, root, run } from '../../support/nixlet.ts';
import { withPeer } from '../../support/peers.ts';

const fixtures = join(root, 'fixtures', 'embedded');
const scratch = mkdtempSync(join(tmpdir(), 'nixlet-set-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Paths of all derivations in the values of files, however deep their sets; a function is called with the set first. */
const derivations = (files: readonly string[], set = embeddedSet) => `
  let
    pkgs = import ${set} { system = "x86_64-linux"; };
    walk = v:
      if builtins.isFunction v then walk (v { inherit pkgs; })
      else if v.type or null == "derivation" then v.drvPath
      else if builtins.isAttrs v then builtins.mapAttrs (_: walk) v
      else null;
  in map (file: walk (import file)) [ ${files.join(' ')} ]`;

async function withNixlet(expression: string): Promise<unknown> {
  const { code, stdout, stderr } = await nixlet(['nix-instantiate', '--eval', '--strict', '--json', '-E', expression]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

async function withNix(expression: string): Promise<unknown> {
  const { code, stdout, stderr } = await run('nix-instantiate', ['--eval', '--strict', '--json', '-E', expression]);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('lib', () => {
  it('gives what its cases say', async () => {
    expect(await withNixlet(`import ${fixtures}/lib-tests.nix`)).toEqual([]);
  });
  withPeer('nix-instantiate')('gives the same under C++ Nix', async () => {
    expect(await withNix(`import ${fixtures}/lib-tests.nix`)).toEqual([]);
  });
});

describe('derivations', () => {
  const names = [
    'trivial.nix',
    'c-make',
    'python-setuptools',
    'python-hatchling',
    'python-flit',
    'python-poetry',
    'python-c-extension',
  ];
  const files = [...names.map((name) => join(fixtures, name)), join(root, 'fixtures', 'app')];

  withPeer('nix-instantiate')('are those of C++ Nix for every fixture', async () => {
    expect(await withNixlet(derivations(files))).toEqual(await withNix(derivations(files)));
  });

  withPeer('nix-instantiate')('are those of C++ Nix for every package, on both architectures', async () => {
    for (const system of ['x86_64-linux', 'aarch64-linux']) {
      const all = `
        let
          pkgs = import ${embeddedSet} { system = "${system}"; };
          probe = v: let r = builtins.tryEval (if v.type or null == "derivation" then v.drvPath else null); in r.value;
        in builtins.mapAttrs (_: builtins.mapAttrs (_: probe)) { inherit pkgs; inherit (pkgs) python3Packages debianPackages; }`;
      expect(await withNixlet(all)).toEqual(await withNix(all));
    }
  });

  it('do not depend on where the set lies', async () => {
    const copy = join(scratch, 'elsewhere');
    cpSync(embeddedSet, copy, { recursive: true });
    expect(await withNixlet(derivations(files, copy))).toEqual(await withNixlet(derivations(files)));
  });

  it('have a notice, once, where another Python is named', async () => {
    const { stdout, stderr } = await nixlet([
      'nix-instantiate', '--eval', '--strict', '-E',
      `with import ${embeddedSet} { }; [ (python38.drvPath == python3.drvPath) (python38Packages.starlette.drvPath == python3Packages.starlette.drvPath) ]`,
    ]); // biome-ignore format: a command line
    expect(stdout.trim()).toBe('[ true true ]');
    expect(stderr.match(/python38: the embedded package set has Python 3\.11/g)).toHaveLength(1);
  });

  it('are refused where a package cannot be changed or used', async () => {
    const failure = async (expression: string) =>
      (await nixlet(['nix-instantiate', '--eval', '-E', `with import ${embeddedSet} { }; ${expression}`])).stderr;
    expect(await failure('(hello.overrideAttrs { patches = [ ]; }).drvPath')).toContain(
      "hello of the embedded package set is a binary of Debian's",
    );
    expect(await failure('noSuchPackage')).toContain("undefined variable 'noSuchPackage'");
    expect(
      await failure('(stdenv.mkDerivation { name = "x"; meta.license = lib.licenses.unfree; }).drvPath'),
    ).toContain('has an unfree license');
    expect(await failure('callPackage ({ lib, helo }: 1) { }')).toContain('did you mean "hello"');
  });
});
