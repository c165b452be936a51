/**
 * C++ Nix's verdicts on many expressions. One process evaluates them one after the other and prints value by value, until
 * one fails, which is then the first without a value; the next process goes on behind it. So it takes as many processes as
 * there are failures, at some 15 ms each, and every value and message is exactly what a user would see.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { decodeBytes } from '../../src/base/bytes.ts';
import { failure, labelsIn, type Outcome } from './outcome.ts';

/** Milliseconds for one process. */
const patience = 60_000;
/** Bytes of arguments for one process; the kernel takes 2 MiB, with the environment. */
const argumentBytes = 1_000_000;

/** Evaluated, and so printed on both outputs, behind each case: a value may have line breaks in it. */
const end = '-- end of a value --';
const mark = `builtins.trace "${end}" "${end}"`;

export interface Peer {
  /** Working directory, which relative paths start from. */
  readonly directory: string;
  /** For files of its own. */
  readonly scratch: string;
}

export async function askPeer(peer: Peer, expressions: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  while (outcomes.length < expressions.length) {
    const batch = fitting(expressions, outcomes.length);
    const { stdout, stderr, violence } = await run(peer, batch);
    const values = stdout.split(`\n"${end}"\n`).slice(0, -1);
    const lines = stderr.split(`trace: ${end}\n`);
    for (const [i, value] of values.entries()) outcomes.push({ value, steps: labelsIn(lines[i]!) });
    if (values.length >= batch.length) continue;
    if (violence !== undefined) outcomes.push({ broken: violence });
    else outcomes.push(failure(messageOf(lines.at(-1)!), labelsIn(lines.at(-1)!)));
  }
  return outcomes;
}

function fitting(expressions: readonly string[], from: number): readonly string[] {
  let bytes = 0;
  let to = from;
  while (to < expressions.length && (to === from || bytes < argumentBytes)) {
    bytes += Buffer.byteLength(expressions[to]!) + 64;
    to++;
  }
  return expressions.slice(from, to);
}

function run({ directory }: Peer, expressions: readonly string[]): Promise<Finished> {
  const { NIX_PATH: _, ...env } = process.env;
  const marked = expressions.flatMap((expression) => [expression, mark]);
  return finish(
    spawn('nix-instantiate', ['--eval', '--strict', '-E', ...marked], {
      cwd: directory,
      env: { ...env, NO_COLOR: '1', NIX_CONF_DIR: directory },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  /** Where it did not end by itself: how it did. */
  readonly violence: string | undefined;
}

/** What a process says until its end, which comes by force when it takes too long. */
export function finish(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, patience);
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      clearTimeout(timer);
      const violence = late ? `no end within ${patience} ms` : signal ? `ended by ${signal}` : undefined;
      resolve({ stdout: decodeBytes(Buffer.concat(out)), stderr: decodeBytes(Buffer.concat(err)), violence });
    });
  });
}

/** The text after the last "error:" that starts a line, without its code frames and traces. */
export function messageOf(stderr: string): string {
  const start = stderr.search(/^error: /m);
  if (start < 0) return stderr;
  return stderr
    .slice(start + 'error: '.length)
    .split(/\n\s*\n|\n\s+at |\n\(use '--show-trace'|\nTry 'nix-instantiate/)[0]!
    .trim();
}
