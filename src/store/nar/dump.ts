/**
 * NARs of files on disk, in chunks, without ever holding more than a buffer. Directories are read whole and sorted by
 * bytes; of modes only the owner's executable bit counts; links are not followed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { decodeBytes } from '../../base/bytes.ts';
import { createHasher, type HashAlgorithm } from '../../base/hash.ts';
import { compareBytewise } from '../../base/order.ts';
import { NixError } from '../../errors/nix-error.ts';
import { diskPath, fileError } from '../disk.ts';
import type { NarIdentity } from '../store.ts';
import { NarWriter } from './write.ts';

export type EntryType = 'regular' | 'directory' | 'symlink' | 'unknown';

/** Absolute path and type of an object below the root; false leaves it, and what is below it, out. */
export type PathFilter = (path: string, type: EntryType) => boolean;

/** What the NAR of a file is larger than the file, at most. */
const smallNar = 256;

/** The NAR of what is at `path`. A chunk belongs to the caller. */
export function* dumpPath(path: string, filter?: PathFilter): Generator<Uint8Array, void, void> {
  const root = statAt(path);
  const type = entryType(root);
  // Most sources are single small files, which need no large buffer.
  const writer = type === 'regular' ? new NarWriter(root.size + smallNar) : new NarWriter();
  writer.begin();
  yield* dumpNode(writer, path, type, filter);
  yield writer.take();
}

function* dumpNode(
  writer: NarWriter,
  path: string,
  type: EntryType,
  filter: PathFilter | undefined,
): Generator<Uint8Array, void, void> {
  if (writer.full) yield writer.take();
  if (type === 'regular') yield* dumpFile(writer, path);
  else if (type === 'symlink') writer.symlink(readLinkAt(path));
  else if (type === 'directory') {
    writer.openDirectory();
    for (const [name, entryType] of readEntries(path)) {
      const child = path === '/' ? `/${name}` : `${path}/${name}`;
      if (filter && !filter(child, entryType)) continue;
      writer.openEntry(name);
      yield* dumpNode(writer, child, entryType, filter);
      writer.closeEntry();
    }
    writer.closeDirectory();
  } else throw new NixError(`file '${path}' has an unsupported type`, { class: 'Error' });
}

function* dumpFile(writer: NarWriter, path: string): Generator<Uint8Array, void, void> {
  const fd = openFile(path);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new NixError(`file '${path}' has an unsupported type`, { class: 'Error' });
    writer.openFile(stat.size, (stat.mode & 0o100) !== 0);
    for (let left = stat.size; left > 0; ) {
      if (writer.full) yield writer.take();
      const room = writer.reserve();
      if (room.length === 0) {
        yield writer.take();
        continue;
      }
      const count = readChunk(fd, room, Math.min(left, room.length), path);
      if (count === 0) throw new NixError(`file '${path}' became shorter while it was read`, { class: 'Error' });
      writer.commit(count);
      left -= count;
    }
    writer.closeFile(stat.size);
  } finally {
    closeSync(fd);
  }
}

function openFile(path: string): number {
  try {
    // O_NONBLOCK: a pipe that took the file's place must not make us wait.
    return openSync(diskPath(path), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw fileError('opening file', path, error);
  }
}

function readChunk(fd: number, room: Uint8Array, length: number, path: string): number {
  try {
    return readSync(fd, room, 0, length, null);
  } catch (error) {
    throw fileError('reading file', path, error);
  }
}

export function readLinkAt(path: string): string {
  try {
    const target = readlinkSync(diskPath(path), 'buffer');
    return decodeBytes(target);
  } catch (error) {
    throw fileError('reading symbolic link', path, error);
  }
}

export function typeAt(path: string): EntryType {
  return entryType(statAt(path));
}

function statAt(path: string): Stats {
  try {
    return lstatSync(diskPath(path));
  } catch (error) {
    throw fileError('getting status of', path, error);
  }
}

/** Names and types of what is in a directory, in byte order. */
export function readEntries(path: string): [string, EntryType][] {
  try {
    const place = diskPath(path);
    const dirents = readdirSync(place, { withFileTypes: true });
    // Node puts U+FFFD where a name is not UTF-8: read such directories again as bytes.
    if (!dirents.some((dirent) => dirent.name.includes('\ufffd')))
      return dirents
        .map((dirent): [string, EntryType] => [dirent.name, entryType(dirent)])
        .sort(([a], [b]) => compareBytewise(a, b));
    return readdirSync(place, { encoding: 'buffer' })
      .map((bytes) => decodeBytes(bytes))
      .sort(compareBytewise)
      .map((name) => [name, typeAt(`${path}/${name}`)]);
  } catch (error) {
    throw fileError('reading directory', path, error);
  }
}

function entryType(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): EntryType {
  return entry.isFile()
    ? 'regular'
    : entry.isDirectory()
      ? 'directory'
      : entry.isSymbolicLink()
        ? 'symlink'
        : 'unknown';
}

/** Hash and size of the NAR of what is at `path`, without building it. */
export function hashPath(
  path: string,
  algorithm: HashAlgorithm = 'sha256',
  filter?: PathFilter,
): { readonly digest: Uint8Array; readonly size: number } {
  const hasher = createHasher(algorithm);
  let size = 0;
  for (const chunk of dumpPath(path, filter)) {
    hasher.update(chunk);
    size += chunk.length;
  }
  return { digest: hasher.digest(), size };
}

export function narIdentityOf(path: string): NarIdentity {
  const { digest, size } = hashPath(path);
  return { narHash: digest, narSize: size };
}
