/** nix-store --dump and --restore: the NAR of any files, and back. */
import { resolve } from 'node:path';
import { dumpPath } from '../../store/nar/dump.ts';
import { restorePath } from '../../store/nar/restore.ts';

export function dumpArchive(path: string): Iterable<Uint8Array> {
  return dumpPath(resolve(path));
}

/** `target` must not exist. */
export function restoreArchive(target: string, chunks: Iterable<Uint8Array>): void {
  restorePath(resolve(target), chunks, { canonical: false });
}
