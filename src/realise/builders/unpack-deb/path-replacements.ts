/**
 * Which paths that programs and scripts have inside are to be others: what the derivation asks for by `compiledPaths`,
 * resolved. The ELF side of it is elf/compiled-paths.ts, the text side text-paths.ts.
 */
import { compareBytewise } from '../../../base/order.ts';
import { normalizePath } from '../relative-path.ts';
import type { Dependencies } from './dependencies.ts';
import { outputPath } from './layout.ts';
import type { UnpackDebParameters } from './parameters.ts';
import type { Tree } from './tree.ts';

/** Start of a path, without a slash at its end, and what to put in its place. */
export type PathReplacement = readonly [from: string, to: string];

export interface PathReplacementContext {
  readonly out: string;
  readonly parameters: UnpackDebParameters;
  readonly dependencies: Dependencies;
  log(line: string): void;
}

/** Longest first, so that the nearest one counts; null stands for where this package or a dependency has the path. */
export function resolvePathReplacements(tree: Tree, context: PathReplacementContext): PathReplacement[] {
  const { out, parameters, dependencies, log } = context;
  const resolved: PathReplacement[] = [];
  for (const [given, to] of parameters.compiledPaths) {
    const from = given.replace(/\/+$/, '');
    const path = outputPath(normalizePath(from), parameters.triplet);
    const found = to ?? (tree.get(path) ? `${out}/${path}` : dependencies.find(path));
    if (found === undefined) log(`neither this package nor a dependency has ${from}: it stays as it is`);
    else {
      resolved.push([from, found]);
      // Some programs put /usr before it themselves, unless it is absolute (git's share/git-core/templates).
      if (from.startsWith('/usr/')) resolved.push([from.slice('/usr/'.length), found]);
    }
  }
  return resolved.sort(([a], [b]) => b.length - a.length || compareBytewise(a, b));
}
