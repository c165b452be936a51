/**
 * URLs of sources, as flake references and fetchTree write them: RFC 3986, with two liberties of C++ Nix's: a query may have
 * blanks and double quotes in it, a fragment `^` as well.
 *
 *     scheme:[//authority]path[?query][#fragment]
 */
import { encodeBytes } from '../base/bytes.ts';
import { compareBytewise } from '../base/order.ts';

export interface SourceUrl {
  readonly scheme: string;
  /** As written, undefined where there is no `//`. */
  readonly authority: string | undefined;
  /** Between its slashes, decoded; an absolute path starts with an empty part. */
  readonly path: readonly string[];
  readonly query: ReadonlyMap<string, string>;
  readonly fragment: string;
}

const shape = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;
const pathText = /^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9a-fA-F]{2})*$/;
const queryText = /^(?:[\w\-.~!$&'()*+,;=:@/? "]|%[0-9a-fA-F]{2})*$/;
const fragmentText = /^(?:[\w\-.~!$&'()*+,;=:@/? "^]|%[0-9a-fA-F]{2})*$/;

/** Undefined where the text is no URL. */
export function parseSourceUrl(text: string): SourceUrl | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, scheme = '', authority, path = '', query = '', fragment = ''] = match;
  if (!pathText.test(path) || !queryText.test(query) || !fragmentText.test(fragment)) return undefined;
  const isFile = transport(scheme) === 'file';
  if (isFile && authority) return undefined;
  return {
    scheme,
    authority,
    path: (isFile && path === '' ? '/' : path).split('/').map(percentDecode),
    query: parseQuery(query),
    fragment: percentDecode(fragment),
  };
}

/** Of two parameters of the same name the first counts; one without `=` is none. */
export function parseQuery(text: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const parameter of text.split('&')) {
    const equals = parameter.indexOf('=');
    if (equals < 0) continue;
    const name = percentDecode(parameter.slice(0, equals));
    if (!query.has(name)) query.set(name, percentDecode(parameter.slice(equals + 1)));
  }
  return query;
}

export function printSourceUrl(url: SourceUrl): string {
  const path = url.path.map((part) => percentEncode(part, ':@')).join('/');
  const query = [...url.query]
    .sort(([a], [b]) => compareBytewise(a, b))
    .map(([name, value]) => `${percentEncode(name, ':@/?')}=${percentEncode(value, ':@/?')}`);
  return (
    `${url.scheme}:${url.authority === undefined ? '' : `//${url.authority}`}${path}` +
    (query.length > 0 ? `?${query.join('&')}` : '') +
    (url.fragment === '' ? '' : `#${percentEncode(url.fragment, '')}`)
  );
}

/** `https` of `tarball+https`. */
export function transport(scheme: string): string {
  return scheme.slice(scheme.indexOf('+') + 1);
}

/** `tarball` of `tarball+https`, undefined of `https`. */
export function application(scheme: string): string | undefined {
  const plus = scheme.indexOf('+');
  return plus < 0 ? undefined : scheme.slice(0, plus);
}

export function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function percentEncode(text: string, keep: string): string {
  let out = '';
  for (const byte of encodeBytes(text)) {
    const char = String.fromCharCode(byte);
    out +=
      /[A-Za-z0-9\-._~]/.test(char) || keep.includes(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
