/** tar archives. Names are bytes: those of old headers come as Latin 1 to keep them, those of pax headers are UTF-8. */
import { extract, type Header } from 'tar-stream';
import { decodeBytes } from '../../../base/bytes.ts';
import { NixError } from '../../../errors/nix-error.ts';
import type { TreeWriter } from './tree-writer.ts';
import type { Unpacked } from './unpack.ts';

/** An option that the types do not know. */
const bytesAsLatin1: object = { filenameEncoding: 'latin1' };

export async function unpackTar(chunks: AsyncIterable<Uint8Array>, tree: TreeWriter): Promise<Unpacked> {
  const entries = extract(bytesAsLatin1);
  const feeding = feed(chunks, entries);
  feeding.catch((error) => entries.destroy(error));
  let lastModified = 0;
  for await (const entry of entries) {
    const { header } = entry;
    lastModified = Math.max(lastModified, Math.floor((header.mtime?.getTime() ?? 0) / 1000));
    const name = nameOf(header, 'path', header.name);
    switch (header.type) {
      case 'directory':
        tree.directory(name);
        break;
      case 'file':
      case 'contiguous-file': {
        const file = tree.file(name, ((header.mode ?? 0) & 0o100) !== 0);
        try {
          for await (const chunk of entry) file.write(chunk as Uint8Array);
        } finally {
          file.close();
        }
        continue;
      }
      case 'symlink':
        tree.link(name, nameOf(header, 'linkpath', header.linkname ?? ''));
        break;
      case 'link':
        tree.hardLink(name, nameOf(header, 'linkpath', header.linkname ?? ''));
        break;
      default:
        throw new NixError(`file '${name}' in tarball has unsupported file type ${header.type}`, { class: 'Error' });
    }
    entry.resume();
  }
  await feeding;
  return { lastModified };
}

/** Pushes the archive into the parser, no faster than it takes it. */
async function feed(chunks: AsyncIterable<Uint8Array>, entries: ReturnType<typeof extract>): Promise<void> {
  const closed = new Promise<void>((resolve) => entries.once('close', resolve));
  for await (const chunk of chunks) {
    if (entries.destroyed) return;
    if (entries.write(chunk)) continue;
    await Promise.race([closed, new Promise<void>((drained) => entries.once('drain', drained))]);
  }
  entries.end(Buffer.alloc(0));
}

function nameOf(header: Header, field: 'path' | 'linkpath', text: string): string {
  const { pax } = header as { readonly pax?: Readonly<Record<string, string>> | null };
  return pax?.[field] ?? decodeBytes(Buffer.from(text, 'latin1'));
}
