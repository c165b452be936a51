/**
 * Running programs where the store is at /nix/store: on the host where it is, else in a mount namespace in which the
 * user's store is put there; and nix-shell's way of starting bash in a derivation's build environment.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { Derivation } from '../derivation/derivation.ts';
import { outputPath } from '../derivation/output-paths.ts';
import { NixError } from '../errors/nix-error.ts';
import { builderEnvironment } from '../realise/builders/process/environment.ts';
import { sandboxCommand } from '../realise/builders/process/sandbox.ts';
import { derivationOptions } from '../realise/derivation-options.ts';
import { closure } from '../store/store.ts';
import { type BuildRequest, buildDerivations } from './build.ts';
import { embeddedSandbox } from './embedded-sandbox.ts';
import type { Evaluation } from './evaluation.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs a program of the store (or of the host); gives its exit code. */
export async function runInStore(
  evaluation: Evaluation,
  command: readonly string[],
  env: Variables = process.env,
): Promise<number> {
  const words =
    evaluation.store.layout.root === '/' ? [...command] : [...(await namespaceCommand(evaluation)), '--', ...command];
  // Somebody else's long shell must not keep the collector out.
  evaluation.store.close();
  return start(words, env);
}

/**
 * Everything of the host as it is, but for /nix, which is the user's. The host's root cannot get a new directory, so a new
 * root is made of its directories.
 */
async function namespaceCommand(evaluation: Evaluation): Promise<string[]> {
  const { store, settings } = evaluation;
  const sandbox = await embeddedSandbox(store.layout.root, settings, { report: () => {} });
  if (!sandbox)
    throw new NixError('programs of this store need a mount namespace, and there is no bubblewrap to make one', {
      hint: 'Install bubblewrap, or use a store at /nix.',
    });
  const words = [...sandboxCommand(sandbox), '--tmpfs', '/'];
  for (const entry of readdirSync('/', { withFileTypes: true })) {
    if (entry.name === 'nix') continue;
    if (entry.isSymbolicLink() || entry.isDirectory()) words.push('--dev-bind', `/${entry.name}`, `/${entry.name}`);
  }
  words.push('--bind', join(store.layout.root, 'nix'), '/nix', '--chdir', process.cwd(), '--die-with-parent');
  return words;
}

/** This process becomes the program, so that signals and terminal are its own; in a thread, it is started and waited for. */
function start(words: readonly string[], env: Variables): Promise<number> {
  const [program, ...args] = words as [string, ...string[]];
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  if (isMainThread && process.platform !== 'win32' && typeof process.execve === 'function' && program.startsWith('/')) {
    // execve's own note that it is experimental is not for users.
    process.removeAllListeners('warning');
    process.execve(program, [program, ...args], set);
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env: set });
    child.on('error', (error) => reject(new NixError(`executing '${program}': ${error.message}`)));
    child.on('exit', (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

export interface ShellRequest extends BuildRequest {
  readonly pure: boolean;
  readonly interactive: boolean;
  /** Shell text to run after setup; '' for none. */
  readonly command: string;
  /** Variables that --pure keeps besides the usual ones. */
  readonly keep: readonly string[];
  /** Regular expressions: dependencies whose .drv matches are not built. */
  readonly exclude: readonly string[];
}

/** What --pure keeps. Source: Nix manual, "nix-shell". */
const kept = [
  ...[
    'HOME',
    'XDG_RUNTIME_DIR',
    'USER',
    'LOGNAME',
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'WAYLAND_SOCKET',
    'PATH',
    'TERM',
    'IN_NIX_SHELL',
  ],
  ...['NIX_SHELL_PRESERVE_PROMPT', 'TZ', 'PAGER', 'NIX_BUILD_SHELL', 'SHLVL'],
  ...[
    'http_proxy',
    'https_proxy',
    'ftp_proxy',
    'all_proxy',
    'no_proxy',
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'FTP_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
  ],
];

export async function enterShell(evaluation: Evaluation, drvPath: string, request: ShellRequest): Promise<number> {
  const drv = evaluation.host.store.readDerivation(drvPath);
  const bash = await prepareInputs(evaluation, drv, request);
  if (request.dryRun) return 0;
  const directory = mkdtempSync(join(tmpdir(), 'nix-shell-'));
  const { variables, files } = environmentOf(evaluation, drvPath, drv, directory);
  for (const [name, content] of files) writeFileSync(join(directory, name), content);

  const env: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(process.env))
    if (!request.pure || kept.includes(name) || request.keep.includes(name)) env[name] = value;
  // NixOS' /etc/bashrc would source /etc/profile again.
  if (request.pure) env.__ETC_PROFILE_SOURCED = '1';
  for (const [name, value] of variables) env[name] = value;

  const rc = join(directory, 'rc');
  writeFileSync(
    rc,
    rcFile({ directory, bash, pure: request.pure, command: request.command, structured: files.get('.attrs.sh') ?? '' }),
  );
  return runInStore(evaluation, [bash, ...(request.interactive ? ['--rcfile'] : []), rc], env);
}

/** Builds the inputs, and bash. Gives the path of bash. */
async function prepareInputs(evaluation: Evaluation, drv: Derivation, request: ShellRequest): Promise<string> {
  const patterns = request.exclude.map((text) => new RegExp(text));
  const wanted = [...drv.inputDrvs]
    .filter(([path]) => !patterns.some((pattern) => pattern.test(path)))
    .flatMap(([path, outputs]) => [...outputs].map((outputName) => ({ drvPath: path, outputName })));
  const own = process.env.NIX_BUILD_SHELL;
  if (own) {
    await buildDerivations(evaluation, wanted, request);
    return own;
  }
  const shell = evaluation.derivation(evaluation.text('(import <nixpkgs> {}).bashInteractive').evaluate());
  evaluation.writeDerivations();
  const results = await buildDerivations(evaluation, [...wanted, shell], request);
  return `${results.at(-1)?.path ?? ''}/bin/bash`;
}

function environmentOf(evaluation: Evaluation, drvPath: string, drv: Derivation, directory: string) {
  const { store } = evaluation;
  const inputs = new Set<string>(drv.inputSrcs);
  for (const [path, outputs] of drv.inputDrvs)
    for (const name of outputs) {
      const output = outputPath(evaluation.host.store.readDerivation(path).outputs.get(name)!);
      if (output !== undefined && store.pathInfo(output)) inputs.add(output);
    }
  const outputs = new Map<string, string>();
  for (const [name, output] of drv.outputs) outputs.set(name, outputPath(output) ?? join(directory, 'outputs', name));
  const { variables, files } = builderEnvironment({
    drv,
    options: derivationOptions(drvPath, drv),
    store,
    inputClosure: new Set(closure(store, inputs)),
    outputs,
    buildDirectory: directory,
    cores: evaluation.settings.cores || 1,
    impureEnvironment: process.env,
  });
  const own = new Map(variables);
  // These keep what they are to the user.
  for (const name of ['PATH', 'HOME', 'TERM', 'PWD', 'NIX_LOG_FD', 'NIX_OUTPUT_CHECKED'])
    if (!drv.env.has(name)) own.delete(name);
  return { variables: own, files };
}

interface RcOptions {
  readonly directory: string;
  readonly bash: string;
  readonly pure: boolean;
  readonly command: string;
  /** Declarations of structured attributes. */
  readonly structured: string;
}

/** What bash reads first: the user's own settings, the build's setup, the prompt, then what is to be run. */
function rcFile({ directory, bash, pure, command, structured }: RcOptions): string {
  const color = process.getuid?.() === 0 ? 31 : 32;
  const timeZone = process.env.TZ;
  return [
    `_nixlet_clean_up() { command rm -rf ${quote(directory)}; }`,
    'trap _nixlet_clean_up EXIT',
    'exitHooks+=(_nixlet_clean_up)',
    'failureHooks+=(_nixlet_clean_up)',
    ...(pure ? [] : ['[ -n "$PS1" ] && [ -e ~/.bashrc ] && source ~/.bashrc', 'p=$PATH']),
    'unset PATH',
    'dontAddDisableDepTrack=1',
    structured,
    '[ -e "$stdenv/setup" ] && source "$stdenv/setup"',
    ...(pure ? [] : ['PATH=$PATH:$p', 'unset p']),
    `PATH=${quote(dirname(bash))}:"$PATH"`,
    `SHELL=${quote(bash)}`,
    `BASH=${quote(bash)}`,
    'set +e',
    `[ -n "$PS1" -a -z "$NIX_SHELL_PRESERVE_PROMPT" ] && PS1='\\n\\[\\033[1;${color}m\\][nix-shell:\\w]\\$\\[\\033[0m\\] '`,
    'if [ "$(type -t runHook)" = function ]; then runHook shellHook; fi',
    'unset NIX_ENFORCE_PURITY',
    'shopt -u nullglob',
    `unset TZ${timeZone === undefined ? '' : `; export TZ=${quote(timeZone)}`}`,
    'shopt -s execfail',
    command,
    '',
  ].join('\n');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
