/** The parts of a printed value that are text: string literals, attribute names, what is left out. */
import { byteLength } from '../base/bytes.ts';

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '${': '\\${',
};

/** A string as Nix reads it back. */
export function quoteString(text: string): string {
  return `"${text.replace(/["\\\n\r\t]|\$\{/g, (special) => escapes[special]!)}"`;
}

/** With at most `maxLength` bytes of it, and how many are left out. */
export function quoteStringUpTo(text: string, maxLength: number): string {
  if (text.length * 3 <= maxLength || byteLength(text) <= maxLength) return quoteString(text);
  let printed = 0;
  let end = 0;
  for (const char of text) {
    const size = byteLength(char);
    if (printed + size > maxLength) break;
    printed += size;
    end += char.length;
  }
  return `${quoteString(text.slice(0, end))} ${elided(byteLength(text) - printed, 'byte')}`;
}

/** For instance «3 bytes elided» */
export function elided(count: number, what: string): string {
  return `«${count} ${what}${count === 1 ? '' : 's'} elided»`;
}

const keywords = new Set(['if', 'then', 'else', 'assert', 'with', 'let', 'in', 'rec', 'inherit']);

/** An attribute's name, in quotes where it is no identifier. */
export function printName(name: string): string {
  return isIdentifier(name) ? name : quoteString(name);
}

export function isIdentifier(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_'-]*$/.test(name) && !keywords.has(name);
}
