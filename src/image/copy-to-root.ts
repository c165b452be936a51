/**
 * `copyToRoot`: what is in some store paths, laid over each other at the root of an image. nixpkgs does it with
 * `rsync -ak`; this differs where a copy would be larger or would not run:
 *
 *   executables  An ELF executable becomes a link to itself in the store. Programs find their own files from where
 *                they really are: a Python copied to /bin has no standard library, one linked there has. It is also
 *                in the image only once.
 *   directories  A link to a directory becomes that directory, so that packages and containers can write beside what
 *     by link    is there (rsync -k). The files in it become links to where they are, as an environment made of links
 *                would hold them, except below /etc and /var, where programs expect files to edit.
 *                A link that stays in its own package (lib64 -> lib) is kept, until another package has that directory.
 *                With `keepDirectoryLinks` every link is kept so.
 *   housekeeping nix-support is for builds and is left out.
 *
 * Conflicts are settled as in tree.ts.
 */
import { NixError } from '../errors/nix-error.ts';
import { DIRECTORY_MODE, type Ownership } from './entry.ts';
import { type LogicalFiles, storePathOf } from './logical-files.ts';
import { fileOf } from './store-entries.ts';
import type { ArchiveTree } from './tree.ts';

export interface CopyOptions {
  readonly owner: Ownership;
  readonly keepDirectoryLinks: boolean;
  /** Every file becomes a link into the store: the customisation layer of buildLayeredImage. */
  readonly linkFiles: boolean;
}

/** Where files are copied even when they were reached through a link to a directory. */
const EDITABLE = new Set(['etc', 'var']);
const HOUSEKEEPING = 'nix-support';

export class RootCopier {
  private readonly tree: ArchiveTree;
  private readonly files: LogicalFiles;
  private readonly options: CopyOptions;
  /** Links to directories that were kept: name in the image -> the directory, should another item need it as one. */
  private readonly keptLinks = new Map<string, { directory: string; item: Item }>();

  constructor(tree: ArchiveTree, files: LogicalFiles, options: CopyOptions) {
    this.tree = tree;
    this.files = files;
    this.options = options;
  }

  /** `path` is a store path or a directory in one. */
  add(path: string): void {
    const root = this.files.resolve(path);
    if (root === undefined || this.files.status(root).kind !== 'directory')
      throw new NixError(`cannot copy '${path}' to the root of an image: it is not a directory`, {
        class: 'BuildError',
        hint: 'Give a package or a directory; a single file goes in with runCommand or symlinkJoin, at its own path.',
      });
    this.directory(root, '', { root, origin: path, links: this.options.linkFiles }, [root]);
  }

  private directory(path: string, name: string, item: Item, within: readonly string[]): void {
    this.makeDirectory(name, item, within);
    for (const child of this.files.list(path)) {
      if (name === '' && child === HOUSEKEEPING) continue;
      this.node(`${path}/${child}`, name === '' ? child : `${name}/${child}`, item, within);
    }
  }

  private node(path: string, name: string, item: Item, within: readonly string[]): void {
    const { owner } = this.options;
    const status = this.files.status(path);
    if (status.kind === 'directory') {
      this.directory(path, name, item, within);
      return;
    }
    if (status.kind === 'link') {
      this.link(path, name, item, within);
      return;
    }
    const editable = !this.options.linkFiles && EDITABLE.has(name.split('/', 1)[0]!);
    const asLink = (item.links && !editable) || (status.executable && isElf(this.files.head(path, 4)));
    if (asLink) this.put({ type: 'symlink', name, target: path, owner }, item);
    else this.put(fileOf(this.files, path, name, status.executable, status.size, owner), item);
  }

  private link(path: string, name: string, item: Item, within: readonly string[]): void {
    const resolved = this.files.resolve(path);
    const isDirectory = resolved !== undefined && this.files.status(resolved).kind === 'directory';
    if (!isDirectory) {
      this.put(this.linkEntry(path, name, item), item);
      return;
    }
    const own = !item.links && isWithin(resolved, item.root) && !this.files.linkTarget(path).startsWith('/');
    const reached: Item = { ...item, links: item.links || !isWithin(resolved, item.root) };
    if ((own || this.options.keepDirectoryLinks) && this.tree.at(name) !== 'directory') {
      this.put(this.linkEntry(path, name, item), item);
      this.keptLinks.set(name, { directory: resolved, item: reached });
      return;
    }
    if (within.includes(resolved))
      throw new NixError(`the link '${path}' leads back into itself`, { class: 'BuildError' });
    this.directory(resolved, name, reached, [...within, resolved]);
  }

  /** A link as it stands, or absolute where its relative target would not be beside it in the image. */
  private linkEntry(path: string, name: string, item: Item) {
    const { owner } = this.options;
    const target = this.files.linkTarget(path);
    if (target.startsWith('/')) return { type: 'symlink', name, target, owner } as const;
    const lexical = joinPath(path.slice(0, path.lastIndexOf('/')), target);
    if (item.links) return { type: 'symlink', name, target: path, owner } as const;
    return { type: 'symlink', name, target: isWithin(lexical, item.root) ? target : lexical, owner } as const;
  }

  private put(entry: Parameters<ArchiveTree['add']>[0], item: Item): void {
    this.keptLinks.delete(entry.name);
    this.tree.add(entry, item.origin);
  }

  private makeDirectory(name: string, item: Item, within: readonly string[]): void {
    const kept = this.keptLinks.get(name);
    if (kept) {
      this.keptLinks.delete(name);
      this.directory(kept.directory, name, kept.item, [...within, kept.directory]);
    }
    if (name !== '')
      this.tree.add({ type: 'directory', name, mode: DIRECTORY_MODE, owner: this.options.owner }, item.origin);
  }
}

interface Item {
  /** The directory that is copied, links followed. */
  readonly root: string;
  /** What the user named. */
  readonly origin: string;
  /** Are files links into the store? */
  readonly links: boolean;
}

function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

function joinPath(directory: string, relative: string): string {
  const out = directory.split('/');
  for (const part of relative.split('/')) {
    if (part === '..') out.pop();
    else if (part !== '.' && part !== '') out.push(part);
  }
  return out.join('/');
}

/** The store paths whose references the copies of these paths have: those that are copied whole. */
export function wholeStorePaths(paths: readonly string[]): string[] {
  return paths.filter((path) => storePathOf(path) === path);
}
