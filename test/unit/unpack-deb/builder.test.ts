import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { unpackDeb } from '../../../src/realise/builders/unpack-deb/builder.ts';
import { ScratchStore } from '../../support/build-context.ts';
import { type DebEntry, makeDeb } from '../../support/make-deb.ts';
import { readTree } from '../../support/read-tree.ts';

let store: ScratchStore;
beforeEach(() => {
  store = new ScratchStore();
});

async function unpack(debs: (readonly [entries: readonly DebEntry[], postinst?: string])[], attrs: object = {}) {
  const files = [];
  for (const [i, [entries, postinst]] of debs.entries()) {
    files.push({ file: store.add(`p${i}.deb`, await makeDeb(entries, postinst)), package: `p${i}`, version: '1' });
  }
  const out = await store.build(unpackDeb, { debs: files, dependencies: [], triplet: 'T', ...attrs });
  return { out, tree: readTree(store.physical(out)) };
}

const script = (name: string, data: string): DebEntry => ({ name, data, mode: 0o755 });
const link = (name: string, linkname: string): DebEntry => ({ name, type: 'symlink', linkname });

describe('builtin:unpack-deb', () => {
  it('lays a package out', async () => {
    const dash = store.add('dash', { 'bin/sh': 'x' });
    const dependency = store.add('dep', { 'bin/python3': 'x', 'share/data/file': 'x', 'lib/T/libz.so.1': 'x' });
    const { out, tree } = await unpack(
      [
        [
          [
            { name: './usr/', type: 'directory' },
            { name: './var/lib/x/', type: 'directory' },
            { name: './usr/local/lib/', type: 'directory' },
            script('./usr/bin/x', '#!/usr/bin/python3\nbody'),
            script('./usr/sbin/y', '#!/bin/sh -e\n'),
            script('./usr/bin/unknown', '#!/usr/bin/perl\n'),
            script('./usr/share/doc/p/example', '#!/bin/sh\n'),
            { name: './usr/lib/module.py', data: '#!/usr/bin/python3\n' },
            link('./sbin/x', '/usr/bin/x'),
            link('./usr/share/own', '../lib/module.py'),
            link('./usr/share/absolute', '/usr/lib/module.py'),
            link('./usr/share/there', '/usr/share/data/file'),
            link('./usr/share/through', '/usr/share/data'),
            link('./usr/share/system', '/etc/ssl/certs'),
            link('./usr/share/nowhere', '../nothing/here'),
            { name: './usr/bin/hard', type: 'link', linkname: './usr/bin/x' },
            { name: './usr/bin/su', data: 'su', mode: 0o4755 },
          ],
          'update-alternatives --install /usr/bin/alt alt /usr/bin/x 5 --slave /usr/share/man/alt alt.1 /usr/share/man/x',
        ],
      ],
      {
        dependencies: [dependency],
        interpreters: { sh: `${dash}/bin/sh`, bash: null },
        links: { 'bin/z': 'x' },
        propagated: [dependency, dash],
      },
    );
    expect(tree).toEqual({
      'bin/alt': 'link x',
      'bin/hard': `exec #!${dependency}/bin/python3\nbody`,
      'bin/su': 'exec su',
      'bin/unknown': 'exec #!/usr/bin/perl\n',
      'bin/x': `exec #!${dependency}/bin/python3\nbody`,
      'bin/y': `exec #!${dash}/bin/sh -e\n`,
      'bin/z': 'link x',
      'lib/module.py': 'file #!/usr/bin/python3\n',
      'nix-support/propagated-build-inputs': `file ${dependency} ${dash}\n`,
      'share/absolute': 'link ../lib/module.py',
      'share/doc/p/example': 'exec #!/bin/sh\n',
      'share/nowhere': 'link ../nothing/here',
      'share/own': 'link ../lib/module.py',
      'share/system': 'link /etc/ssl/certs',
      'share/there': `link ${dependency}/share/data/file`,
      'share/through': `link ${dependency}/share/data`,
      'var/lib/x/': 'directory',
    });
    const place = store.physical(out);
    expect(statSync(`${place}/bin/hard`).ino).toBe(statSync(`${place}/bin/x`).ino);
    expect(store.log.join('\n')).toMatch(/bin\/su: .*set-user-ID/);
    expect(store.log.join('\n')).toMatch(/share\/nowhere -> ..\/nothing\/here dangles/);
  });

  it('merges packages, and says which two collide', async () => {
    const { tree } = await unpack([
      [[script('./bin/x', '1'), link('./lib64/ld.so', '/lib/T/ld.so')]],
      [[script('./usr/bin/x', '1'), { name: './lib/T/ld.so', data: 'loader' }]],
    ]);
    expect(tree).toEqual({ 'bin/x': 'exec 1', 'lib/T/ld.so': 'file loader' });
    const clash = unpack([[[script('./bin/x', '1')]], [[script('./usr/bin/x', '2')]]]);
    await expect(clash).rejects.toThrow(/p0.deb' and '.*p1.deb' both have 'bin\/x', with different content/);
  });

  it('leaves out what is not wanted, with the links to it', async () => {
    const { tree } = await unpack(
      [
        [
          [
            { name: './usr/share/doc/p/copyright', data: 'c' },
            { name: './usr/lib/x.a', data: 'a' },
            { name: './usr/lib/x.so', data: 's' },
            link('./usr/share/manual', 'doc/p'),
          ],
        ],
      ],
      { remove: ['share/doc', '**/*.a'] },
    );
    expect(tree).toEqual({ 'lib/x.so': 'file s' });
  });

  it('applies fixups', async () => {
    const certificates = await unpack(
      [
        [
          [
            { name: './usr/share/ca-certificates/mozilla/B.crt', data: 'BBB\n' },
            { name: './usr/share/ca-certificates/mozilla/A.crt', data: 'AAA\n' },
          ],
        ],
      ],
      { fixups: ['ca-certificates-bundle'], remove: ['share/ca-certificates'] },
    );
    expect(certificates.tree).toEqual({
      'etc/ssl/certs/ca-bundle.crt': 'link ca-certificates.crt',
      'etc/ssl/certs/ca-certificates.crt': 'file AAA\nBBB\n',
    });
    const python = await unpack([[[script('./usr/bin/python3.11', 'ELF'), link('./usr/bin/python3', 'python3.11')]]], {
      fixups: ['python-executable'],
    });
    expect(python.tree).toEqual({
      'bin/python3': 'link python3.11',
      'bin/python3.11': `link ${python.out}/libexec/python3.11`,
      'libexec/python3.11': 'exec ELF',
    });
    // The table of places: two applets a byte, as busybox' build makes it.
    const names = ['[', '[[', 'ash', 'cat', 'chroot', 'linuxrc', 'modprobe', 'sh'];
    const places = Buffer.from([0x33, 0x11, 0x04, 0x12]);
    const busybox = Buffer.concat([Buffer.alloc(9, 0xff), places, Buffer.from(`\0${names.join('\0')}\0\0`)]);
    const applets = await unpack([[[{ name: './bin/busybox', data: busybox, mode: 0o755 }]]], {
      fixups: ['busybox-applets'],
    });
    expect(Object.entries(applets.tree).filter(([path]) => path !== 'bin/busybox')).toEqual([
      ['bin/[', 'link busybox'],
      ['bin/[[', 'link busybox'],
      ['bin/ash', 'link busybox'],
      ['bin/cat', 'link busybox'],
      ['bin/sh', 'link busybox'],
      ['linuxrc', 'link bin/busybox'],
      ['sbin/chroot', 'link ../bin/busybox'],
      ['sbin/modprobe', 'link ../bin/busybox'],
    ]);
    await expect(unpack([[[]]], { fixups: ['nonsense'] })).rejects.toThrow(
      /knows no fixup 'nonsense'; it knows: busybox-/,
    );
    await expect(unpack([[[]]], { fixups: ['passwd'] })).rejects.toThrow(/fixup 'passwd' cannot be applied/);
  });

  it('points paths in scripts and other text at the store', async () => {
    const own =
      'exec /usr/bin/tool $X/usr/bin/tool ${X}/usr/bin/tool /opt/usr/bin/tool /usr/bin/other /usr/lib/p/tool.';
    const text = '"/usr/share/p/x" /usr/share/p2 /usr/share/p.';
    const { out, tree } = await unpack(
      [
        [
          [
            script('./usr/bin/tool', 'x'),
            script('./usr/lib/p/tool', 'x'),
            script('./usr/bin/run', `#!/bin/sh\n${own}\nprefix="/usr"\nls /usr/share /usr/lib`),
            { name: './usr/lib/p/text', data: own },
            { name: './usr/share/p/module', data: text },
            { name: './usr/share/p/binary', data: `${text}\0` },
          ],
        ],
      ],
      { compiledPaths: { '/usr/share/p': null } },
    );
    const changed = `exec ${out}/bin/tool $X/usr/bin/tool \${X}/usr/bin/tool /opt/usr/bin/tool /usr/bin/other ${out}/lib/p/tool.`;
    expect(tree['bin/run']).toBe(`exec #!/bin/sh\n${changed}\nprefix="${out}"\nls /usr/share /usr/lib`);
    expect(tree['lib/p/text']).toBe(`file ${own}`);
    expect(tree['share/p/module']).toBe(`file "${out}/share/p/x" /usr/share/p2 /usr/share/p.`);
    expect(tree['share/p/binary']).toBe(`file ${text}\0`);
  });

  it('makes the same of the same', async () => {
    const entries = [script('./usr/bin/x', '#!/bin/sh\n'), { name: './usr/share/x', data: 'x' }];
    const digest = async () =>
      createHash('sha256')
        .update(JSON.stringify((await unpack([[entries]], { out: 1 })).tree))
        .digest('hex');
    expect(await digest()).toBe(await digest());
  });

  it('leaves damaged ELF files alone', async () => {
    const bad = Buffer.concat([Buffer.from('\x7fELF\x02\x01', 'latin1'), Buffer.alloc(200, 0xff)]);
    const short = Buffer.from('\x7fELF\x02\x01');
    const { tree } = await unpack([
      [[script('./bin/bad', bad.toString('latin1')), { name: './bin/short', data: short }]],
    ]);
    expect(Object.keys(tree)).toEqual(['bin/bad', 'bin/short']);
  });

  it('refuses wrong parameters by name, before anything is written', async () => {
    const out = store.path('result');
    await expect(store.build(unpackDeb, { debs: 'x' }, out)).rejects.toThrow(
      /a list of attribute sets as attribute 'debs'/,
    );
    await expect(store.build(unpackDeb, { debs: [{}] }, out)).rejects.toThrow(/a string as attribute 'file'/);
    expect(existsSync(store.physical(out))).toBe(false);
  });
});
