/**
 * The tree of an archive that is put together from several sources. It is the tree of the archive, not of a disk:
 * nothing is opened or copied until it is walked.
 *
 * What happens when two sources supply one name is what rsync does without --force, on which nixpkgs' images rely:
 *   directory over directory   one directory with the entries of both; the later mode wins
 *   anything over a file/link  the later wins
 *   file or link over a directory that is not empty   an error that names both sources
 *
 * Walking gives each directory before its entries, and entries in byte order of their names: the order is the archive's,
 * so it does not depend on where the files came from.
 */
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { type ArchiveEntry, DIRECTORY_MODE, type DirectoryEntry, type Ownership, ROOT_OWNER } from './entry.ts';

type Leaf = Exclude<ArchiveEntry, DirectoryEntry>;

interface Directory {
  readonly children: Map<string, Node>;
  mode: number;
  owner: Ownership;
  origin: string;
}

type Node = { readonly directory: Directory } | { readonly leaf: Leaf; readonly origin: string };

export class ArchiveTree {
  private readonly root: Directory;

  constructor(mode: number, owner: Ownership = ROOT_OWNER) {
    this.root = { children: new Map(), mode, owner, origin: '' };
  }

  /** `origin` is where the entry comes from, for messages. Parents that nobody supplied become directories of root's. */
  add(entry: ArchiveEntry, origin: string): void {
    const parts = entry.name.split('/').filter((part) => part !== '');
    if (entry.type === 'directory') {
      const directory = this.descend(parts, origin);
      directory.mode = entry.mode;
      directory.owner = entry.owner;
      directory.origin = origin;
      return;
    }
    const name = parts.pop();
    if (name === undefined) throw new NixError(`'${origin}' is not a directory`, { class: 'BuildError' });
    const parent = this.descend(parts, origin);
    const present = parent.children.get(name);
    if (present && 'directory' in present && present.directory.children.size > 0)
      throw new NixError(
        `'/${entry.name}' is a directory in ${present.directory.origin} and a ${entry.type === 'file' ? 'file' : 'link'} in ${origin}`,
        { class: 'BuildError', hint: 'One image cannot hold both at one place; leave one of them out.' },
      );
    parent.children.set(name, { leaf: entry, origin });
  }

  /** What stands at a name now: a directory, a file or link, or nothing. */
  at(name: string): 'directory' | Leaf | undefined {
    let directory = this.root;
    const parts = name.split('/').filter((part) => part !== '');
    for (const [i, part] of parts.entries()) {
      const node = directory.children.get(part);
      if (!node) return undefined;
      if ('leaf' in node) return i === parts.length - 1 ? node.leaf : undefined;
      directory = node.directory;
    }
    return 'directory';
  }

  /** The root first, with the name ''. */
  *walk(): Generator<ArchiveEntry, void, void> {
    yield* walkDirectory('', this.root);
  }

  private descend(parts: readonly string[], origin: string): Directory {
    let directory = this.root;
    for (const part of parts) {
      const node = directory.children.get(part);
      if (node && 'directory' in node) directory = node.directory;
      else {
        const made: Directory = { children: new Map(), mode: DIRECTORY_MODE, owner: ROOT_OWNER, origin };
        directory.children.set(part, { directory: made });
        directory = made;
      }
    }
    return directory;
  }
}

function* walkDirectory(name: string, directory: Directory): Generator<ArchiveEntry, void, void> {
  yield { type: 'directory', name, mode: directory.mode, owner: directory.owner };
  const names = [...directory.children.keys()].sort(compareBytewise);
  for (const child of names) {
    const node = directory.children.get(child)!;
    if ('leaf' in node) yield node.leaf;
    else yield* walkDirectory(name === '' ? child : `${name}/${child}`, node.directory);
  }
}
