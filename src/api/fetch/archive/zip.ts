/** zip archives (yauzl). Modes and links stand in the upper half of the external attributes, where a Unix made them. */
import { type Entry, openPromise } from 'yauzl';
import { decodeBytes } from '../../../base/bytes.ts';
import type { TreeWriter } from './tree-writer.ts';
import type { Unpacked } from './unpack.ts';

export async function unpackZip(archive: string, tree: TreeWriter): Promise<Unpacked> {
  const zip = await openPromise(archive, { lazyEntries: true, decodeStrings: true, strictFileNames: false });
  let lastModified = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      lastModified = Math.max(lastModified, Math.floor(entry.getLastModDate({ timezone: 'UTC' }).getTime() / 1000));
      const mode = unixMode(entry);
      if (entry.fileName.endsWith('/')) {
        tree.directory(entry.fileName);
        continue;
      }
      const content = await zip.openReadStreamPromise(entry);
      if ((mode & 0o170000) === 0o120000) {
        const parts: Buffer[] = [];
        for await (const chunk of content) parts.push(chunk as Buffer);
        tree.link(entry.fileName, decodeBytes(Buffer.concat(parts)));
        continue;
      }
      const file = tree.file(entry.fileName, (mode & 0o100) !== 0);
      try {
        for await (const chunk of content) file.write(chunk as Buffer);
      } finally {
        file.close();
      }
    }
  } finally {
    zip.close();
  }
  return { lastModified };
}

/** st_mode of the file; 0 where the archive was made on a system without. */
function unixMode(entry: Entry): number {
  const madeBy = entry.versionMadeBy >> 8;
  return madeBy === 3 || madeBy === 19 ? entry.externalFileAttributes >>> 16 : 0;
}
