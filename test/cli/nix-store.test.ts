/** nix-store: the answers of C++ Nix on one store, to the letter, and stores that either of them has changed. */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root as checkout, type Finished, nixlet, type RunOptions, run } from '../support/nixlet.ts';
import { findProgram, withPeer } from '../support/peers.ts';
import { readTree } from '../support/read-tree.ts';

const launcher = join(checkout, 'src/cli/launcher.js');
let work: string;
let store: string;
/** Two texts, one of which refers to the other, and a derivation with two outputs that uses them. */
let drv: string;
let other: string;

const expression = `
let
  plain = builtins.toFile "plain" "text";
  referring = builtins.toFile "referring" "see \${plain}";
  lower = derivation { name = "lower"; system = "x"; builder = "/b"; inherit referring; };
in derivation {
  name = "upper-1.0"; system = "x"; builder = "/b"; outputs = [ "out" "dev" ];
  args = [ "-e" plain ]; text = "it's\\n\${lower}"; inherit referring;
}`;

/** Ours; the store is that of the test. */
function ours(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return nixlet(['nix-store', '--store', store, ...args], { cwd: work, ...options });
}

/** Standard output of each of many command lines, which must all succeed; in one process. */
async function oursTogether(lines: readonly (readonly string[])[]): Promise<string[]> {
  const input = JSON.stringify(lines.map((line) => ['nix-store', '--store', store, ...line]));
  const { stdout, stderr } = await run(process.execPath, [join(checkout, 'test/support/run-many.ts')], {
    cwd: work,
    input,
  });
  expect(stderr).toBe('');
  const parts = stdout.split('\x1e');
  return lines.map((line, index) => {
    expect({ line, code: parts[2 * index + 1] }).toEqual({ line, code: '0' });
    return parts[2 * index]!;
  });
}

function theirs(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run('nix-store', ['--store', store, ...args], { cwd: work, ...options });
}

/** For what is no text. */
function bytes(program: string, args: readonly string[], input?: Buffer): Buffer {
  return execFileSync(program, args, {
    cwd: work,
    ...(input ? { input } : {}),
    stdio: 'pipe',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

async function printed(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ours(args);
  expect({
    code,
    stderr: stderr.replace(/^(warning: you did not|finding|deleting|reading|checking) .*\n/gm, ''),
  }).toEqual({
    code: 0,
    stderr: '',
  });
  return stdout;
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-store-'));
  store = join(work, 'root');
  const made = await nixlet(['nix-instantiate', '--store', store, '-E', expression], { cwd: work });
  expect(made).toMatchObject({ code: 0, stderr: '' });
  drv = made.stdout.trim();
  writeFileSync(join(work, 'file'), 'a file\n');
  mkdirSync(join(work, 'tree/inner'), { recursive: true });
  writeFileSync(join(work, 'tree/inner/run'), '#!/bin/sh\n');
  chmodSync(join(work, 'tree/inner/run'), 0o755);
  symlinkSync('inner/run', join(work, 'tree/link'));
  other = (await printed(['--add', 'tree'])).trim();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('nix-store --query answers as C++ Nix does:', () => {
  const questions: readonly (readonly string[])[] = [
    ['--outputs'],
    ['--requisites'],
    ['-R', '--include-outputs'],
    ['--references'],
    ['--referrers'],
    ['--referrers-closure'],
    ['--deriver'],
    ['--hash'],
    ['--size'],
    ['--tree'],
    ['--graph'],
    ['--graphml'],
    ['--resolve'],
    ['--binding', 'name'],
    ['-b', 'text'],
  ];
  withPeer('nix-store')(
    'each question, of one path and of many',
    async () => {
      const all = (await printed(['--query', '--requisites', drv])).trim().split('\n');
      const many = ['--references', '--referrers', '--referrers-closure', '--hash', '--size', '--tree', '--deriver'];
      const lines = [
        ...questions.map((question) => ['-q', ...question, drv]),
        ...many.map((question) => ['-q', question, ...all]),
      ];
      const mine = await oursTogether(lines);
      for (const [index, line] of lines.entries()) {
        const { code, stdout } = await theirs(line);
        // 2.8 calls sizes int.
        const wanted = stdout.replace("attr.name='narSize' attr.type='int'", "attr.name='narSize' attr.type='long'");
        expect({ line, code, stdout: wanted }).toEqual({ line, code: 0, stdout: mine[index] });
      }
    },
    120_000,
  );

  withPeer('nix-store')('what is wrong', async () => {
    const gone = `/nix/store/${'0'.repeat(32)}-gone`;
    for (const args of [
      ['-q', '--size', gone],
      ['-q', '--tree', gone],
      ['-q', '--references', '/etc/passwd'],
      ['-q', '-b', 'nothing', drv],
    ]) {
      const [mine, wanted] = [await ours(args), await theirs(args)];
      expect(mine.code).toBe(wanted.code);
      expect(mine.stderr).toContain(wanted.stderr.trim().split('\n')[0]);
    }
  });
});

describe('nix-store --query', () => {
  it('takes one question, and letters that stand together', async () => {
    expect(await ours(['-q', '--size', '--hash', drv])).toMatchObject({ code: 1 });
    expect((await ours(['-q', '--size', '--hash', drv])).stderr).toContain(
      "query type '--hash' conflicts with earlier flag",
    );
    expect(await printed(['-qR', drv])).toBe(await printed(['--query', '--requisites', drv]));
  });

  it('follows links into the store, and finds the roots that hold a path', async () => {
    const link = join(work, 'result');
    expect(await printed(['--realise', '--add-root', link, other])).toBe(`${link}\n`);
    expect(await printed(['-q', '--resolve', 'result'])).toBe(`${other}\n`);
    expect(await printed(['-q', '--roots', './result'])).toBe(`${link} -> ${other}\n`);
    expect(await printed(['--gc', '--print-roots'])).toBe(`${link} -> ${other}\n`);
    rmSync(link);
  });
});

describe('files in and out', () => {
  withPeer('nix-store')('have the same store paths', async () => {
    for (const args of [
      ['--add', 'tree', 'file'],
      ['--add-fixed', 'sha256', 'file'],
      ['--add-fixed', '--recursive', 'sha256', 'tree'],
      ['--add-fixed', 'md5', 'file'],
      ['--add-fixed', '--recursive', 'sha1', 'tree'],
      ['--print-fixed-path', '--recursive', 'sha256', '0'.repeat(64), 'name'],
    ])
      expect((await ours(args)).stdout).toBe((await theirs(args)).stdout);
  });

  withPeer('nix-store')('have the same NAR, and come back out of it', () => {
    const nar = bytes('nix-store', ['--dump', 'tree']);
    expect(bytes(process.execPath, [launcher, 'nix-store', '--dump', 'tree'])).toEqual(nar);
    bytes(process.execPath, [launcher, 'nix-store', '--restore', 'back'], nar);
    expect(readTree(join(work, 'back'))).toEqual(readTree(join(work, 'tree')));
    expect(() => bytes(process.execPath, [launcher, 'nix-store', '--restore', 'back'], nar)).toThrow('File exists');
  });

  withPeer('nix-store')('travel to another store and back', async () => {
    const closure = (await printed(['-qR', drv, other])).trim().split('\n');
    const exported = bytes('nix-store', ['--store', store, '--export', ...closure]);
    const tools = { ours: [process.execPath, launcher, 'nix-store'], theirs: ['nix-store'] };
    for (const [name, [program, ...words]] of Object.entries(tools)) {
      const there = (args: string[], input?: Buffer) =>
        bytes(program!, [...words, '--store', join(work, `imported-by-${name}`), ...args], input);
      const again = bytes(program!, [...words, '--store', store, '--export', ...closure]);
      expect(again.equals(exported)).toBe(true);
      expect(there(['--import'], exported).toString()).toBe(`${closure.join('\n')}\n`);
      expect(there(['-q', '--tree', drv]).toString()).toBe(await printed(['-q', '--tree', drv]));
      there(['--verify', '--check-contents']);
    }
  });

  it('refuse an export that is cut off', () => {
    const here = [launcher, 'nix-store', '--store'];
    const exported = bytes(process.execPath, [...here, store, '--export', other]);
    const root = join(work, 'cut');
    expect(() => bytes(process.execPath, [...here, root, '--import'], exported.subarray(0, 300))).toThrow(
      'unexpected end-of-file',
    );
    expect(bytes(process.execPath, [...here, root, '--dump-db']).length).toBe(0);
  });
});

describe('what is recorded', () => {
  withPeer('nix-store')('is dumped and loaded in the same form', async () => {
    const dump = await printed(['--dump-db']);
    expect(dump).toBe((await theirs(['--dump-db'])).stdout);
    const root = join(work, 'loaded');
    execFileSync('cp', ['-a', '--', store, root]);
    rmSync(join(root, 'nix/var/nix/db'), { recursive: true });
    const there = (...args: string[]) => nixlet(['nix-store', '--store', root, ...args], { input: dump });
    expect(await there('--load-db')).toMatchObject({ code: 0, stderr: '' });
    expect((await there('--dump-db')).stdout).toBe(dump);
    expect(await run('nix-store', ['--store', root, '--verify', '--check-contents'])).toMatchObject({ code: 0 });
  });

  it('can be made for files that lie in the store', async () => {
    const root = join(work, 'registered');
    const path = `/nix/store/${'1'.repeat(32)}-by-hand`;
    mkdirSync(join(root, 'nix/store'), { recursive: true });
    writeFileSync(root + path, 'by hand');
    const there = (args: string[], input = '') => nixlet(['nix-store', '--store', root, ...args], { input });
    expect((await there(['--check-validity', '--print-invalid', path])).stdout).toBe(`${path}\n`);
    expect(await there(['--register-validity'], `${path}\n\n0\n`)).toMatchObject({ code: 0, stderr: '' });
    expect((await there(['-q', '--size', path])).stdout).toBe('120\n');
    expect(await there(['--check-validity', path])).toMatchObject({ code: 0 });
    expect((await there(['--register-validity'], `${path}\n\nmany\n`)).stderr).toContain(
      "number expected, but 'many' found",
    );
  });
});

describe('a derivation', () => {
  withPeer('nix-store')('gives its variables to a shell', async () => {
    const mine = (await printed(['--print-env', drv])).split('\n');
    // 2.8 quotes the arguments one by one, later versions all at once.
    const wanted = (await theirs(['--print-env', drv])).stdout.split('\n');
    expect(mine.filter((line) => !line.includes('_args'))).toEqual(wanted.filter((line) => !line.includes('_args')));
    const script = `${mine.join('\n')}\nprintf '%s' "$text"`;
    expect((await run('sh', ['-c', script])).stdout).toMatch(/^it's\n\/nix\/store\//);
  });

  it('is built, and its log read', async () => {
    const text =
      'derivation { name = "t"; system = builtins.currentSystem; builder = "builtin:write-text"; text = "hello"; }';
    const made = await nixlet(['nix-instantiate', '--store', store, '-E', text], { cwd: work });
    const path = made.stdout.trim();
    const dry = await ours(['-r', '--dry-run', path]);
    expect(dry).toMatchObject({ code: 0, stdout: '' });
    expect(dry.stderr).toContain(`this derivation will be built:\n  ${path}\n`);
    const built = await ours(['-r', path]);
    const out = await printed(['-q', '--outputs', path]);
    expect(built).toMatchObject({ code: 0, stdout: out });
    expect(await printed(['-r', `${path}!out`])).toBe(out);
    expect(await printed(['-r', '--no-output', path])).toBe('');
    expect((await ours(['-r', `${path}!doc`])).stderr).toContain('does not have');
    expect(await printed(['-q', '--deriver', out.trim()])).toBe(`${path}\n`);
    expect(await printed(['-q', '--valid-derivers', out.trim()])).toBe(`${path}\n`);
    expect(await ours(['-l', out.trim()])).toMatchObject({ code: 0 });
    // As C++ Nix keeps its logs.
    const [first, rest] = [drv.slice(11, 13), drv.slice(13)];
    mkdirSync(join(store, 'nix/var/log/nix/drvs', first), { recursive: true });
    const log = join(store, 'nix/var/log/nix/drvs', first, `${rest}.bz2`);
    if (findProgram('bzip2')) {
      writeFileSync(log, execFileSync('bzip2', ['-c'], { input: 'their log\n' }));
      expect(await printed(['--read-log', drv])).toBe('their log\n');
      rmSync(log);
    }
    expect((await ours(['-l', drv])).stderr).toContain(`build log of derivation '${drv}' is not available`);
    expect((await ours(['-r', `/nix/store/${'0'.repeat(32)}-gone`])).stderr).toContain(
      'does not exist and cannot be created',
    );
  });
});

describe('the whole store', () => {
  it('is verified, and damage found', async () => {
    expect(await ours(['--verify', '--check-contents'])).toMatchObject({ code: 0, stdout: '' });
    const path = (await printed(['--add-fixed', 'sha256', 'file'])).trim();
    chmodSync(store + path, 0o644);
    appendFileSync(store + path, 'more');
    const [all, one] = [await ours(['--verify', '--check-contents']), await ours(['--verify-path', path, other])];
    for (const result of [all, one]) {
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(`path '${path}' was modified! expected hash 'sha256:`);
    }
    rmSync(store + path);
    expect((await ours(['--verify'])).stderr).toContain(`path '${path}' disappeared, removing from database...`);
    expect((await ours(['--check-validity', path])).code).toBe(1);
  });

  it('is cleaned of what no root reaches', async () => {
    const dead = (await printed(['--add', 'file'])).trim();
    const link = join(work, 'kept');
    await printed(['-r', '--add-root', link, other]);
    expect(await printed(['--gc', '--print-live'])).toBe(`${other}\n`);
    expect((await printed(['--gc', '--print-dead'])).split('\n')).toContain(dead);
    const alive = await ours(['--delete', other]);
    expect(alive.code).toBe(1);
    expect(alive.stderr).toMatch(/[Cc]annot delete path '.*-tree' since it is still alive/);
    expect(await printed(['--delete', dead])).toMatch(/^1 store paths deleted, \d+\.\d KiB freed\n$/);
    expect(existsSync(store + dead)).toBe(false);
    expect(await nixlet(['store', 'gc', '--store', store])).toMatchObject({ code: 0 });
    expect(await printed(['--dump-db'])).toContain(other);
    expect(await printed(['--dump-db'])).not.toContain(drv);
    if (findProgram('nix-store')) expect((await theirs(['--verify', '--check-contents'])).code).toBe(0);
    expect(readFileSync(join(link, 'inner/run'), 'utf8')).toBe('#!/bin/sh\n');
    expect(await printed(['--delete', '--ignore-liveness', other])).toContain('1 store paths deleted');
  });
});

describe('nix-store', () => {
  it.each([
    [[], 'no operation specified'],
    [['-q', '--gc'], 'only one operation may be specified'],
    [['--gc', '--no-such'], "unrecognised flag '--no-such'"],
    [['--gc', '--max-freed', '1G', '--print-dead'], 'cannot be combined'],
    [['--verify', '--repair'], 'does not repair'],
    [['--dump'], 'only one argument allowed'],
  ])('%j is a mistake', async (args, message) => {
    const result = await ours(args);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(message);
  });

  it('explains itself', async () => {
    expect((await ours(['--help'])).stdout).toContain('--verify-path');
    expect((await ours(['--query', '--help'])).stdout).toContain('--referrers-closure');
    expect((await ours(['--optimise'])).stderr).toContain('nothing was done');
  });
});
