/** Starts a program for a build, sends what it prints to the log, and waits for its end. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { NixError } from '../../../errors/nix-error.ts';
import type { BuildLog } from '../../build-log.ts';
import { createOutputPipe } from './output-pipe.ts';

export interface ChildSettings {
  readonly drvPath: string;
  readonly program: string;
  /** As the program sees its own name; the program's path by default. */
  readonly argv0?: string;
  readonly args: readonly string[];
  readonly workingDirectory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Becomes file descriptor 3. */
  readonly inherited?: number;
  /** A directory of this build's own. */
  readonly temporary: string;
  /** Kill the whole process group, not the program alone: for one that does not take its children with it. */
  readonly group: boolean;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export async function runChild(settings: ChildSettings): Promise<End> {
  const { program, log, signal } = settings;
  const pipe = createOutputPipe(join(settings.temporary, 'log'));
  const writer = pipe.writeFd ?? 'pipe';
  const child = withBuildUmask(() =>
    spawn(program, settings.args, {
      cwd: settings.workingDirectory,
      env: { ...settings.env },
      stdio: ['ignore', writer, writer, ...(settings.inherited === undefined ? [] : [settings.inherited])],
      detached: settings.group,
      ...(settings.argv0 === undefined ? {} : { argv0: settings.argv0 }),
    }),
  );
  const outputs = pipe.output ? [pipe.output] : [child.stdout!, child.stderr!];
  pipe.closeWriter();
  for (const output of outputs) output.on('data', (chunk: Buffer) => log.write(chunk));
  const drained = outputs.map((output) => new Promise<void>((done) => output.once('close', done)));
  const kill = () => killChild(child, settings.group);
  signal.addEventListener('abort', kill);
  if (signal.aborted) kill();
  try {
    const end = await new Promise<End>((resolve, reject) => {
      child.once('exit', (code, by) => resolve({ code, signal: by }));
      child.once('error', (error) => {
        const message = `cannot build '${settings.drvPath}': starting '${program}': ${error.message}`;
        reject(new NixError(message, { class: 'BuildError', cause: error }));
      });
    });
    // What the builder left behind must not go on working on its outputs; and it holds the pipe open.
    if (settings.group) kill();
    await Promise.all(drained);
    return end;
  } finally {
    signal.removeEventListener('abort', kill);
    for (const output of outputs) output.destroy();
  }
}

function killChild(child: ChildProcess, group: boolean): void {
  if (!group || child.pid === undefined) {
    child.kill('SIGKILL');
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}

/** Builders may rely on 022. Only the main thread can set it; in another one the umask of the process holds. */
function withBuildUmask<T>(start: () => T): T {
  if (!isMainThread) return start();
  const umask = process.umask(0o022);
  try {
    return start();
  } finally {
    process.umask(umask);
  }
}
