/**
 * One member of an archive, as data. Names are those of the archive, not of the disk: without a slash at either end, ''
 * for the root. Whoever supplies a file says how to open it; whoever writes it needs nothing else.
 */

export interface Ownership {
  readonly uid: number;
  readonly gid: number;
  /** Names of the owners; left out of the archive where absent, so that the numbers decide. */
  readonly uname?: string;
  readonly gname?: string;
}

export const ROOT_OWNER: Ownership = { uid: 0, gid: 0 };

export type ArchiveEntry = DirectoryEntry | FileEntry | SymlinkEntry;

export interface DirectoryEntry {
  readonly type: 'directory';
  readonly name: string;
  readonly mode: number;
  readonly owner: Ownership;
}

export interface FileEntry {
  readonly type: 'file';
  readonly name: string;
  readonly mode: number;
  readonly owner: Ownership;
  /** In bytes; `open` gives exactly as many. */
  readonly size: number;
  open(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface SymlinkEntry {
  readonly type: 'symlink';
  readonly name: string;
  readonly target: string;
  readonly owner: Ownership;
}

/** Modes in an image are the store's canonical ones, whatever the disk says: no umask leaks. */
export const DIRECTORY_MODE = 0o555;
export const FILE_MODE = 0o444;
export const EXECUTABLE_MODE = 0o555;

/** A file whose content is at hand. */
export function fileEntry(name: string, bytes: Uint8Array, mode = FILE_MODE, owner = ROOT_OWNER): FileEntry {
  return { type: 'file', name, mode, owner, size: bytes.length, open: () => [bytes] };
}

/** The name of a member as archives of other programs write it ("./bin/", "/bin"), in our form. */
export function normalizeEntryName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/');
}
