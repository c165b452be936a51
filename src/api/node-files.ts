/**
 * The file half of the Node host: synchronous reads with Nix's messages. `/nix/store/...` is always the logical name; where
 * the store lies under another root, every path below it is looked up there, links included, so a link that points into
 * the store resolves although the host has no /nix.
 */
import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeBytes, encodeBytes } from '../base/bytes.ts';
import { NixError } from '../errors/nix-error.ts';
import type { FileType } from '../runtime/host.ts';

const storePrefix = '/nix/store';
/** As Linux's MAXSYMLINKS, beyond which it answers ELOOP. */
const maximumLinks = 40;

export class NodeFiles {
  /** Physical root of the store: '/' or a directory that holds nix/store. */
  private readonly root: string;
  private readonly types = new Map<string, FileType | undefined>();

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

  /** Type of the file itself; remembered, since one evaluation sees one state of the files. */
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
      if (stat.isFile()) return 'regular';
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
