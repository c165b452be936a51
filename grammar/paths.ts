/**
 * Where paths and URIs end. A path is `segment*(/segment+)+` with perhaps a slash at its end; where an interpolation
 * follows its first slash, the text up to there is one, too. All functions look at `text` from `at` on.
 */
import { isAt, PATH_PART, PATH_PARTS, skip, URI_PART, URI_PARTS, URI_SCHEMES } from './characters.ts';

const SLASH = 47;
const COLON = 58;
const GREATER = 62;

/** Is there a `${`? */
export function interpolationAt(text: string, at: number): boolean {
  return text.charCodeAt(at) === 36 && text.charCodeAt(at + 1) === 123;
}

/** Does the slash at `at`, if it is one, belong to a path? */
export function slashOfPath(text: string, at: number): boolean {
  return text.charCodeAt(at) === SLASH && (isAt(text, at + 1, PATH_PART) || interpolationAt(text, at + 1));
}

/** The end of `(/segment)* /?` */
export function pathPieceEnd(text: string, at: number): number {
  const end = segmentsEnd(text, at);
  return text.charCodeAt(end) === SLASH ? end + 1 : end;
}

function segmentsEnd(text: string, at: number): number {
  let end = at;
  while (text.charCodeAt(end) === SLASH && isAt(text, end + 1, PATH_PART)) end = skip(text, end + 1, PATH_PARTS);
  return end;
}

/** The offset of the closing bracket of `<a/b>`, or undefined. */
export function searchPathEnd(text: string, at: number): number | undefined {
  const first = skip(text, at + 1, PATH_PARTS);
  if (first === at + 1) return undefined;
  const end = segmentsEnd(text, first);
  return text.charCodeAt(end) === GREATER ? end : undefined;
}

/** The end of the URI whose scheme ends at `colon`, or undefined where there is no colon or nothing after it. */
export function uriEnd(text: string, colon: number): number | undefined {
  if (text.charCodeAt(colon) !== COLON || !isAt(text, colon + 1, URI_PART)) return undefined;
  return skip(text, colon + 1, URI_PARTS);
}

export function schemeEnd(text: string, at: number): number {
  return skip(text, at, URI_SCHEMES);
}
