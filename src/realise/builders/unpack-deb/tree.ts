/**
 * The output while it is being made: a map from paths (relative-path.ts) to nodes, all in memory. Packages are merged
 * into it one after the other; what happens when two bring the same path is decided here:
 *
 *   directory + directory   one directory
 *   file + link             the file (a compatibility link in the old place of a file: /lib64, /sbin)
 *   directory + link        the directory
 *   link + link             the first
 *   file + file             one, where content and execute bit agree; else an error naming both packages
 *   file + directory        an error
 *
 * Two paths with one FileNode are hard links.
 */
import { compareBytewise } from '../../../base/order.ts';
import { linkDestination, parentPath } from '../relative-path.ts';
import { collision } from './messages.ts';

export interface FileNode {
  readonly kind: 'file';
  data: Buffer;
  readonly executable: boolean;
  /** The package that brought it, for messages. */
  readonly from: string;
}

export interface LinkNode {
  readonly kind: 'link';
  /** The text as it is to be written, or as the package had it while `destination` is to be turned into one. */
  text: string;
  /** Output path that it points to; undefined once the text is final. */
  destination: string | undefined;
  readonly from: string;
}

export interface DirectoryNode {
  readonly kind: 'directory';
}

export type TreeNode = FileNode | LinkNode | DirectoryNode;

const LINK_LIMIT = 40;

export class Tree {
  private readonly nodes = new Map<string, TreeNode>();
  private readonly thinned = new Set<string>();

  get(path: string): TreeNode | undefined {
    return path === '' ? { kind: 'directory' } : this.nodes.get(path);
  }

  /** Merges a node in, with the directories above it. */
  add(path: string, node: TreeNode): void {
    if (path === '') return;
    this.addParents(path, node);
    const existing = this.nodes.get(path);
    const kept = existing === undefined ? node : merge(path, existing, node);
    this.nodes.set(path, kept);
  }

  delete(path: string): void {
    this.nodes.delete(path);
  }

  /** A path that is not wanted: it goes, and so will the directories above it that hold nothing else (`prune`). */
  leaveOut(path: string): void {
    this.nodes.delete(path);
    for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) this.thinned.add(parent);
  }

  /** Takes away the directories that `leaveOut` emptied. */
  prune(): void {
    const full = new Set<string>();
    for (const [path, node] of this.entries().reverse()) {
      if (node.kind === 'directory' && !full.has(path) && this.thinned.has(path)) this.nodes.delete(path);
      else full.add(parentPath(path));
    }
  }

  /** Entries in byte order of the paths, so that a directory comes before what is in it. */
  entries(): [path: string, node: TreeNode][] {
    return [...this.nodes].sort(([a], [b]) => compareBytewise(a, b));
  }

  /** Files in byte order of the paths; a file with several names comes once, under the first. */
  files(): [path: string, node: FileNode][] {
    const seen = new Set<TreeNode>();
    const out: [string, FileNode][] = [];
    for (const [path, node] of this.entries()) {
      if (node.kind !== 'file' || seen.has(node)) continue;
      seen.add(node);
      out.push([path, node]);
    }
    return out;
  }

  /** The node reached from a path by following links inside the tree; undefined where there is none. */
  follow(path: string): TreeNode | undefined {
    let current = path;
    for (let links = 0; links < LINK_LIMIT; links++) {
      const link = this.firstLink(current);
      if (link === undefined) return this.get(current);
      const [at, node] = link;
      const destination = node.destination ?? (node.text.startsWith('/') ? undefined : linkDestination(at, node.text));
      if (destination === undefined) return undefined;
      current = destination + current.slice(at.length);
    }
    return undefined;
  }

  private firstLink(path: string): [string, LinkNode] | undefined {
    for (let slash = path.indexOf('/'); ; slash = path.indexOf('/', slash + 1)) {
      const prefix = slash < 0 ? path : path.slice(0, slash);
      const node = this.nodes.get(prefix);
      if (node?.kind === 'link') return [prefix, node];
      if (slash < 0 || node === undefined) return undefined;
    }
  }

  private addParents(path: string, node: TreeNode): void {
    const parent = parentPath(path);
    if (parent === '') return;
    const existing = this.nodes.get(parent);
    if (existing?.kind === 'directory') return;
    if (existing?.kind === 'file') throw collision(parent, existing.from, origin(node));
    this.nodes.set(parent, { kind: 'directory' });
    this.addParents(parent, node);
  }
}

function origin(node: TreeNode): string {
  return node.kind === 'directory' ? 'a directory' : node.from;
}

function merge(path: string, first: TreeNode, second: TreeNode): TreeNode {
  if (first.kind === 'link') return second.kind === 'link' ? first : second;
  if (second.kind === 'link') return first;
  if (first.kind === 'directory' && second.kind === 'directory') return first;
  if (first.kind === 'file' && second.kind === 'file') {
    if (first.executable === second.executable && first.data.equals(second.data)) return first;
  }
  throw collision(path, origin(first), origin(second));
}
