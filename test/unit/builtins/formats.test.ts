/** JSON, TOML, XML and replaceStrings: what the parity fixture cannot show, above all their complaints. */
import { describe, expect, test } from 'vitest';
import { errorOf, evaluate } from '../../support/memory-session.ts';

const nix = (text: string) => JSON.stringify(text).replaceAll('${', '\\${');
const fromJson = (text: string) => `builtins.fromJSON ${nix(text)}`;
const fromToml = (text: string) => `builtins.fromTOML ${nix(text)}`;

describe('fromJSON', () => {
  test.each([
    [
      '',
      'line 1, column 1: attempting to parse an empty input; check that your input string or stream contains the expected JSON',
    ],
    [
      ' ',
      "line 1, column 2: syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal",
    ],
    ['[1 2]', "line 1, column 4: syntax error while parsing array - unexpected number literal; expected ']'"],
    [
      '{"a" 1}',
      "line 1, column 6: syntax error while parsing object separator - unexpected number literal; expected ':'",
    ],

    ['nul', "line 1, column 4: syntax error while parsing value - invalid literal; last read: 'nul'"],
    [
      '"a',
      "line 1, column 3: syntax error while parsing value - invalid string: missing closing quote; last read: '\"a'",
    ],
    [
      '"\\x"',
      "line 1, column 3: syntax error while parsing value - invalid string: forbidden character after backslash; last read: '\"\\x'",
    ],
    [
      '-',
      "line 1, column 2: syntax error while parsing value - invalid number; expected digit after '-'; last read: '-'",
    ],
    [
      '1.',
      "line 1, column 3: syntax error while parsing value - invalid number; expected digit after '.'; last read: '1.'",
    ],
    ['1 2', 'line 1, column 3: syntax error while parsing value - unexpected number literal; expected end of input'],
    [
      '[\n1,\n]',
      "line 3, column 1: syntax error while parsing value - unexpected ']'; expected '[', '{', or a literal",
    ],
  ])('%j', (text, message) => {
    const error = errorOf(fromJson(text));
    expect(error.message).toBe(`[json.exception.parse_error.101] parse error at ${message}`);
    expect(error.trace.map((line) => line.text)).toEqual([
      'while decoding a JSON string',
      "while calling the 'fromJSON' builtin",
    ]);
  });

  test('numbers', () => {
    expect(
      evaluate(
        fromJson('[9223372036854775807, -9223372036854775808, 9007199254740993, -0, 1e2, 1.5, 36893488147419103232]'),
      ),
    ).toBe('[ 9223372036854775807 -9223372036854775808 9007199254740993 0 100 1.5 3.68935e+19 ]');
    expect(errorOf(fromJson('9223372036854775808')).message).toBe(
      'unsigned json number 9223372036854775808 outside of Nix integer range',
    );
    expect(errorOf(fromJson('1e999')).message).toContain("number overflow parsing '1e999'");
  });

  test('deep nesting costs no stack', () => {
    expect(evaluate(`builtins.length (${fromJson('['.repeat(100_000) + ']'.repeat(100_000))})`)).toBe('1');
  });

  test('null bytes', () => {
    expect(errorOf(fromJson('"a\\u0000"')).message).toContain('contains null bytes');
  });
});

describe('toJSON', () => {
  test('floats', () => {
    expect(
      evaluate('builtins.toJSON [ 1.0 0.1 1.0e22 1.5e-7 123456789.125 1.0e15 1.0e16 0.0001 0.00001 (0 - 0.5) ]'),
    ).toBe('"[1.0,0.1,1e+22,1.5e-07,123456789.125,1e+15,1e+16,0.0001,1e-05,-0.5]"');
  });

  test('text that is not UTF-8', () => {
    const setup = { files: { '/x': new Uint8Array([0x61, 0xff, 0x62]), '/y': new Uint8Array([0xc3]) } };
    expect(errorOf('builtins.toJSON (builtins.readFile /x)', setup).message).toBe(
      'JSON serialization error: [json.exception.type_error.316] invalid UTF-8 byte at index 1: 0xFF',
    );
    expect(errorOf('builtins.toJSON (builtins.readFile /y)', setup).message).toBe(
      'JSON serialization error: [json.exception.type_error.316] incomplete UTF-8 string; last byte: 0xC3',
    );
  });

  test('errors tell where', () => {
    expect(errorOf('builtins.toJSON { a = [ 1 (x: x) ]; }').trace.map((line) => line.text)).toEqual([
      'while evaluating list element at index 1',
      "while evaluating attribute 'a'",
      "while calling the 'toJSON' builtin",
    ]);
  });
});

describe('fromTOML', () => {
  test.each([
    ['a=1\na2=2', '{ a = 1; a2 = 2; }'],
    ['[a]\nb.c=1\nb.d=2\n[a.e]\nx=1', '{ a = { b = { c = 1; d = 2; }; e = { x = 1; }; }; }'],
    ['[a.b.c]\nz=9\n[a]\nx=1', '{ a = { b = { c = { z = 9; }; }; x = 1; }; }'],
    ['[[a]]\nb=1\n[a.c]\nd=1\n[[a]]\nb=2', '{ a = [ { b = 1; c = { d = 1; }; } { b = 2; } ]; }'],
    ['x={a.b=1,a.c=2}', '{ x = { a = { b = 1; c = 2; }; }; }'],
    ['x="""\na\\\n   b"""""', '{ x = "ab\\"\\""; }'],
    ["x='''\n a''''", '{ x = " a\'"; }'],
    ['x=[1,\n# c\n2,]', '{ x = [ 1 2 ]; }'],
    [
      'x=-0.0\ny=inf\nz=1e3\nw=0xdead_beef\nv=-9223372036854775808',
      '{ v = -9223372036854775808; w = 3735928559; x = -0; y = inf; z = 1000; }',
    ],
  ])('%j', (text, value) => {
    expect(evaluate(fromToml(text))).toBe(value);
  });

  test.each([
    ['a=1\na=2'],
    ['[a]\n[a]'],
    ['[a]\nb=1\n[a.b]'],
    ['[a.b.c]\nz=9\n[a]\nb.c.t="x"'],
    ['a={b=1}\n[a.c]'],
    ['a={b=1}\na.c=2'],
    ['a=[1]\n[[a]]'],
    ['x=01'],
    ['x=1__0'],
    ['x="a\nb"'],
    ['x={a=1,}'],
    ['x={\na=1}'],
    ['x=1979-02-30'],
    ['x='],
    ['=1'],
    ['x=1 y=2'],
    ['[a'],
    ['x="\\q"'],
    ['[f]\na.c=1\n[f.a]'],
    ['x=+0x1'],
    ['x=1.'],
    ['x=.5'],
    ['x=07:32'],
    ['a.b=1\n[a]'],
    ['[[a]]\n[a]'],
  ])('refuses %j', (text) => {
    expect(errorOf(fromToml(text)).message).toMatch(/^while parsing TOML: \[error\] .*\n +--> fromTOML\n/);
  });

  test('places', () => {
    expect(errorOf(fromToml('a = 1\nb = 9223372036854775808')).message).toBe(
      'while parsing TOML: [error] toml::parse_dec_integer: too large integer: current max digits = 2^63\n' +
        ' --> fromTOML\n   |\n 2 | b = 9223372036854775808\n   |                        ^-- must be < 2^63\n',
    );
  });

  test('timestamps', () => {
    const text = 'a = 1979-05-27 07:32:00.1234z\nb = 07:32:00\nc = 1979-05-27t00:32:00-07:00\nd = 1979-05-27';
    expect(errorOf(fromToml(text)).message).toBe('while parsing TOML: Dates and times are not supported');
    const settings = { experimentalFeatures: new Set(['parse-toml-timestamps']) };
    expect(evaluate(`map (x: x.value) (builtins.attrValues (${fromToml(text)}))`, { settings })).toBe(
      '[ "1979-05-27T07:32:00.123400Z" "07:32:00" "1979-05-27T00:32:00-07:00" "1979-05-27" ]',
    );
  });
});

describe('replaceStrings', () => {
  test('works on bytes', () => {
    expect(evaluate('builtins.stringLength (builtins.replaceStrings [ "" ] [ "-" ] "é")')).toBe('5');
    expect(
      evaluate('builtins.replaceStrings [ (builtins.substring 0 1 "é") ] [ "" ] "é" == builtins.substring 1 1 "é"'),
    ).toBe('true');
  });

  test('evaluates only replacements that are used', () => {
    expect(evaluate('builtins.replaceStrings [ "a" "z" ] [ "b" (throw "no") ] "aaa"')).toBe('"bbb"');
  });
});
