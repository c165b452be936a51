/** Colours of printed values, as the REPL shows them: ANSI sequences, or none. */

export interface Paint {
  constant(text: string): string;
  string(text: string): string;
  path(text: string): string;
  fn(text: string): string;
  error(text: string): string;
  hole(text: string): string;
  faint(text: string): string;
  /** Columns that a line takes. */
  width(line: string): number;
}

const wrap = (code: string) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;
const same = (text: string) => text;

const colored: Paint = {
  constant: wrap('36;1'),
  string: wrap('35;1'),
  path: wrap('32;1'),
  fn: wrap('34;1'),
  error: wrap('31;1'),
  hole: wrap('35;1'),
  faint: wrap('2'),
  width: (line) => [...line.replaceAll(/\x1b\[[0-9;]*m/g, '')].length,
};

const plain: Paint = {
  constant: same,
  string: same,
  path: same,
  fn: same,
  error: same,
  hole: same,
  faint: same,
  width: (line) => [...line].length,
};

export function paint(colors: boolean): Paint {
  return colors ? colored : plain;
}
