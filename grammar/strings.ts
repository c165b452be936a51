/**
 * What stands between the quotes. Both readers take the longest piece of literal text from `at` on, up to an
 * interpolation or the end of the string, and give its value; `end === at` means that there is none.
 *
 * In "..." a backslash escapes the next character, `$$` and `$x` are text, and CR and CRLF become LF. In ''...'' the
 * escapes are `'''` (two quotes), `''$` (a dollar) and `''\` before any character; each is a piece of its own whose white
 * space does not count as indentation, and line ends stay as they are.
 */
import { skip } from './characters.ts';

const BACKSLASH = 92;
const DOLLAR = 36;
const QUOTE = 34;
const APOSTROPHE = 39;
const BRACE = 123;

const plainText = /[^"\\$\r]+/y;
const plainIndentedText = /[^$']+/y;

/** `value` is undefined where it is what stands there. */
export function readStringPart(text: string, at: number): { value: string | undefined; end: number } {
  let end = at;
  let plain = true;
  for (;;) {
    end = skip(text, end, plainText);
    const code = text.charCodeAt(end);
    if (code === QUOTE || end >= text.length) break;
    if (code === BACKSLASH) {
      if (end + 1 >= text.length) break;
      plain = false;
      end += 2;
    } else if (code === DOLLAR) {
      const next = text.charCodeAt(end + 1);
      if (next === BRACE) break;
      if (next === QUOTE) end += 1;
      else if (end + 1 >= text.length) break;
      else if (next === BACKSLASH) {
        if (end + 2 >= text.length) break;
        plain = false;
        end += 3;
      } else {
        if (next === 13) plain = false;
        end += 2;
      }
    } else {
      plain = false;
      end++;
    }
  }
  return { value: plain ? undefined : unescapeText(text.slice(at, end)), end };
}

/** Plain text: anything but `$` and `'`, `$` with what is neither `{` nor `'`, `'` with what is neither `'` nor `$`. */
export function indentedRunEnd(text: string, at: number): number {
  for (;;) {
    at = skip(text, at, plainIndentedText);
    if (at + 1 >= text.length) return at;
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (next === APOSTROPHE || next === (code === DOLLAR ? BRACE : DOLLAR)) return at;
    at += 2;
  }
}

/** What stands where no plain text does, and no interpolation; undefined: the end of the string. */
export function readIndentedEscape(text: string, at: number): { value: string; end: number } | undefined {
  if (text.charCodeAt(at) === DOLLAR) return { value: '$', end: at + 1 };
  if (text.charCodeAt(at + 1) !== APOSTROPHE) return { value: "'", end: at + 1 };
  const third = text.charCodeAt(at + 2);
  if (third === DOLLAR) return { value: '$', end: at + 3 };
  if (third === APOSTROPHE) return { value: "''", end: at + 3 };
  if (third === BACKSLASH && at + 3 < text.length)
    return { value: unescapeText(text.slice(at + 2, at + 4)), end: at + 4 };
  return undefined;
}

function unescapeText(raw: string): string {
  return raw.replace(/\\([\s\S])|\r\n?/g, (match, escaped: string | undefined) => {
    if (escaped === undefined) return '\n';
    if (escaped === 'n') return '\n';
    if (escaped === 'r') return '\r';
    return escaped === 't' ? '\t' : match.slice(1);
  });
}
