/**
 * Runs a derivation's builder as a process: in the sandbox, or, where that is switched off, as it is. What it makes at
 * /nix/store/<output> in the sandbox lies on the store's own file system, from where it is moved to its place.
 */
import { closeSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { encodeBytes } from '../../../base/bytes.ts';
import type { Derivation } from '../../../derivation/derivation.ts';
import { isFixedOutput } from '../../../derivation/output-paths.ts';
import { splitStorePath } from '../../../derivation/store-path.ts';
import { NixError } from '../../../errors/nix-error.ts';
import { deleteTree } from '../../../store/local/files.ts';
import { closure, isValidPath, type Store } from '../../../store/store.ts';
import type { BuildLog } from '../../build-log.ts';
import type { DerivationOptions } from '../../derivation-options.ts';
import { type End, runChild } from './child.ts';
import { type BuilderEnvironment, builderEnvironment } from './environment.ts';
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
  /** false: build without one. undefined: there is none. */
  readonly sandbox: SandboxSettings | false | undefined;
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

/** Gives the physical path of each output that the builder was to make. */
export async function runProcessBuilder(build: ProcessBuild): Promise<(outputPath: string) => string> {
  if (build.sandbox === false) {
    await runUnsandboxed(build);
    return (path) => build.physical(path);
  }
  if (!build.sandbox)
    throw new NixError(
      `cannot build '${build.drvPath}': its builder is a program, and bubblewrap to run it in is missing`,
      {
        class: 'BuildError',
        hint: 'install bubblewrap (bwrap), or use the embedded package set, which brings its own',
      },
    );
  const root = join(build.scratch, 'root');
  await runSandboxed(build, build.sandbox, root);
  return (path) => join(root, path);
}

async function runSandboxed(build: ProcessBuild, settings: SandboxSettings, root: string): Promise<void> {
  const environment = builderEnvironment({ ...build, buildDirectory: sandboxBuildDirectory });
  const buildDirectory = join(build.temporary, 'build');
  makeBuildDirectory(buildDirectory, environment);
  const plan: SandboxPlan = {
    settings,
    root,
    buildDirectory,
    inputs: inputs(build, settings),
    network: isFixedOutput(build.drv),
    variables: environment.variables,
  };
  prepareSandboxRoot(plan);
  const argumentsFile = join(build.temporary, 'sandbox-arguments');
  writeFileSync(argumentsFile, sandboxArguments(plan), { mode: 0o600 });
  const argumentsFd = openSync(argumentsFile, 'r');
  const [program, ...first] = sandboxCommand(settings);
  try {
    const end = await runChild({
      ...build,
      program,
      args: [...first, '--args', '3', '--', build.drv.builder, ...environment.args],
      workingDirectory: '/',
      env: {},
      inherited: argumentsFd,
      // Everything in the PID namespace dies with bubblewrap.
      group: false,
    });
    judge(build, end, sandboxTrouble(end.code, build.log));
  } finally {
    closeSync(argumentsFd);
  }
}

/** `sandbox = false`: as C++ Nix does it, for systems without namespaces. The store must be where programs look for it. */
async function runUnsandboxed(build: ProcessBuild): Promise<void> {
  for (const path of build.outputs.values()) {
    if (build.physical(path) !== path)
      throw new NixError(
        `cannot build '${build.drvPath}' without a sandbox in the store at '${dirname(build.physical(path))}'`,
        {
          class: 'BuildError',
          hint: "a store that is not at /nix/store needs the sandbox; leave out '--option sandbox false'",
        },
      );
    if (isValidPath(build.store, path))
      throw new NixError(`cannot build '${build.drvPath}' again without a sandbox, since '${path}' is valid`, {
        class: 'BuildError',
      });
    deleteTree(path);
  }
  const buildDirectory = join(build.temporary, 'build');
  const environment = builderEnvironment({ ...build, buildDirectory });
  makeBuildDirectory(buildDirectory, environment);
  try {
    const { builder } = build.drv;
    const end = await runChild({
      ...build,
      program: builder,
      argv0: builder.slice(builder.lastIndexOf('/') + 1),
      args: environment.args,
      workingDirectory: buildDirectory,
      env: Object.fromEntries(environment.variables),
      group: true,
    });
    judge(build, end, undefined);
  } catch (error) {
    for (const path of build.outputs.values()) deleteTree(path);
    throw error;
  }
}

function makeBuildDirectory(directory: string, environment: BuilderEnvironment): void {
  mkdirSync(directory, { mode: 0o700 });
  for (const [name, content] of environment.files)
    writeFileSync(join(directory, name), encodeBytes(content), { mode: 0o644, flag: 'wx' });
}

function judge(build: ProcessBuild, end: End, trouble: string | undefined): void {
  if (end.code === 0) return;
  build.signal.throwIfAborted();
  if (trouble !== undefined) throw sandboxError(build.drvPath, trouble);
  throw new BuilderFailed(end.signal ? `failed due to signal ${end.signal}` : `failed with exit code ${end.code}`);
}

/** The input closure, and the shell's. An output of this derivation that is valid already is to be made again. */
function inputs(build: ProcessBuild, settings: SandboxSettings): Map<string, string> {
  const paths = new Set(build.inputClosure);
  const shell = settings.shell && splitStorePath(settings.shell)?.storePath;
  if (shell && isValidPath(build.store, shell)) for (const path of closure(build.store, [shell])) paths.add(path);
  for (const output of build.outputs.values()) paths.delete(output);
  return new Map([...paths].map((path) => [path, build.physical(path)]));
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
        'in a container, start it with --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or --privileged; ' +
        'or, with the store at /nix/store, build without a sandbox: --option sandbox false',
    },
  );
}
