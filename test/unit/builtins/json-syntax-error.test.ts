/** Messages about JSON that is none, as nlohmann::json has them: C++ Nix said each of these. */
import { expect, test } from 'vitest';
import { jsonSyntaxError } from '../../../src/builtins/json-syntax-error.ts';

test.each([
  [
    '',
    '1, column 1: attempting to parse an empty input; check that your input string or stream contains the expected JSON',
  ],
  [' ', "1, column 2: syntax error while parsing value - unexpected end of input; expected '[', '{', or a literal"],
  ['[/', "1, column 2: syntax error while parsing value - invalid literal; last read: '[/'"],
  ['[12 tru]', "1, column 8: syntax error while parsing array - invalid literal; last read: '12 tru]'; expected ']'"],
  [' [\n nul', "2, column 5: syntax error while parsing value - invalid literal; last read: ' [<U+000A> nul'"],
  [
    '{"a" 7e1003}',
    "1, column 11: syntax error while parsing object separator - unexpected number literal; expected ':'",
  ],
  [
    '["a" 12345678901234567890]',
    "1, column 25: syntax error while parsing array - unexpected number literal; expected ']'",
  ],
  [
    '{"a" 1.}',
    "1, column 8: syntax error while parsing object separator - invalid number; expected digit after '.'; last read: '1.}'; expected ':'",
  ],
  ['{"a":1,}', "1, column 8: syntax error while parsing object key - unexpected '}'; expected string literal"],
  ['[1\n2', "2, column 1: syntax error while parsing array - unexpected number literal; expected ']'"],
  [
    '1.5e+',
    "1, column 6: syntax error while parsing value - invalid number; expected digit after exponent sign; last read: '1.5e+'",
  ],
  [
    '"\\ud800x',
    "1, column 8: syntax error while parsing value - invalid string: surrogate U+D800..U+DBFF must be followed by U+DC00..U+DFFF; last read: '\"\\ud800x'",
  ],
  ['[1, é', "1, column 5: syntax error while parsing value - invalid literal; last read: '1, \udcc3'"],
  [
    '"a\nb"',
    "2, column 0: syntax error while parsing value - invalid string: control character U+000A (LF) must be escaped to \\u000A or \\n; last read: '\"a<U+000A>'",
  ],
])('%j', (text, message) => {
  expect(jsonSyntaxError(text).message).toBe(`[json.exception.parse_error.101] parse error at line ${message}`);
});
