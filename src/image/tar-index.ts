/**
 * The members of a tar file by name, so that they can be read in any order, and where its members end (an archive may
 * carry zeros behind them, and a further member can go in their place). The file is read once, front to back.
 */
import { createReadStream } from 'node:fs';
import { extract as createExtract, type Header } from 'tar-stream';
import { NixError } from '../errors/nix-error.ts';
import { normalizeEntryName } from './entry.ts';
import { BLOCK } from './tar.ts';

export interface TarMember {
  /** As the archive has it. */
  readonly name: string;
  readonly type: Header['type'];
  /** Of the content, in the archive. */
  readonly offset: number;
  readonly size: number;
  readonly linkname: string | undefined;
  readonly header: Header;
}

export interface TarIndex {
  /** In the order of the archive, by normalised name; of members with one name the last counts. */
  readonly members: ReadonlyMap<string, TarMember>;
  /** Offset just behind the last member. */
  readonly end: number;
}

export function indexTarFile(file: string): Promise<TarIndex> {
  return indexTar(createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>, file);
}

/** `what` names the archive in messages. */
export async function indexTar(chunks: AsyncIterable<Uint8Array>, what: string): Promise<TarIndex> {
  const members = new Map<string, TarMember>();
  let end = 0;
  for (const member of await listTar(chunks, what)) {
    const name = normalizeEntryName(member.name);
    members.delete(name);
    members.set(name, member);
    end = member.offset + Math.ceil(member.size / BLOCK) * BLOCK;
  }
  return { members, end };
}

/** Every member, in order; the archive is read to its end. */
export async function listTar(chunks: AsyncIterable<Uint8Array>, what: string): Promise<TarMember[]> {
  const members: TarMember[] = [];
  const extract = createExtract();
  const done = new Promise<void>((resolve, reject) => {
    extract.on('entry', (header, stream, next) => {
      const offset = (header as unknown as { byteOffset: number }).byteOffset;
      const hasContent = header.type === 'file' || header.type === 'contiguous-file';
      const { name, type, linkname } = header;
      members.push({
        name,
        type,
        offset,
        size: hasContent ? header.size : 0,
        linkname: linkname ?? undefined,
        header,
      });
      stream.on('end', next);
      stream.resume();
    });
    extract.on('finish', resolve);
    extract.on('error', reject);
  });
  done.catch(() => undefined);
  try {
    for await (const chunk of chunks)
      if (!extract.write(chunk))
        await Promise.race([done, new Promise<void>((resolve) => extract.once('drain', () => resolve()))]);
    extract.end(undefined); // its type wants an argument
    await done;
  } catch (error) {
    if (error instanceof NixError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new NixError(`'${what}' is not a whole tar archive: ${text}`, { class: 'BuildError', cause: error });
  }
  return members;
}
