/**
 * From words to a command. Each article command runs under its own name (`nixlet nix-build ...`, or the program started
 * as `nix-build` through a shim); `nixlet build` and its like are nixlet's own spelling of the same. A command is a module
 * of commands/, loaded when it is asked for (those that only evaluate come with the program); it gives the exit code. Whatever it throws is shown here, once.
 */
import { parentPort } from 'node:worker_threads';
import { launcherPath } from '../api/program.ts';
import { RunAgain, runAgain, runningCommand, secondAttempt } from '../api/run-again.ts';
import { NixError } from '../errors/nix-error.ts';
import { renderError } from '../errors/render.ts';
import * as evalCommand from './commands/eval.ts';
import * as instantiateCommand from './commands/nix-instantiate.ts';
import { colorWanted, showTraceWanted, writeError, writeOut } from './terminal.ts';

export interface Invocation {
  /** How the user called it, for messages: nix-build, nix repl, nixlet build. */
  readonly program: string;
  readonly args: readonly string[];
}

type Run = (invocation: Invocation) => Promise<number> | number;

const commands: Readonly<
  Record<string, { readonly doc: string; readonly load: () => Promise<{ run: Run }> | { run: Run } }>
> = {
  'nix-build': { doc: 'build the derivations of a Nix file', load: () => import('./commands/nix-build.ts') },
  'nix-instantiate': {
    doc: 'evaluate, or write the .drv files of a Nix file',
    load: () => instantiateCommand,
  },
  'nix-shell': { doc: 'start a shell in which packages are there', load: () => import('./commands/nix-shell.ts') },
  'nix-store': { doc: 'ask and change the store', load: () => import('./commands/nix-store.ts') },
  'nix repl': { doc: 'evaluate expressions interactively', load: () => import('./commands/repl.ts') },
  'nix eval': { doc: 'evaluate a Nix expression and print it', load: () => evalCommand },
  'nix run': { doc: 'run a program of a package', load: () => import('./commands/run.ts') },
  'nix derivation show': { doc: 'print derivations as JSON', load: () => import('./commands/derivation-show.ts') },
  'nix show-derivation': {
    doc: 'the older name and format of derivation show',
    load: () => import('./commands/derivation-show.ts'),
  },
  shims: { doc: 'write nix-build, nix-shell, nix ... into a directory', load: () => import('./commands/shims.ts') },
  channel: { doc: 'update: lock the embedded set anew from the mirror', load: () => import('./commands/channel.ts') },
};

/** nixlet's own names, and those of `nix`, for the same commands. */
const aliases: Readonly<Record<string, string>> = {
  build: 'nix-build',
  instantiate: 'nix-instantiate',
  shell: 'nix-shell',
  store: 'nix-store',
  repl: 'nix repl',
  eval: 'nix eval',
  run: 'nix run',
  'derivation show': 'nix derivation show',
  'show-derivation': 'nix show-derivation',
  'nix build': 'nix-build',
  'nix shell': 'nix-shell',
};

export async function main(args: readonly string[], invokedAs = 'nixlet'): Promise<number> {
  const words = invokedAs === 'nix' || invokedAs.startsWith('nix-') ? [invokedAs, ...args] : [...args];
  try {
    if (words.length === 0 || words[0] === '--help' || words[0] === '-h' || words[0] === 'help') return help();
    if (words.at(-1) === '--version' && words.length <= 2)
      return await version(words.length === 2 ? words[0]! : 'nixlet');
    const found = findCommand(words);
    if (!found)
      throw new NixError(`'${words[0] === 'nix' ? words.slice(0, 2).join(' ') : words[0]}' is not a nixlet command`, {
        class: 'UsageError',
      });
    const command = await commands[found.name]!.load();
    return await command.run({ program: found.program, args: found.rest });
  } catch (error) {
    if (error instanceof RunAgain) return runAgain(launcherPath(), args, invokedAs, error.printedMessages);
    return report(error, args, findCommand(words)?.program ?? '');
  }
}

/** The process, or its thread with a large stack: runs the command line and leaves with its code. */
export async function runCommandLine(): Promise<void> {
  const again = secondAttempt();
  // Modes of what is made must not depend on the user's; a thread cannot change it.
  if (!again) process.umask(0o022);
  const code = await main(again?.args ?? process.argv.slice(2), again?.invokedAs ?? process.env.NIXLET_INVOKED_AS);
  if (again) parentPort!.postMessage(code);
  // All is written: nothing is gained by taking the heap apart.
  else process.exit(code);
}

/** The longest run of first words that names a command. */
function findCommand(words: readonly string[]): { name: string; program: string; rest: readonly string[] } | undefined {
  for (const count of [3, 2, 1]) {
    if (words.length < count) continue;
    const phrase = words.slice(0, count).join(' ');
    const name = aliases[phrase] ?? phrase;
    if (Object.hasOwn(commands, name)) return { name, program: phrase, rest: words.slice(count) };
  }
  return undefined;
}

function report(error: unknown, args: readonly string[], command: string): number {
  if (error instanceof NixError) {
    writeError(
      renderError(error, { showTrace: runningCommand.showTrace ?? showTraceWanted(args), color: colorWanted() }),
    );
    if (error.class === 'UsageError') {
      const program = command.startsWith('nix') ? command : `nixlet ${command}`.trimEnd();
      writeError(`Try '${program} --help' for more information.`);
    }
    return error.exitCode;
  }
  // Not a user's doing: a bug of nixlet's. Say so, with what a report needs.
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  writeError(`error: nixlet has a bug: please report it with these lines\n${detail.replace(/^/gm, '       ')}`);
  return 1;
}

function help(): number {
  const rows = Object.entries(commands).map(([name, { doc }]) => `  nixlet ${name.padEnd(22)} ${doc}`);
  writeOut(`nixlet: Nix expressions to container images and store paths, with no Nix installed\n\n${rows.join('\n')}\n
nixlet COMMAND --help lists a command's flags. \`build\`, \`instantiate\`, \`shell\`, \`repl\`, \`eval\` and \`run\` are short names.\n`);
  return 0;
}

/** Under C++ Nix's names also the version that is followed, last on the line, where scripts look for it. */
async function version(program: string): Promise<number> {
  const { nixletVersion, nixVersion } = await import('../api/version.ts');
  writeOut(
    program === 'nixlet' ? `nixlet ${nixletVersion}\n` : `${program} (nixlet ${nixletVersion}, as Nix) ${nixVersion}\n`,
  );
  return 0;
}
