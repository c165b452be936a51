import { expect, it } from 'vitest';
import { unpackDeb } from '../../../src/realise/builders/unpack-deb/builder.ts';
import { ScratchStore } from '../../support/build-context.ts';
import { makeDeb } from '../../support/make-deb.ts';
import { readTree } from '../../support/read-tree.ts';

it('libraries have their names in lib as well', async () => {
  const store = new ScratchStore();
  const deb = await makeDeb([
    { name: './usr/lib/x86_64-linux-gnu/liba.so.1.2', data: 'a' },
    { name: './usr/lib/x86_64-linux-gnu/liba.so.1', type: 'symlink', linkname: 'liba.so.1.2' },
    { name: './usr/lib/x86_64-linux-gnu/plugins/b.so', data: 'b' },
    { name: './usr/lib/x86_64-linux-gnu/libgone.so.1', data: 'x' },
    { name: './usr/lib/x86_64-linux-gnu/libc.a', data: 'x' },
    { name: './usr/lib/libc.a', data: 'own' },
  ]);
  const out = await store.build(unpackDeb, {
    debs: [{ file: store.add('p.deb', deb), package: 'p', version: '1' }],
    dependencies: [],
    triplet: 'x86_64-linux-gnu',
    fixups: ['library-links'],
    remove: ['lib/*/libgone.so.1'],
  });
  expect(readTree(store.physical(out))).toEqual({
    'lib/liba.so.1': 'link x86_64-linux-gnu/liba.so.1',
    'lib/liba.so.1.2': 'link x86_64-linux-gnu/liba.so.1.2',
    'lib/libc.a': 'file own',
    'lib/x86_64-linux-gnu/liba.so.1': 'link liba.so.1.2',
    'lib/x86_64-linux-gnu/liba.so.1.2': 'file a',
    'lib/x86_64-linux-gnu/libc.a': 'file x',
    'lib/x86_64-linux-gnu/plugins/b.so': 'file b',
  });
});
