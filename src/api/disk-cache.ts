/**
 * A folder of the user's cache directory: one file per entry, named by its key (a hash of everything that the entry
 * depends on). An entry is written beside its place and moved there, so that processes that write the same one, or die
 * while writing, leave nothing broken; what is read is checked by whoever decodes it. The folder is kept below a size by
 * deleting what was written longest ago. No failure here is worth an error.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { homeOf } from '../store/home.ts';
import { buildIdentity } from './build-identity.ts';

/** Looking at every entry costs more than all the rest; one run in so many does it for all. */
const runsPerTrim = 50;

export class DiskCache {
  private readonly directory: string;
  private readonly maximumBytes: number;
  private ready = false;
  /**
   * Where there was no folder at the first look: the entries made since. No others are looked for, for each look that finds
   * nothing costs as much as reading a small file (another process may fill the folder meanwhile; what is missed is made again).
   */
  private own: Set<string> | undefined;
  private written = 0;

  constructor(env: Readonly<Record<string, string | undefined>>, folder: string, maximumBytes: number) {
    const base = env.XDG_CACHE_HOME || join(homeOf(env), '.cache');
    this.directory = join(base, 'nixlet', folder);
    this.maximumBytes = maximumBytes;
  }

  get(key: string): Uint8Array | undefined {
    if (this.own !== undefined && !this.own.has(key)) return undefined;
    try {
      return readFileSync(join(this.directory, this.fileName(key)));
    } catch {
      if (!this.ready && !existsSync(this.directory)) this.own ??= new Set();
      return undefined;
    }
  }

  put(key: string, bytes: Uint8Array): void {
    try {
      if (!this.ready) {
        mkdirSync(this.directory, { recursive: true });
        this.ready = true;
        if (Math.random() * runsPerTrim < 1) this.trim();
      }
      const name = this.fileName(key);
      const temporary = join(this.directory, `.${name}.${process.pid}.${this.written++}`);
      writeFileSync(temporary, bytes);
      renameSync(temporary, join(this.directory, name));
      this.own?.add(key);
    } catch {
      // A full or read-only disk: the next run does the work again.
    }
  }

  /** Gives an entry a second name. */
  alias(key: string, also: string): void {
    try {
      linkSync(join(this.directory, this.fileName(key)), join(this.directory, this.fileName(also)));
      this.own?.add(also);
    } catch {
      // It has the name already, or this file system knows no links.
    }
  }

  /** Another build of nixlet may compute something else of the same: it has entries of its own. */
  private fileName(key: string): string {
    return `${key}-${buildIdentity()}`;
  }

  private trim(): void {
    const entries = readdirSync(this.directory).map((name) => {
      const path = join(this.directory, name);
      const { size, mtimeMs, nlink } = statSync(path);
      return { path, size: size / nlink, mtimeMs };
    });
    let total = entries.reduce((sum, entry) => sum + entry.size, 0);
    for (const entry of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= this.maximumBytes) return;
      rmSync(entry.path, { force: true });
      total -= entry.size;
    }
  }
}
