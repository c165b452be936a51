/**
 * What a local store does to files on disk: gives them the form of store objects, moves them into place, deletes them.
 * The form: files 0444 or 0555 (executable for the owner), directories 0555, times 1 second after 1970, owned by whoever
 * owns the store; links as they are.
 */
import {
  chmodSync,
  lchownSync,
  lstatSync,
  lutimesSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { NixError } from '../../errors/nix-error.ts';
import { diskPath, fileError, systemErrorCode } from '../disk.ts';
import { readEntries } from '../nar/dump.ts';

/** Gives a tree the form of a store object. Sockets, pipes and devices are refused. */
export function canonicalise(path: string): void {
  const stat = statOf(path);
  if (!stat) throw new NixError(`path '${path}' does not exist`, { class: 'StoreError' });
  if (stat.isDirectory()) {
    // A builder may have taken away what we need to look inside.
    if ((stat.mode & 0o700) !== 0o700) attempt('changing mode of', path, () => chmodSync(diskPath(path), 0o755));
    for (const [name] of readEntries(path)) canonicalise(`${path}/${name}`);
  } else if (!stat.isFile() && !stat.isSymbolicLink())
    throw new NixError(`file '${path}' has an unsupported type`, { class: 'StoreError' });
  attempt('changing owner, mode or times of', path, () => {
    const uid = process.geteuid?.();
    if (uid !== undefined && stat.uid !== uid) lchownSync(diskPath(path), uid, process.getegid!());
    if (stat.isSymbolicLink()) {
      if (stat.mtimeMs !== 1000) lutimesSync(diskPath(path), 1, 1);
      return;
    }
    const mode = stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o555 : 0o444;
    // lchown may have cleared bits, so that the mode comes after it; an unchanged file is left alone.
    if (stat.isDirectory() || (stat.mode & 0o7777) !== mode) chmodSync(diskPath(path), mode);
    if (stat.isDirectory() || stat.mtimeMs !== 1000) utimesSync(diskPath(path), 1, 1);
  });
}

/** Renames within one file system. The target must not exist. A read-only directory is made writable for the moment. */
export function moveInPlace(from: string, to: string): void {
  const stat = statOf(from);
  attempt('moving to', to, () => {
    if (!stat?.isDirectory()) {
      renameSync(diskPath(from), diskPath(to));
      return;
    }
    // The entry `..` of a directory changes with its place, and that needs permission to write.
    const locked = (stat.mode & 0o200) === 0 && process.geteuid?.() !== 0;
    if (locked) chmodSync(diskPath(from), 0o755);
    renameSync(diskPath(from), diskPath(to));
    if (locked) chmodSync(diskPath(to), 0o555);
    // Some file systems count that change as one of the directory's content.
    if (stat.mtimeMs === 1000 && lstatSync(diskPath(to)).mtimeMs !== 1000) utimesSync(diskPath(to), 1, 1);
  });
}

/** Deletes a file or tree, read-only directories included; what is not there is fine. Gives the bytes on disk freed. */
export function deleteTree(path: string): number {
  const stat = statOf(path);
  if (!stat) return 0;
  let freed = stat.nlink > 1 && !stat.isDirectory() ? 0 : (stat.blocks ?? 0) * 512;
  attempt('deleting', path, () => {
    const place = diskPath(path);
    if (!stat.isDirectory()) {
      unlinkSync(place);
      return;
    }
    if ((stat.mode & 0o700) !== 0o700) chmodSync(place, 0o755);
    for (const [name] of readEntries(path)) freed += deleteTree(`${path}/${name}`);
    rmdirSync(place);
  });
  return freed;
}

/** Status of the object itself, links not followed; undefined: nothing there. */
export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(diskPath(path), { throwIfNoEntry: false });
  } catch (error) {
    if (systemErrorCode(error) === 'ENOTDIR') return undefined;
    throw fileError('getting status of', path, error);
  }
}

/** Names in a directory, in no order; none where it does not exist. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(diskPath(directory));
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw fileError('reading directory', directory, error);
  }
}

function attempt(doing: string, path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw fileError(doing, path, error, 'StoreError');
  }
}
