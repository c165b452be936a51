/**
 * The README's first command: builds fixtures/app into an image, shows what is in it, runs it (in podman where podman is
 * there, else from the store) and prints its answer to GET /.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../test/support/peers.ts';

const root = new URL('..', import.meta.url).pathname;
const launcher = join(root, 'src', 'cli', 'launcher.js');
const app = join(root, 'fixtures', 'app');
const work = mkdtempSync(join(tmpdir(), 'nixlet-demo-'));
const image = join(work, 'image');
const name = 'localhost/greeter:latest';

function say(text: string): void {
  process.stdout.write(`\n== ${text}\n`);
}

function run(program: string, args: readonly string[], options: { input?: number; show?: boolean } = {}): string {
  const done = spawnSync(program, args, {
    stdio: [options.input ?? 'ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: exit code ${done.status}`);
  if (options.show) process.stdout.write(done.stdout);
  return done.stdout;
}

const nixlet = (...args: string[]) => run(process.execPath, ['--stack-size=7000', launcher, ...args]);

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function ask(port: number, alive: () => boolean): Promise<string> {
  for (let attempt = 0; attempt < 150 && alive(); attempt++) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      return await answer.text();
    } catch {
      await sleep(200);
    }
  }
  throw new Error('the application does not answer');
}

function runInPodman(podman: string, port: number): ChildProcess {
  say(`podman load, podman run ${name}`);
  run(podman, ['load', '-q'], { input: openSync(image, 'r'), show: true });
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024'];
  const args = [
    'run',
    '--rm',
    '--network=host',
    ...limits,
    '--env',
    `PORT=${port}`,
    '--name',
    `nixlet-demo-${process.pid}`,
    name,
  ];
  const runtime = findProgram('crun') ? 'crun' : 'runc';
  return spawn(podman, ['--runtime', runtime, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

function runFromStore(port: number): ChildProcess {
  say('no podman here: the program itself, from the store');
  return spawn(process.execPath, ['--stack-size=7000', launcher, 'run', '-f', app, 'server', '--', 'greeter.py'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, PORT: String(port) },
  });
}

try {
  say(`nixlet nix-build fixtures/app -A image`);
  const path = nixlet('nix-build', app, '-A', 'image', '-o', image).trim();
  process.stdout.write(`${path}\n`);

  say('what is in the image (its entries but for the files of the store, and the store paths)');
  const entries = run('tar', ['-xzOf', image, 'manifest.json']);
  const layers: string[] = JSON.parse(entries)[0].Layers;
  for (const layer of layers) {
    const listing = spawnSync(
      'sh',
      [
        '-c',
        'tar -xzOf "$1" "$2" | { cat | tar -tzf - 2>/dev/null || tar -xzOf "$1" "$2" | tar -tf -; }',
        'sh',
        image,
        layer,
      ],
      {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      },
    );
    const shown = listing.stdout.split('\n').filter(
      (entry) =>
        entry &&
        entry
          .replace(/^\.?\//, '')
          .split('/')
          .filter(Boolean).length <= 3,
    );
    process.stdout.write(`${layer}\n${shown.map((entry) => `  ${entry}`).join('\n')}\n`);
  }

  const port = await freePort();
  const podman = findProgram('podman');
  const child = podman ? runInPodman(podman, port) : runFromStore(port);
  let alive = true;
  child.on('exit', () => {
    alive = false;
  });
  try {
    const answer = await ask(port, () => alive);
    say(`GET / answers`);
    process.stdout.write(`${answer}\n`);
  } finally {
    if (podman) spawnSync(podman, ['kill', `nixlet-demo-${process.pid}`], { stdio: 'ignore' });
    else child.kill('SIGTERM');
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
