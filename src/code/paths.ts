/** Paths of a unit that are relative to its directory; both functions take canonical absolute paths. */

/** How to get from a directory to `path`: `a/b`, `../c`, or `` for the directory itself. A slash at the end stays. */
export function relativePath(directory: string, path: string): string {
  let from = directory === '/' ? '' : directory;
  let up = '';
  for (;;) {
    if (path.startsWith(from)) {
      if (path.length === from.length) return up.slice(0, -1);
      if (path.charCodeAt(from.length) === 47 /* / */) {
        const rest = path.slice(from.length + 1);
        // The slash at the end of nothing must not be mistaken for one between two names.
        if (rest !== '') return up + rest;
        return from === '' ? up.slice(0, -1) : `${up}./`;
      }
    }
    from = from.slice(0, from.lastIndexOf('/'));
    up += '../';
  }
}

/** The way back: `path` as seen from a directory. */
export function resolvePath(directory: string, path: string): string {
  let base = directory === '/' ? '' : directory;
  let rest = path;
  while (rest === '..' || rest.startsWith('../')) {
    base = base.slice(0, base.lastIndexOf('/'));
    rest = rest.slice(3);
  }
  if (rest === '') return base || '/';
  return rest === './' ? `${base}/` : `${base}/${rest}`;
}
