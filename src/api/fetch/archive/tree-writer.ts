/**
 * Writes files of an archive below one directory, and nowhere else: `..` is refused, a leading slash ignored, and nothing
 * is written through a link that the archive brought along. An entry that comes twice counts the second time, except that
 * a directory stays. Paths are Nix strings (base/bytes.ts).
 */
import { chmodSync, closeSync, linkSync, mkdirSync, openSync, rmSync, symlinkSync, writeSync } from 'node:fs';
import { NixError } from '../../../errors/nix-error.ts';
import { diskPath, fileError } from '../../../store/disk.ts';

export class TreeWriter {
  readonly #root: string;
  readonly #label: string;
  /** What has been written: path below the root -> type. */
  readonly #made = new Map<string, 'directory' | 'file' | 'link'>();

  constructor(root: string, label: string) {
    this.#root = root;
    this.#label = label;
    mkdirSync(root, 0o755);
  }

  directory(path: string): void {
    this.#makeDirectory(this.#normalise(path));
  }

  /** Gives where the chunks go; the file ends with `close`. */
  file(path: string, executable: boolean): { write(chunk: Uint8Array): void; close(): void } {
    const own = this.#claim(path, 'file');
    const place = this.#place(own);
    const fd = this.#attempt('creating file', place, () => openSync(diskPath(place), 'wx', 0o644));
    return {
      write: (chunk) =>
        this.#attempt('writing file', place, () => {
          for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
        }),
      close: () => {
        closeSync(fd);
        chmodSync(diskPath(place), executable ? 0o755 : 0o644);
      },
    };
  }

  link(path: string, target: string): void {
    const place = this.#place(this.#claim(path, 'link'));
    this.#attempt('creating symlink', place, () => symlinkSync(diskPath(target), diskPath(place)));
  }

  /** A second name for a file that is there already. */
  hardLink(path: string, existing: string): void {
    const old = this.#normalise(existing);
    const type = this.#made.get(old);
    if (type !== 'file' && type !== 'link')
      throw this.#problem(`'${path}' is a hard link to '${existing}', which is not in it`);
    if (this.#normalise(path) === old) return;
    const place = this.#place(this.#claim(path, type));
    this.#attempt('creating file', place, () => linkSync(diskPath(this.#place(old)), diskPath(place)));
  }

  /** Makes room for something that is no directory; gives its normalised path. */
  #claim(path: string, type: 'file' | 'link'): string {
    const own = this.#normalise(path);
    if (own === '') throw this.#problem(`'${path}' names no file`);
    const slash = own.lastIndexOf('/');
    this.#makeDirectory(slash < 0 ? '' : own.slice(0, slash));
    const before = this.#made.get(own);
    if (before === 'directory') throw this.#problem(`'${path}' is in it both as a directory and as a file`);
    if (before !== undefined) rmSync(diskPath(this.#place(own)));
    this.#made.set(own, type);
    return own;
  }

  #makeDirectory(path: string): void {
    if (path === '') return;
    const type = this.#made.get(path);
    if (type === 'directory') return;
    if (type !== undefined) throw this.#problem(`'${path}' is in it both as a ${type} and as a directory`);
    const slash = path.lastIndexOf('/');
    if (slash >= 0) this.#makeDirectory(path.slice(0, slash));
    const place = this.#place(path);
    this.#attempt('creating directory', place, () => mkdirSync(diskPath(place), 0o755));
    this.#made.set(path, 'directory');
  }

  #normalise(path: string): string {
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (parts.includes('..') || path.includes('\0')) throw this.#problem(`'${path}' is no path that may be unpacked`);
    return parts.join('/');
  }

  #place(path: string): string {
    return `${this.#root}/${path}`;
  }

  #problem(message: string): NixError {
    return new NixError(`cannot unpack '${this.#label}': ${message}`, { class: 'Error' });
  }

  #attempt<T>(doing: string, place: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw fileError(doing, place, error);
    }
  }
}
