/**
 * The user's cache of downloads, by content: DIRECTORY/<sha256 in base 16>, or <algorithm>-<digest> for other hashes. A
 * file is there under its final name only once its hash is verified. What has arrived so far waits as `<name>.partial`;
 * whoever goes on with it renames it to `<name>.partial.<pid>.<n>` first, so that no two processes write one file; one
 * whose process is gone is taken over.
 */
import { constants, copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toHex } from '../../base/hash.ts';
import { compareBytewise } from '../../base/order.ts';
import { fileError } from '../../store/disk.ts';
import { homeOf } from '../../store/home.ts';
import type { Environment } from './proxy.ts';

/** Where the cache is: XDG_CACHE_HOME/nixlet/downloads, by default below ~/.cache. */
export function defaultDownloadsDirectory(env: Environment): string {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homeOf(env), '.cache');
  return join(base, 'nixlet', 'downloads');
}

let claims = 0;

export class DownloadsDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  entry(algorithm: string, digest: Uint8Array): string {
    return join(this.path, algorithm === 'sha256' ? toHex(digest) : `${algorithm}-${toHex(digest)}`);
  }

  /** A file of this process' own to write to, with what an earlier attempt left in it. */
  async claimPartial(entry: string): Promise<string> {
    try {
      await mkdir(this.path, { recursive: true });
    } catch (error) {
      throw fileError('creating directory', this.path, error);
    }
    const mine = `${entry}.partial.${process.pid}.${claims++}`;
    for (const left of [`${entry}.partial`, ...(await this.#abandoned(entry))]) {
      try {
        await rename(left, mine);
        return mine;
      } catch {
        // Not there, or another process was faster.
      }
    }
    return mine;
  }

  /** Leaves what has arrived for the next attempt. */
  async releasePartial(entry: string, mine: string): Promise<void> {
    await rename(mine, `${entry}.partial`).catch(() => {});
  }

  /** The verified file gets its name. */
  async complete(entry: string, mine: string): Promise<void> {
    await rename(mine, entry);
  }

  async #abandoned(entry: string): Promise<string[]> {
    const prefix = `${entry.slice(dirname(entry).length + 1)}.partial.`;
    const names = await readdir(this.path).catch(() => []);
    return names
      .filter((name) => name.startsWith(prefix) && !isRunning(Number.parseInt(name.slice(prefix.length), 10)))
      .sort(compareBytewise)
      .map((name) => join(this.path, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A copy; the file system shares the blocks where it can. Never a hard link: the store changes modes and times. */
export async function copyDownload(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
}
