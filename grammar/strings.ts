/**
 * What stands between the quotes. Both readers take the longest piece of literal text from `at` on, up to an
 * interpolation or the end of the string, and give its value; `end === at` means that there is none.
 *
 * In "..." a backslash escapes the next character, `$$` and `$x` are text, and CR and CRLF become LF. In ''...'' the
 * escapes are `'''` (two quotes), `''$` (a dollar) and `''\` before any character; each is a piece of its own whose white
 * space does not count as indentation, and line ends stay as they are.
 */

const BACKSLASH = 92;
const DOLLAR = 36;
const QUOTE = 34;
const APOSTROPHE = 39;
const BRACE = 123;

export function readStringPart(text: string, at: number): { value: string; end: number } {
  let end = at;
  let plain = true;
  for (;;) {
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
      if (code === 13) plain = false;
      end++;
    }
  }
  const raw = text.slice(at, end);
  return { value: plain ? raw : unescapeText(raw), end };
}

export function readIndentedPart(text: string, at: number): { value: string; end: number; indented: boolean } {
  const end = indentedRunEnd(text, at);
  if (end > at) return { value: text.slice(at, end), end, indented: true };
  if (text.charCodeAt(at) === DOLLAR) return { value: '$', end: at + 1, indented: false };
  if (text.charCodeAt(at + 1) !== APOSTROPHE) return { value: "'", end: at + 1, indented: false };
  const third = text.charCodeAt(at + 2);
  if (third === DOLLAR) return { value: '$', end: at + 3, indented: false };
  if (third === APOSTROPHE) return { value: "''", end: at + 3, indented: false };
  if (third === BACKSLASH && at + 3 < text.length)
    return { value: unescapeText(text.slice(at + 2, at + 4)), end: at + 4, indented: false };
  return { value: '', end: at, indented: false };
}

/** Plain text: anything but `$` and `'`, `$` with what is neither `{` nor `'`, `'` with what is neither `'` nor `$`. */
function indentedRunEnd(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (at >= text.length) return at;
    if (code !== DOLLAR && code !== APOSTROPHE) at++;
    else {
      const next = text.charCodeAt(at + 1);
      if (at + 1 >= text.length || next === APOSTROPHE || next === (code === DOLLAR ? BRACE : DOLLAR)) return at;
      at += 2;
    }
  }
}

function unescapeText(raw: string): string {
  return raw.replace(/\\([\s\S])|\r\n?/g, (match, escaped: string | undefined) => {
    if (escaped === undefined) return '\n';
    if (escaped === 'n') return '\n';
    if (escaped === 'r') return '\r';
    return escaped === 't' ? '\t' : match.slice(1);
  });
}
