/**
 * Reads one .deb: an `ar` archive (ar.ts) of `debian-binary` ("2.0\n"), `control.tar.*` (description and maintainer
 * scripts) and `data.tar.*` (the files, by their path below /).
 */
import { extract, type Header } from 'tar-stream';
import { NixError } from '../../../errors/nix-error.ts';
import { normalizePath } from '../relative-path.ts';
import { readAr } from './ar.ts';
import { decompressor } from './decompress.ts';
import * as messages from './messages.ts';

/** A file, directory or link as the package has it; paths are normalised and in the package's own layout. */
export type DebEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly data: Buffer }
  | { readonly kind: 'link'; readonly path: string; readonly text: string }
  | { readonly kind: 'hardLink'; readonly path: string; readonly destination: string };

export interface Deb {
  readonly entries: readonly DebEntry[];
  /** File name in control.tar (postinst, ...) -> content. */
  readonly control: ReadonlyMap<string, Buffer>;
}

/** `label` names the archive in messages. */
export async function readDeb(archive: Buffer, label: string): Promise<Deb> {
  const members = readAr(archive, label);
  const version = members[0]?.name === 'debian-binary' ? members[0].data.toString('latin1').trim() : undefined;
  if (version === undefined) throw messages.missingMember(label, 'debian-binary');
  if (!version.startsWith('2.')) throw messages.unsupportedVersion(label, version);

  const readTar = async (prefix: string) => {
    const member = members.find(({ name }) => name === prefix || name.startsWith(`${prefix}.`));
    if (!member) throw messages.missingMember(label, prefix);
    const decompress = decompressor(member.name);
    if (!decompress) throw messages.unsupportedCompression(label, member.name);
    try {
      return await readEntries(decompress(member.data), label);
    } catch (error) {
      throw error instanceof NixError ? error : messages.badArchive(label, member.name, error);
    }
  };

  const control = new Map<string, Buffer>();
  for (const entry of await readTar('control.tar')) if (entry.kind === 'file') control.set(entry.path, entry.data);
  return { control, entries: await readTar('data.tar') };
}

async function readEntries(chunks: AsyncIterable<Buffer>, label: string): Promise<DebEntry[]> {
  const entries: DebEntry[] = [];
  const tar = extract();
  const finished = new Promise<void>((resolve, reject) => {
    tar.on('entry', (header, stream, next) => {
      const data: Buffer[] = [];
      stream.on('data', (chunk) => void data.push(chunk as Buffer));
      stream.on('end', () => {
        try {
          entries.push(toEntry(header, data, label));
          next();
        } catch (error) {
          next(error as Error);
        }
      });
    });
    tar.on('error', reject);
    tar.on('close', resolve);
  });
  finished.catch(() => {}); // looked at below, once writing has ended
  try {
    for await (const chunk of chunks) {
      if (tar.destroyed) break;
      if (!tar.write(chunk)) await Promise.race([finished, new Promise<void>((drained) => tar.once('drain', drained))]);
    }
    tar.end(Buffer.alloc(0));
  } catch (error) {
    tar.destroy();
    throw error;
  }
  await finished;
  return entries;
}

function toEntry(header: Header, data: Buffer[], label: string): DebEntry {
  const path = safePath(header.name, label);
  switch (header.type) {
    case 'directory':
      return { kind: 'directory', path };
    case 'file':
    case 'contiguous-file':
      return { kind: 'file', path, mode: header.mode ?? 0, data: data.length === 1 ? data[0]! : Buffer.concat(data) };
    case 'symlink':
      return { kind: 'link', path, text: header.linkname ?? '' };
    case 'link':
      return { kind: 'hardLink', path, destination: safePath(header.linkname ?? '', label) };
    default:
      throw messages.unsupportedEntry(label, header.name, header.type ?? 'node of unknown type');
  }
}

/** "./usr/bin/x" -> "usr/bin/x". U+FFFD is what is left of a name that was not UTF-8. */
function safePath(name: string, label: string): string {
  if (name.startsWith('/') || name.split('/').includes('..') || name.includes('\ufffd') || name.includes('\0')) {
    throw messages.unsafePath(label, name);
  }
  return normalizePath(name);
}
