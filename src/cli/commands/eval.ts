/**
 * nix eval: evaluates an expression, or an attribute of a file, and prints it; `--json`, `--raw` and `--apply` as in C++ Nix.
 * Under that name an expression is evaluated purely unless --impure is given; `nixlet eval` is not so strict.
 * Without flags and arguments it evaluates default.nix. `--profile` is nixlet's own. Source: Nix manual, "nix eval".
 */
import { evaluateCommand } from '../../api/command.ts';
import type { Evaluation } from '../../api/evaluation.ts';
import { CallProfile, writeProfile } from '../../api/profile.ts';
import { NixError } from '../../errors/nix-error.ts';
import { type EvalOptions, evalFlags, evalOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { writeOut } from '../terminal.ts';

interface Options extends EvalOptions {
  file: string | undefined;
  output: 'value' | 'json' | 'raw';
  apply: string | undefined;
  expression: string | undefined;
  profile: string | undefined;
  readOnly: boolean;
  pretty: boolean;
}

const flags: readonly Flag<Options>[] = [
  ...(evalFlags as readonly Flag<Options>[]).filter((flag) => !flag.names.includes('--expr')),
  {
    names: ['-E', '--expr'],
    values: ['EXPR'],
    doc: 'evaluate this expression',
    apply: (o, text) => void (o.expression = text),
  },
  {
    names: ['-f', '--file'],
    values: ['FILE'],
    doc: 'evaluate attributes of this file',
    apply: (o, file) => void (o.file = file),
  },
  { names: ['--read-only'], doc: 'put nothing into the store', apply: (o) => void (o.readOnly = true) },
  { names: ['--json'], doc: 'print JSON', apply: (o) => void (o.output = 'json') },
  { names: ['--pretty'], doc: 'print JSON on several lines', apply: (o) => void (o.pretty = true) },
  { names: ['--no-pretty'], doc: 'print JSON on one line', apply: (o) => void (o.pretty = false) },
  { names: ['--raw'], doc: 'print a string as it is', apply: (o) => void (o.output = 'raw') },
  {
    names: ['--apply'],
    values: ['FUNCTION'],
    doc: 'apply this function to the value first',
    apply: (o, text) => void (o.apply = text),
  },
  {
    names: ['--profile'],
    values: ['FILE'],
    doc: 'write where the time goes, by Nix function, to a .cpuprofile for Chrome or speedscope',
    apply: (o, file) => void (o.profile = file),
  },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = {
    ...evalOptions(),
    file: undefined,
    output: 'value',
    apply: undefined,
    expression: undefined,
    profile: undefined,
    readOnly: false,
    pretty: process.stdout.isTTY === true,
  };
  const inputs = readFlags(flags, splitShortFlags(flags, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [ATTRIBUTE]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  const paths = [...options.attrPaths, ...inputs];
  if (paths.length > 1)
    throw new NixError(`${program} prints one value; ${paths.length} attributes are given`, { class: 'UsageError' });
  if (options.file !== undefined && options.settings.some(([name, text]) => name === 'pure-eval' && text === 'true'))
    throw new NixError("'--file' is not compatible with '--pure-eval'", { class: 'UsageError' });
  if (program === 'nix eval' && options.expression !== undefined) options.settings.unshift(['pure-eval', 'true']);
  const profile = options.profile === undefined ? undefined : new CallProfile();
  return evaluateCommand({ ...options, profile }, (evaluation) => {
    const { expression, file, apply, output } = options;
    try {
      writeOut(
        file === '-'
          ? print(evaluation, options, paths[0] ?? '')
          : evaluation.remember(
              { command: 'eval', expression, file, apply, output, pretty: options.pretty, paths },
              () => print(evaluation, options, paths[0] ?? ''),
            ),
      );
    } finally {
      if (profile) writeProfile(profile, options.profile!);
    }
    return 0;
  });
}

function print(evaluation: Evaluation, options: Options, path: string): string {
  const { expression, file = '.' } = options;
  const source =
    expression !== undefined
      ? evaluation.text(expression)
      : file === '-'
        ? evaluation.standardInput()
        : evaluation.file(file);
  let value = evaluation.autoCallIfArgs(evaluation.select(source.evaluate(), path));
  if (options.apply !== undefined) value = evaluation.apply(evaluation.text(options.apply).evaluate(), value);
  if (options.output === 'raw') return evaluation.printRaw(value, 'while evaluating an attribute');
  if (options.output === 'value') return `${evaluation.printForEval(value)}\n`;
  const json = evaluation.printJson(value, { strict: true });
  return `${options.pretty ? indentJson(json) : json}\n`;
}

/** JSON that stands on one line, each element on its own; numbers and texts stay as they are. */
function indentJson(json: string): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return json.replace(/"(?:[^"\\]|\\.)*"|\{\}|\[\]|[{[\]},:]/g, (token) => {
    if (token === '{' || token === '[') {
      depth++;
      return token + line();
    }
    if (token === '}' || token === ']') {
      depth--;
      return line() + token;
    }
    return token === ',' ? token + line() : token === ':' ? ': ' : token;
  });
}
