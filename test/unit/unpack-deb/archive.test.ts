import { spawnSync } from 'node:child_process';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NixError } from '../../../src/errors/nix-error.ts';
import { readAr } from '../../../src/realise/builders/unpack-deb/ar.ts';
import { readDeb } from '../../../src/realise/builders/unpack-deb/read-deb.ts';
import { type DebEntry, makeAr, makeDeb, makeTar } from '../../support/make-deb.ts';
import { withPeer } from '../../support/peers.ts';

describe('ar', () => {
  const member = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  });

  it('reads what was written', () => {
    fc.assert(
      fc.property(fc.array(member), (members) => {
        expect(readAr(makeAr(members), 'x.deb')).toEqual(members);
      }),
    );
  });

  it('refuses every archive that is cut off, and never reads beyond it', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 1 }), fc.nat(), (members, cut) => {
        const whole = makeAr(members);
        const archive = whole.subarray(0, cut % whole.length);
        try {
          expect(readAr(archive, 'x.deb').length).toBeLessThanOrEqual(members.length);
        } catch (error) {
          expect(error).toBeInstanceOf(NixError);
        }
      }),
    );
  });
});

const files: DebEntry[] = [
  { name: './', type: 'directory' },
  { name: './usr/bin/x', data: 'program', mode: 0o755 },
  { name: './usr/bin/y', type: 'link', linkname: './usr/bin/x' },
  { name: './usr/bin/z', type: 'symlink', linkname: '/usr/bin/x' },
  { name: `./usr/share/${'long/'.repeat(50)}name`, data: Buffer.alloc(70_000, 'abc') },
];

async function debWith(name: string, compress: (tar: Buffer) => Buffer): Promise<Buffer> {
  return makeAr([
    { name: 'debian-binary', data: Buffer.from('2.0\n') },
    { name: 'control.tar', data: await makeTar([{ name: 'control', data: 'Package: x\n' }]) },
    { name, data: compress(await makeTar(files)) },
  ]);
}

describe('deb', () => {
  it.each([
    ['data.tar', (tar: Buffer) => tar],
    ['data.tar.gz', (tar: Buffer) => gzipSync(tar)],
    ['data.tar.zst', (tar: Buffer) => zstdCompressSync(tar)],
  ])('reads %s', async (name, compress) => {
    const { entries, control } = await readDeb(await debWith(name, compress), 'x.deb');
    expect(control.get('control')?.toString()).toBe('Package: x\n');
    expect(entries.map(({ kind, path }) => `${kind} ${path.slice(0, 20)}`)).toEqual([
      'directory ',
      'file usr/bin/x',
      'hardLink usr/bin/y',
      'link usr/bin/z',
      'file usr/share/long/long/',
    ]);
    expect(entries[1]).toMatchObject({ mode: 0o755, data: Buffer.from('program') });
    expect(entries[4]).toMatchObject({ data: Buffer.alloc(70_000, 'abc') });
  });

  withPeer('xz')('reads data.tar.xz, and says when it is cut off', async () => {
    const xz = (tar: Buffer) => spawnSync('xz', ['-c'], { input: tar }).stdout;
    const whole = await debWith('data.tar.xz', xz);
    expect((await readDeb(whole, 'x.deb')).entries).toHaveLength(5);
    const cut = await debWith('data.tar.xz', (tar) => xz(tar).subarray(0, -40));
    await expect(readDeb(cut, 'x.deb')).rejects.toThrow(/cannot unpack 'data.tar.xz' of 'x.deb'/);
    const damaged = await debWith('data.tar.xz', (tar) => xz(tar).fill(7, 40, 60));
    await expect(readDeb(damaged, 'x.deb')).rejects.toThrow(/cannot unpack 'data.tar.xz' of 'x.deb'/);
    // The next one must not wait for the decompressor that failed.
    expect((await readDeb(whole, 'x.deb')).entries).toHaveLength(5);
  });

  it('refuses what is not a package', async () => {
    const message = (archive: Buffer) => readDeb(archive, 'x.deb').then(String, (error: Error) => error.message);
    const tar = await makeTar(files);
    const version = { name: 'debian-binary', data: Buffer.from('2.0\n') };
    const control = { name: 'control.tar', data: await makeTar([]) };
    expect(await message(Buffer.from('<html>'))).toMatch(/not a Debian package: it does not start with the magic/);
    expect(await message(makeAr([control]))).toMatch(/it has no member 'debian-binary'/);
    expect(await message(makeAr([{ ...version, data: Buffer.from('3.0\n') }]))).toMatch(/of format '3.0'/);
    expect(await message(makeAr([version, control]))).toMatch(/it has no member 'data.tar'/);
    const lzma = { name: 'data.tar.lzma', data: tar };
    expect(await message(makeAr([version, control, lzma]))).toMatch(/only gzip, xz, zstd/);
    const short = { name: 'data.tar', data: tar.subarray(0, 1500) };
    expect(await message(makeAr([version, control, short]))).toMatch(/cannot unpack 'data.tar'/);
    expect(await message((await makeDeb(files)).subarray(0, -30))).toMatch(/ends in the middle of 'data.tar.gz'/);
  });

  it.each(['/etc/passwd', '../x', './usr/../../x'])('refuses the path %s', async (name) => {
    await expect(readDeb(await makeDeb([{ name, data: 'x' }]), 'x.deb')).rejects.toThrow(/unsafe path/);
    await expect(readDeb(await makeDeb([{ name: 'x', type: 'link', linkname: name }]), 'x.deb')).rejects.toThrow(
      /unsafe path/,
    );
  });

  it('refuses devices', async () => {
    await expect(readDeb(await makeDeb([{ name: 'dev/null', type: 'character-device' }]), 'x.deb')).rejects.toThrow(
      /'dev\/null', a character-device/,
    );
  });
});
