/**
 * What is wrong with a text that is no JSON, in the words and at the place of the library that C++ Nix reads JSON with
 * (nlohmann::json), which users see and search for. The text is read once more, byte by byte as that library does: it tells
 * the line, the bytes of it that were read, and what it has read since the last string or number began.
 *
 * The reader (json-reader.ts) need only find that something is wrong.
 */
import { decodeBytes, encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';

/** The error of a text that has one of syntax. */
export function jsonSyntaxError(text: string): NixError {
  return new JsonDiagnosis(encodeBytes(text)).find();
}

type Token = '[' | ']' | '{' | '}' | ',' | ':' | 'true' | 'false' | 'null' | 'string' | 'number' | 'end' | 'error';

const end = -1;

class JsonDiagnosis {
  private readonly bytes: Uint8Array;
  /** The next byte to read; behind the end, too, a read counts. */
  private at = 0;
  private line = 1;
  private column = 0;
  private current = end;
  /** Where the last string or number began. */
  private start = 0;
  private token: Token = 'end';
  private problem = '';

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  find(): NixError {
    if (this.bytes[0] === 0xef) {
      this.get();
      if (this.get() !== 0xbb || this.get() !== 0xbf) {
        this.problem = 'invalid BOM; must be 0xEF 0xBB 0xBF if given';
        this.token = 'error';
        return this.unexpected('value');
      }
    }
    if (this.bytes.length === 0)
      return this.error(
        1,
        'attempting to parse an empty input; check that your input string or stream contains the expected JSON',
      );
    /** Of each open container: is it a list? */
    const open: boolean[] = [];
    this.next();
    for (;;) {
      const opened = this.token === '[' || this.token === '{';
      if (this.token === '{') {
        if (this.next() !== '}') {
          const wrong = this.wrongKey();
          if (wrong) return wrong;
          open.push(false);
          this.next();
          continue;
        }
      } else if (this.token === '[') {
        if (this.next() !== ']') {
          open.push(true);
          continue;
        }
      }
      if (!opened && !scalars.has(this.token))
        return this.unexpected('value', this.token === 'error' ? undefined : "'[', '{', or a literal");
      // A value is complete, and with it perhaps what it is in.
      for (;;) {
        const isList = open.at(-1);
        this.next();
        if (isList === undefined) return this.unexpected('value', 'end of input');
        if (this.token === ',') {
          this.next();
          if (!isList) {
            const wrong = this.wrongKey();
            if (wrong) return wrong;
            this.next();
          }
          break;
        }
        const close = isList ? ']' : '}';
        if (this.token !== close) return this.unexpected(isList ? 'array' : 'object', `'${close}'`);
        open.pop();
      }
    }
  }

  /** Where a key is to stand, and a colon. */
  private wrongKey(): NixError | undefined {
    if (this.token !== 'string') return this.unexpected('object key', 'string literal');
    return this.next() === ':' ? undefined : this.unexpected('object separator', "':'");
  }

  private unexpected(context: string, expected?: string): NixError {
    const found =
      this.token === 'error' ? `${this.problem}; last read: '${this.lastRead()}'` : `unexpected ${nameOf(this.token)}`;
    const wanted = expected === undefined ? '' : `; expected ${expected}`;
    return this.error(this.column, `syntax error while parsing ${context} - ${found}${wanted}`);
  }

  private error(column: number, problem: string): NixError {
    return new NixError(
      `[json.exception.parse_error.101] parse error at line ${this.line}, column ${column}: ${problem}`,
      { class: 'ParseError' },
    );
  }

  private lastRead(): string {
    const read = decodeBytes(this.bytes.subarray(this.start, this.at));
    return read.replaceAll(/[\x00-\x1f]/g, (c) => `<U+${hex4(c.charCodeAt(0))}>`);
  }

  private next(): Token {
    this.token = this.scan();
    return this.token;
  }

  private get(): number {
    this.current = this.bytes[this.at++] ?? end;
    this.column++;
    if (this.current === 0x0a) {
      this.line++;
      this.column = 0;
    }
    return this.current;
  }

  private scan(): Token {
    do this.get();
    while (this.current === 0x20 || this.current === 0x09 || this.current === 0x0a || this.current === 0x0d);
    const c = String.fromCharCode(this.current);
    if (this.current === end || this.current === 0) return 'end';
    if ('[]{},:'.includes(c)) return c as Token;
    if (c === 't') return this.literal('true');
    if (c === 'f') return this.literal('false');
    if (c === 'n') return this.literal('null');
    if (c === '"') return this.string();
    if (c === '-' || this.isDigit()) return this.number();
    return this.wrong('invalid literal');
  }

  private wrong(problem: string): 'error' {
    this.problem = problem;
    return 'error';
  }

  private literal(word: 'true' | 'false' | 'null'): Token {
    for (let i = 1; i < word.length; i++) if (this.get() !== word.charCodeAt(i)) return this.wrong('invalid literal');
    return word;
  }

  private isDigit(): boolean {
    return this.current >= 0x30 && this.current <= 0x39;
  }

  private number(): Token {
    this.start = this.at - 1;
    if (this.current === 0x2d) {
      this.get();
      if (!this.isDigit()) return this.wrong("invalid number; expected digit after '-'");
    }
    if (this.current === 0x30) this.get();
    else this.digits();
    if (this.current === 0x2e) {
      this.get();
      if (!this.isDigit()) return this.wrong("invalid number; expected digit after '.'");
      this.digits();
    }
    if (this.current === 0x65 || this.current === 0x45) {
      const sign = this.get();
      if (sign === 0x2b || sign === 0x2d) {
        this.get();
        if (!this.isDigit()) return this.wrong('invalid number; expected digit after exponent sign');
      } else if (!this.isDigit()) return this.wrong("invalid number; expected '+', '-', or digit after exponent");
      this.digits();
    }
    // What ended it is read again.
    this.at--;
    if (this.current === 0x0a) this.line--;
    else this.column--;
    return 'number';
  }

  private digits(): void {
    while (this.isDigit()) this.get();
  }

  private string(): Token {
    this.start = this.at - 1;
    for (;;) {
      const c = this.get();
      if (c === 0x22) return 'string';
      if (c === end) return this.wrong('invalid string: missing closing quote');
      const problem = c === 0x5c ? this.escape() : c < 0x20 ? controlCharacter(c) : this.utf8(c);
      if (problem !== undefined) return this.wrong(problem);
    }
  }

  private escape(): string | undefined {
    const c = this.get();
    if (c !== 0x75)
      return c !== end && '"\\/bfnrt'.includes(String.fromCharCode(c))
        ? undefined
        : 'invalid string: forbidden character after backslash';
    const code = this.codePoint();
    if (code === undefined) return noHex;
    if (code >= 0xdc00 && code <= 0xdfff) return 'invalid string: surrogate U+DC00..U+DFFF must follow U+D800..U+DBFF';
    if (code < 0xd800 || code > 0xdbff) return undefined;
    if (this.get() !== 0x5c || this.get() !== 0x75) return lone;
    const low = this.codePoint();
    if (low === undefined) return noHex;
    return low >= 0xdc00 && low <= 0xdfff ? undefined : lone;
  }

  private codePoint(): number | undefined {
    let code = 0;
    for (let i = 0; i < 4; i++) {
      const digit = Number.parseInt(String.fromCharCode(this.get()), 16);
      if (Number.isNaN(digit)) return undefined;
      code = 16 * code + digit;
    }
    return code;
  }

  /** The bytes behind the first one of a character. */
  private utf8(first: number): string | undefined {
    if (first < 0x80) return undefined;
    const more = first < 0xc2 ? undefined : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : undefined;
    if (more === undefined) return illFormed;
    for (let i = 0; i < more; i++) {
      const least = i > 0 ? 0x80 : first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
      const most = i > 0 ? 0xbf : first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
      const c = this.get();
      if (c < least || c > most) return illFormed;
    }
    return undefined;
  }
}

const scalars: ReadonlySet<Token> = new Set(['true', 'false', 'null', 'string', 'number']);

const noHex = "invalid string: '\\u' must be followed by 4 hex digits";
const lone = 'invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF';
const illFormed = 'invalid string: ill-formed UTF-8 byte';

function nameOf(token: Token): string {
  if (scalars.has(token)) return `${token} literal`;
  return token === 'end' ? 'end of input' : `'${token}'`;
}

function hex4(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}

function controlCharacter(code: number): string {
  const short: Readonly<Record<number, string>> = { 8: '\\b', 9: '\\t', 10: '\\n', 12: '\\f', 13: '\\r' };
  const also = short[code] === undefined ? '' : ` or ${short[code]}`;
  const hex = hex4(code);
  return `invalid string: control character U+${hex} (${controlNames[code]}) must be escaped to \\u${hex}${also}`;
}

const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );
