import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type ArchiveEntry, fileEntry, ROOT_OWNER } from '../../../src/image/entry.ts';
import { BLOCK, END_OF_ARCHIVE, padding, tarFileHeader, tarFragment } from '../../../src/image/tar.ts';
import { indexTar } from '../../../src/image/tar-index.ts';
import { findProgram, withPeer } from '../../support/peers.ts';

async function bytes(entries: Iterable<ArchiveEntry>, mtime?: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarFragment(entries, mtime === undefined ? undefined : { mtime })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
async function* once(data: Uint8Array) {
  yield data;
}
const symlink = (name: string, target: string): ArchiveEntry => ({ type: 'symlink', name, target, owner: ROOT_OWNER });

const entries: ArchiveEntry[] = [
  { type: 'directory', name: '', mode: 0o755, owner: ROOT_OWNER },
  { type: 'directory', name: 'd', mode: 0o555, owner: ROOT_OWNER },
  fileEntry('d/empty', new Uint8Array(0)),
  fileEntry('d/block', new Uint8Array(BLOCK)),
  fileEntry('d/more', new Uint8Array(BLOCK + 1), 0o555),
  fileEntry(`d/${'long'.repeat(60)}`, new Uint8Array(3)),
  fileEntry('d/Főtanúsítvány', new Uint8Array(3)),
  fileEntry('none', new Uint8Array(3), 0),
  symlink('link', `/nix/store/${'t'.repeat(120)}`),
  { ...fileEntry('owned', Uint8Array.of(1)), owner: { uid: 1000, gid: 3_000_000, uname: 'u', gname: 'g' } },
];

describe('tar', () => {
  it('is whole blocks, without an end', async () => {
    const fragment = await bytes(entries);
    expect(fragment.length % BLOCK).toBe(0);
    expect(fragment.subarray(-BLOCK).every((byte) => byte === 0)).toBe(false);
  });

  it('can be joined from fragments', async () => {
    const parts = await Promise.all(entries.map((entry) => bytes([entry])));
    expect(Buffer.concat(parts)).toEqual(await bytes(entries));
  });

  it('is read back by the index, with long and non-ASCII names', async () => {
    const { members, end } = await indexTar(once(Buffer.concat([await bytes(entries), END_OF_ARCHIVE])), 'x');
    expect([...members.keys()]).toEqual(entries.map((entry) => entry.name));
    expect(members.get('link')?.linkname).toBe(`/nix/store/${'t'.repeat(120)}`);
    expect(end).toBe((await bytes(entries)).length);
  });

  withPeer('tar')('is what GNU tar lists', async () => {
    const input = Buffer.concat([await bytes(entries), END_OF_ARCHIVE]);
    const env = { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
    const listed = execFileSync(findProgram('tar')!, ['-tvf', '-', '--numeric-owner', '--full-time'], { input, env });
    const lines = listed.toString().trimEnd().split('\n');
    expect(lines[0]).toMatch(/^drwxr-xr-x 0\/0 +0 1970-01-01 00:00:01 \.\/$/);
    expect(lines[4]).toMatch(/^-r-xr-xr-x 0\/0 +513 1970-01-01 00:00:01 d\/more$/);
    expect(lines[7]).toMatch(/^---------- 0\/0 +3 .* none$/);
    expect(lines[9]).toMatch(/^-r--r--r-- 1000\/3000000 +1 .* owned$/);
  });

  it('takes the time that is given', async () => {
    expect(await bytes([entries[2]!], 5)).not.toEqual(await bytes([entries[2]!]));
  });

  it('refuses names that are not UTF-8, and files that change', async () => {
    await expect(bytes([fileEntry('a\udc80', new Uint8Array(0))])).rejects.toThrow('not UTF-8');
    await expect(bytes([{ ...fileEntry('a', new Uint8Array(4)), size: 3 }])).rejects.toThrow("'a' changed while");
    await expect(bytes([{ ...fileEntry('a', new Uint8Array(4)), size: 5 }])).rejects.toThrow("'a' changed while");
  });

  it('gives a header alone, as in an archive', async () => {
    const whole = await bytes([fileEntry('f', new Uint8Array(600), 0o444)]);
    const header = await tarFileHeader('f', 600, 0o444);
    expect(Buffer.concat([header, new Uint8Array(600), padding(600)])).toEqual(whole);
  });
});
