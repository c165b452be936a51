/** The escape sequences of Nix's output, or nothing where the output is no terminal. */
export interface Colors {
  readonly red: string;
  readonly blue: string;
  /** Warnings, positions and whatever is quoted. */
  readonly magenta: string;
  readonly normal: string;
}

export const plain: Colors = { red: '', blue: '', magenta: '', normal: '' };
export const ansi: Colors = { red: '\x1b[31;1m', blue: '\x1b[34;1m', magenta: '\x1b[35;1m', normal: '\x1b[0m' };
