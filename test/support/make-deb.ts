/** Makes .deb files in memory. */
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

export interface DebEntry {
  readonly name: string;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory' | 'character-device' | 'fifo';
  readonly data?: string | Buffer;
  readonly linkname?: string;
  readonly mode?: number;
}

export async function makeTar(entries: readonly DebEntry[]): Promise<Buffer> {
  const tar = pack();
  const chunks: Buffer[] = [];
  tar.on('data', (chunk) => void chunks.push(chunk as Buffer));
  const ended = new Promise<void>((resolve, reject) => {
    tar.on('end', () => resolve());
    tar.on('error', reject);
  });
  for (const { name, type = 'file', data = '', linkname, mode } of entries) {
    const header = { name, type, linkname, mode: mode ?? (type === 'directory' ? 0o755 : 0o644), mtime: new Date(0) };
    if (type === 'file') tar.entry(header as Header, data);
    else tar.entry(header as Header);
  }
  tar.finalize();
  await ended;
  return Buffer.concat(chunks);
}

export function makeAr(members: readonly { name: string; data: Buffer }[]): Buffer {
  const parts: Buffer[] = [Buffer.from('!<arch>\n')];
  for (const { name, data } of members) {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}`;
    parts.push(Buffer.from(`${header}${String(data.length).padEnd(10)}\`\n`), data);
    if (data.length % 2 === 1) parts.push(Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

export async function makeDeb(entries: readonly DebEntry[], postinst = ''): Promise<Buffer> {
  return makeAr([
    { name: 'debian-binary', data: Buffer.from('2.0\n') },
    { name: 'control.tar.gz', data: gzipSync(await makeTar([{ name: './postinst', data: postinst, mode: 0o755 }])) },
    { name: 'data.tar.gz', data: gzipSync(await makeTar(entries)) },
  ]);
}
