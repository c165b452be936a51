/** What can go wrong, as a user meets it: one clear error, a non-zero exit, and nothing lost. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { embeddedSet, nixlet } from '../support/nixlet.ts';

let work: string;
let store: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-bad-input-'));
});
beforeEach(() => {
  store = mkdtempSync(join(work, 'store-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const build = (args: readonly string[], env: Record<string, string> = {}, cwd = work) =>
  nixlet(['nix-build', '--no-out-link', '--store', store, ...args], { cwd, env });

/** A text through a builtin builder: no process, no download. */
const text = (name: string, extra = '') =>
  `derivation { name = "${name}"; system = "x86_64-linux"; builder = "builtin:write-text"; __structuredAttrs = true; text = "x"; executable = false; destination = ""; ${extra} }`;

async function refused(args: readonly string[], ...messages: string[]): Promise<string> {
  const { code, stdout, stderr } = await build(args);
  expect(code, stderr).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).not.toContain('nixlet has a bug');
  for (const message of messages) expect(stderr).toContain(message);
  return stderr;
}

describe('expressions', () => {
  it('with pkgs: gets the message of Nix and a hint at its own line', async () => {
    writeFileSync(join(work, 'colon.nix'), '{ pkgs ? import <nixpkgs> { } }:\nwith pkgs:\nhello\n');
    await refused(['colon.nix'], "syntax error, unexpected end of file, expecting ';'", 'with pkgs;', 'colon.nix:2');
  });

  it('a missing attribute', () =>
    refused(
      ['-E', '{ bar = 1; }', '-A', 'baz'],
      "attribute 'baz' in selection path 'baz' not found",
      'Did you mean bar?',
    ));

  it('a missing argument', () =>
    refused(['-E', '{ name }: 1'], "cannot evaluate a function that has an argument without a value ('name')"));

  it('a missing file', () => refused(['nowhere.nix'], 'nowhere.nix', 'does not exist'));

  it('no default.nix', async () => {
    const empty = mkdtempSync(join(work, 'empty-'));
    const { code, stderr } = await build([], {}, empty);
    expect(code).toBe(1);
    expect(stderr).toContain("default.nix' does not exist");
  });

  it('no derivation', () =>
    refused(['-E', '42'], 'expression does not evaluate to a derivation (or a set or list of those)'));

  it('a name with illegal characters', () =>
    refused(['-E', text('a name')], "invalid derivation name: name 'a name' contains illegal character ' '"));

  it('an unknown flag', () => refused(['--nonsense'], "unrecognised flag '--nonsense'"));
});

describe('sources', () => {
  const source = (path: string) => text('t', `src = ${path};`);

  it('a socket', async () => {
    const directory = mkdtempSync(join(work, 'socket-'));
    const server = createSocketServer().listen(join(directory, 'socket'));
    try {
      await refused(['-E', source(directory)], 'socket', 'unsupported type');
    } finally {
      server.close();
    }
  });

  it('a dangling link is a link like any other', async () => {
    const directory = mkdtempSync(join(work, 'dangling-'));
    symlinkSync('nowhere', join(directory, 'link'));
    const { code, stderr } = await build(['-E', source(directory)]);
    expect(code, stderr).toBe(0);
  });
});

describe('the store', () => {
  it('cannot be written', async () => {
    writeFileSync(join(work, 'file'), '');
    store = join(work, 'file', 'store');
    await refused(['-E', text('t')], join(work, 'file'));
  });
});

describe('mirrors', () => {
  let server: Server;
  let answer: (path: string, end: (status: number, body: Buffer, cut?: boolean) => void) => void;
  let address: string;
  beforeAll(async () => {
    server = createServer((request, response) =>
      answer(request.url!, (status, body, cut) => {
        response.writeHead(status, { 'content-length': cut ? body.length * 2 : body.length });
        response.write(body);
        if (cut) response.destroy();
        else response.end();
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`;
  });
  afterAll(() => void server.close());

  const jq = ['-E', `(import ${embeddedSet} { }).jq`];
  const from = (mirror: string) => build(jq, { NIXLET_DEBIAN_MIRROR: mirror, XDG_CACHE_HOME: join(store, 'cache') });

  it('one that does not have the file', async () => {
    answer = (_path, end) => end(404, Buffer.from('no'));
    const { code, stderr } = await from(address);
    expect(code).not.toBe(0);
    expect(stderr).toContain('nixlet channel update');
  }, 120_000);

  it('one that sends something else', async () => {
    answer = (_path, end) => end(200, Buffer.from('not what was asked for'));
    const { code, stderr } = await from(address);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/the server's file has 22 bytes instead of \d+/);
  }, 120_000);

  it('one that nobody answers at', async () => {
    const { code, stderr } = await from('http://127.0.0.1:1/debian');
    expect(code).not.toBe(0);
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).toMatch(/--debian-mirror|NIXLET_DEBIAN_MIRROR/);
  }, 120_000);
});

describe('builders', () => {
  const shell = (script: string) =>
    `derivation { name = "p"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" ${JSON.stringify(script)} ]; }`;

  it('one that fails: the end of its log, where the whole is, exit code 100, nothing registered', async () => {
    const { code, stdout, stderr } = await build(['-E', shell('echo before the end; exit 3')]);
    expect({ code, stdout }).toEqual({ code: 100, stdout: '' });
    expect(stderr).toContain('before the end');
    expect(stderr).toContain('builder failed with exit code 3');
    expect(stderr).toMatch(/nix-store -l .*-p\.drv/);
    expect(readdirSync(join(store, 'nix', 'store')).filter((name) => name.endsWith('-p'))).toEqual([]);
  }, 300_000);

  it('two at once: one builds, the other waits', async () => {
    const directory = join(work, 'twice');
    mkdirSync(directory);
    const args = ['-E', shell('for i in 1 2 3 4 5 6 7 8 9; do : ; done; sleep 1 || true; echo done > $out')];
    const [one, other] = await Promise.all([build(args), build(args)]);
    expect([one!.code, other!.code], one!.stderr + other!.stderr).toEqual([0, 0]);
    expect(one!.stdout).toBe(other!.stdout);
    const started = [one!, other!].filter(({ stderr }) => /^building '.*-p\.drv'/m.test(stderr));
    expect(started).toHaveLength(1);
    expect(existsSync(join(store, one!.stdout.trim()))).toBe(true);
  }, 300_000);
});
