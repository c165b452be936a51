/**
 * nix-instantiate: evaluates files or expressions, and writes the .drv files of the derivations that they give; or prints
 * the value (--eval), the parsed expression (--parse), or where <...> is found (--find-file).
 * Source: Nix manual, "nix-instantiate".
 */
import { evaluateCommand } from '../../api/command.ts';
import type { Evaluation } from '../../api/evaluation.ts';
import { type EvalOptions, evalFlags, evalOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { writeOut } from '../terminal.ts';

interface Options extends EvalOptions {
  output: 'value' | 'json' | 'xml' | 'raw';
  evalOnly: boolean;
  parseOnly: boolean;
  findFile: boolean;
  strict: boolean;
  readWrite: boolean;
  location: boolean;
  dryRun: boolean;
  root: string | undefined;
}

const flags: readonly Flag<Options>[] = [
  ...(evalFlags as readonly Flag<Options>[]),
  {
    names: ['--eval', '--eval-only'],
    doc: 'print the value instead of writing derivations',
    apply: (o) => void (o.evalOnly = true),
  },
  {
    names: ['--parse', '--parse-only'],
    doc: 'print the parsed expression',
    apply: (o) => void (o.parseOnly = o.evalOnly = true),
  },
  { names: ['--find-file'], doc: 'look the arguments up in the search path', apply: (o) => void (o.findFile = true) },
  { names: ['--strict'], doc: 'evaluate the value completely', apply: (o) => void (o.strict = true) },
  { names: ['--json'], doc: 'print the value as JSON', apply: (o) => void (o.output = 'json') },
  { names: ['--xml'], doc: 'print the value as XML', apply: (o) => void (o.output = 'xml') },
  { names: ['--raw'], doc: 'print a string as it is', apply: (o) => void (o.output = 'raw') },
  { names: ['--no-location'], doc: 'leave source positions out of XML', apply: (o) => void (o.location = false) },
  { names: ['--read-write-mode'], doc: 'let --eval write into the store', apply: (o) => void (o.readWrite = true) },
  { names: ['--dry-run'], doc: 'compute .drv paths without writing them', apply: (o) => void (o.dryRun = true) },
  {
    names: ['--add-root'],
    values: ['PATH'],
    doc: 'link the .drv here, as a root of the garbage collector',
    apply: (o, path) => void (o.root = path),
  },
  { names: ['--indirect'], doc: 'accepted; roots are indirect', apply: () => {} },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = {
    ...evalOptions(),
    output: 'value',
    evalOnly: false,
    parseOnly: false,
    findFile: false,
    strict: false,
    readWrite: false,
    location: true,
    dryRun: false,
    root: undefined,
  };
  const files = readFlags(flags, splitShortFlags(flags, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [FILE...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  const readOnly = options.dryRun || (options.evalOnly && !options.readWrite);
  return evaluateCommand({ ...options, readOnly, observeThunks: options.evalOnly && !options.strict }, (evaluation) => {
    const pieces = evaluateAll(evaluation, options, files);
    if (options.findFile || options.root !== undefined || files.includes('-'))
      for (const text of pieces) writeOut(text);
    else printRemembered(evaluation, { files, ...questionOf(options) }, pieces);
    return 0;
  });
}

/** What decides the output, besides what Evaluation.remember adds. */
function questionOf({
  output,
  evalOnly,
  parseOnly,
  strict,
  readWrite,
  location,
  dryRun,
  attrPaths,
  fromArgs,
}: Options) {
  return {
    command: 'instantiate',
    output,
    evalOnly,
    parseOnly,
    strict,
    readWrite,
    location,
    dryRun,
    attrPaths,
    fromArgs,
  };
}

/** Prints piece by piece, so that what comes before an error is there; or all of it from the evaluation cache. */
function printRemembered(evaluation: Evaluation, question: object, pieces: Iterable<string>): void {
  let printed = false;
  const all = evaluation.remember(
    question,
    () => {
      printed = true;
      return Array.from(pieces, (text) => {
        writeOut(text);
        return text;
      });
    },
    (remembered) => remembered.every((text) => evaluation.isInstantiated(text)),
  );
  if (!printed) for (const text of all) writeOut(text);
}

/** What is to be printed, piece by piece. */
function* evaluateAll(evaluation: Evaluation, options: Options, files: readonly string[]): Generator<string> {
  if (options.findFile) {
    for (const file of files) yield `${evaluation.findFile(file)}\n`;
    return;
  }
  const inputs = files.length === 0 && !options.fromArgs ? ['./default.nix'] : files;
  const attrPaths = options.attrPaths.length === 0 ? [''] : options.attrPaths;
  let roots = 0;
  for (const input of inputs) {
    const source =
      input === '-' ? evaluation.standardInput() : options.fromArgs ? evaluation.text(input) : evaluation.file(input);
    if (options.parseOnly) {
      yield `${source.printParsed()}\n`;
      continue;
    }
    const root = source.evaluate();
    for (const attrPath of attrPaths) {
      const value = evaluation.select(root, attrPath);
      if (options.evalOnly) {
        yield printed(evaluation, options, evaluation.autoCallIfArgs(value));
        continue;
      }
      const found = evaluation.derivations(value);
      if (!options.dryRun) evaluation.writeDerivations();
      for (const { drvPath, outputName } of found) {
        const name =
          options.root === undefined
            ? drvPath
            : evaluation.addRoot(drvPath, ++roots > 1 ? `${options.root}-${roots}` : options.root);
        yield `${name}${outputName === 'out' ? '' : `!${outputName}`}\n`;
      }
    }
  }
  if (options.readWrite) evaluation.writeDerivations();
}

function printed(evaluation: Evaluation, options: Options, value: ReturnType<Evaluation['select']>): string {
  switch (options.output) {
    case 'raw':
      return evaluation.printRaw(value, 'while generating the nix-instantiate output');
    case 'xml':
      return evaluation.printXml(value, { strict: options.strict, location: options.location });
    case 'json':
      return `${evaluation.printJson(value, { strict: options.strict })}\n`;
    case 'value':
      return `${evaluation.print(value, { strict: options.strict })}\n`;
  }
}
