/** The builders of link trees, text files and Python environments, each through its whole interface. */
import { mkdirSync, symlinkSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { pythonEnv } from '../../../src/realise/builders/python-env.ts';
import { symlinkTree } from '../../../src/realise/builders/symlink-tree.ts';
import { writeText } from '../../../src/realise/builders/write-text.ts';
import { ScratchStore } from '../../support/build-context.ts';
import { readTree } from '../../support/read-tree.ts';

let store: ScratchStore;
beforeEach(() => {
  store = new ScratchStore();
});

describe('builtin:symlink-tree', () => {
  const build = async (attrs: Record<string, unknown>) =>
    readTree(store.physical(await store.build(symlinkTree, { pathsToLink: ['/'], ...attrs })));

  it('links a directory of one package as a whole, and merges those of several', async () => {
    const a = store.add('a', { 'bin/a': 'a', 'share/only/x': 'x', 'lib/x/a': '1' });
    const b = store.add('b', {
      'bin/b': 'b',
      'lib/x/b': '2',
      'lib/y': '3',
      'nix-support/x': 'x',
      'share/info/dir': 'x',
    });
    expect(await build({ paths: [a, b] })).toEqual({
      'bin/a': `link ${a}/bin/a`,
      'bin/b': `link ${b}/bin/b`,
      'lib/x/a': `link ${a}/lib/x/a`,
      'lib/x/b': `link ${b}/lib/x/b`,
      'lib/y': `link ${b}/lib/y`,
      'share/info': `link ${b}/share/info`,
      'share/only': `link ${a}/share/only`,
    });
  });

  it('takes only what is wanted, and makes wanted directories that nobody has', async () => {
    const a = store.add('a', { 'bin/a': 'a', 'share/man/man1/a': 'x', 'share/doc/a': 'x' });
    expect(await build({ paths: [a], pathsToLink: ['/share/man', '/sbin'], extraPrefix: '/usr' })).toEqual({
      'usr/sbin/': 'directory',
      'usr/share/man/man1': `link ${a}/share/man/man1`,
    });
  });

  it('decides collisions by content, priority and order', async () => {
    const a = store.add('a', { 'bin/x': '1', 'bin/same': 's' });
    const b = store.add('b', { 'bin/x': '2', 'bin/same': 's' });
    const clash = new RegExp(`collision at 'bin/x' between '${b}/bin/x' and '${a}/bin/x'`);
    await expect(build({ paths: [a, b] })).rejects.toThrow(clash);
    const linked = { 'bin/same': `link ${a}/bin/same`, 'bin/x': `link ${a}/bin/x` };
    expect(await build({ paths: [a, b], ignoreCollisions: true })).toEqual(linked);
    expect(store.log.join()).toContain('collision between');
    const byPriority = await build({ paths: [{ path: a, priority: 7 }, b] });
    expect(byPriority).toEqual({ 'bin/same': `link ${b}/bin/same`, 'bin/x': `link ${b}/bin/x` });
    const executable = store.add('c', { 'bin/same': { script: 's' } });
    await expect(build({ paths: [a, executable] })).rejects.toThrow(/collision at 'bin\/same'/);
    const file = store.add('d', { bin: 'not a directory' });
    await expect(build({ paths: [a, file] })).rejects.toThrow(/collision at 'bin'/);
    await expect(build({ paths: [store.add('file', 'x')] })).rejects.toThrow(/is a file and cannot be merged/);
  });

  it('sees that two links lead to one file, wherever the store physically is', async () => {
    const real = store.add('real', { 'bin/x': '1' });
    const a = store.add('a', { y: '' });
    const b = store.add('b', { z: '' });
    for (const path of [a, b]) mkdirSync(`${store.physical(path)}/bin`);
    symlinkSync(`${real}/bin/x`, `${store.physical(a)}/bin/x`);
    symlinkSync(`${real}/bin`, `${store.physical(b)}/deep`);
    symlinkSync('../deep/x', `${store.physical(b)}/bin/x`);
    expect((await build({ paths: [a, b] }))['bin/x']).toBe(`link ${a}/bin/x`);
    expect((await build({ paths: [a, b, real] }))['bin/x']).toBe(`link ${real}/bin/x`);
  });

  it('follows what packages propagate, without collisions', async () => {
    const low = store.add('low', { 'bin/x': 'other', 'bin/low': '' });
    const input = store.add('input', { 'bin/input': '' });
    const a = store.add('a', {
      'bin/x': '1',
      'nix-support/propagated-user-env-packages': `${low}\n`,
      'nix-support/propagated-build-inputs': `${input} ${low}\n`,
    });
    expect(Object.keys(await build({ paths: [a] }))).toEqual(['bin/low', 'bin/x']);
    const all = await build({ paths: [a], propagate: true });
    expect(all).toMatchObject({ 'bin/input': `link ${input}/bin/input`, 'bin/x': `link ${a}/bin/x` });
  });

  it('makes real directories for symlinkJoin; the first file wins', async () => {
    const a = store.add('a', { 'share/x/y': '1', 'nix-support/n': 'n' });
    const b = store.add('b', { 'share/x/y': '2' });
    expect(await build({ paths: [a, b], directories: 'real' })).toEqual({
      'nix-support/n': `link ${a}/nix-support/n`,
      'share/x/y': `link ${a}/share/x/y`,
    });
  });

  it('adds files of its own', async () => {
    const a = store.add('a', { 'etc/a': 'a', 'etc/b': 'b' });
    const files = { 'etc/a': { text: 'mine', executable: false }, '/bin/run': { text: '#!x', executable: true } };
    expect(await build({ paths: [a], pathsToLink: ['/etc'], files })).toEqual({
      'bin/run': 'exec #!x',
      'etc/a': 'file mine',
      'etc/b': `link ${a}/etc/b`,
    });
  });

  it('makes an empty directory of nothing, and refuses wrong paths', async () => {
    expect(await build({ paths: [] })).toEqual({ '/': 'directory' });
    await expect(build({ paths: [1] })).rejects.toThrow(/strings or \{ path, priority \}/);
  });

  it('keeps dangling links as links', async () => {
    const a = store.add('a', { x: '' });
    symlinkSync('/etc/nowhere', `${store.physical(a)}/dangling`);
    expect((await build({ paths: [a] })).dangling).toBe(`link ${a}/dangling`);
  });
});

describe('builtin:write-text', () => {
  const build = async (attrs: Record<string, unknown>) => readTree(store.physical(await store.build(writeText, attrs)));

  it('writes a file, a program, a file in a directory', async () => {
    expect(await build({ text: 'a\n' })).toEqual({ '': 'file a\n' });
    expect(await build({ text: '', executable: true })).toEqual({ '': 'exec ' });
    expect(await build({ text: 'é', destination: '/bin/x', executable: '1' })).toEqual({ 'bin/x': 'exec Ã©' });
    await expect(build({})).rejects.toThrow(/needs a string as attribute 'text'/);
  });
});

describe('builtin:python-env', () => {
  it('copies the interpreter and joins the packages', async () => {
    const python = store.add('python3.11', {
      'libexec/python3.11': { script: 'ELF' },
      'lib/python3.11/os.py': 'os',
      'share/man/python.1': 'm',
    });
    mkdirSync(`${store.physical(python)}/bin`);
    symlinkSync(`${python}/libexec/python3.11`, `${store.physical(python)}/bin/python3.11`);
    symlinkSync('python3.11', `${store.physical(python)}/bin/python3`);
    const debian = store.add('debian', {
      'lib/python3/dist-packages/one/__init__.py': '1',
      'lib/python3/dist-packages/shared/a.py': 'a',
      'bin/one': { script: `#!${python}/bin/python3 -E\nimport one` },
      'share/man/one.1': 'm',
    });
    const built = store.add('built', {
      'lib/python3.11/site-packages/two.py': '2',
      'lib/python3.11/site-packages/shared/b.py': 'b',
      'bin/two': { script: '#!/bin/sh\n' },
      'nix-support/propagated-build-inputs': debian,
    });
    const out = await store.build(pythonEnv, { python, version: '3.11', packages: [built, debian] });
    expect(readTree(store.physical(out))).toEqual({
      'bin/one': `exec #!${out}/bin/python3.11 -E\nimport one`,
      'bin/python': 'link python3.11',
      'bin/python3': 'link python3.11',
      'bin/python3.11': `link ${out}/libexec/python3.11`,
      'bin/two': `link ${built}/bin/two`,
      'lib/python3.11': `link ${python}/lib/python3.11`,
      'lib/python3/dist-packages/one': `link ${debian}/lib/python3/dist-packages/one`,
      'lib/python3/dist-packages/shared/a.py': `link ${debian}/lib/python3/dist-packages/shared/a.py`,
      'lib/python3/dist-packages/shared/b.py': `link ${built}/lib/python3.11/site-packages/shared/b.py`,
      'lib/python3/dist-packages/two.py': `link ${built}/lib/python3.11/site-packages/two.py`,
      'libexec/python3.11': 'exec ELF',
      'share/man/one.1': `link ${debian}/share/man/one.1`,
      'share/man/python.1': `link ${python}/share/man/python.1`,
    });
  });

  it('names what collides, and a Python that is none', async () => {
    const python = store.add('p', { 'bin/python3.11': { script: 'ELF' } });
    const one = store.add('one', { 'lib/python3/dist-packages/x.py': '1' });
    const two = store.add('two', { 'lib/python3/dist-packages/x.py': '2' });
    const attrs = { python, version: '3.11', packages: [one, two] };
    await expect(store.build(pythonEnv, attrs)).rejects.toThrow(/collision at 'lib\/python3\/dist-packages\/x.py'/);
    await expect(store.build(pythonEnv, { ...attrs, python: one })).rejects.toThrow(/there is no '.*bin\/python3.11'/);
  });
});
