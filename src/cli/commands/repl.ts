/**
 * nix repl: reads lines, evaluates them, prints values. A line that ends in the middle of an expression goes on with the
 * next one. Errors leave the session as it was. Commands start with a colon; see repl/commands.ts.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { evaluateCommand } from '../../api/command.ts';
import { IncompleteInput, ReplSession } from '../../api/repl.ts';
import { nixVersion } from '../../api/version.ts';
import { NixError } from '../../errors/nix-error.ts';
import { renderError } from '../../errors/render.ts';
import { type BuildOptions, buildFlags, buildOptions } from '../common-flags.ts';
import type { Invocation } from '../main.ts';
import { describeFlags, type Flag, readFlags, splitShortFlags } from '../options.ts';
import { ReplCommands } from '../repl/commands.ts';
import { openLines } from '../repl/lines.ts';
import { createReporter } from '../report.ts';
import { colorWanted, writeError, writeOut } from '../terminal.ts';

interface Options extends BuildOptions {
  readonly files: string[];
}

const flags: readonly Flag<Options>[] = [
  ...(buildFlags as readonly Flag<Options>[]),
  {
    names: ['-f', '--file'],
    values: ['FILE'],
    doc: 'load this file into the scope',
    apply: (o, file) => void o.files.push(file!),
  },
];

export function run({ program, args }: Invocation): Promise<number> | number {
  const options: Options = { ...buildOptions(), files: [] };
  const inputs = readFlags(flags, splitShortFlags(flags, args), options);
  if (options.help) {
    writeOut(`Usage: ${program} [FLAG...] [FILE...]\n\n${describeFlags(flags)}\n`);
    return 0;
  }
  return evaluateCommand({ ...options, readOnly: false }, async (evaluation) => {
    const session = new ReplSession(evaluation);
    const reporter = createReporter(options);
    const commands = new ReplCommands(session, evaluation, { ...options, reporter });
    const say = (error: unknown) => {
      if (!(error instanceof NixError)) throw error;
      writeError(renderError(error, { showTrace: evaluation.settings['show-trace'], color: colorWanted() }));
    };
    writeError(`Nix ${nixVersion}\nType :? for help.`);
    for (const file of [...options.files, ...(options.fromArgs ? [] : inputs)]) commands.remember(file);
    commands.loadRemembered(say);
    if (options.fromArgs) for (const text of inputs) commands.addExpression(text, say);

    const data = process.env.XDG_DATA_HOME || join(process.env.HOME ?? homedir(), '.local', 'share');
    const lines = openLines((line) => session.complete(line), join(data, 'nix', 'repl-history'));
    let input = '';
    try {
      for (;;) {
        const line = await lines.next(input !== '');
        if (line === undefined) {
          // What was left unfinished is reported as what it is.
          if (input.trim() !== '') {
            try {
              await commands.process(input, { final: true });
            } catch (error) {
              say(error);
            }
          }
          writeOut('\n');
          return 0;
        }
        if (lines.interrupted) {
          input = '';
          continue;
        }
        input += input === '' ? line : `\n${line}`;
        try {
          if ((await commands.process(input, { final: false })) === 'quit') return 0;
        } catch (error) {
          if (error instanceof IncompleteInput) continue;
          say(error);
        }
        if (input.trim() !== '' || !process.stdin.isTTY) writeOut('\n');
        input = '';
      }
    } finally {
      lines.close();
    }
  });
}
