/**
 * Reading JSON (RFC 8259) into Nix values. Ints are those that fit 64 bits with sign; larger ones become floats, except
 * that one which would fit 64 bits without a sign is an error, as in C++ Nix. Of equal keys the last counts.
 *
 * Messages and places are those of the library that C++ Nix uses (nlohmann::json), which users see and search for: the
 * place is the line, and the number of bytes read of it.
 */
import { byteLength } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { checkedInt } from '../runtime/integer.ts';
import { NixFloat, type Slot, type Value } from '../runtime/value.ts';
import { KeyStep } from './json-shapes.ts';

/** Throws NixErrors; those about syntax have the class ParseError. */
export function readJson(text: string): Value {
  return new JsonReader(text).readDocument();
}

/** Strings of Nix end at a null byte, so that there are none with one inside. */
export function rejectNullByte(text: string): void {
  if (!text.includes('\0')) return;
  throw new NixError(
    `input string '${text.replaceAll('\0', '␀')}' cannot be represented as Nix string because it contains null bytes`,
    { class: 'Error' },
  );
}

/** What a string holds as it is only where it is escaped. */
const special = /[\\\x00-\x1f]/;

/** Longest plain run of a string: no quote, no backslash, no control character. */
const plainRun = /[^"\\\x00-\x1f]*/y;
const numberPattern = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;

/** Strings are looked through character by character up to this length. */
const SHORT_STRING = 32;
/** Ints of so many digits are safe. */
const SAFE_DIGITS = 15;

class JsonReader {
  private readonly text: string;
  private readonly isWellFormed: boolean;
  private at = 0;
  /**
   * Containers that are open stand on stacks of our own, so that depth costs no JavaScript stack: their values so far, one
   * after the other, where they begin, and for objects the keys. (Of a set the first slot is what makes missing ones.)
   */
  private readonly values: (Slot | undefined)[] = [];
  private valuesTop = 0;
  private readonly keys: string[] = [];
  private keysTop = 0;
  private readonly starts: number[] = [];
  /** Null: a list. Undefined: an object like no other. */
  private readonly steps: (KeyStep | null | undefined)[] = [];
  private depth = 0;
  private readonly firstStep = new KeyStep('', undefined);

  constructor(text: string) {
    this.text = text;
    this.isWellFormed = text.isWellFormed();
    if (text.startsWith('\ufeff')) this.at = 1;
  }

  readDocument(): Value {
    if (this.skip() < 0) this.failEmpty();
    for (;;) {
      let value = this.readValueOrOpen();
      if (value === undefined) continue;
      // Into the container it belongs to; which may be complete with it, and then is a value itself.
      for (;;) {
        if (this.depth === 0) {
          if (this.skip() >= 0) this.fail('value', 'end of input');
          return value;
        }
        this.values[this.valuesTop++] = value;
        const c = this.skip();
        const isList = this.steps[this.depth - 1] === null;
        if (c === COMMA) {
          this.at++;
          if (!isList) this.readKey();
          break;
        }
        if (isList) {
          if (c !== CLOSE_BRACKET) this.fail('array', "']'");
        } else if (c !== CLOSE_BRACE) this.fail('object', "'}'");
        this.at++;
        value = this.close(isList);
      }
    }
  }

  /** A scalar or an empty container; undefined where a container was opened, and a value is to follow. */
  private readValueOrOpen(): Value | undefined {
    const c = this.skip();
    if (c === QUOTE) return this.readString('value');
    if (c === OPEN_BRACE) {
      this.at++;
      if (this.skip() === CLOSE_BRACE) {
        this.at++;
        return Attrs.empty;
      }
      this.open(this.firstStep);
      this.values[this.valuesTop++] = undefined;
      this.readKey();
      return undefined;
    }
    if (c === OPEN_BRACKET) {
      this.at++;
      if (this.skip() === CLOSE_BRACKET) {
        this.at++;
        return [];
      }
      this.open(null);
      return undefined;
    }
    return c < 0 ? this.fail('value', "'[', '{', or a literal") : this.readScalar(c);
  }

  private open(step: KeyStep | null): void {
    this.starts[this.depth] = this.valuesTop;
    this.steps[this.depth++] = step;
  }

  private close(isList: boolean): Value {
    this.depth--;
    const start = this.starts[this.depth]!;
    const values = this.values.slice(start, this.valuesTop);
    this.valuesTop = start;
    if (isList) return values as Slot[];
    const count = values.length - 1;
    this.keysTop -= count;
    const shape = this.steps[this.depth]?.shape();
    if (shape !== undefined) return new Attrs(shape, values);
    const builder = new AttrsBuilder();
    for (let i = 0; i < count; i++) builder.set(this.keys[this.keysTop + i]!, values[i + 1]!);
    return builder.build();
  }

  /** A key of the object that is open, and the colon. */
  private readKey(): void {
    if (this.skip() !== QUOTE) this.fail('object key', 'string literal');
    const step = this.steps[this.depth - 1];
    const expected = step?.last;
    if (expected !== undefined && this.stands(expected.key)) {
      this.at += expected.key.length + 2;
      this.keys[this.keysTop++] = expected.key;
      this.steps[this.depth - 1] = expected;
    } else {
      const key = this.readString('object key');
      this.keys[this.keysTop++] = key;
      this.steps[this.depth - 1] = step?.follow(key);
    }
    if (this.skip() !== COLON) this.fail('object separator', "':'");
    this.at++;
  }

  /** Is this the string that begins here? */
  private stands(key: string): boolean {
    const { text, at } = this;
    return text.charCodeAt(at + 1 + key.length) === QUOTE && text.startsWith(key, at + 1);
  }

  private readScalar(c: number): Value {
    if (c >= ZERO && c <= NINE) return this.readNatural() ?? this.readNumber();
    switch (c) {
      case MINUS:
        return this.readNumber();
      case 0x74:
        return this.readLiteral('true', true);
      case 0x66:
        return this.readLiteral('false', false);
      case 0x6e:
        return this.readLiteral('null', null);
    }
    return this.fail('value', "'[', '{', or a literal");
  }

  private readLiteral<T extends Value>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++)
      if (this.text[this.at + i] !== word[i]) this.failLexing('value', 'invalid literal', this.at + i + 1);
    this.at += word.length;
    return value;
  }

  /** A number of a few digits and nothing else; undefined, and nothing is read, for any other. */
  private readNatural(): number | undefined {
    const { text, at: start } = this;
    let at = start;
    let number = 0;
    let c = text.charCodeAt(at);
    for (; c >= ZERO && c <= NINE; c = text.charCodeAt(++at)) number = number * 10 + (c - ZERO);
    const count = at - start;
    if (count > SAFE_DIGITS || (count > 1 && text.charCodeAt(start) === ZERO)) return undefined;
    if (c === 0x2e || c === 0x65 || c === 0x45) return undefined;
    this.at = at;
    return number;
  }

  private readNumber(): Value {
    const start = this.at;
    numberPattern.lastIndex = start;
    const found = numberPattern.exec(this.text);
    if (!found) this.failLexing('value', "invalid number; expected digit after '-'", start + 2);
    const digits = found![0];
    const end = start + digits.length;
    const next = this.text[end];
    if (found![2] === undefined) {
      if (next === '.' && found![1] === undefined)
        this.failLexing('value', "invalid number; expected digit after '.'", end + 2);
      if (next === 'e' || next === 'E') this.failExponent(end);
    }
    this.at = end;
    if (found![1] === undefined && found![2] === undefined) {
      const int = digits.length < 16 ? Number(digits) + 0 : this.largeInt(digits);
      if (int !== undefined) return int;
    }
    const float = Number(digits);
    if (!Number.isFinite(float))
      throw new NixError(`[json.exception.out_of_range.406] number overflow parsing '${digits}'`, {
        class: 'ParseError',
      });
    return new NixFloat(float);
  }

  private failExponent(end: number): never {
    const sign = this.text[end + 1];
    return sign === '+' || sign === '-'
      ? this.failLexing('value', 'invalid number; expected digit after exponent sign', end + 3)
      : this.failLexing('value', "invalid number; expected '+', '-', or digit after exponent", end + 2);
  }

  /** Undefined: a float. */
  private largeInt(digits: string): Value | undefined {
    const exact = BigInt(digits);
    const int = checkedInt(exact);
    if (int !== undefined || exact < 0n || exact >= 2n ** 64n) return int;
    throw new NixError(`unsigned json number ${digits} outside of Nix integer range`, { class: 'Error' });
  }

  private readString(while_: string): string {
    if (this.isWellFormed) {
      const plain = this.readPlainString();
      if (plain !== undefined) return plain;
    }
    const text = this.readEscapedString(while_);
    rejectNullByte(text);
    return text;
  }

  /** A string that is in the text as it is; undefined, and nothing is read, for any other. */
  private readPlainString(): string | undefined {
    const { text } = this;
    const start = this.at + 1;
    const limit = start + SHORT_STRING;
    for (let end = start; end < limit; end++) {
      const c = text.charCodeAt(end);
      if (c === QUOTE) {
        this.at = end + 1;
        return text.slice(start, end);
      }
      // NaN, at the end, is not greater either.
      if (!(c >= 0x20) || c === 0x5c) return undefined;
    }
    const close = text.indexOf('"', limit);
    if (close < 0) return undefined;
    const plain = text.slice(start, close);
    if (special.test(plain)) return undefined;
    this.at = close + 1;
    return plain;
  }

  private readEscapedString(while_: string): string {
    const start = this.at;
    let out = '';
    this.at++;
    for (;;) {
      plainRun.lastIndex = this.at;
      out += plainRun.exec(this.text)![0];
      this.at = plainRun.lastIndex;
      const c = this.text[this.at];
      if (c === '"') break;
      if (c === '\\') out += this.readEscape(while_, start);
      else if (c === undefined)
        this.failLexing(while_, 'invalid string: missing closing quote', this.text.length + 1, start);
      else this.failControl(while_, c, start);
    }
    this.at++;
    if (!this.isWellFormed) this.checkUtf8(while_, start);
    return out;
  }

  private readEscape(while_: string, start: number): string {
    const c = this.text[this.at + 1];
    if (c === 'u') {
      const code = this.readHex(this.at + 2, while_, start);
      this.at += 6;
      if (code >= 0xdc00 && code <= 0xdfff)
        this.failLexing(while_, 'invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF', this.at, start);
      if (code < 0xd800 || code > 0xdbff) return String.fromCharCode(code);
      const lone = 'invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF';
      if (this.text[this.at] !== '\\') this.failLexing(while_, lone, this.at + 1, start);
      if (this.text[this.at + 1] !== 'u') this.failLexing(while_, lone, this.at + 2, start);
      const low = this.readHex(this.at + 2, while_, start);
      this.at += 6;
      if (low < 0xdc00 || low > 0xdfff) this.failLexing(while_, lone, this.at, start);
      return String.fromCharCode(code, low);
    }
    const plain = c === undefined ? undefined : escapes[c];
    if (plain === undefined)
      this.failLexing(while_, 'invalid string: forbidden character after backslash', this.at + 2, start);
    this.at += 2;
    return plain!;
  }

  private readHex(at: number, while_: string, start: number): number {
    for (let i = 0; i < 4; i++)
      if (!/[0-9a-fA-F]/.test(this.text[at + i] ?? ''))
        this.failLexing(while_, "invalid string: '\\u' must be followed by 4 hex digits", at + i + 1, start);
    return Number.parseInt(this.text.slice(at, at + 4), 16);
  }

  private failControl(while_: string, c: string, start: number): never {
    const code = c.charCodeAt(0);
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    const name = controlNames[code]!;
    const short: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' };
    const also = short[code] === undefined ? '' : ` or ${short[code]}`;
    return this.failLexing(
      while_,
      `invalid string: control character U+${hex} (${name}) must be escaped to \\u${hex}${also}`,
      this.at + 1,
      start,
    );
  }

  private checkUtf8(while_: string, start: number): void {
    const token = this.text.slice(start, this.at);
    if (token.isWellFormed()) return;
    const raw = token.search(/\p{Surrogate}/u);
    this.failLexing(while_, 'invalid string: ill-formed UTF-8 byte', start + raw + 1, start);
  }

  /** Goes to the next token. Its first character, -1 at the end. */
  private skip(): number {
    const { text } = this;
    for (; this.at < text.length; this.at++) {
      const c = text.charCodeAt(this.at);
      if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) return c;
    }
    return -1;
  }

  /** A token that is none, or not the expected one. */
  private fail(while_: string, expected: string): never {
    const c = this.text[this.at];
    let end = this.at + 1;
    let what: string;
    if (c === undefined) what = 'end of input';
    else if ('[]{}:,'.includes(c)) what = `'${c}'`;
    else if (c === '"') {
      this.readEscapedString(while_);
      what = 'string literal';
      end = this.at;
    } else if (c === '-' || (c >= '0' && c <= '9')) {
      this.readNumber();
      what = 'number literal';
      end = this.at;
    } else if (c === 't' || c === 'f' || c === 'n') {
      const word = c === 't' ? 'true' : c === 'f' ? 'false' : 'null';
      this.readLiteral(word, null);
      what = `${word} literal`;
      end = this.at;
    } else return this.failLexing(while_, 'invalid literal', end);
    return this.raise(`syntax error while parsing ${while_} - unexpected ${what}; expected ${expected}`, end);
  }

  private failEmpty(): never {
    if (this.text === '')
      this.raise(
        'attempting to parse an empty input; check that your input string or stream contains the expected JSON',
        1,
      );
    return this.fail('value', "'[', '{', or a literal");
  }

  /** `end`: behind the character that was read last. */
  private failLexing(while_: string, problem: string, end: number, start = this.at): never {
    const read = this.text
      .slice(start, Math.min(end, this.text.length))
      .replaceAll(/[\x00-\x1f]/g, (c) => `<U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`);
    return this.raise(`syntax error while parsing ${while_} - ${problem}; last read: '${read}'`, end);
  }

  private raise(problem: string, end: number): never {
    const before = this.text.slice(0, end);
    const lines = before.split('\n');
    const column = byteLength(lines[lines.length - 1]!) + Math.max(0, end - this.text.length);
    throw new NixError(
      `[json.exception.parse_error.101] parse error at line ${lines.length}, column ${column}: ${problem}`,
      { class: 'ParseError' },
    );
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );
