/**
 * nix-build: evaluates a file (default.nix), builds the derivations that it gives, links the results, and prints their
 * store paths. Source: Nix manual, "nix-build".
 */
import { buildDerivations } from '../../api/build.ts';
import { evaluateCommand } from '../../api/command.ts';
import type { Evaluation, FoundDerivation } from '../../api/evaluation.ts';
import { type BuildOptions, buildFlags, buildOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { createReporter } from '../report.ts';
import { writeOut } from '../terminal.ts';

interface Options extends BuildOptions {
  /** Undefined: no link. */
  outLink: string | undefined;
}

const flags: readonly Flag<Options>[] = [
  ...(buildFlags as readonly Flag<Options>[]),
  {
    names: ['-o', '--out-link'],
    values: ['PATH'],
    doc: 'name of the link to the result',
    apply: (o, path) => void (o.outLink = path || undefined),
  },
  {
    names: ['--no-out-link', '--no-link'],
    doc: 'make no link to the result',
    apply: (o) => void (o.outLink = undefined),
  },
  { names: ['--add-drv-link', '--indirect'], doc: 'accepted, without effect', apply: () => {} },
  { names: ['--drv-link'], values: ['PATH'], doc: 'accepted, without effect', apply: () => {} },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = { ...buildOptions(), outLink: './result' };
  const files = readFlags(flags, splitShortFlags(flags, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [FILE...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  return evaluateCommand({ ...options, readOnly: false }, async (evaluation) => {
    const found = findAll(evaluation, options, files);
    const results = await buildDerivations(evaluation, found, { ...options, reporter: createReporter(options) });
    if (options.dryRun) return 0;
    // The n-th derivation gets result-n; an output other than `out` adds its name.
    const numbers = new Map<string, number>();
    for (const { drvPath, outputName, path } of results) {
      if (!numbers.has(drvPath)) numbers.set(drvPath, numbers.size + 1);
      const number = numbers.get(drvPath)!;
      if (options.outLink === undefined) continue;
      const link = options.outLink + (number > 1 ? `-${number}` : '') + (outputName === 'out' ? '' : `-${outputName}`);
      evaluation.addRoot(path, link);
    }
    for (const { path } of results) writeOut(`${path}\n`);
    return 0;
  });
}

/** The derivations that the arguments give; their .drv files are in the store. */
function findAll(evaluation: Evaluation, options: Options, files: readonly string[]): FoundDerivation[] {
  const inputs = files.length === 0 && !options.fromArgs ? ['.'] : files;
  const attrPaths = options.attrPaths.length === 0 ? [''] : options.attrPaths;
  const compute = () => {
    const found = inputs.flatMap((input) => {
      if (input.endsWith('.drv') || input.includes('.drv!')) return evaluation.derivationFile(input);
      const source =
        input === '-' ? evaluation.standardInput() : options.fromArgs ? evaluation.text(input) : evaluation.file(input);
      const root = source.evaluate();
      return attrPaths.flatMap((attrPath) => evaluation.derivations(evaluation.select(root, attrPath)));
    });
    evaluation.writeDerivations();
    return found;
  };
  if (inputs.some((input) => input === '-' || /\.drv(?:!|$)/.test(input))) return compute();
  const question = { command: 'build', inputs, attrPaths, fromArgs: options.fromArgs };
  return evaluation.remember(question, compute, (found) =>
    found.every(({ drvPath }) => evaluation.isInstantiated(drvPath)),
  );
}
