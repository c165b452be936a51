/**
 * A Source is one text that was parsed, and where it came from. Everything that points into it is a plain offset
 * (UTF-16 code units, 0-based); lines and columns are computed only when a position is shown to somebody.
 */

export type Origin =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'string' } //  «string»: -E, builtins given text, the REPL
  | { readonly kind: 'stdin' } //   «stdin»
  | { readonly kind: 'internal'; readonly name: string }; // «nix-internal»/name: derivation-internal.nix and its like

export class Source {
  readonly text: string;
  readonly origin: Origin;
  /** What is shown of it, where that is not all: the two begin alike. */
  private readonly shown: string;
  /** Offsets at which lines start; filled on first use. */
  private lineStarts: Int32Array | undefined;

  constructor(text: string, origin: Origin, shown = text) {
    this.text = text;
    this.origin = origin;
    this.shown = shown;
  }

  /** How Nix names this source in messages. */
  get label(): string {
    const { origin } = this;
    if (origin.kind === 'file') return origin.path;
    return origin.kind === 'internal' ? `«nix-internal»/${origin.name}` : `«${origin.kind}»`;
  }

  /** 1-based line and column of an offset. The column counts bytes of UTF-8, as C++ Nix does. */
  lineColumn(offset: number): { line: number; column: number } {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const before = this.shown.slice(starts[low]!, offset);
    return { line: low + 1, column: utf8Length(before) + 1 };
  }

  /** The text of a 1-based line, without its line break; undefined where there is none. */
  lineText(line: number): string | undefined {
    const starts = this.starts();
    if (line < 1 || line > starts.length) return undefined;
    const end = line < starts.length ? starts[line]! : this.shown.length;
    return this.shown.slice(starts[line - 1]!, end).replace(/\r?\n$|\r$/, '');
  }

  /** Line breaks are \n, \r\n and a lone \r, as in C++ Nix's position table. */
  private starts(): Int32Array {
    if (this.lineStarts) return this.lineStarts;
    const starts = [0];
    for (let i = 0; i < this.shown.length; i++) {
      const c = this.shown.charCodeAt(i);
      if (c === 10) starts.push(i + 1);
      else if (c === 13) {
        if (this.shown.charCodeAt(i + 1) === 10) i++;
        starts.push(i + 1);
      }
    }
    this.lineStarts = Int32Array.from(starts);
    return this.lineStarts;
  }
}

function utf8Length(text: string): number {
  let length = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    // A lone low surrogate stands for one raw byte (see base/bytes.ts).
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code >= 0xdc80 && code <= 0xdcff ? 1 : code < 0x10000 ? 3 : 4;
  }
  return length;
}
