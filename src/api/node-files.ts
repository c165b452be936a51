/**
 * The file half of the Node host: synchronous reads with Nix's messages. `/nix/store/...` is always the logical name; where
 * the store lies under another root, every path below it is looked up there, links included, so a link that points into
 * the store resolves although the host has no /nix.
 *
 * One evaluation sees one state of the files: types, and where directories really are, are remembered.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { decodeBytes, encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import type { FileType } from '../runtime/host.ts';

const storePrefix = '/nix/store';
/** As Linux's MAXSYMLINKS, beyond which it answers ELOOP. */
const maximumLinks = 40;
/** Longer than any file system needs to give a changed file another time (FAT: 2 s). */
const racyMilliseconds = 3000;

export class NodeFiles {
  /** Physical root of the store: '/' or a directory that holds nix/store. */
  private readonly root: string;
  private readonly types = new Map<string, FileType | undefined>();
  private readonly realDirectories = new Map<string, string>();
  /** Of the regular file whose type was looked up last: it is often read next. */
  private lastFile: { readonly path: string; readonly stat: Stats } | undefined;

  constructor(root: string) {
    this.root = root === '/' ? '' : root;
  }

  /** Where a path really is, as bytes where it is not UTF-8. */
  physical(path: string): string | Buffer {
    const inStore = this.root !== '' && (path === storePrefix || path.startsWith(`${storePrefix}/`));
    const full = inStore ? this.root + path : path;
    return full.isWellFormed() ? full : Buffer.from(encodeBytes(full));
  }

  readFile(path: string): Uint8Array {
    try {
      return readFileSync(this.physical(path));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        const real = this.realPath(path);
        if (real !== path) return this.readFile(real);
      }
      throw fileError(error, path);
    }
  }

  /**
   * What tells this state of a regular file from any other, without reading it: its device, inode, size and times. None
   * where the times are so young that another content could have the same (git calls it racy).
   */
  fileState(path: string): string | undefined {
    if (this.lastFile?.path !== path) this.lookUpType(path);
    if (this.lastFile?.path !== path) return undefined;
    const { dev, ino, size, mtimeMs, ctimeMs } = this.lastFile.stat;
    if (Math.max(mtimeMs, ctimeMs) > Date.now() - racyMilliseconds) return undefined;
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  }

  /** Type of the file itself. */
  fileType(path: string): FileType | undefined {
    if (this.types.has(path)) return this.types.get(path);
    const type = this.lookUpType(path);
    this.types.set(path, type);
    return type;
  }

  private lookUpType(path: string): FileType | undefined {
    try {
      const stat = lstatSync(this.physical(path), { throwIfNoEntry: false });
      if (!stat) return undefined;
      if (stat.isFile()) {
        this.lastFile = { path, stat };
        return 'regular';
      }
      if (stat.isDirectory()) return 'directory';
      return stat.isSymbolicLink() ? 'symlink' : 'unknown';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      throw fileError(error, path);
    }
  }

  readDirectory(path: string): ReadonlyMap<string, FileType> {
    const result = new Map<string, FileType>();
    try {
      for (const entry of readdirSync(this.physical(path), { withFileTypes: true, encoding: 'buffer' })) {
        const type = entry.isFile()
          ? 'regular'
          : entry.isDirectory()
            ? 'directory'
            : entry.isSymbolicLink()
              ? 'symlink'
              : 'unknown';
        result.set(decodeBytes(entry.name), type);
      }
    } catch (error) {
      throw fileError(error, path);
    }
    return result;
  }

  readLink(path: string): string {
    try {
      return decodeBytes(readlinkSync(this.physical(path), { encoding: 'buffer' }));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Every link resolved; the result is logical again. Fails where something on the way is missing. */
  realPath(path: string): string {
    return this.realDirectory(path) ?? this.resolveLinks(path);
  }

  /** Of a directory, from where its parent is: one look each. Undefined for all else, which resolveLinks has words for. */
  private realDirectory(path: string): string | undefined {
    const known = this.realDirectories.get(path);
    if (known !== undefined) return known;
    try {
      const parent = dirname(path);
      const above = parent === path ? undefined : this.realDirectory(parent);
      if (above === undefined && parent !== path) return undefined;
      let real = above === undefined ? path : join(above, basename(path));
      if (this.fileType(real) === 'symlink') real = this.resolveLinks(real);
      if (this.fileType(real) !== 'directory') return undefined;
      this.realDirectories.set(path, real);
      return real;
    } catch (error) {
      if (error instanceof NixError) return undefined;
      throw error;
    }
  }

  private resolveLinks(path: string): string {
    if (this.root === '' && path.isWellFormed()) {
      try {
        return realpathSync.native(path);
      } catch (error) {
        throw fileError(error, path);
      }
    }
    return this.walk(path);
  }

  /** realpath(3) over logical paths. */
  private walk(path: string): string {
    let pending = path.split('/').filter((part) => part !== '');
    let resolved = '/';
    let links = 0;
    while (pending.length > 0) {
      const part = pending.shift()!;
      if (part === '.') continue;
      if (part === '..') {
        resolved = dirname(resolved);
        continue;
      }
      const next = join(resolved, part);
      // Where the store lies elsewhere, /nix and /nix/store need not exist on the host.
      const type = next === '/nix' || next === storePrefix ? 'directory' : this.fileType(next);
      if (type === undefined) throw new NixError(`path '${path}' does not exist`);
      if (type !== 'symlink') {
        resolved = next;
        continue;
      }
      if (++links > maximumLinks) throw new NixError(`too many levels of symbolic links in path '${path}'`);
      const target = this.readLink(next);
      pending = [...target.split('/').filter((p) => p !== ''), ...pending];
      if (target.startsWith('/')) resolved = '/';
    }
    return resolved;
  }

  /** Files may have changed (the REPL's :reload). */
  forget(): void {
    this.types.clear();
    this.realDirectories.clear();
    this.lastFile = undefined;
  }
}

/** A system error in Nix's words. */
export function fileError(error: unknown, path: string): NixError {
  if (error instanceof NixError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new NixError(`path '${path}' does not exist`, { cause: error });
    case 'EACCES':
    case 'EPERM':
      return new NixError(`opening file '${path}': Permission denied`, { cause: error });
    case 'EISDIR':
      return new NixError(`reading from file '${path}': Is a directory`, { cause: error });
    case 'ELOOP':
      return new NixError(`too many levels of symbolic links in path '${path}'`, { cause: error });
    default:
      return new NixError(`reading '${path}': ${message}`, { cause: error });
  }
}
