/** nix-build: links, several attributes and outputs, plans, failures and what stays of them. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nixlet } from '../support/nixlet.ts';

let work: string;
let here: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-build-'));
  writeFileSync(
    join(work, 'default.nix'),
    `{ greeting ? "hello" }:
    let
      sh = name: script: derivation {
        inherit name;
        system = "x86_64-linux";
        builder = "/bin/sh";
        args = [ "-c" script ];
      };
    in {
      one = sh "one" "echo \${greeting} > $out";
      two = sh "two" "echo two > $out";
      many = derivation {
        name = "many"; system = "x86_64-linux"; builder = "/bin/sh";
        outputs = [ "out" "dev" ];
        args = [ "-c" "echo out > $out; echo $out > $dev" ];
      };
      fails = sh "fails" "echo about to fail; echo left > left; exit 1";
      needs = sh "needs" "echo \${sh "broken" "exit 1"} > $out";
      random = sh "random" "cat /proc/sys/kernel/random/uuid > $out";
      wrong = derivation {
        name = "wrong"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo x > $out" ];
        outputHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; outputHashMode = "flat";
      };
    }`,
  );
});
beforeEach(() => {
  here = mkdtempSync(join(work, 'here-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const build = (...args: string[]) =>
  nixlet(['nix-build', join(work, 'default.nix'), '--store', join(work, 'store'), ...args], { cwd: here });
const links = () =>
  readdirSync(here)
    .filter((name) => lstatSync(join(here, name)).isSymbolicLink())
    .sort();

describe('nix-build', { timeout: 200_000 }, () => {
  it('links the result and prints its path alone; a second time it builds nothing', async () => {
    const first = await build('-A', 'one');
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toMatch(/^\/nix\/store\/[0-9a-z]{32}-one\n$/);
    expect(first.stderr).toMatch(
      /^this derivation will be built:\n {2}\/nix\/store\/.*-one\.drv\nbuilding '.*-one\.drv'\.\.\.\n$/,
    );
    expect(readFileSync(join(here, 'result'), 'utf8')).toBe('hello\n');
    expect(await build('-A', 'one')).toEqual({ code: 0, stdout: first.stdout, stderr: '' });
  });

  it('several attributes give result and result-2, in the order asked', async () => {
    const { stdout } = await build('-A', 'two', '-A', 'one');
    expect(stdout).toMatch(/-two\n.*-one\n$/);
    expect(links()).toEqual(['result', 'result-2']);
    expect(readFileSync(join(here, 'result'), 'utf8')).toBe('two\n');
  });

  it('another output adds its name', async () => {
    await build('-A', 'many.all');
    expect(links()).toEqual(['result', 'result-dev']);
    expect(readFileSync(join(here, 'result-dev'), 'utf8')).toMatch(/^\/nix\/store\/.*-many\n$/);
  });

  it('-o, --no-out-link, --argstr', async () => {
    const { stdout } = await build('-A', 'one', '--argstr', 'greeting', 'servus', '-o', 'named');
    expect(links()).toEqual(['named']);
    expect(readlinkSync(join(here, 'named'))).toBe(join(work, 'store', stdout.trim()));
    expect(readFileSync(join(here, 'named'), 'utf8')).toBe('servus\n');
    await build('-A', 'two', '--no-out-link');
    expect(links()).toEqual(['named']);
  });

  it('--dry-run only tells', async () => {
    const { code, stdout, stderr } = await build('-A', 'one', '--argstr', 'greeting', 'dry', '--dry-run');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^this derivation will be built:\n {2}.*-one\.drv\n$/);
    expect(links()).toEqual([]);
  });

  it('-K keeps the build directory of a failure', async () => {
    const { code, stderr } = await build('-A', 'fails', '-K');
    expect(code).toBe(100);
    const kept = /'([^']+)'/.exec(/.*(?:keeping build directory|note:).*/.exec(stderr)?.[0] ?? '')?.[1];
    expect(kept, stderr).toBeDefined();
    const found = readdirSync(kept!, { recursive: true }).map(String);
    expect(found.some((name) => name.endsWith('left'))).toBe(true);
    rmSync(kept!, { recursive: true, force: true });
  });

  it('-k goes on with what does not need the failure', async () => {
    const { code, stderr } = await build('-A', 'needs', '-A', 'one', '--argstr', 'greeting', 'going on', '-k');
    expect(code).toBe(100);
    expect(stderr).toMatch(/building '.*-one\.drv'/);
    expect(stderr).toContain('1 dependency failed');
    expect(links()).toEqual([]);
  });

  it('--check finds what is not deterministic: code 104', async () => {
    expect((await build('-A', 'random', '--no-out-link')).code).toBe(0);
    const { code, stderr } = await build('-A', 'random', '--no-out-link', '--check');
    expect(code).toBe(104);
    expect(stderr).toContain('may not be deterministic');
  });

  it('a wrong hash: both hashes, code 102', async () => {
    const { code, stderr } = await build('-A', 'wrong');
    expect(code).toBe(102);
    expect(stderr).toContain('specified: sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=');
    expect(stderr).toMatch(/got: {4}sha256-/);
  });

  it('a killed build leaves nothing half made, and the next run goes on', async () => {
    const slow = [
      '-E',
      'derivation { name = "slow"; system = "x86_64-linux"; builder = "/bin/sh"; args = [ "-c" "echo half > $out; read -t 2 < /dev/zero; i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo whole > $out" ]; }',
    ];
    const { spawn } = await import('node:child_process');
    const { root } = await import('../support/nixlet.ts');
    const child = spawn(
      process.execPath,
      [
        '--stack-size=7000',
        join(root, 'src/cli/launcher.js'),
        'nix-build',
        '--no-out-link',
        '--store',
        join(work, 'store'),
        ...slow,
      ],
      { cwd: here, stdio: 'pipe' },
    );
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (chunk) => String(chunk).includes('building') && resolve()),
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.on('close', resolve));
    const store = join(work, 'store', 'nix', 'store');
    expect(readdirSync(store).filter((name) => name.endsWith('-slow'))).toEqual([]);
    const again = await nixlet(['nix-build', '--no-out-link', '--store', join(work, 'store'), ...slow], { cwd: here });
    expect(again.code, again.stderr).toBe(0);
    expect(readFileSync(join(work, 'store', again.stdout.trim()), 'utf8')).toBe('whole\n');
    expect(existsSync(join(here, 'result'))).toBe(false);
  });
});
