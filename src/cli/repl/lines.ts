/**
 * Where the REPL's lines come from. On a terminal: node:readline with history (kept where Nix keeps it) and completion.
 * Otherwise: plain lines of standard input, read at once; with _NIX_TEST_REPL_ECHO set, prompts and lines are echoed, as
 * in C++ Nix, so that its transcripts can be compared.
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { writeOut } from '../terminal.ts';

const prompt = 'nix-repl> ';
const continuation = '        > ';

export interface LineSource {
  /** The next line, without its line break; undefined at the end of input. */
  next(continued: boolean): Promise<string | undefined>;
  /** Ctrl-C was pressed while the user typed: what was typed so far is given up. */
  readonly interrupted: boolean;
  close(): void;
}

export type Completer = (line: string) => string[];

export function openLines(completer: Completer, historyFile: string): LineSource {
  return process.stdin.isTTY ? new TerminalLines(completer, historyFile) : new PipedLines();
}

class PipedLines implements LineSource {
  readonly interrupted = false;
  private readonly echo = process.env._NIX_TEST_REPL_ECHO !== undefined;
  private readonly lines: AsyncIterator<string>;
  private readonly interface: Interface;

  constructor() {
    this.interface = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    this.lines = this.interface[Symbol.asyncIterator]();
  }

  async next(continued: boolean): Promise<string | undefined> {
    const { value, done } = await this.lines.next();
    const line = done ? undefined : (value as string);
    if (this.echo) writeOut(line === undefined ? prompt : `${continued ? continuation : prompt}${line}\n`);
    return line;
  }

  close(): void {
    this.interface.close();
  }
}

class TerminalLines implements LineSource {
  interrupted = false;
  private readonly interface: Interface;
  private readonly historyFile: string;
  private waiting: ((line: string | undefined) => void) | undefined;
  private ended = false;

  constructor(completer: Completer, historyFile: string) {
    this.historyFile = historyFile;
    this.interface = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      historySize: 10_000,
      removeHistoryDuplicates: true,
      history: readHistory(historyFile),
      completer: (line: string) => [completer(line), line],
    });
    this.interface.on('line', (line) => this.give(line));
    this.interface.on('close', () => {
      this.ended = true;
      this.give(undefined);
    });
    this.interface.on('SIGINT', () => {
      writeOut('\n');
      // readline keeps the line being typed in `line`; clearing it is how its own documentation cancels input.
      this.interface.write(null, { ctrl: true, name: 'u' });
      this.interrupted = true;
      this.give('');
    });
  }

  next(continued: boolean): Promise<string | undefined> {
    this.interrupted = false;
    if (this.ended) return Promise.resolve(undefined);
    this.interface.setPrompt(continued ? continuation : prompt);
    this.interface.prompt();
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  private give(line: string | undefined): void {
    const waiting = this.waiting;
    this.waiting = undefined;
    if (line?.trim()) remember(this.historyFile, line);
    waiting?.(line);
  }

  close(): void {
    this.ended = true;
    this.interface.close();
  }
}

/** Newest first, as readline wants it. */
function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).reverse();
  } catch {
    return [];
  }
}

/** A history that cannot be written is no reason to disturb anybody. */
function remember(file: string, line: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${line}\n`);
  } catch {}
}
