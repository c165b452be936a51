/**
 * Archive entries as the bytes of a POSIX tar archive. Headers are ustar; where a name, a link's target, an owner or a
 * size does not fit, a pax header goes before them (tar-stream does that). Nothing of the machine gets in: times are
 * given, owners are numbers, modes are the entries'.
 *
 * A fragment is a run of entries without the two blocks of zeros that end an archive, so an archive is the
 * concatenation of fragments followed by END_OF_ARCHIVE. That is what lets unchanged parts of a layer be reused.
 */
import { pack as createPack, type Header } from 'tar-stream';
import { NixError } from '../errors/nix-error.ts';
import type { ArchiveEntry, FileEntry } from './entry.ts';

export const BLOCK = 512;
export const END_OF_ARCHIVE = new Uint8Array(2 * BLOCK);

/** Largest owner number that seven octal digits less a terminator hold in the header tar-stream writes. */
const MAX_OWNER = 0o777777;

export interface TarOptions {
  /** Of every entry; seconds since 1970. nixpkgs uses 1, since zero confuses too many programs. */
  readonly mtime: number;
}

export const DEFAULT_MTIME = 1;

/** The fragment of these entries, in the order given. */
export async function* tarFragment(
  entries: Iterable<ArchiveEntry> | AsyncIterable<ArchiveEntry>,
  options: TarOptions = { mtime: DEFAULT_MTIME },
): AsyncGenerator<Uint8Array, void, void> {
  const pack = createPack();
  const writing = (async () => {
    for await (const entry of entries) await writeEntry(pack, entry, options);
    pack.finalize();
  })();
  writing.catch((error: unknown) => pack.destroy(error as Error));
  let held: Uint8Array | undefined;
  try {
    for await (const chunk of pack as AsyncIterable<Uint8Array>) {
      if (held) yield held;
      held = chunk;
    }
  } catch (error) {
    await writing; // its own error says more than "premature close"
    throw error;
  }
  await writing;
  // The last chunk is tar-stream's end of archive.
  if (held?.length !== END_OF_ARCHIVE.length) throw new Error('tar-stream ended an archive in an unexpected way');
}

/** The header of one file, whose content somebody else writes, padded to whole blocks. */
export async function tarFileHeader(name: string, size: number, mode: number): Promise<Uint8Array> {
  const pack = createPack();
  pack.on('error', () => undefined); // we leave the entry unfinished
  pack.entry(
    headerOf({ type: 'file', name, mode, size, owner: { uid: 0, gid: 0 }, open: () => [] }, { mtime: DEFAULT_MTIME }),
  );
  try {
    for await (const chunk of pack as AsyncIterable<Uint8Array>) {
      if (chunk.length !== BLOCK) break;
      return Uint8Array.from(chunk);
    }
  } finally {
    pack.destroy();
  }
  throw new Error(`the header of ${name} takes more than a block`);
}

/** Zeros that fill the last block of a file of this size. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

async function writeEntry(
  pack: ReturnType<typeof createPack>,
  entry: ArchiveEntry,
  options: TarOptions,
): Promise<void> {
  const header = headerOf(entry, options);
  await new Promise<void>((resolve, reject) => {
    const sink = pack.entry(header, (error) => (error ? reject(error) : resolve()));
    // What ends it early is told by the callback.
    (sink as unknown as Sink).on('error', () => undefined);
    if (entry.type !== 'file') return;
    feed(sink as unknown as Sink, entry).catch(reject);
  });
}

interface Sink {
  write(chunk: Uint8Array): boolean;
  end(): void;
  once(event: 'drain', listener: () => void): void;
  on(event: 'error', listener: () => void): void;
}

async function feed(sink: Sink, entry: FileEntry): Promise<void> {
  let written = 0;
  for await (const chunk of entry.open()) {
    written += chunk.length;
    if (written > entry.size) break;
    if (!sink.write(chunk)) await new Promise<void>((resolve) => sink.once('drain', resolve));
  }
  if (written !== entry.size)
    throw new NixError(`'${entry.name}' changed while it was being packed`, { class: 'BuildError' });
  sink.end();
}

function headerOf(entry: ArchiveEntry, { mtime }: TarOptions): Header {
  const { uid, gid, uname, gname } = entry.owner;
  const symlink = entry.type === 'symlink';
  for (const text of symlink ? [entry.name, entry.target] : [entry.name])
    if (!text.isWellFormed() || text.includes('\0'))
      throw new NixError(`the file name '${text.toWellFormed()}' is not UTF-8 and cannot stand in an image`, {
        class: 'BuildError',
      });
  const pax: Record<string, string> = {};
  if (uid > MAX_OWNER) pax.uid = String(uid);
  if (gid > MAX_OWNER) pax.gid = String(gid);
  return {
    name: entry.type === 'directory' ? (entry.name === '' ? './' : `${entry.name}/`) : entry.name,
    type: entry.type,
    // tar-stream takes 0 for "not given"; bits above the permissions it leaves out.
    mode: symlink ? 0o777 : entry.mode | 0o100000,
    size: entry.type === 'file' ? entry.size : 0,
    mtime: new Date(mtime * 1000),
    uid,
    gid,
    ...(uname === undefined ? {} : { uname }),
    ...(gname === undefined ? {} : { gname }),
    ...(symlink ? { linkname: entry.target } : {}),
    ...(Object.keys(pax).length > 0 ? { pax } : {}),
  } as Header;
}
