/**
 * Absolute paths in text files, which unlike those in programs can grow freely.
 *   - `compiledPaths` are replaced in every text file of the package: autoconf's and automake's own directories stand in
 *     scripts and perl modules alike.
 *   - In executable scripts, a path of something that this very package has is replaced without being asked for:
 *     autoconf runs /usr/bin/autom4te, 7zr runs /usr/lib/p7zip/7zr. So is `prefix=/usr`, from which scripts like
 *     bison's yacc and all kinds of *-config make their paths. What other packages have stays, so that a script of
 *     little use cannot make a closure larger.
 */
import { normalizePath } from '../relative-path.ts';
import { outputPath } from './layout.ts';
import type { PathReplacement } from './path-replacements.ts';
import { isUntouchedScript, shebangLine } from './shebangs.ts';
import type { FileNode, Tree } from './tree.ts';

export interface TextPathsContext {
  readonly out: string;
  readonly triplet: string;
  readonly replacements: readonly PathReplacement[];
}

/** A path does not start in the middle of another one, nor after a variable. */
const START = '(?<![\\w./}-])';
const absolutePath = new RegExp(`${START}/(?:usr/)?(?:s?bin|lib|libexec|share|games)/[\\w.+@/-]*[\\w+@]`, 'g');
const prefixLine = /^(\s*(?:exec_)?prefix=(["']?))\/usr(?=\2\s*$)/gm;
/** Directories of many packages: a script that looks into one does not mean this package's. */
const sharedDirectory = /^(?:[^/]+|lib\/[^/]+-linux-[^/]+|share\/(?:man|doc|info|locale))$/;

export function rewriteTextPaths(tree: Tree, { out, triplet, replacements }: TextPathsContext): void {
  const asked = replacements.filter(([from]) => from.startsWith('/'));
  for (const [path, node] of tree.files()) {
    if (isUntouchedScript(path)) continue;
    const line = node.executable ? shebangLine(node.data) : undefined;
    if (line !== undefined) edit(node, line.length, ownPaths);
    if (asked.some(([from]) => node.data.includes(from)) && !node.data.includes(0)) edit(node, 0, askedPaths);
  }

  function ownPaths(text: string): string {
    const withPrefix = text.replace(prefixLine, (_, before: string) => before + out);
    return withPrefix.replace(absolutePath, (found) => {
      const path = outputPath(normalizePath(found), triplet);
      return !sharedDirectory.test(path) && tree.get(path) ? `${out}/${path}` : found;
    });
  }

  function askedPaths(text: string): string {
    let changed = text;
    for (const [from, to] of asked) {
      const escaped = from.replace(/[.+^${}()|[\]\\]/g, '\\$&');
      changed = changed.replace(new RegExp(`${START}${escaped}(?![\\w.+-])`, 'g'), () => to);
    }
    return changed;
  }
}

/** Changes the text from an offset on. */
function edit(node: FileNode, start: number, change: (text: string) => string): void {
  const text = node.data.toString('latin1', start);
  const changed = change(text);
  if (changed !== text) node.data = Buffer.concat([node.data.subarray(0, start), Buffer.from(changed, 'latin1')]);
}
