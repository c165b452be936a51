/**
 * Paths inside a tree: segments joined by "/", no slash at either end, "" for the root. Nothing here touches a disk, and
 * nothing depends on the operating system's own separator.
 */

/** Resolves `.` and `..` textually; `..` at the root stays there. Leading and doubled slashes vanish. */
export function normalizePath(path: string): string {
  const out: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') out.pop();
    else out.push(segment);
  }
  return out.join('/');
}

/** Where a symbolic link at `path` with this text points to, textually, within a root directory. */
export function linkDestination(path: string, text: string): string {
  return normalizePath(text.startsWith('/') ? text : `${parentPath(path)}/${text}`);
}

export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The text of a relative link at `path` to `destination`. */
export function relativeLink(path: string, destination: string): string {
  const from = parentPath(path) === '' ? [] : parentPath(path).split('/');
  const to = destination === '' ? [] : destination.split('/');
  let common = 0;
  while (common < from.length && common < to.length - 1 && from[common] === to[common]) common++;
  const text = [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/');
  return text === '' ? '.' : text;
}

/** Is `path` the directory itself or below it? */
export function isWithin(directory: string, path: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`);
}
