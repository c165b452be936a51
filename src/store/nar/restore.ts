/**
 * Unpacks a NAR to disk, in the form that store objects have: files 0444 or 0555, directories 0555, times 1 second after
 * 1970. The target must not exist. A failure leaves what was written; the caller works in a place that it may delete.
 */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { diskPath, fileError } from '../disk.ts';
import { NarReader, type NarVisitor } from './read.ts';

/** `canonical: false` leaves times and write permission as they come, for trees that are worked on further. */
export interface RestoreOptions {
  readonly canonical?: boolean;
}

/** A reader that unpacks what is written to it. */
export function restoringReader(target: string, options: RestoreOptions = {}): NarReader {
  return new NarReader(new DiskVisitor(target, options.canonical ?? true));
}

export function restorePath(target: string, nar: Iterable<Uint8Array>, options: RestoreOptions = {}): void {
  const reader = restoringReader(target, options);
  for (const chunk of nar) reader.write(chunk);
  reader.end();
}

class DiskVisitor implements NarVisitor {
  private readonly target: string;
  private readonly canonical: boolean;
  private readonly directories: string[] = [];
  private path = '';
  private fd = -1;
  private executable = false;

  constructor(target: string, canonical: boolean) {
    this.target = target;
    this.canonical = canonical;
  }

  directory(name: string): void {
    const path = this.place(name);
    this.attempt('creating directory', path, () => mkdirSync(diskPath(path), 0o755));
    this.directories.push(path);
  }

  endDirectory(): void {
    const path = this.directories.pop()!;
    if (!this.canonical) return;
    this.attempt('changing mode of', path, () => {
      chmodSync(diskPath(path), 0o555);
      utimesSync(diskPath(path), 1, 1);
    });
  }

  regular(name: string, executable: boolean): void {
    this.path = this.place(name);
    this.executable = executable;
    this.attempt('creating file', this.path, () => {
      this.fd = openSync(diskPath(this.path), 'wx', 0o666);
    });
  }

  data(chunk: Uint8Array): void {
    this.attempt('writing file', this.path, () => {
      for (let done = 0; done < chunk.length; ) done += writeSync(this.fd, chunk, done);
    });
  }

  endRegular(): void {
    this.attempt('writing file', this.path, () => {
      if (this.canonical) {
        fchmodSync(this.fd, this.executable ? 0o555 : 0o444);
        futimesSync(this.fd, 1, 1);
      } else fchmodSync(this.fd, this.executable ? 0o755 : 0o644);
    });
    closeSync(this.fd);
    this.fd = -1;
  }

  symlink(name: string, target: string): void {
    const path = this.place(name);
    this.attempt('creating symlink', path, () => {
      symlinkSync(diskPath(target), diskPath(path));
      if (this.canonical) lutimesSync(diskPath(path), 1, 1);
    });
  }

  private place(name: string): string {
    const parent = this.directories.at(-1);
    return parent === undefined ? this.target : `${parent}/${name}`;
  }

  private attempt(doing: string, path: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.fd >= 0) {
        closeSync(this.fd);
        this.fd = -1;
      }
      throw fileError(doing, path, error);
    }
  }
}
