/**
 * Patterns for paths: a plain one stands for the path and everything below it; with `*` (within a name), `**` (across
 * directories) or `?` it is a glob, which likewise takes what is below a directory that it matches.
 */

export type PathMatcher = (path: string) => boolean;

export function pathMatcher(patterns: readonly string[]): PathMatcher {
  if (patterns.length === 0) return () => false;
  const expression = new RegExp(`^(?:${patterns.map(toExpression).join('|')})(?:/|$)`);
  return (path) => expression.test(path);
}

function toExpression(pattern: string): string {
  const trimmed = pattern.replace(/^\/+|\/+$/g, '');
  return trimmed.replace(/\*\*\/?|\*|\?|[^*?]+/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  });
}
