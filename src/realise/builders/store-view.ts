/**
 * Reads store paths through their logical names. The store may physically be anywhere, so a symbolic link to
 * /nix/store/... must not be left to the operating system to follow: links are resolved here, one by one, and each store
 * path is mapped to where it is.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { compareBytewise } from '../../base/order.ts';
import { linkDestination } from './relative-path.ts';

export type NodeKind = 'file' | 'directory' | 'link' | 'missing';

const LINK_LIMIT = 40;

export class StoreView {
  private readonly physical: (logicalPath: string) => string;

  constructor(context: { physical(logicalPath: string): string }) {
    this.physical = (path) => context.physical(path);
  }

  /** What is at a logical path, without following a link there (links in its parents are followed). */
  kind(path: string): NodeKind {
    const located = this.locate(path, false);
    return located === undefined ? 'missing' : located.kind;
  }

  /** What is at a logical path once links are followed; 'missing' for a dangling link or one that leaves the store. */
  followedKind(path: string): Exclude<NodeKind, 'link'> {
    const located = this.locate(path, true);
    return located === undefined ? 'missing' : (located.kind as Exclude<NodeKind, 'link'>);
  }

  /** The logical path that is reached by following every link; undefined where there is none. */
  realPath(path: string): string | undefined {
    return this.locate(path, true)?.path;
  }

  /** Names in a directory (links to it followed), in byte order. */
  list(path: string): string[] {
    const located = this.locate(path, true);
    return located?.kind === 'directory' ? readdirSync(located.physical).sort(compareBytewise) : [];
  }

  /** Content of a regular file (links followed); undefined where there is none. */
  read(path: string): Buffer | undefined {
    const located = this.locate(path, true);
    return located?.kind === 'file' ? readFileSync(located.physical) : undefined;
  }

  isExecutable(path: string): boolean {
    const located = this.locate(path, true);
    return located?.kind === 'file' && (lstatSync(located.physical).mode & 0o100) !== 0;
  }

  /** Text of the link at a path. */
  link(path: string): string | undefined {
    const located = this.locate(path, false);
    return located?.kind === 'link' ? readlinkSync(located.physical) : undefined;
  }

  private locate(path: string, followLast: boolean) {
    let segments = path.split('/').filter((segment) => segment !== '');
    let links = 0;
    let at = '';
    let physical = '';
    let kind: NodeKind = 'directory';
    for (let i = 0; i < segments.length; i++) {
      at += `/${segments[i]}`;
      if (i < 2) continue; // "/nix/store" is the store's, not ours to look at
      physical = i === 2 ? this.physical(at) : `${physical}/${segments[i]}`;
      const found = kindAt(physical);
      if (found === 'missing' || (found === 'file' && i < segments.length - 1)) return undefined;
      kind = found;
      if (found === 'link' && (followLast || i < segments.length - 1)) {
        if (++links > LINK_LIMIT) return undefined;
        const destination = linkDestination(at.slice(1), readlinkSync(physical)).split('/');
        segments = [...destination, ...segments.slice(i + 1)];
        if (segments[0] !== 'nix' || segments[1] !== 'store' || segments.length < 3) return undefined;
        at = '';
        i = -1;
      }
    }
    return segments.length < 3 ? undefined : { path: at, physical, kind };
  }
}

function kindAt(physical: string): NodeKind {
  const stat = lstatSync(physical, { throwIfNoEntry: false });
  if (!stat) return 'missing';
  return stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'directory' : 'file';
}
