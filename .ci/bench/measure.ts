/**
 * Timing whole processes: wall-clock seconds, and peak memory in MiB where GNU time is installed (Node cannot ask the
 * kernel about a child that has ended). Programs that are compared run in turn, so that what else the machine does hits
 * both; figures are medians, and ratios medians of the ratios of pairs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = new URL('../..', import.meta.url).pathname;
const launcher = join(root, 'src', 'cli', 'launcher.js');
/** V8's flags, which stand in the launcher's first line. */
const flags = /^#!.* node (.*)$/m.exec(readFileSync(launcher, 'utf8'))![1]!.trim().split(/\s+/);
const gnuTime = existsSync('/usr/bin/time') ? '/usr/bin/time' : undefined;

export interface Timed {
  readonly seconds: number;
  /** MiB; NaN where it is not known. */
  readonly memory: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Options {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export function time(program: string, args: readonly string[], options: Options = {}): Timed {
  const [command, ...rest] = gnuTime ? [gnuTime, '-q', '-f', '%M', program, ...args] : [program, ...args];
  const start = process.hrtime.bigint();
  const done = spawnSync(command!, rest, {
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
  const kilobytes = gnuTime ? /(\d+)\n$/.exec(done.stderr) : null;
  return {
    seconds,
    memory: kilobytes ? Number(kilobytes[1]) / 1024 : Number.NaN,
    stdout: done.stdout,
    stderr: kilobytes ? done.stderr.slice(0, kilobytes.index) : done.stderr,
  };
}

/** nixlet as a user starts it. */
export function nixlet(args: readonly string[], options: Options = {}): Timed {
  return time(process.execPath, [...flags, launcher, ...args], options);
}

export interface Comparison {
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
  /** MiB. */
  readonly ourMemory: number;
  readonly theirMemory: number;
}

/** Runs both in turn. Ours runs once before, as does theirs, so that files are in memory and caches are filled. */
export function compare(runs: number, ours: () => Timed, theirs: () => Timed): Comparison {
  const printed = [ours(), theirs()].map(({ stdout }) => stdout.trim());
  if (printed[0] !== printed[1]) throw new Error(`not the same result: ${printed[0]} and ${printed[1]}`);
  const pairs = Array.from({ length: runs }, () => [ours(), theirs()] as const);
  const of = (pick: (pair: readonly [Timed, Timed]) => number) => median(pairs.map(pick));
  return {
    ours: of(([our]) => our.seconds),
    theirs: of(([, their]) => their.seconds),
    ratio: of(([our, their]) => our.seconds / their.seconds),
    ourMemory: of(([our]) => our.memory),
    theirMemory: of(([, their]) => their.memory),
  };
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, n) => sum + Math.log(n), 0) / numbers.length);
}

/** Of a Markdown table; numbers have two decimals, from a hundred on none. */
export function row(...cells: readonly (string | number)[]): void {
  const text = (cell: string | number) => (typeof cell === 'string' ? cell : cell.toFixed(cell < 100 ? 2 : 0));
  process.stdout.write(`| ${cells.map(text).join(' | ')} |\n`);
}

export function head(...cells: readonly string[]): void {
  row(...cells);
  row(...cells.map(() => '---'));
}
