/**
 * nixlet run: builds a package of a file (or of <nixpkgs>) and runs a program of it, where the store is at /nix/store: on
 * the host if it is there, else in a mount namespace. `nixlet run ATTRIBUTE -- PROGRAM ARG...`; without PROGRAM, the
 * package's meta.mainProgram, or its name.
 */
import { buildDerivations } from '../../api/build.ts';
import { evaluateCommand } from '../../api/command.ts';
import { runInStore } from '../../api/shell.ts';
import { type BuildOptions, buildFlags, buildOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags } from '../options.ts';
import { createReporter } from '../report.ts';
import { writeOut } from '../terminal.ts';

interface Options extends BuildOptions {
  file: string | undefined;
}

const flags: readonly Flag<Options>[] = [
  ...(buildFlags as readonly Flag<Options>[]),
  {
    names: ['-f', '--file'],
    values: ['FILE'],
    doc: 'take the package from this file instead of <nixpkgs>',
    apply: (o, file) => void (o.file = file),
  },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = { ...buildOptions(), file: undefined };
  const split = args.indexOf('--');
  const own = split < 0 ? args : args.slice(0, split);
  const command = split < 0 ? [] : args.slice(split + 1);
  const inputs = readFlags(flags, own, options);
  if (
    options.help ||
    (inputs.length === 0 && options.attrPaths.length === 0 && options.file === undefined && !options.fromArgs)
  ) {
    writeOut(`Usage: ${program} [FLAG...] ATTRIBUTE [-- PROGRAM ARG...]\n\n${describeFlags(flags)}\n`);
    return options.help ? 0 : 1;
  }
  return evaluateCommand({ ...options, readOnly: false }, async (evaluation) => {
    const source = options.fromArgs ? evaluation.text(inputs[0]!) : evaluation.file(options.file ?? '<nixpkgs>');
    const path = options.attrPaths[0] ?? (options.fromArgs ? '' : (inputs[0] ?? ''));
    const value = evaluation.autoCall(evaluation.select(source.evaluate(), path));
    const found = evaluation.derivation(value);
    const name = command[0] ?? evaluation.mainProgram(value);
    evaluation.writeDerivations();
    const [built] = await buildDerivations(evaluation, [found], { ...options, reporter: createReporter(options) });
    return runInStore(evaluation, [`${built!.path}/bin/${name}`, ...command.slice(1)]);
  });
}
