/**
 * The article's steps, containers aside, for a user without root and without a writable /nix: the store is under the
 * user's home, `result` names the physical file, programs run in a mount namespace. Run as root, the tests become such a
 * user; run as one, they are it already.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/nixlet.ts';

const launcher = join(root, 'src', 'cli', 'launcher.js');
const isRoot = process.getuid?.() === 0;
const ids = isRoot ? { uid: 65534, gid: 65534 } : {};

let home: string;
let app: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'nixlet-user-'));
  app = join(home, 'app');
  cpSync(join(root, 'fixtures', 'app'), app, { recursive: true });
  mkdirSync(join(home, 'tmp'));
  if (isRoot)
    for (const path of [home, ...readdirSync(home, { recursive: true }).map((name) => join(home, String(name)))])
      chownSync(path, 65534, 65534);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['--stack-size=7000', launcher, ...args], {
    cwd: app,
    ...ids,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: home, TMPDIR: join(home, 'tmp'), NO_COLOR: '1', ...env },
  });
}

function finish(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (chunk) => (stdout += chunk));
  child.stderr!.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts a server, asks it once, and ends it with everything it started. */
async function answerOf(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const port = await freePort();
  const child = start(args, { PORT: String(port), ...env });
  const end = finish(child);
  let over = false;
  void end.then(() => (over = true));
  try {
    for (let attempt = 0; attempt < 600 && !over; attempt++) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}/`)).text();
      } catch {
        await sleep(200);
      }
    }
    throw new Error(over ? `it ended: ${(await end).stderr}` : 'no answer');
  } finally {
    if (!over) process.kill(-child.pid!, 'SIGTERM');
    await end;
  }
}

describe('an ordinary user', () => {
  it('builds the image; result names the physical file', async () => {
    const { code, stdout, stderr } = await finish(start(['nix-build', '-A', 'image']));
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^\/nix\/store\/[0-9a-z]{32}-docker-image-greeter\.tar\.gz\n$/);
    const target = readlinkSync(join(app, 'result'));
    expect(target).toBe(`${home}/.local/share/nixlet${stdout.trim()}`);
    expect([...readFileSync(target).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    expect(statSync(target).mode & 0o777).toBe(0o444);
  }, 600_000);

  it('runs a program of the store through nixlet run', async () => {
    expect(await answerOf(['run', '-f', app, 'server', '--', 'greeter.py'])).toBe('{"greeting":"Hello from nixlet"}');
  }, 300_000);

  it('runs a script in nix-shell -p', async () => {
    const args = [
      'nix-shell',
      '-p',
      'python38Packages.starlette',
      'python38Packages.uvicorn',
      '--run',
      'python3 src/greeter.py',
    ];
    expect(await answerOf(args)).toBe('{"greeting":"Hello from nixlet"}');
  }, 300_000);

  it('shows the derivation', async () => {
    const { stdout } = await finish(start(['nix-instantiate', '-A', 'image']));
    const shown = await finish(start(['nix', 'show-derivation', stdout.trim()]));
    expect(JSON.parse(shown.stdout)[stdout.trim()].outputs.out.path).toMatch(/docker-image-greeter\.tar\.gz$/);
  }, 120_000);
});
