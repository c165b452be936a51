/** Timing whole processes. Times are wall-clock seconds. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;
const launcher = join(root, 'src', 'cli', 'launcher.js');

export interface Timed {
  readonly seconds: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function time(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Timed {
  const start = process.hrtime.bigint();
  const done = spawnSync(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  if (done.error) throw done.error;
  if (done.status !== 0)
    throw new Error(`${program} ${args.join(' ')} left with ${done.status}:\n${done.stderr.slice(-2000)}`);
  return { seconds, stdout: done.stdout, stderr: done.stderr };
}

/** nixlet as a user starts it. */
export function nixlet(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Timed {
  return time(process.execPath, ['--stack-size=7000', launcher, ...args], options);
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function row(...cells: readonly (string | number)[]): void {
  process.stdout.write(`| ${cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell)).join(' | ')} |\n`);
}

export function head(...cells: readonly string[]): void {
  row(...cells);
  row(...cells.map(() => '---'));
}
