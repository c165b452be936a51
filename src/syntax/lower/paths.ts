/** Path literals: where they lead, relative to the directory of the file that they stand in. */

/** The absolute path without `.`, `..`, empty segments and a trailing slash; `..` of the root is the root. */
export function canonicalPath(path: string, base: string): string {
  // Nearly all are ./name, below a directory that is canonical already.
  if (/^\.\/[^/.][^/]*$/.test(path) && base.length > 1 && !/\/(\.|\/|$)/.test(base)) return base + path.slice(1);
  const segments: string[] = [];
  const absolute = path.startsWith('/') ? path : `${base}/${path}`;
  for (const segment of absolute.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') segments.pop();
    else segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** A literal as the first part of a path: the slash before an interpolation stays. */
export function literalPath(literal: string, base: string): string {
  const path = canonicalPath(literal, base);
  return literal.length > 1 && literal.endsWith('/') ? `${path}/` : path;
}
