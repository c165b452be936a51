/**
 * `#! nix-shell` lines: where a script's first line starts nix-shell, each later line of the form `#! nix-shell WORDS` adds
 * words to its command line. Words are split as a shell splits them, quotes of both kinds included.
 */
import { NixError } from '../errors/nix-error.ts';

/** The words, or undefined where the text is no script. */
export function shebangArguments(text: string | undefined): string[] | undefined {
  const lines = text?.split('\n') ?? [];
  if (!lines[0]?.startsWith('#!')) return undefined;
  const words: string[] = [];
  for (const line of lines.slice(1)) {
    const match = /^#!\s*nix-shell\s+(.*?)\s*$/.exec(line);
    if (match) words.push(...splitWords(match[1]!));
  }
  return words;
}

export function splitWords(text: string): string[] {
  const words: string[] = [];
  let current = '';
  let inWord = false;
  let quote = '';
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"' && i + 1 < text.length) current += text[++i];
      else current += c;
    } else if (c === '"' || c === "'") {
      quote = c;
      inWord = true;
    } else if (/\s/.test(c)) {
      if (inWord) words.push(current);
      current = '';
      inWord = false;
    } else {
      current += c === '\\' && i + 1 < text.length ? text[++i] : c;
      inWord = true;
    }
  }
  if (quote !== '') throw new NixError('unterminated quote in shebang line', { class: 'UsageError' });
  if (inWord) words.push(current);
  return words;
}
