/** What becomes of the directory of a failed build, and whether the disk may be to blame. */
import { cpSync, mkdirSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '../store/disk.ts';
import { deleteTree, statOf } from '../store/local/files.ts';

/** --keep-failed: moves the directory to `<base>/nix-build-<name>-<n>`, where nobody deletes it. Undefined: there is none. */
export function keepBuildDirectory(from: string, base: string, name: string): string | undefined {
  if (!statOf(from)) return undefined;
  mkdirSync(base, { recursive: true });
  let n = 0;
  const target = () => join(base, `nix-build-${name}-${n}`);
  while (statOf(target())) n++;
  try {
    renameSync(from, target());
  } catch (error) {
    if (systemErrorCode(error) !== 'EXDEV') throw error;
    cpSync(from, target(), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    deleteTree(from);
  }
  return target();
}

/** Less than 8 MiB left: then a builder may have failed for that, and the failure says nothing about the next time. */
export function isDiskFull(directory: string): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < 8 * 1024 * 1024;
}
