/**
 * The host's `git`. nixlet brings none of its own: who has a repository has git. It runs with the variables of a
 * surrounding git (a hook's GIT_DIR) taken away, in the C locale, and with whatever the repository's own configuration
 * would start (hooks, file system monitors) switched off.
 */
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { NixError } from '../../../errors/nix-error.ts';

export interface GitRun {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitOptions {
  readonly input?: Uint8Array | string;
  /** Further environment variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const harmless = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.quotePath=false', 'gc.autoDetach=false'];
const ofSurroundingGit =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|PREFIX|COMMON_DIR|NAMESPACE|LITERAL_PATHSPECS|EXTERNAL_DIFF)$/;

export class GitProgram {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #signal: AbortSignal;

  constructor(environment: Readonly<Record<string, string | undefined>>, signal: AbortSignal) {
    const kept = Object.entries(environment).filter(([name]) => !ofSurroundingGit.test(name));
    this.#environment = { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
    this.#signal = signal;
  }

  /** Runs to the end, whatever the exit code. */
  async run(directory: string, args: readonly string[], options: GitOptions = {}): Promise<GitRun> {
    const chunks: Buffer[] = [];
    const { code, stderr } = await this.stream(directory, args, options, async (stdout) => {
      for await (const chunk of stdout) chunks.push(chunk as Buffer);
    });
    return { code, stdout: Buffer.concat(chunks), stderr };
  }

  /** Standard output as bytes; a failure is an error that quotes git. `doing`: what failed then, in a few words. */
  async output(directory: string, doing: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
    const result = await this.run(directory, args, options);
    if (result.code !== 0) throw gitError(doing, result.stderr);
    return result.stdout;
  }

  /** Standard output as one text without its line break. */
  async text(directory: string, doing: string, args: readonly string[]): Promise<string> {
    return (await this.output(directory, doing, args)).toString().trim();
  }

  /** Hands standard output to `read` while git runs. */
  async stream(
    directory: string,
    args: readonly string[],
    { input, env }: GitOptions,
    read: (stdout: Readable) => Promise<void>,
  ): Promise<{ readonly code: number; readonly stderr: string }> {
    const settings = harmless.flatMap((setting) => ['-c', setting]);
    const child = spawn('git', [...settings, '-C', directory, ...args], {
      env: { ...this.#environment, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      signal: this.#signal,
    });
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(startError(error)));
      child.once('close', (code) => resolve(code ?? 128));
    });
    feed(child.stdin, input);
    const reading = read(child.stdout).catch((error) => {
      child.kill();
      throw error;
    });
    const [code] = await Promise.all([ended, reading]);
    return { code, stderr: Buffer.concat(errors).toString() };
  }
}

function feed(stdin: Writable, input: Uint8Array | string | undefined): void {
  // git may end without reading everything; its exit code tells more than EPIPE.
  stdin.on('error', () => {});
  stdin.end(input ?? '');
}

export function gitError(doing: string, stderr: string): NixError {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:hint|remote: (?:Enumerating|Counting|Compressing|Total))/.test(line));
  return new NixError(`${doing}${lines.length > 0 ? `: ${lines.join('\n')}` : ''}`, { class: 'Error' });
}

function startError(error: NodeJS.ErrnoException): unknown {
  if (error.code !== 'ENOENT') return error;
  return new NixError("the program 'git', which fetches Git repositories, is not in PATH", {
    class: 'Error',
    hint: 'Install it (Debian: apt-get install git), or fetch a tarball of the revision with builtins.fetchTarball.',
  });
}
