/** Runs nixlet as a user does: its launcher, in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;
export const embeddedSet = join(root, 'src', 'nixpkgs');
const launcher = join(root, 'src', 'cli', 'launcher.js');

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
}

/** `nixlet ARG...` */
export function nixlet(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return run(process.execPath, ['--stack-size=7000', launcher, ...args], options);
}

/** Any program; NIX_PATH and colours are unset. */
export function run(program: string, args: readonly string[], { cwd, env, input }: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { NIX_PATH: _, ...inherited } = process.env;
    const child = spawn(program, args, { cwd, env: { ...inherited, NO_COLOR: '1', ...env }, stdio: 'pipe' });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString();
      resolve({ code: code ?? (signal ? 128 : 1), stdout: text(out), stderr: text(err) });
    });
  });
}
