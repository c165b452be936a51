/**
 * Text files of -dev packages that compilers read and that name absolute paths: linker scripts (libc.so is one, naming
 * libc.so.6 and libc_nonshared.a) and pkg-config files (prefix=/usr). Paths in them are pointed at this package or at
 * the dependency that has the file; others stay.
 */
import { isWithin, normalizePath } from '../relative-path.ts';
import type { Dependencies } from './dependencies.ts';
import { outputPath } from './layout.ts';
import type { Tree } from './tree.ts';

export interface DevelopmentFilesContext {
  readonly out: string;
  readonly triplet: string;
  readonly dependencies: Dependencies;
}

const LARGEST_SCRIPT = 16384;

export function rewriteDevelopmentFiles(tree: Tree, context: DevelopmentFilesContext): void {
  for (const [path, node] of tree.files()) {
    if (!isWithin('lib', path) && !isWithin('share/pkgconfig', path)) continue;
    if (path.endsWith('.pc')) edit(node, rewritePkgConfig(node.data.toString('latin1'), context.out));
    else if (path.endsWith('.so') && node.data.length < LARGEST_SCRIPT) {
      const text = node.data.toString('latin1');
      if (text.startsWith('/* GNU ld script')) edit(node, rewriteLinkerScript(text, locate));
    }
  }

  function locate(absolute: string): string | undefined {
    const path = outputPath(normalizePath(absolute), context.triplet);
    return tree.get(path) ? `${context.out}/${path}` : context.dependencies.find(path);
  }
}

function edit(node: { data: Buffer }, text: string): void {
  node.data = Buffer.from(text, 'latin1');
}

/** Words that are absolute paths of libraries; comments start the file and hold none. */
export function rewriteLinkerScript(text: string, locate: (path: string) => string | undefined): string {
  return text.replace(/(?<=[\s(])\/(?:usr\/)?lib[\w.+/-]*/g, (path) => locate(path) ?? path);
}

/** `/usr` at the start of a value or of an option's directory. */
export function rewritePkgConfig(text: string, out: string): string {
  return text.replace(/(^[\w.]+\s*=\s*|-[IL]\s*)\/usr(?=\/|\s|$)/gm, (_, before: string) => before + out);
}
