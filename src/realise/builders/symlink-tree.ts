/**
 * builtin:symlink-tree: one tree of links to many packages; what nixpkgs' buildEnv and symlinkJoin make. Rules of the
 * merge: link-tree.ts.
 *
 *   paths              store paths or directories in them; each a string, or { path, priority } (default 5)
 *   pathsToLink        ["/"], or the directories that are wanted, like "/bin"
 *   ignoreCollisions   false
 *   checkCollisionContents  true; false: also files of the same content collide
 *   extraPrefix        '' ; where in the output the tree stands
 *   directories        "link", or "real": no directory is linked as a whole, nothing is left out and the first of two
 *                      files wins, as lndir does for symlinkJoin
 *   propagate          false; also merge what the packages name in nix-support/propagated-build-inputs, transitively.
 *                      What they name in propagated-user-env-packages always is. Both come last and never collide.
 *   files              { "etc/motd" = { text, executable }; }: files of the tree's own, which win over the packages'
 */
import { encodeBytes } from '../../base/bytes.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { BuiltinBuilder } from '../builtin.ts';
import { AttributeReader } from './attributes.ts';
import { LinkTree } from './link-tree.ts';
import { baseName, normalizePath } from './relative-path.ts';
import { StoreView } from './store-view.ts';

const DEFAULT_PRIORITY = 5;
const PROPAGATED_PRIORITY = 1000;

export const symlinkTree: BuiltinBuilder = {
  name: 'symlink-tree',
  async build(context) {
    const attrs = new AttributeReader('symlink-tree', context.attrs);
    const view = new StoreView(context);
    const real = attrs.text('directories', 'link') === 'real';
    const tree = new LinkTree({
      view,
      wanted: attrs.texts('pathsToLink', ['/']).map(normalizePath),
      ignoreCollisions: real || attrs.boolean('ignoreCollisions'),
      checkContents: attrs.boolean('checkCollisionContents', true),
      realDirectories: real,
      skip: real ? () => false : isHousekeeping,
      log: (line) => (real ? undefined : context.log(line)),
    });
    for (const [path, file] of Object.entries(attrs.record('files'))) {
      const reader = attrs.within(file as Record<string, unknown>);
      tree.addFile(normalizePath(path), encodeBytes(reader.text('text')), reader.boolean('executable'));
    }
    const packages = readPaths(attrs);
    for (const { path, priority } of packages) tree.merge('', path, priority);
    const lists = attrs.boolean('propagate') ? [userEnvironment, buildInputs] : [userEnvironment];
    const given = packages.map(({ path }) => path);
    let priority = PROPAGATED_PRIORITY;
    for (const path of propagated(view, given, lists)) tree.merge('', path, priority++, true);
    const prefix = normalizePath(attrs.text('extraPrefix', ''));
    const out = context.physical(context.outputs.get('out')!);
    tree.write(prefix === '' ? out : `${out}/${prefix}`);
  },
};

const buildInputs = 'propagated-build-inputs';
const userEnvironment = 'propagated-user-env-packages';

function readPaths(attrs: AttributeReader): { path: string; priority: number }[] {
  const paths = attrs.raw('paths');
  if (!Array.isArray(paths)) return attrs.texts('paths').map((path) => ({ path, priority: DEFAULT_PRIORITY }));
  return paths.map((entry: unknown) => {
    if (typeof entry === 'string') return { path: entry, priority: DEFAULT_PRIORITY };
    const { path, priority = DEFAULT_PRIORITY } = (entry ?? {}) as { path?: unknown; priority?: unknown };
    if (typeof path === 'string' && typeof priority === 'number') return { path, priority };
    throw new NixError("builder 'builtin:symlink-tree' needs strings or { path, priority } in 'paths'", {
      class: 'BuildError',
    });
  });
}

/** Store paths that packages name in files of nix-support; breadth first, each once, without the packages. */
function propagated(view: StoreView, packages: readonly string[], lists: readonly string[]): string[] {
  const seen = new Set(packages);
  const queue = [...packages];
  for (const path of queue) {
    for (const list of lists) {
      const text = view.read(`${path}/nix-support/${list}`)?.toString() ?? '';
      for (const found of text.split(/\s+/)) {
        if (found === '' || seen.has(found)) continue;
        seen.add(found);
        queue.push(found);
      }
    }
  }
  return queue.slice(packages.length);
}

/** What every package may have and no environment wants: caches that would have to be made anew from all of them. */
export function isHousekeeping(path: string): boolean {
  return (
    path === 'propagated-build-inputs' ||
    path === 'nix-support' ||
    path.endsWith('info/dir') ||
    (path.startsWith('share/mime/') && !path.startsWith('share/mime/packages')) ||
    baseName(path) === 'perllocal.pod' ||
    baseName(path) === 'log'
  );
}
