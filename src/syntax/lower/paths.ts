/** Path literals: where they lead, relative to the directory of the file that they stand in. */

/** Nearly all literals: `./a/b` and `../../a/b`, where no name begins with a dot and no slash ends it. */
const plain = /^(?:\.\/|(?:\.\.\/)+)[^./][^/]*(?:\/[^./][^/]*)*$/;

/** A directory, if it is canonical, and what is above it, from the nearest to the root; files have many literals. */
let ancestors: readonly string[] = [];
let ancestorsOf: string | undefined;

/** The absolute path without `.`, `..`, empty segments and a trailing slash; `..` of the root is the root. */
export function canonicalPath(path: string, base: string): string {
  if (base !== ancestorsOf) findAncestors(base);
  if (ancestors.length > 0 && plain.test(path)) {
    if (path.charCodeAt(1) === 47 /* / */) return base + path.slice(1);
    let up = 1;
    while (path.charCodeAt(3 * up) === 46 /* . */) up++;
    return `${ancestors[Math.min(up, ancestors.length - 1)]}/${path.slice(3 * up)}`;
  }
  const segments: string[] = [];
  const absolute = path.startsWith('/') ? path : `${base}/${path}`;
  for (const segment of absolute.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function findAncestors(base: string): void {
  ancestorsOf = base;
  const found: string[] = [];
  if (/^(?:\/[^./][^/]*)+$/.test(base)) {
    for (let path = base; path !== ''; path = path.slice(0, path.lastIndexOf('/'))) found.push(path);
    found.push('');
  }
  ancestors = found;
}

/** A literal as the first part of a path: the slash before an interpolation stays. */
export function literalPath(literal: string, base: string): string {
  const path = canonicalPath(literal, base);
  return literal.length > 1 && literal.endsWith('/') ? `${path}/` : path;
}
