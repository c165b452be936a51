/**
 * Files of the store by their logical names (/nix/store/...), wherever the store physically is. A link to /nix/store must
 * not be left to the operating system to follow, so links are resolved here, one component at a time.
 */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { decodeBytes } from '../base/bytes.ts';
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { diskPath, fileError } from '../store/disk.ts';

export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'link';
  readonly executable: boolean;
  readonly size: number;
}

export const STORE_DIR = '/nix/store';
const LINK_LIMIT = 40;
const READ_SIZE = 1 << 20;

export class LogicalFiles {
  private readonly physical: (logicalPath: string) => string;

  /** `physical` maps a logical store path (or one below it) to where it is. */
  constructor(physical: (logicalPath: string) => string) {
    this.physical = physical;
  }

  /** What is at a path, a link there not followed; its parents must not be links. */
  status(path: string): FileStatus {
    const status = this.find(path);
    if (!status) throw new NixError(`path '${path}' does not exist`, { class: 'BuildError' });
    return status;
  }

  /** The path with every link in it and at it followed; undefined where that leaves the store or there is nothing. */
  resolve(path: string): string | undefined {
    let rest = splitPath(path).reverse();
    let at: string[] = [];
    let links = 0;
    while (rest.length > 0) {
      const part = rest.pop()!;
      if (part === '..') at.pop();
      else at.push(part);
      if (at.length < 3) continue;
      if (at[0] !== 'nix' || at[1] !== 'store') return undefined;
      const here = `/${at.join('/')}`;
      const status = this.find(here);
      if (!status) return undefined;
      if (status.kind === 'link') {
        if (++links > LINK_LIMIT) return undefined;
        const target = this.linkTarget(here);
        rest = [...rest, ...splitPath(target).reverse()];
        if (target.startsWith('/')) at = [];
        else at.pop();
      } else if (status.kind === 'file' && rest.length > 0) return undefined;
    }
    return at.length >= 3 ? `/${at.join('/')}` : undefined;
  }

  /** Names in a directory, in byte order. */
  list(path: string): string[] {
    try {
      const names = readdirSync(diskPath(this.physical(path)), { encoding: 'buffer' });
      return names.map((name) => decodeBytes(name)).sort(compareBytewise);
    } catch (error) {
      throw fileError('reading directory', path, error, 'BuildError');
    }
  }

  linkTarget(path: string): string {
    return decodeBytes(readlinkSync(diskPath(this.physical(path)), { encoding: 'buffer' }));
  }

  /** The first bytes of a regular file. */
  head(path: string, length: number): Uint8Array {
    const fd = this.open(path);
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(fd, bytes, 0, length, 0));
    } finally {
      closeSync(fd);
    }
  }

  text(path: string): string {
    try {
      return decodeBytes(readFileSync(diskPath(this.physical(path))));
    } catch (error) {
      throw fileError('opening file', path, error, 'BuildError');
    }
  }

  /** The content of a file that has `size` bytes, in chunks that belong to the caller; all there is, if it has changed. */
  *read(path: string, size: number): Generator<Uint8Array, void, void> {
    const fd = this.open(path);
    try {
      for (let expected = size; ; ) {
        const chunk = Buffer.allocUnsafe(Math.min(READ_SIZE, Math.max(expected, 1)));
        const length = readSync(fd, chunk, 0, chunk.length, null);
        if (length === 0) return;
        yield chunk.subarray(0, length);
        expected -= length;
      }
    } finally {
      closeSync(fd);
    }
  }

  private find(path: string): FileStatus | undefined {
    const stat = lstatSync(diskPath(this.physical(path)), { throwIfNoEntry: false });
    if (!stat) return undefined;
    const kind = stat.isSymbolicLink() ? 'link' : stat.isDirectory() ? 'directory' : stat.isFile() ? 'file' : undefined;
    if (!kind) throw new NixError(`'${path}' is neither a file, a directory nor a link`, { class: 'BuildError' });
    return { kind, executable: kind === 'file' && (stat.mode & 0o100) !== 0, size: stat.size };
  }

  private open(path: string): number {
    try {
      return openSync(diskPath(this.physical(path)), 'r');
    } catch (error) {
      throw fileError('opening file', path, error, 'BuildError');
    }
  }
}

function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

/** /nix/store/<hash>-<name> of a path in the store; undefined for any other path. */
export function storePathOf(path: string): string | undefined {
  const [nix, store, base] = splitPath(path);
  return nix === 'nix' && store === 'store' && base !== undefined ? `${STORE_DIR}/${base}` : undefined;
}
