/** Paths of a unit that are relative to its directory; both functions take canonical absolute paths. */

/** How to get from a directory to `path`: `a/b`, `../c`, or `` for the directory itself. A slash at the end stays. */
export function relativePath(directory: string, path: string): string {
  const from = directory === '/' ? [] : directory.slice(1).split('/');
  const to = path === '/' ? [] : path.slice(1).split('/');
  let shared = 0;
  while (shared < from.length && shared < to.length && from[shared] === to[shared]) shared++;
  const rest = to.slice(shared).join('/');
  const up = new Array<string>(from.length - shared).fill('..');
  // The slash at the end of nothing must not be mistaken for one between two names.
  return [...up, ...(to.length === shared ? [] : [rest === '' ? './' : rest])].join('/');
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
