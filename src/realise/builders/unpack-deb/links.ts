/**
 * Symbolic links. Those of a package point around in Debian's one big tree; here each becomes
 *   - relative, where its destination is in the same output,
 *   - absolute into the store, where a dependency has the destination,
 *   - and stays what it was otherwise: /etc, /var, /dev and their like belong to the system that runs the program; what
 *     dangles here (a path of a package that is not a dependency) dangles in Debian as well without that package.
 * A link to something that was left out (`remove`) is left out with it.
 */
import { relativeLink } from '../relative-path.ts';
import type { Dependencies } from './dependencies.ts';
import type { PathMatcher } from './patterns.ts';
import type { Tree } from './tree.ts';

const systemPath = /^(etc|var|dev|proc|sys|run|tmp|srv|home|root|opt|boot|mnt)(\/|$)/;

export interface LinkContext {
  readonly dependencies: Dependencies;
  readonly removed: PathMatcher;
  log(line: string): void;
}

export function rewriteLinks(tree: Tree, context: LinkContext): void {
  const rewritten: (() => void)[] = [];
  for (const [path, node] of tree.entries()) {
    if (node.kind !== 'link' || node.destination === undefined) continue;
    const { destination } = node;
    const text = newText(path, destination, node.text);
    // Only once all are known: following a link needs the destinations of the others.
    if (text === undefined) rewritten.push(() => tree.leaveOut(path));
    else {
      rewritten.push(() => {
        node.text = text;
        node.destination = undefined;
      });
    }
  }
  for (const apply of rewritten) apply();

  function newText(path: string, destination: string, original: string): string | undefined {
    if (tree.follow(destination) || tree.get(destination)) return relativeLink(path, destination);
    if (context.removed(destination)) return undefined;
    if (systemPath.test(destination)) return `/${destination}`;
    const found = context.dependencies.find(destination);
    if (found !== undefined) return found;
    context.log(`link ${path} -> ${original} dangles: no dependency has ${destination}`);
    return original.startsWith('/') ? original : relativeLink(path, destination);
  }
}
