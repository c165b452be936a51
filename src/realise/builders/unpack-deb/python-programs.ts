/**
 * Programs in Python that find their modules. Debian's have them all in one place; here each package has its own, so a
 * line is put into every program of the package that adds these places:
 *
 *   import site; site.addsitedir('/nix/store/...-python3.11-click-8.1.3/lib/python3/dist-packages'); ...; del site
 *
 * It stands where Python allows a first statement that is none: after the comments at the top, the docstring and
 * `from __future__` imports.
 */
import type { StoreView } from '../store-view.ts';
import { shebangLine } from './shebangs.ts';
import type { Tree } from './tree.ts';

const modules = 'lib/python3/dist-packages';

export interface PythonProgramsContext {
  readonly out: string;
  /** Store paths whose modules the programs use, besides the package's own. */
  readonly pythonPath: readonly string[];
  readonly view: StoreView;
}

export function addModulePaths(tree: Tree, { out, pythonPath, view }: PythonProgramsContext): void {
  const own = tree.files().some(([path]) => path.startsWith(`${modules}/`));
  const others = pythonPath.filter((path) => view.followedKind(`${path}/${modules}`) === 'directory');
  const directories = [...(own ? [out] : []), ...others].map((path) => `site.addsitedir('${path}/${modules}')`);
  if (directories.length === 0) return;
  const statement = `import site; ${directories.join('; ')}; del site`;
  for (const [path, node] of tree.files()) {
    if (!path.startsWith('bin/') || !node.executable) continue;
    const program = /^#!\s*(\S+)/.exec(shebangLine(node.data) ?? '')?.[1];
    if (program === undefined || !/\/python3(\.\d+)?$/.test(program)) continue;
    const lines = node.data.toString('latin1').split('\n');
    lines.splice(firstStatement(lines), 0, statement);
    node.data = Buffer.from(lines.join('\n'), 'latin1');
  }
}

/** Index of the line before which a statement may be put. */
export function firstStatement(lines: readonly string[]): number {
  let at = 0;
  let place: number | undefined;
  const skipComments = () => {
    while (at < lines.length && /^\s*(#|$)/.test(lines[at]!)) at++;
  };
  skipComments();
  const docstring = /^[rRuU]?("""|'''|"|')/.exec(lines[at] ?? '');
  if (docstring) {
    const [opening, quote] = [docstring[0]!, docstring[1]!];
    let from = opening.length;
    while (at < lines.length && !lines[at]!.includes(quote, from)) {
      at++;
      from = 0;
    }
    place = ++at;
    skipComments();
  }
  while (/^from\s+__future__\s+import\b/.test(lines[at] ?? '')) {
    const opened = lines[at]!.includes('(');
    while (at < lines.length && (opened ? !lines[at]!.includes(')') : lines[at]!.endsWith('\\'))) at++;
    place = ++at;
    skipComments();
  }
  return Math.min(place ?? at, lines.length);
}
