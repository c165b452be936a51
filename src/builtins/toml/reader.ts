/**
 * TOML 1.0 into tables, arrays and scalars. Our own, since no library we know of gives what Nix needs: 64-bit ints, dates
 * as written (nanoseconds, offsets), nothing of TOML 1.1, and complaints in the form that C++ Nix's library has:
 *
 *   [error] what is wrong
 *    --> fromTOML
 *      |
 *    3 | the line
 *      |     ^-- why
 *
 * Which tables may still be added to is kept with each table:
 *
 *   header     [a.b] has been written             sub-tables may follow, not [a.b] again
 *   implicit   made by [a.b.c] on the way         [a.b] may still follow, once
 *   dotted     made by a.b.c = 1 on the way       more dotted keys in the same section, sub-tables
 *   inline     { ... }                            nothing
 *
 * Source: toml.io/en/v1.0.0 and its ABNF.
 */
import { parseNumber, type TomlNumber } from './numbers.ts';
import { parseTimestamp, type TomlTimestamp } from './timestamps.ts';

export type TomlValue = string | boolean | TomlNumber | TomlTimestamp | TomlValue[] | TomlTable;

export class TomlTable {
  readonly entries = new Map<string, TomlValue>();
  kind: 'header' | 'implicit' | 'dotted' | 'inline';
  constructor(kind: TomlTable['kind']) {
    this.kind = kind;
  }
}

/** The value of [[a]]: to which only another [[a]] may add. */
class TableArray extends Array<TomlValue> {}

export class TomlSyntaxError extends Error {}

export function parseToml(text: string): TomlTable {
  return new TomlReader(text).read();
}

const bareKey = /[A-Za-z0-9_-]+/y;
/** Numbers, dates and times, up to what may follow a value. */
const scalar = /[0-9A-Za-z_:.+-]+(?: (?=[0-9]{2}:)[0-9A-Za-z_:.+-]+)?/y;
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

class TomlReader {
  private readonly text: string;
  private at = 0;
  private readonly root = new TomlTable('header');

  constructor(text: string) {
    this.text = text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  read(): TomlTable {
    let section = this.root;
    for (;;) {
      this.skipBlank();
      if (this.at >= this.text.length) return this.root;
      if (this.text.startsWith('[[', this.at)) section = this.readArrayHeader();
      else if (this.text[this.at] === '[') section = this.readHeader();
      else this.readKeyValue(section);
      this.endLine();
    }
  }

  // Structure

  private readHeader(): TomlTable {
    const start = this.at++;
    const path = this.readKeyPath();
    this.expect(']', 'table header is not closed');
    const last = path.pop()!;
    const parent = this.descend(path, start);
    const known = parent.entries.get(last);
    if (known instanceof TomlTable && known.kind === 'implicit') known.kind = 'header';
    else if (known !== undefined) this.fail(`table "${last}" is already defined`, start, 'defined again here');
    else parent.entries.set(last, new TomlTable('header'));
    return parent.entries.get(last) as TomlTable;
  }

  private readArrayHeader(): TomlTable {
    const start = this.at;
    this.at += 2;
    const path = this.readKeyPath();
    this.expect(']]', 'header of an array of tables is not closed');
    const last = path.pop()!;
    const parent = this.descend(path, start);
    let array = parent.entries.get(last);
    if (array === undefined) parent.entries.set(last, (array = new TableArray()));
    if (!(array instanceof TableArray)) this.fail(`"${last}" is no array of tables`, start, 'cannot be added to');
    const table = new TomlTable('header');
    (array as TableArray).push(table);
    return table;
  }

  private descend(path: readonly string[], start: number): TomlTable {
    let table = this.root;
    for (const key of path) {
      let next = table.entries.get(key);
      if (next === undefined) table.entries.set(key, (next = new TomlTable('implicit')));
      if (next instanceof TableArray) next = next[next.length - 1]!;
      if (!(next instanceof TomlTable) || next.kind === 'inline')
        return this.fail(`"${key}" is no table that can be added to`, start, 'here');
      table = next;
    }
    return table;
  }

  private readKeyValue(section: TomlTable): void {
    const start = this.at;
    const path = this.readKeyPath();
    this.expect('=', 'missing key-value separator `=`');
    this.skipSpace();
    const value = this.readValue();
    const last = path.pop()!;
    let table = section;
    for (const key of path) {
      let next = table.entries.get(key);
      if (next === undefined) table.entries.set(key, (next = new TomlTable('dotted')));
      if (!(next instanceof TomlTable && next.kind === 'dotted'))
        this.fail(`"${key}" is defined already`, start, 'a dotted key cannot add to it');
      table = next as TomlTable;
    }
    if (table.entries.has(last)) this.fail(`key "${last}" is defined already`, start, 'defined again here');
    table.entries.set(last, value);
  }

  private readKeyPath(): string[] {
    const path: string[] = [];
    for (;;) {
      this.skipSpace();
      path.push(this.readKey());
      this.skipSpace();
      if (this.text[this.at] !== '.') return path;
      this.at++;
    }
  }

  private readKey(): string {
    const c = this.text[this.at];
    if (c === '"') return this.readBasicString();
    if (c === "'") return this.readLiteralString();
    bareKey.lastIndex = this.at;
    const found = bareKey.exec(this.text);
    if (!found) return this.fail('toml::parse_key: a key is expected', this.at, 'here');
    this.at += found[0].length;
    return found[0];
  }

  // Values

  private readValue(): TomlValue {
    switch (this.text[this.at]) {
      case '"':
        return this.text.startsWith('"""', this.at) ? this.readMultiline('"""') : this.readBasicString();
      case "'":
        return this.text.startsWith("'''", this.at) ? this.readMultiline("'''") : this.readLiteralString();
      case '[':
        return this.readArray();
      case '{':
        return this.readInlineTable();
    }
    scalar.lastIndex = this.at;
    const found = scalar.exec(this.text);
    if (!found) return this.fail('toml::parse_value: a value is expected', this.at, 'here');
    const start = this.at;
    this.at += found[0].length;
    if (found[0] === 'true') return true;
    if (found[0] === 'false') return false;
    const value = parseTimestamp(found[0]) ?? parseNumber(found[0]);
    if (value === undefined) return this.fail(`toml::parse_value: \`${found[0]}\` is no value`, start, 'here');
    if (value === 'too large')
      return this.fail(
        'toml::parse_dec_integer: too large integer: current max digits = 2^63',
        this.at,
        'must be < 2^63',
      );
    return value;
  }

  private readArray(): TomlValue[] {
    const start = this.at++;
    const items: TomlValue[] = [];
    for (;;) {
      this.skipBlank();
      if (this.text[this.at] === ']') break;
      items.push(this.readValue());
      this.skipBlank();
      if (this.text[this.at] === ',') this.at++;
      else if (this.text[this.at] !== ']') this.fail('toml::parse_array: array is not closed', start, 'begins here');
    }
    this.at++;
    return items;
  }

  /** On one line, without a comma at the end. */
  private readInlineTable(): TomlTable {
    const start = this.at++;
    const table = new TomlTable('dotted');
    this.skipSpace();
    while (this.text[this.at] !== '}') {
      this.readKeyValue(table);
      this.skipSpace();
      if (this.text[this.at] === '}') break;
      if (this.text[this.at] !== ',')
        this.fail('toml::parse_inline_table: inline table is not closed', start, 'begins here');
      this.at++;
      this.skipSpace();
      if (this.text[this.at] === '}')
        this.fail('toml::parse_inline_table: trailing comma is not allowed', this.at, 'here');
    }
    this.at++;
    close(table);
    return table;
  }

  // Strings

  private readBasicString(): string {
    const start = this.at++;
    let out = '';
    for (;;) {
      const c = this.text[this.at];
      if (c === '"') break;
      if (c === undefined || c === '\n') this.fail('toml::parse_string: string is not closed', start, 'begins here');
      if (c === '\\') out += this.readEscape();
      else {
        if (forbidden.test(c!) || c === '\r') this.fail('toml::parse_string: control character', this.at, 'here');
        out += c;
        this.at++;
      }
    }
    this.at++;
    return out;
  }

  private readLiteralString(): string {
    const end = this.text.indexOf("'", this.at + 1);
    const body = this.text.slice(this.at + 1, end);
    if (end < 0 || body.includes('\n'))
      this.fail('toml::parse_literal_string: string is not closed', this.at, 'begins here');
    if (forbidden.test(body) || body.includes('\r'))
      this.fail('toml::parse_literal_string: control character', this.at, 'in this string');
    this.at = end + 1;
    return body;
  }

  private readMultiline(quotes: '"""' | "'''"): string {
    const start = this.at;
    this.at += 3;
    this.skipNewline();
    let out = '';
    for (;;) {
      const c = this.text[this.at];
      if (c === undefined) return this.fail('toml::parse_ml_string: string is not closed', start, 'begins here');
      if (this.text.startsWith(quotes, this.at)) {
        // One or two quotes may stand right before the closing three.
        for (let extra = 0; extra < 2 && this.text[this.at + 3] === quotes[0]; extra++, this.at++) out += quotes[0];
        this.at += 3;
        return out;
      }
      if (c === '\\' && quotes === '"""') out += this.skipEscapedNewline() ? '' : this.readEscape();
      else {
        if (forbidden.test(c) || (c === '\r' && this.text[this.at + 1] !== '\n'))
          this.fail('toml::parse_ml_string: control character', this.at, 'here');
        out += c;
        this.at++;
      }
    }
  }

  /** A backslash at the end of a line takes all white space up to the next text with it. */
  private skipEscapedNewline(): boolean {
    const found = /^\\[ \t]*\r?\n[ \t\r\n]*/.exec(this.text.slice(this.at));
    if (!found) return false;
    this.at += found[0].length;
    return true;
  }

  private readEscape(): string {
    const c = this.text[this.at + 1];
    const digits = c === 'u' ? 4 : c === 'U' ? 8 : 0;
    if (digits === 0) {
      const plain = c === undefined ? undefined : escapes[c];
      if (plain === undefined) return this.fail('toml::parse_escape: unknown escape sequence', this.at, 'here');
      this.at += 2;
      return plain;
    }
    const hex = this.text.slice(this.at + 2, this.at + 2 + digits);
    const code = Number.parseInt(hex, 16);
    if (hex.length < digits || /[^0-9A-Fa-f]/.test(hex) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
      this.fail('toml::parse_escape: this is no Unicode character', this.at, 'here');
    this.at += 2 + digits;
    return String.fromCodePoint(code);
  }

  // White space

  private skipSpace(): void {
    while (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at++;
  }

  /** Spaces, line breaks and comments. */
  private skipBlank(): void {
    do {
      this.skipSpace();
      this.skipComment();
    } while (this.skipNewline());
  }

  private skipComment(): void {
    if (this.text[this.at] !== '#') return;
    const start = this.at;
    while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++;
    if (forbidden.test(this.text.slice(start, this.at)))
      this.fail('toml::parse_comment: control character', start, 'in this comment');
    if (this.text[this.at - 1] === '\r' && this.at < this.text.length) this.at--;
  }

  private skipNewline(): boolean {
    const length = this.text[this.at] === '\n' ? 1 : this.text.startsWith('\r\n', this.at) ? 2 : 0;
    this.at += length;
    return length > 0;
  }

  private endLine(): void {
    this.skipSpace();
    this.skipComment();
    if (this.at < this.text.length && !this.skipNewline())
      this.fail('toml::parse_file: a new line is expected', this.at, 'here');
  }

  private expect(token: string, problem: string): void {
    if (!this.text.startsWith(token, this.at)) this.fail(problem, this.at, 'here');
    this.at += token.length;
  }

  private fail(problem: string, at: number, why: string): never {
    const start = this.text.lastIndexOf('\n', at - 1) + 1;
    const end = this.text.indexOf('\n', start);
    const line = this.text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
    const number = String(this.text.slice(0, start).split('\n').length);
    const margin = ' '.repeat(number.length + 2);
    throw new TomlSyntaxError(
      `[error] ${problem}\n${margin.slice(2)}--> fromTOML\n${margin}|\n ${number} | ${line}\n` +
        `${margin}| ${' '.repeat(at - start)}^-- ${why}\n`,
    );
  }
}

function close(table: TomlTable): void {
  table.kind = 'inline';
  for (const value of table.entries.values()) if (value instanceof TomlTable) close(value);
}

const escapes: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  f: '\f',
  r: '\r',
  '"': '"',
  '\\': '\\',
};
