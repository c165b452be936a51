/** What `<name>` and file arguments mean: NIX_PATH, -I and its kin, channels, addresses of tarballs, ~/.config/nixpkgs. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nixlet, run } from '../support/nixlet.ts';
import { withPeer } from '../support/peers.ts';

let work: string;
let server: Server;
let address: string;

const write = (path: string, text: string) => {
  mkdirSync(join(work, path, '..'), { recursive: true });
  writeFileSync(join(work, path), text);
};

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-search-path-'));
  for (const name of ['setting', 'NIX_PATH', 'nix-path', 'extra', 'I']) write(`${name}/of-${name}.nix`, `"${name}"`);
  write(
    'pkg/default.nix',
    '{ a ? 1 }: { inherit a; d = derivation { name = "d"; system = "s"; builder = toString a; }; }',
  );
  write('pkg/five.nix', '5');
  write('home/.nix-defexpr/channels/chan/default.nix', '"a channel"');
  execFileSync('tar', ['-C', work, '-czf', join(work, 'pkg.tar.gz'), 'pkg']);
  server = createServer((request, response) => {
    if (request.url === '/pkg.tar.gz') response.end(readFileSync(join(work, 'pkg.tar.gz')));
    else response.writeHead(404).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(work, { recursive: true, force: true });
});

const options = (env: Record<string, string> = {}) => ({
  cwd: work,
  env: { HOME: join(work, 'home'), XDG_CACHE_HOME: join(work, 'cache'), NIX_CONF_DIR: work, ...env },
});
const ask = (env: Record<string, string>, ...args: string[]) =>
  nixlet(['nix-instantiate', '--store', join(work, 'store'), ...args], options(env));
const value = async (env: Record<string, string>, ...args: string[]) => {
  const { code, stdout, stderr } = await ask(env, '--eval', ...args);
  return code === 0 ? stdout.trim() : stderr.trim();
};

describe('the search path', () => {
  const setting = { NIX_CONFIG: 'nix-path = t=setting' };
  const both = { ...setting, NIX_PATH: 't=NIX_PATH' };
  it.each([
    [setting, [], 't/of-setting.nix'],
    [both, [], 't/of-NIX_PATH.nix'],
    [both, ['--nix-path', 't=nix-path'], 't/of-nix-path.nix'],
    [both, ['--extra-nix-path', 't=extra'], 't/of-extra.nix'],
    [both, ['--extra-nix-path', 't=extra'], 't/of-NIX_PATH.nix'],
    [both, ['--nix-path', 't=nix-path', '-I', 't=I'], 't/of-I.nix'],
    [both, ['--option', 'nix-path', 't=nix-path', '-I', 't=I'], 't/of-nix-path.nix'],
    [{}, ['-I', '.'], 'I/of-I.nix'],
  ])('%j %j has %s', async (env, args, name) => {
    expect(await value(env, ...args, '-E', `import <${name}>`)).toBe(`"${/of-(.*)\.nix/.exec(name)![1]}"`);
  });

  it.each([
    [both, [], 't/of-setting.nix'],
    [both, ['--nix-path', 't=nix-path'], 't/of-NIX_PATH.nix'],
    [{}, ['--pure-eval', '-I', 't=I'], 't/of-I.nix'],
  ])('%j %j has no %s', async (env, args, name) => {
    expect(await value(env, ...args, '-E', `import <${name}>`)).toMatch(/was not found in|cannot look up/);
  });

  it('is told as it was given, relative entries too', async () => {
    const args = ['--strict', '-I', 'a=I', '-I', '../x', '-I', 'u=http://h/t.tgz', '-E'];
    expect(await value({ NIX_PATH: 'n=x/./y' }, ...args, 'map (e: e.path) builtins.nixPath')).toBe(
      `[ "I" "../x" "http://h/t.tgz" "x/./y" "${work}/home/.nix-defexpr/channels" ]`,
    );
    expect(await value({}, '-I', 'a=I', '-E', '<a>')).toBe(join(work, 'I'));
    expect(await value({}, '-E', 'builtins.findFile [ { path = "I"; } ] "of-I.nix"')).toBe(join(work, 'I/of-I.nix'));
  });

  it('has the channels of the user', async () => {
    expect(await value({}, '-E', 'import <chan>')).toBe('"a channel"');
    expect(await value({ NIX_PATH: 'a=/b' }, '<chan>')).toBe('"a channel"');
    expect(await value({ NIX_CONFIG: 'use-xdg-base-directories = true' }, '<chan>')).toContain('was not found');
  });

  it('says what is not there', async () => {
    const { stderr } = await ask({}, '--eval', '-I', 'a=none', '-E', '<a>');
    expect(stderr).toMatch(/^warning: Nix search path entry 'none' does not exist, ignoring\nerror:/);
    const url = `${address}/none.tar.gz`;
    const lost = await ask({}, '--eval', '-I', `a=${url}`, '-E', '<a>');
    expect(lost.stderr).toContain(`warning: Nix search path entry '${url}' cannot be downloaded, ignoring\n`);
  });
});

describe('the address of a tarball', () => {
  it('stands for what is in it', async () => {
    expect(await value({}, `${address}/pkg.tar.gz`, '-A', 'a', '--arg', 'a', '2')).toBe('2');
    expect(await value({}, '-I', `p=${address}/pkg.tar.gz`, '<p>', '-A', 'a')).toBe('1');
    expect(await value({}, `file://${work}/pkg.tar.gz`, '-A', 'a')).toBe('1');
    expect(await value({}, '-I', `file://${work}/pkg.tar.gz`, '-E', 'import <five.nix>')).toBe('5');
    expect(await value({ NIX_PATH: `p=file://${work}/pkg.tar.gz` }, '<p/five.nix>')).toBe('5');
  });

  it('of a flake stands for its tree', async () => {
    const flakes = ['--extra-experimental-features', 'flakes'];
    const flake = `flake:path:${work}/pkg`;
    expect(await value({}, ...flakes, flake, '-A', 'a')).toBe('1');
    expect(await value({}, ...flakes, '-I', `p=${flake}`, '<p/five.nix>')).toBe('5');
    expect(await value({}, flake)).toContain("experimental Nix feature 'flakes' is disabled");
  });

  it('that nobody answers', async () => {
    expect(await ask({}, `${address}/none.tar.gz`)).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: unable to download '${address}/none.tar.gz': HTTP error 404\n`,
    });
  });

  withPeer('nix-instantiate')('means the same for C++ Nix', async () => {
    const args = ['--store', join(work, 'peer'), `${address}/pkg.tar.gz`, '-A', 'd'];
    expect((await ask({}, `${address}/pkg.tar.gz`, '-A', 'd')).stdout).toBe(
      (await run('nix-instantiate', args, options())).stdout,
    );
  });
});

/** As nixpkgs reads it, in a few words of our own. */
it('finds ~/.config/nixpkgs through HOME and NIXPKGS_CONFIG', async () => {
  write('home/.config/nixpkgs/config.nix', '{ packageOverrides = p: { hello = p.hello + "!"; }; }');
  write('home/.config/nixpkgs/overlays/b.nix', 'self: super: { hello = super.hello + "b"; }');
  write('home/.config/nixpkgs/overlays/a.nix', 'self: super: { hello = super.hello + "a"; }');
  write('other.nix', '{ packageOverrides = p: { hello = "other"; }; }');
  write(
    'set.nix',
    `let
      home = builtins.getEnv "HOME";
      given = builtins.getEnv "NIXPKGS_CONFIG";
      config = import (if given != "" && builtins.pathExists given then given else home + "/.config/nixpkgs/config.nix");
      dir = home + "/.config/nixpkgs/overlays";
      overlays = map (n: import (dir + "/\${n}")) (builtins.attrNames (builtins.readDir dir));
      first = { hello = "hello"; };
      base = first // config.packageOverrides first;
    in builtins.foldl' (super: overlay: super // overlay super super) base overlays`,
  );
  expect(await value({}, 'set.nix', '-A', 'hello')).toBe('"hello!ab"');
  expect(await value({ NIXPKGS_CONFIG: join(work, 'other.nix') }, 'set.nix', '-A', 'hello')).toBe('"otherab"');
});
