/** Canonical absolute paths: no empty, "." or ".." component, no slash at the end; ".." at the root stays there. */

export function canonicalPath(path: string): string {
  if (isCanonical(path)) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** A path as the user has given it: relative ones are so to `directory`, where the evaluation was started. */
export function absolutePath(path: string, directory = '/'): string {
  return canonicalPath(path.startsWith('/') ? path : `${directory}/${path}`);
}

function isCanonical(path: string): boolean {
  if (path === '/') return true;
  return path[0] === '/' && !path.endsWith('/') && !/\/(\.{0,2})(\/|$)/.test(path);
}

/** What is after the last slash; "" for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The directory that a canonical path is in; the root's is the root. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** `rest` below `path`; both canonical, `rest` with a leading slash, or "". */
export function joinPath(path: string, rest: string): string {
  if (rest === '' || rest === '/') return path;
  return path === '/' ? rest : path + rest;
}
