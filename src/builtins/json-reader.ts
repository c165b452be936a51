/**
 * Reading JSON (RFC 8259) into Nix values. Ints are those that fit 64 bits with sign; larger ones become floats, except
 * that one which would fit 64 bits without a sign is an error, as in C++ Nix. Of equal keys the last counts.
 *
 * Where something is wrong, the text is read once more by json-syntax-error.ts, which knows what to say about it.
 */
import { NixError } from '../errors/nix-error.ts';
import { Attrs, AttrsBuilder } from '../runtime/attrs.ts';
import { checkedInt } from '../runtime/integer.ts';
import { NixFloat, type Slot, type Value } from '../runtime/value.ts';
import { KeyStep } from './json-shapes.ts';
import { jsonSyntaxError } from './json-syntax-error.ts';

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
    if (this.skip() < 0) this.fail();
    for (;;) {
      let value = this.readValueOrOpen();
      if (value === undefined) continue;
      // Into the container it belongs to; which may be complete with it, and then is a value itself.
      for (;;) {
        if (this.depth === 0) {
          if (this.skip() >= 0) this.fail();
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
          if (c !== CLOSE_BRACKET) this.fail();
        } else if (c !== CLOSE_BRACE) this.fail();
        this.at++;
        value = this.close(isList);
      }
    }
  }

  /** A scalar or an empty container; undefined where a container was opened, and a value is to follow. */
  private readValueOrOpen(): Value | undefined {
    const c = this.skip();
    if (c === QUOTE) return this.readString();
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
    return c < 0 ? this.fail() : this.readScalar(c);
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
    if (this.skip() !== QUOTE) this.fail();
    const step = this.steps[this.depth - 1];
    const expected = step?.last;
    if (expected !== undefined && this.stands(expected.key)) {
      this.at += expected.key.length + 2;
      this.keys[this.keysTop++] = expected.key;
      this.steps[this.depth - 1] = expected;
    } else {
      const key = this.readString();
      this.keys[this.keysTop++] = key;
      this.steps[this.depth - 1] = step?.follow(key);
    }
    if (this.skip() !== COLON) this.fail();
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
    return this.fail();
  }

  private readLiteral<T extends Value>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) if (this.text[this.at + i] !== word[i]) this.fail();
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
    if (!found) this.fail();
    const digits = found![0];
    const end = start + digits.length;
    const next = this.text[end];
    if (found![2] === undefined) {
      if (next === '.' && found![1] === undefined) this.fail();
      if (next === 'e' || next === 'E') this.fail();
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

  /** Undefined: a float. */
  private largeInt(digits: string): Value | undefined {
    const exact = BigInt(digits);
    const int = checkedInt(exact);
    if (int !== undefined || exact < 0n || exact >= 2n ** 64n) return int;
    throw new NixError(`unsigned json number ${digits} outside of Nix integer range`, { class: 'Error' });
  }

  private readString(): string {
    if (this.isWellFormed) {
      const plain = this.readPlainString();
      if (plain !== undefined) return plain;
    }
    const text = this.readEscapedString();
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

  private readEscapedString(): string {
    const start = this.at;
    let out = '';
    this.at++;
    for (;;) {
      plainRun.lastIndex = this.at;
      out += plainRun.exec(this.text)![0];
      this.at = plainRun.lastIndex;
      const c = this.text[this.at];
      if (c === '"') break;
      if (c !== '\\') this.fail();
      out += this.readEscape();
    }
    this.at++;
    if (!this.isWellFormed && !this.text.slice(start, this.at).isWellFormed()) this.fail();
    return out;
  }

  private readEscape(): string {
    const c = this.text[this.at + 1];
    if (c === 'u') {
      const code = this.readHex();
      if (code >= 0xdc00 && code <= 0xdfff) this.fail();
      if (code < 0xd800 || code > 0xdbff) return String.fromCharCode(code);
      if (!this.text.startsWith('\\u', this.at)) this.fail();
      const low = this.readHex();
      if (low < 0xdc00 || low > 0xdfff) this.fail();
      return String.fromCharCode(code, low);
    }
    const plain = c === undefined ? undefined : escapes[c];
    if (plain === undefined) this.fail();
    this.at += 2;
    return plain!;
  }

  private readHex(): number {
    const digits = this.text.slice(this.at + 2, this.at + 6);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail();
    this.at += 6;
    return Number.parseInt(digits, 16);
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

  private fail(): never {
    throw jsonSyntaxError(this.text);
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
