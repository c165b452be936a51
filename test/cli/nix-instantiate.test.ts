/** nix-instantiate: values in every form, errors with their exit codes, and the .drv paths of C++ Nix. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nixlet, run } from '../support/nixlet.ts';
import { withPeer } from '../support/peers.ts';

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-instantiate-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const instantiate = (...args: string[]) => nixlet(['nix-instantiate', ...args], { cwd: work });

describe('nix-instantiate --eval', () => {
  it.each([
    [['-E', '1 + 1'], '2\n'],
    [['-E', '{ a = 1; }'], '{ a = 1; }\n'],
    [['-E', '{ a = 1 + 1; }'], '{ a = <CODE>; }\n'],
    [['--strict', '-E', '{ a = 1 + 1; }'], '{ a = 2; }\n'],
    [['--json', '--strict', '-E', '{ b = [ 1 2.5 null ]; a = "ä"; }'], '{"a":"ä","b":[1,2.5,null]}\n'],
    [['--raw', '-E', '"a\\nb"'], 'a\nb'],
    [['-A', 'a.b.1', '-E', '{ a.b = [ 1 "two" ]; }'], '"two"\n'],
    [['--arg', 'x', '1 + 1', '--argstr', 'y', 'z', '-E', '{ x, y }: { inherit x y; }'], '{ x = <CODE>; y = "z"; }\n'],
  ])('%j', async (args, stdout) => {
    expect(await instantiate('--eval', ...args)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('evaluates what is too deep for the main stack', async () => {
    const text = "builtins.foldl' (a: b: [ a ]) null (builtins.genList (x: x) 200000)";
    const deep = `builtins.stringLength (builtins.toJSON (${text}))`;
    const { code, stderr } = await instantiate('--eval', '-E', deep);
    expect(code).toBe(1);
    expect(stderr).toContain('stack overflow');
    const fine = await instantiate('--eval', '--max-call-depth', '1000000', '-E', deep);
    expect(fine).toEqual({ code: 0, stdout: '400004\n', stderr: '' });
  });

  it('prints what trace says once, even when it starts again with a larger stack', async () => {
    const text = 'builtins.trace "seen" (let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 100000)';
    const { stdout, stderr } = await instantiate('--eval', '--max-call-depth', '1000000', '-E', text);
    expect({ stdout, stderr }).toEqual({ stdout: '100000\n', stderr: 'trace: seen\n' });
  });

  it.each([
    ['-E', '1 + "a"', 'cannot add a string to an integer'],
    ['-E', 'let x = x; in x', 'infinite recursion encountered'],
    ['-E', '{ a = 1; }.b', "attribute 'b' missing"],
    ['-E', '(', 'syntax error, unexpected end of file'],
  ])('%s %s fails', async (flag, text, message) => {
    const { code, stdout, stderr } = await instantiate('--eval', flag, text);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('nix-instantiate', () => {
  it('says what a directory without default.nix lacks', async () => {
    const { code, stderr } = await instantiate();
    expect(code).toBe(1);
    expect(stderr).toContain("default.nix' does not exist");
  });

  it('says what a default.nix that is no derivation is', async () => {
    writeFileSync(join(work, 'number.nix'), '42');
    const { code, stderr } = await instantiate('number.nix');
    expect(code).toBe(1);
    expect(stderr).toContain('expression does not evaluate to a derivation (or a set or list of those)');
  });

  it('parses', async () => {
    expect((await instantiate('--parse', '-E', 'x: x + 1')).stdout).toBe('(x: (x + 1))\n');
  });

  const drv =
    'derivation { name = "n"; system = "x86_64-linux"; builder = "/b"; src = ./source.txt; out2 = builtins.toFile "t" "x"; }';
  withPeer('nix-instantiate')('writes the .drv that C++ Nix writes', async () => {
    writeFileSync(join(work, 'source.txt'), 'source\n');
    const ours = await nixlet(['nix-instantiate', '--store', join(work, 'ours'), '-E', drv], { cwd: work });
    const theirs = await run('nix-instantiate', ['--store', join(work, 'theirs'), '-E', drv], { cwd: work });
    expect(ours.stdout).toBe(theirs.stdout);
    expect(ours.stdout).toMatch(/^\/nix\/store\/[0-9a-z]{32}-n\.drv\n$/);
  });
});
