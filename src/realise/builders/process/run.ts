/**
 * Runs a derivation's builder as a process in the sandbox. What it makes at /nix/store/<output> lies afterwards at
 * `sandboxOutput(...)`, on the store's own file system, from where it is moved to its place.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { encodeBytes } from '../../../base/bytes.ts';
import type { Derivation } from '../../../derivation/derivation.ts';
import { isFixedOutput } from '../../../derivation/output-paths.ts';
import { splitStorePath } from '../../../derivation/store-path.ts';
import { NixError } from '../../../errors/nix-error.ts';
import { closure, isValidPath, type Store } from '../../../store/store.ts';
import type { BuildLog } from '../../build-log.ts';
import type { DerivationOptions } from '../../derivation-options.ts';
import { builderEnvironment } from './environment.ts';
import { createOutputPipe } from './output-pipe.ts';
import {
  prepareSandboxRoot,
  type SandboxPlan,
  type SandboxSettings,
  sandboxArguments,
  sandboxBuildDirectory,
  sandboxCommand,
} from './sandbox.ts';

export interface ProcessBuild {
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  readonly store: Store;
  readonly inputClosure: ReadonlySet<string>;
  /** Output name -> logical path. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Physical path of a valid store path. */
  physical(path: string): string;
  /** An empty directory of this build's own on the store's file system. */
  readonly scratch: string;
  /** A directory of this build's own; its `build` becomes /build. */
  readonly temporary: string;
  readonly sandbox: SandboxSettings | undefined;
  readonly cores: number;
  readonly impureEnvironment: Readonly<Record<string, string | undefined>>;
  readonly log: BuildLog;
  readonly signal: AbortSignal;
}

/** The builder ran and failed. `status` as in "failed with exit code 1". */
export class BuilderFailed extends Error {
  readonly status: string;

  constructor(status: string) {
    super(`builder ${status}`);
    this.status = status;
  }
}

/** Where a sandboxed build's output is, physically. */
export function sandboxOutput(scratch: string, outputPath: string): string {
  return join(scratch, 'root', outputPath);
}

export async function runProcessBuilder(build: ProcessBuild): Promise<void> {
  if (!build.sandbox)
    throw new NixError(
      `cannot build '${build.drvPath}': its builder is a program, and bubblewrap to run it in is missing`,
      {
        class: 'BuildError',
        hint: 'install bubblewrap (bwrap), or use the embedded package set, which brings its own',
      },
    );
  const environment = builderEnvironment({ ...build, buildDirectory: sandboxBuildDirectory });
  const buildDirectory = join(build.temporary, 'build');
  mkdirSync(buildDirectory, { mode: 0o700 });
  for (const [name, content] of environment.files)
    writeFileSync(join(buildDirectory, name), encodeBytes(content), { mode: 0o644, flag: 'wx' });
  const plan: SandboxPlan = {
    settings: build.sandbox,
    root: join(build.scratch, 'root'),
    buildDirectory,
    inputs: inputs(build),
    network: isFixedOutput(build.drv),
    variables: environment.variables,
  };
  prepareSandboxRoot(plan);
  const end = await run(plan, build, [build.drv.builder, ...environment.args]);
  if (end.code === 0) return;
  build.signal.throwIfAborted();
  const trouble = sandboxTrouble(end.code, build.log);
  if (trouble !== undefined) throw sandboxError(build.drvPath, trouble);
  throw new BuilderFailed(end.signal ? `failed due to signal ${end.signal}` : `failed with exit code ${end.code}`);
}

/** The input closure, and the shell's. An output of this derivation that is valid already is to be made again. */
function inputs(build: ProcessBuild): Map<string, string> {
  const paths = new Set(build.inputClosure);
  const shell = build.sandbox?.shell && splitStorePath(build.sandbox.shell)?.storePath;
  if (shell && isValidPath(build.store, shell)) for (const path of closure(build.store, [shell])) paths.add(path);
  for (const output of build.outputs.values()) paths.delete(output);
  return new Map([...paths].map((path) => [path, build.physical(path)]));
}

interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

async function run(plan: SandboxPlan, build: ProcessBuild, command: readonly string[]): Promise<End> {
  const [program, ...first] = sandboxCommand(plan.settings);
  const argumentsFile = join(build.temporary, 'sandbox-arguments');
  writeFileSync(argumentsFile, sandboxArguments(plan), { mode: 0o600 });
  const argumentsFd = openSync(argumentsFile, 'r');
  const pipe = createOutputPipe(join(build.temporary, 'log'));
  const writer = pipe.writeFd ?? 'pipe';
  // Only the main thread may set it; other threads rely on the command having done so.
  const umask = isMainThread ? process.umask(0o022) : undefined;
  try {
    const child = spawn(program, [...first, '--args', '3', '--', ...command], {
      cwd: '/',
      env: {},
      stdio: ['ignore', writer, writer, argumentsFd],
    });
    const outputs = pipe.output ? [pipe.output] : [child.stdout!, child.stderr!];
    pipe.closeWriter();
    for (const output of outputs) output.on('data', (chunk: Buffer) => build.log.write(chunk));
    const kill = () => child.kill('SIGKILL');
    build.signal.addEventListener('abort', kill);
    if (build.signal.aborted) kill();
    try {
      const drained = outputs.map((output) => new Promise<void>((done) => output.once('close', done)));
      const end = await new Promise<End>((resolve, reject) => {
        child.once('exit', (code, signal) => resolve({ code, signal }));
        child.once('error', (error) => reject(startError(program, build.drvPath, error)));
      });
      // Whatever the builder started is gone with its PID namespace: the pipe ends.
      await Promise.all(drained);
      return end;
    } finally {
      build.signal.removeEventListener('abort', kill);
      for (const output of outputs) output.destroy();
    }
  } finally {
    if (umask !== undefined) process.umask(umask);
    closeSync(argumentsFd);
  }
}

function startError(program: string, drvPath: string, error: Error): NixError {
  return new NixError(`cannot build '${drvPath}': starting '${program}': ${error.message}`, {
    class: 'BuildError',
    cause: error,
  });
}

/** bubblewrap's own complaint, where it did not get as far as starting the builder. */
function sandboxTrouble(code: number | null, log: BuildLog): string | undefined {
  const [line, ...more] = log.tail;
  if (code !== 1 || line === undefined || more.length > 0 || !line.startsWith('bwrap: ')) return undefined;
  return line.startsWith('bwrap: execvp') ? undefined : line.slice('bwrap: '.length);
}

function sandboxError(drvPath: string, trouble: string): NixError {
  return new NixError(
    `cannot build '${drvPath}' in a sandbox: this system does not support the kernel namespaces that it needs (${trouble})`,
    {
      class: 'BuildError',
      hint:
        'allow user namespaces: sysctl user.max_user_namespaces (and kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns where they exist); ' +
        'in a container, start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or --privileged',
    },
  );
}
