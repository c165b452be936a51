/** The members that a store path contributes to an image: itself, in place, with the store's canonical modes. */
import type { ArchiveEntry, Ownership } from './entry.ts';
import { DIRECTORY_MODE, EXECUTABLE_MODE, FILE_MODE } from './entry.ts';
import type { LogicalFiles } from './logical-files.ts';

/** A path and all below it, each directory before its entries, entries in byte order. */
export function* storePathEntries(
  files: LogicalFiles,
  path: string,
  owner: Ownership,
): Generator<ArchiveEntry, void, void> {
  const name = path.slice(1);
  const status = files.status(path);
  if (status.kind === 'link') yield { type: 'symlink', name, target: files.linkTarget(path), owner };
  else if (status.kind === 'file') yield fileOf(files, path, name, status.executable, status.size, owner);
  else {
    yield { type: 'directory', name, mode: DIRECTORY_MODE, owner };
    for (const child of files.list(path)) yield* storePathEntries(files, `${path}/${child}`, owner);
  }
}

/** The regular file at a path of the store, under another name. */
export function fileOf(
  files: LogicalFiles,
  path: string,
  name: string,
  executable: boolean,
  size: number,
  owner: Ownership,
): ArchiveEntry {
  const mode = executable ? EXECUTABLE_MODE : FILE_MODE;
  return { type: 'file', name, mode, owner, size, open: () => files.read(path, size) };
}
