import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CopyOptions, RootCopier } from '../../../src/image/copy-to-root.ts';
import { ROOT_OWNER } from '../../../src/image/entry.ts';
import { LogicalFiles } from '../../../src/image/logical-files.ts';
import { ArchiveTree } from '../../../src/image/tree.ts';
import { elf, ImageStore } from './image-store.ts';

let store: ImageStore;
beforeEach(() => {
  store = new ImageStore();
});
afterEach(() => store.remove());

/** name -> "dir", "file MODE" or "-> target"; directories only where they are empty. */
function copy(items: readonly string[], options: Partial<CopyOptions> = {}): Record<string, string> {
  const tree = new ArchiveTree(0o755);
  const files = new LogicalFiles((path) => store.physical(path));
  const copier = new RootCopier(tree, files, {
    owner: ROOT_OWNER,
    keepDirectoryLinks: false,
    linkFiles: false,
    ...options,
  });
  for (const item of items) copier.add(item);
  const out: Record<string, string> = {};
  const entries = [...tree.walk()];
  for (const entry of entries) {
    if (entry.type === 'file') out[entry.name] = `file ${entry.mode.toString(8)}`;
    else if (entry.type === 'symlink') out[entry.name] = `-> ${entry.target}`;
    else if (entry.name !== '' && !entries.some(({ name }) => name.startsWith(`${entry.name}/`)))
      out[entry.name] = 'dir';
  }
  return out;
}

describe('copyToRoot', () => {
  it('copies scripts and data, and links ELF executables to the store', () => {
    const tool = store.add('tool', {
      'bin/tool': elf,
      'bin/script': { script: '#!/bin/sh\n' },
      'share/data': 'text',
      'share/not-executable': elf.script,
      'bin/alias': { link: 'tool' },
    });
    expect(copy([tool])).toEqual({
      'bin/alias': '-> tool',
      'bin/script': 'file 555',
      'bin/tool': `-> ${tool}/bin/tool`,
      'share/data': 'file 444',
      'share/not-executable': 'file 444',
    });
  });

  it('leaves nix-support out, at the top only', () => {
    const item = store.add('item', { 'nix-support/propagated-build-inputs': 'x', 'share/nix-support/y': 'y' });
    expect(Object.keys(copy([item]))).toEqual(['share/nix-support/y']);
  });

  it('turns links to directories of other packages into directories of links', () => {
    const library = store.add('library', {
      'lib/python/a.py': 'a',
      'lib/python/sub/b.py': 'b',
      'lib/python/c': { link: 'a.py' },
    });
    const env = store.add('env', { 'lib/python': { link: `${library}/lib/python` }, 'lib/own': 'x' });
    expect(copy([env])).toEqual({
      'lib/own': 'file 444',
      'lib/python/a.py': `-> ${library}/lib/python/a.py`,
      'lib/python/c': `-> ${library}/lib/python/c`,
      'lib/python/sub/b.py': `-> ${library}/lib/python/sub/b.py`,
    });
  });

  it('copies what is below /etc and /var, for programs edit it', () => {
    const library = store.add('library', { 'etc/nginx/nginx.conf': 'x', 'share/doc': 'y' });
    const env = store.add('env', { etc: { link: `${library}/etc` }, share: { link: `${library}/share` } });
    expect(copy([env])).toEqual({ 'etc/nginx/nginx.conf': 'file 444', 'share/doc': `-> ${library}/share/doc` });
  });

  it('keeps a link within a package, until another has that directory', () => {
    const item = store.add('item', { 'lib/a': 'a', lib64: { link: 'lib' } });
    expect(copy([item])).toEqual({ 'lib/a': 'file 444', lib64: '-> lib' });
    const other = store.add('other', { 'lib64/b': 'b' });
    const both = { 'lib/a': 'file 444', 'lib64/a': 'file 444', 'lib64/b': 'file 444' };
    expect(copy([item, other])).toEqual(both);
    expect(copy([other, item])).toEqual(both);
  });

  it('keeps every link to a directory where that is asked for', () => {
    const library = store.add('library', { 'lib/a': 'a' });
    const env = store.add('env', { lib: { link: `${library}/lib` } });
    expect(copy([env], { keepDirectoryLinks: true })).toEqual({ lib: `-> ${library}/lib` });
  });

  it('links every file for a customisation layer', () => {
    const item = store.add('item', { 'etc/x': 'x', 'bin/y': { script: 'y' } });
    expect(copy([item], { linkFiles: true, keepDirectoryLinks: true })).toEqual({
      'bin/y': `-> ${item}/bin/y`,
      'etc/x': `-> ${item}/etc/x`,
    });
  });

  it('leaves links to files and dangling links as they are', () => {
    const other = store.add('other', { 'bin/x': 'x' });
    const item = store.add('item', {
      'bin/x': { link: `${other}/bin/x` },
      'bin/gone': { link: '/does/not/exist' },
      'bin/proc': { link: '/proc/mounts' },
    });
    expect(copy([item])).toEqual({
      'bin/gone': '-> /does/not/exist',
      'bin/proc': '-> /proc/mounts',
      'bin/x': `-> ${other}/bin/x`,
    });
  });

  it('makes a relative link that leaves its package absolute', () => {
    const other = store.add('other', { 'bin/x': 'x' });
    const item = store.add('item', { 'bin/x': { link: `../../${other.slice('/nix/store/'.length)}/bin/x` } });
    expect(copy([item])).toEqual({ 'bin/x': `-> ${other}/bin/x` });
  });

  it('lets later items win, and follows an item that is a link', () => {
    const one = store.add('one', { 'etc/motd': 'one' });
    const two = store.add('two', { 'etc/motd': { script: 'two' } });
    const linked = store.add('linked', { link: two });
    expect(copy([one, linked])).toEqual({ 'etc/motd': 'file 555' });
    expect(copy([two, one])).toEqual({ 'etc/motd': 'file 444' });
  });

  it('takes a directory inside a store path', () => {
    const item = store.add('item', { 'root/etc/x': 'x', other: 'y' });
    expect(copy([`${item}/root`])).toEqual({ 'etc/x': 'file 444' });
  });

  it('refuses what is not a directory, and directories that contain themselves', () => {
    const file = store.add('file', 'text');
    expect(() => copy([file])).toThrow(`cannot copy '${file}' to the root of an image: it is not a directory`);
    expect(() => copy([store.pathOf('missing')])).toThrow('it is not a directory');
    const loop = store.pathOf('loop');
    store.add('loop', { 'a/self': { link: `${loop}/a` } });
    expect(() => copy([loop])).toThrow('leads back into itself');
  });

  it('refuses a file in place of a directory', () => {
    const one = store.add('one', { 'etc/x': 'x' });
    const two = store.add('two', { etc: 'a file' });
    expect(() => copy([one, two])).toThrow(`'/etc' is a directory in ${one} and a file in ${two}`);
  });
});
