/**
 * A directory tree made of symbolic links into store paths: the heart of buildEnv, symlinkJoin and Python environments.
 * Packages are merged in one after the other. A directory that only one package has becomes one link; as soon as a
 * second package has it too, it becomes a real directory, and what both have in it is merged in turn. Two files at one
 * place are a collision: the one of better (lower) priority wins; at equal priority they must be the same in content
 * and execute bit, else it is an error that names both, unless collisions are ignored (the first wins then).
 * Source of the rules: nixpkgs manual, "Building environments"; tested against what nixpkgs' buildEnv does.
 */

import { compareBytewise } from '../../base/order.ts';
import { NixError } from '../../errors/nix-error.ts';
import { isWithin, parentPath } from './relative-path.ts';
import type { StoreView } from './store-view.ts';
import { writeDirectory, writeRegularFile, writeSymbolicLink } from './write-tree.ts';

export interface LinkTreeOptions {
  readonly view: StoreView;
  /** Paths of the tree to make, '' for all; they are there afterwards, as empty directories where no package has them. */
  readonly wanted: readonly string[];
  readonly ignoreCollisions: boolean;
  /** Two files of the same content do not collide. Default true. */
  readonly checkContents?: boolean;
  /** Never link a directory as a whole (symlinkJoin). */
  readonly realDirectories: boolean;
  /** Names left out of every package. */
  readonly skip: (path: string) => boolean;
  log(line: string): void;
}

type Entry =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly data: Uint8Array; readonly executable: boolean }
  | { readonly kind: 'fixedLink'; readonly text: string }
  | { readonly kind: 'link'; readonly target: string; readonly priority: number };

export class LinkTree {
  private readonly entries = new Map<string, Entry>();
  private readonly options: LinkTreeOptions;

  constructor(options: LinkTreeOptions) {
    this.options = options;
    for (const path of options.wanted) this.addDirectory(path);
    this.addDirectory('');
  }

  /** A real directory, also where a single package could be linked. */
  addDirectory(path: string): void {
    if (this.entries.get(path)?.kind === 'directory') return;
    this.entries.set(path, { kind: 'directory' });
    if (path !== '') this.addDirectory(parentPath(path));
  }

  /** A file of the tree's own; no package can replace it. */
  addFile(path: string, data: Uint8Array, executable: boolean): void {
    this.addDirectory(parentPath(path));
    this.entries.set(path, { kind: 'file', data, executable });
  }

  /** A link with this text; no package can replace it. */
  addLink(path: string, text: string): void {
    this.addDirectory(parentPath(path));
    this.entries.set(path, { kind: 'fixedLink', text });
  }

  /** Merges what is at the logical path `target` in at `path`; the lower priority wins. Nothing where it is missing. */
  merge(path: string, target: string, priority: number, quiet = false): void {
    const { view, skip } = this.options;
    const kind = view.followedKind(target);
    if (kind === 'missing' && view.kind(target) === 'missing') return;
    if (path !== '' && (skip(path) || !this.concerns(path))) return;
    const existing = this.entries.get(path);
    if (existing === undefined) {
      if (this.options.realDirectories && view.kind(target) === 'directory') {
        this.addDirectory(path);
        this.mergeChildren(path, target, priority, quiet);
      } else this.entries.set(path, { kind: 'link', target, priority });
      return;
    }
    if (existing.kind === 'file' || existing.kind === 'fixedLink') return;
    if (existing.kind === 'directory') {
      if (kind === 'directory') this.mergeChildren(path, target, priority, quiet);
      else if (path === '') throw notADirectory(target);
      else this.collide(path, target, 'a directory of other packages', quiet);
      return;
    }
    this.mergeWithLink(path, existing, { kind: 'link', target, priority }, quiet);
  }

  /** Links at present, in byte order of their paths. */
  links(): { path: string; target: string }[] {
    return this.sorted().flatMap(([path, entry]) => (entry.kind === 'link' ? [{ path, target: entry.target }] : []));
  }

  /** Writes the tree below a physical directory, which is made. */
  write(root: string): void {
    writeDirectory(root);
    for (const [path, entry] of this.sorted()) {
      const place = `${root}/${path}`;
      const own = entry.kind === 'file' || entry.kind === 'fixedLink';
      if (!own && !this.concerns(path)) continue;
      writeDirectory(entry.kind === 'directory' ? place : parentPath(place));
      if (entry.kind === 'file') writeRegularFile(place, entry.data, entry.executable);
      else if (entry.kind === 'fixedLink') writeSymbolicLink(place, entry.text);
      else if (entry.kind === 'link') writeSymbolicLink(place, entry.target);
    }
  }

  private mergeWithLink(
    path: string,
    existing: Entry & { kind: 'link' },
    added: Entry & { kind: 'link' },
    quiet: boolean,
  ) {
    const { view } = this.options;
    const kind = view.followedKind(added.target);
    const existingKind = view.followedKind(existing.target);
    if (existingKind !== 'directory' && added.priority < existing.priority) {
      this.entries.set(path, added);
    } else if (this.sameDestination(existing.target, added.target)) {
      // Prefer the file itself to a link to it.
      const better = view.kind(existing.target) === 'link' && view.kind(added.target) !== 'link';
      if (better) this.entries.set(path, added);
    } else if (existingKind !== 'directory' && added.priority > existing.priority) {
      return;
    } else if (kind === 'directory' && existingKind === 'directory') {
      this.addDirectory(path);
      this.mergeChildren(path, existing.target, existing.priority, quiet);
      this.mergeChildren(path, added.target, added.priority, quiet);
    } else if (!this.sameContent(existing.target, added.target))
      this.collide(path, added.target, existing.target, quiet);
  }

  private mergeChildren(path: string, target: string, priority: number, quiet: boolean): void {
    for (const name of this.options.view.list(target)) {
      this.merge(path === '' ? name : `${path}/${name}`, `${target}/${name}`, priority, quiet);
    }
  }

  private collide(path: string, added: string, existing: string, quiet: boolean): void {
    if (quiet) return;
    if (!this.options.ignoreCollisions) throw collision(path, added, existing);
    this.options.log(`collision between '${added}' and '${existing}': the second is kept`);
  }

  private sameDestination(a: string, b: string): boolean {
    const real = this.options.view.realPath(a);
    return real !== undefined && real === this.options.view.realPath(b);
  }

  private sameContent(a: string, b: string): boolean {
    const { view, checkContents = true } = this.options;
    if (!checkContents) return false;
    const left = view.read(a);
    const right = view.read(b);
    if (!left && !right) return view.link(a) !== undefined && view.link(a) === view.link(b); // dangling alike
    return !!left && !!right && left.equals(right) && view.isExecutable(a) === view.isExecutable(b);
  }

  /** Is the path in, or on the way to, what is wanted? */
  private concerns(path: string): boolean {
    return this.isWanted(path) || this.options.wanted.some((wanted) => isWithin(path, wanted));
  }

  private isWanted(path: string): boolean {
    return this.options.wanted.some((wanted) => isWithin(wanted, path));
  }

  private sorted(): [string, Entry][] {
    return [...this.entries].sort(([a], [b]) => compareBytewise(a, b));
  }
}

const collision = (path: string, added: string, existing: string) =>
  new NixError(`collision at '${path}' between '${added}' and '${existing}'`, {
    class: 'BuildError',
    hint: 'take one of them away, give them different priorities (meta.priority), or set ignoreCollisions = true',
  });

const notADirectory = (target: string) =>
  new NixError(`'${target}' is a file and cannot be merged into an environment`, { class: 'BuildError' });
