/**
 * nix-shell: builds what a derivation depends on, and starts bash with the environment of its build, in which
 * $stdenv/setup has run. With -p the derivation is one made up of packages. A script may name nix-shell in its first line.
 * Source: Nix manual, "nix-shell".
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { evaluateCommand } from '../../api/command.ts';
import { enterShell } from '../../api/shell.ts';
import { NixError } from '../../errors/nix-error.ts';
import { type BuildOptions, buildFlags, buildOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags } from '../options.ts';
import { quoteForShell } from '../quote.ts';
import { createReporter } from '../report.ts';
import { shebangArguments } from '../shebang.ts';
import { writeOut } from '../terminal.ts';

interface Options extends BuildOptions {
  packages: boolean;
  pure: boolean;
  interactive: boolean;
  command: string;
  readonly keep: string[];
  readonly exclude: string[];
  interpreter: string | undefined;
}

const flags: readonly Flag<Options>[] = [
  ...(buildFlags as readonly Flag<Options>[]).filter((flag) => !flag.names.includes('--impure')),
  {
    names: ['-p', '--packages'],
    doc: 'arguments are packages of <nixpkgs>, or expressions',
    apply: (o) => void (o.packages = true),
  },
  {
    names: ['--run'],
    values: ['COMMAND'],
    doc: 'run this command in a shell that is not interactive, and leave',
    apply: (o, text) => {
      o.interactive = false;
      o.command = `${text}\nexit`;
    },
  },
  {
    names: ['--command'],
    values: ['COMMAND'],
    doc: 'run this command in the shell, and leave unless it ends with `return`',
    apply: (o, text) => void (o.command = `${text}\nexit`),
  },
  { names: ['--pure'], doc: 'clear the environment, but for a few variables', apply: (o) => void (o.pure = true) },
  { names: ['--impure'], doc: 'keep the environment (the default)', apply: (o) => void (o.pure = false) },
  {
    names: ['--keep'],
    values: ['NAME'],
    doc: 'with --pure, keep this variable too',
    apply: (o, name) => void o.keep.push(name!),
  },
  {
    names: ['--exclude'],
    values: ['REGEX'],
    doc: 'do not build dependencies that match',
    apply: (o, text) => void o.exclude.push(text!),
  },
  {
    names: ['-i'],
    values: ['INTERPRETER'],
    doc: 'in a script: what runs it',
    apply: (o, text) => void (o.interpreter = text!),
  },
];

export async function run({ program, args }: Invocation): Promise<number> {
  const options: Options = {
    ...buildOptions(),
    packages: false,
    pure: false,
    interactive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    command: '',
    keep: [],
    exclude: [],
    interpreter: undefined,
  };
  const script = args[0] !== undefined && !args[0].startsWith('-') ? shebangArguments(readText(args[0])) : undefined;
  const inputs = readFlags(flags, script ?? args, options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [FILE | PACKAGE...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  if (options.packages && options.fromArgs)
    throw new NixError("'-p' and '-E' are mutually exclusive", { class: 'UsageError' });
  if (script && options.interpreter !== undefined) {
    options.interactive = false;
    options.command = scriptCommand(options.interpreter, args);
  }
  const directory = script ? dirname(resolve(args[0]!)) : process.cwd();
  process.env.IN_NIX_SHELL = options.pure ? 'pure' : 'impure';
  return evaluateCommand({ ...options, readOnly: false, directory, inNixShell: true }, async (evaluation) => {
    const texts = options.packages ? [packagesExpression(inputs)] : inputs;
    const sources =
      options.packages || options.fromArgs
        ? texts.map((text) => evaluation.text(text))
        : (texts.length > 0 ? texts : [defaultFile(directory)]).map((file) =>
            evaluation.file(shellFile(resolve(directory, file))),
          );
    const found = sources.flatMap((source) => {
      const root = source.evaluate();
      return (options.attrPaths.length === 0 ? [''] : options.attrPaths).flatMap((path) =>
        evaluation.derivations(evaluation.select(root, path)),
      );
    });
    if (found.length !== 1) throw new NixError('nix-shell requires a single derivation', { class: 'UsageError' });
    evaluation.writeDerivations();
    return enterShell(evaluation, found[0]!.drvPath, { ...options, reporter: createReporter(options) });
  });
}

/** The expression that -p stands for, as the manual gives it. */
function packagesExpression(packages: readonly string[]): string {
  const inputs = packages.map((text) => `(${text}) `).join('');
  // nixpkgs' shells have a compiler. The embedded set's have one when asked: it would be most of what is downloaded.
  const run = '(if pkgs ? debianPackages then pkgs.runCommand else pkgs.runCommandCC or pkgs.runCommand)';
  return `{...}@args: with import <nixpkgs> args; ${run} "shell" { buildInputs = [ ${inputs}]; } ""`;
}

function defaultFile(directory: string): string {
  if (existsSync(join(directory, 'shell.nix')) || existsSync(join(directory, 'default.nix'))) return directory;
  throw new NixError("no argument specified and no 'shell.nix' or 'default.nix' file found in the working directory", {
    class: 'UsageError',
  });
}

/** A directory stands for its shell.nix, else its default.nix. */
function shellFile(path: string): string {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  for (const name of ['shell.nix', 'default.nix']) if (existsSync(join(path, name))) return join(path, name);
  throw new NixError(`neither 'shell.nix' nor 'default.nix' found in '${path}'`, { class: 'UsageError' });
}

function readText(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'latin1') : undefined;
  } catch {
    return undefined;
  }
}

/** Perl and Ruby read the script's first line themselves, and would start nix-shell again; both have a way around that. */
function scriptCommand(interpreter: string, args: readonly string[]): string {
  const words = args.map(quoteForShell).join(' ');
  if (/ruby/.test(interpreter)) return `exec ${interpreter} -e 'load(ARGV.shift)' -- ${words}`;
  return `exec ${/perl/.test(interpreter) ? '-a PERL ' : ''}${interpreter} ${words}`;
}
