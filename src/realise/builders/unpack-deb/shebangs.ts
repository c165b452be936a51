/**
 * The first lines of scripts. `#!/usr/bin/python3` is pointed at the program in this package or in a dependency;
 * Debian's essential interpreters (sh, bash, env), on which packages depend without saying so, come by parameter.
 * A script whose interpreter is neither stays as it is, on purpose: pointing numpy's one perl script at perl would
 * make every numpy image 60 MB larger. Only executable files count, and no examples or boot scripts.
 */
import { baseName, normalizePath } from '../relative-path.ts';
import type { Dependencies } from './dependencies.ts';
import { outputPath } from './layout.ts';
import { pathMatcher } from './patterns.ts';
import type { Tree } from './tree.ts';

/** Examples, and scripts that the system runs rather than a user: they are left as they are. */
export const isUntouchedScript = pathMatcher([
  'etc',
  'share/doc',
  'share/initramfs-tools',
  'share/bug',
  'share/**/examples',
]);
const LONGEST_LINE = 4096;

export interface ShebangContext {
  readonly out: string;
  readonly triplet: string;
  readonly dependencies: Dependencies;
  readonly interpreters: ReadonlyMap<string, string>;
}

export function rewriteShebangs(tree: Tree, context: ShebangContext): void {
  for (const [path, node] of tree.files()) {
    if (!node.executable || isUntouchedScript(path)) continue;
    const line = shebangLine(node.data);
    if (line === undefined) continue;
    const replaced = rewriteShebang(line, (program) => locate(program));
    if (replaced === line) continue;
    node.data = Buffer.concat([Buffer.from(replaced, 'latin1'), node.data.subarray(line.length)]);
  }

  function locate(program: string): string | undefined {
    const path = outputPath(normalizePath(program), context.triplet);
    if (tree.get(path)) return `${context.out}/${path}`;
    return context.dependencies.find(path) ?? context.interpreters.get(baseName(path));
  }
}

/** The line without its end, or undefined where the file does not start with "#!" and an absolute path. */
export function shebangLine(data: Buffer): string | undefined {
  if (data[0] !== 0x23 || data[1] !== 0x21) return undefined;
  const head = data.toString('latin1', 0, LONGEST_LINE);
  const line = /^#![ \t]*\/[^\n\r\0]*/.exec(head)?.[0];
  return line?.trimEnd();
}

/** `locate` gives the new path of a program by its old one (`/usr/bin/x`), or undefined to leave it. */
export function rewriteShebang(line: string, locate: (program: string) => string | undefined): string {
  const [, program, argument] = /^#![ \t]*(\S+)[ \t]*(.*)$/.exec(line) ?? [];
  if (program === undefined || argument === undefined) return line;
  if (baseName(program) === 'env' && /^[^-=\s][^=\s]*$/.test(argument)) {
    const direct = locate(`/usr/bin/${argument}`);
    if (direct !== undefined) return `#!${direct}`;
  }
  const located = locate(program);
  return located === undefined ? line : `#!${located}${argument === '' ? '' : ` ${argument}`}`;
}
