/**
 * What a complete input of the REPL does: a command that starts with a colon, bindings (`x = 1`, `inherit (e) a`), or an
 * expression to print. Names and effects are those of C++ Nix's REPL.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BuildRequest, buildDerivations } from '../../api/build.ts';
import { readBuildLog } from '../../api/build-log.ts';
import type { Evaluation } from '../../api/evaluation.ts';
import type { AddedNames, ReplSession } from '../../api/repl.ts';
import { enterShell } from '../../api/shell.ts';
import { NixError } from '../../errors/nix-error.ts';
import { writeError, writeOut } from '../terminal.ts';
import { replHelp } from './help.ts';

/** Width of the terminal, for values that fit on one line. */
const width = () => process.stdout.columns ?? 80;
const maximumNames = 20;

type Say = (error: unknown) => void;

export class ReplCommands {
  private readonly session: ReplSession;
  private readonly evaluation: Evaluation;
  private readonly build: BuildRequest;
  private files: string[] = [];
  private lastLoaded: readonly string[] | undefined;

  constructor(session: ReplSession, evaluation: Evaluation, build: BuildRequest) {
    this.session = session;
    this.evaluation = evaluation;
    this.build = build;
  }

  remember(file: string): void {
    this.files = [...this.files.filter((other) => other !== file), file];
  }

  /** Loads every remembered file; one that fails is said and stays remembered for :reload. */
  loadRemembered(say: Say): void {
    for (const file of this.files) {
      writeError(`Loading "${file.replace(/["\\]/g, '\\$&')}"...`);
      try {
        this.load(file);
      } catch (error) {
        say(error);
      }
    }
  }

  addExpression(text: string, say: Say): void {
    try {
      this.add(this.session.addAttributes(this.session.evaluate(text)));
    } catch (error) {
      say(error);
    }
  }

  async process(input: string, { final }: { final: boolean }): Promise<'quit' | 'again'> {
    const line = input.trim();
    if (line === '') return 'again';
    if (!line.startsWith(':')) {
      if (!this.session.bind(line, final)) this.printValue(line, 1, final);
      return 'again';
    }
    const [, command, argument] = /^(\S+)\s*([\s\S]*)$/.exec(line)!;
    if (command === ':q' || command === ':quit') return 'quit';
    const action = this.actions[command!];
    if (!action) throw new NixError(`unknown command '${command}'`, { class: 'UsageError' });
    await action(argument!.trim(), command!);
    return 'again';
  }

  private printValue(text: string, depth: number | undefined, final: boolean): void {
    const value = this.session.evaluate(text, final);
    writeOut(`${this.evaluation.printForRepl(value, { depth, width: width() })}\n`);
  }

  private readonly actions: Readonly<Record<string, (argument: string, command: string) => void | Promise<void>>> = {
    ':?': () => writeOut(replHelp),
    ':help': () => writeOut(replHelp),
    ':a': (text) => this.add(this.session.addAttributes(this.session.evaluate(text))),
    ':add': (text) => this.actions[':a']!(text, ':add'),
    ':l': (file) => this.loadAnew(file),
    ':load': (file) => this.loadAnew(file),
    ':ll': () => this.showLastLoaded(),
    ':last-loaded': () => this.showLastLoaded(),
    ':r': () => this.reload(),
    ':reload': () => this.reload(),
    ':t': (text) => writeOut(`${this.evaluation.describeType(this.session.evaluate(text))}\n`),
    ':p': (text) => this.print(text),
    ':print': (text) => this.print(text),
    ':b': (text) => this.buildOutputs(text, false),
    ':bl': (text) => this.buildOutputs(text, true),
    ':sh': (text) => this.shell(text),
    ':u': (text) => this.shell(`(import <nixpkgs> {}).runCommand "shell" { buildInputs = [ (${text}) ]; } ""`),
    ':log': (text) => {
      const { drvPath } = this.evaluation.derivation(this.session.evaluate(text));
      writeOut(readBuildLog(this.evaluation.store, drvPath));
    },
    ':doc': (text) => writeOut(`${this.session.documentation(text)}\n`),
    ':e': (text) => this.edit(text),
    ':edit': (text) => this.edit(text),
    ':te': (text, command) => this.traceEnable(text, command),
    ':trace-enable': (text, command) => this.traceEnable(text, command),
  };

  private load(file: string): void {
    this.add(this.session.addAttributes(this.evaluation.autoCall(this.evaluation.file(file).evaluate())));
  }

  private loadAnew(file: string): void {
    this.evaluation.forgetFiles();
    this.load(file);
    this.remember(file);
  }

  private reload(): void {
    this.evaluation.forgetFiles();
    this.session.clear();
    this.loadRemembered((error) => {
      throw error;
    });
  }

  private add({ sorted: names, inOrder }: AddedNames): void {
    this.lastLoaded = inOrder;
    writeError(`Added ${names.length} variables.`);
    writeError(
      names
        .slice(0, maximumNames)
        .map((name) => this.evaluation.printIdentifier(name))
        .join(', '),
    );
    if (names.length > maximumNames) writeError(`... and ${names.length - maximumNames} more; view with :ll`);
  }

  private showLastLoaded(): void {
    if (!this.lastLoaded) throw new NixError('nothing has been loaded yet', { class: 'UsageError' });
    for (const name of this.lastLoaded) writeOut(`${name}\n`);
  }

  private print(text: string): void {
    const value = this.session.evaluate(text);
    const plain = this.evaluation.stringContent(value);
    writeOut(`${plain ?? this.evaluation.printForRepl(value, { depth: undefined, width: width() })}\n`);
  }

  private async buildOutputs(text: string, link: boolean): Promise<void> {
    const found = this.evaluation.derivation(this.session.evaluate(text));
    this.evaluation.writeDerivations();
    const results = await buildDerivations(this.evaluation, [{ ...found, outputName: '*' }], this.build);
    writeOut('\nThis derivation produced the following outputs:\n');
    for (const { outputName, path } of results) {
      if (link) this.evaluation.addRoot(path, `repl-result-${outputName}`);
      writeOut(link ? `  ./repl-result-${outputName} -> ${path}\n` : `  ${outputName} -> ${path}\n`);
    }
  }

  private async shell(text: string): Promise<void> {
    const { drvPath } = this.evaluation.derivation(this.session.evaluate(text));
    this.evaluation.writeDerivations();
    await enterShell(this.evaluation, drvPath, {
      ...this.build,
      pure: false,
      interactive: true,
      command: '',
      keep: [],
      exclude: [],
    });
  }

  private edit(text: string): void {
    const definition = this.session.definition(text);
    if ('file' in definition) {
      this.runEditor(definition.file, definition.line);
      this.reload();
      return;
    }
    // Nothing of it can be changed: a copy to read.
    const directory = mkdtempSync(join(tmpdir(), 'nixlet-edit-'));
    try {
      const file = join(directory, definition.name);
      writeFileSync(file, definition.text, { mode: 0o444 });
      this.runEditor(file, definition.line);
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  private runEditor(file: string, line: number): void {
    const editor = (process.env.VISUAL || process.env.EDITOR || 'nano').split(/\s+/);
    const takesLine = /(?:^|\/)(?:vim?|nvim|nano|emacs|kak|micro)$/.test(editor[0]!);
    const done = spawnSync(editor[0]!, [...editor.slice(1), ...(takesLine && line > 0 ? [`+${line}`] : []), file], {
      stdio: 'inherit',
    });
    if (done.error)
      throw new NixError(`starting the editor '${editor.join(' ')}': ${done.error.message}`, { hint: 'Set EDITOR.' });
  }

  private traceEnable(argument: string, command: string): void {
    const settings = this.evaluation.settings;
    if (argument !== '' && argument !== 'true' && argument !== 'false')
      throw new NixError(`unexpected argument '${argument}' to ${command}`, { class: 'UsageError' });
    settings['show-trace'] = argument === '' ? !settings['show-trace'] : argument === 'true';
    writeOut(settings['show-trace'] ? 'showing error traces\n' : 'not showing error traces\n');
  }
}
