/**
 * nix derivation show, and nix show-derivation: derivations as JSON. The older name prints the older form (an object keyed
 * by .drv path), the newer one that of Nix 2.33 and later. Arguments are .drv files, store paths whose derivation is known,
 * or links to one; with -f or --expr, attributes of a file or an expression; without arguments, default.nix.
 * Source: Nix manual, "nix derivation show".
 */
import { evaluateCommand } from '../../api/command.ts';
import { type EvalOptions, evalFlags, evalOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { writeOut } from '../terminal.ts';

interface Options extends EvalOptions {
  recursive: boolean;
  file: string | undefined;
}

const flags: readonly Flag<Options>[] = [
  ...(evalFlags as readonly Flag<Options>[]),
  {
    names: ['-r', '--recursive'],
    doc: 'the derivations that it depends on, too',
    apply: (o) => void (o.recursive = true),
  },
  {
    names: ['-f', '--file'],
    values: ['FILE'],
    doc: 'arguments are attributes of this file',
    apply: (o, file) => void (o.file = file),
  },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = { ...evalOptions(), recursive: false, file: undefined };
  const inputs = readFlags(flags, splitShortFlags(flags, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [DRV | STORE-PATH | ATTRIBUTE...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  return evaluateCommand({ ...options, readOnly: false }, (evaluation) => {
    const drvPaths: string[] = [];
    if (options.file !== undefined || options.fromArgs || inputs.length === 0) {
      const texts = options.fromArgs ? inputs : [options.file ?? '.'];
      const attributes = options.fromArgs ? options.attrPaths : [...options.attrPaths, ...inputs];
      for (const text of texts) {
        const root = (options.fromArgs ? evaluation.text(text) : evaluation.file(text)).evaluate();
        for (const path of attributes.length === 0 ? [''] : attributes)
          drvPaths.push(...evaluation.derivations(evaluation.select(root, path)).map(({ drvPath }) => drvPath));
      }
    } else for (const input of inputs) drvPaths.push(evaluation.derivationOf(input));
    evaluation.writeDerivations();
    const legacy = program.endsWith('show-derivation');
    writeOut(`${evaluation.showDerivations(drvPaths, { recursive: options.recursive, legacy })}\n`);
    return 0;
  });
}
