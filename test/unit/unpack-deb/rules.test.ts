/** The rules of the layout, each as a table. */
import { describe, expect, it } from 'vitest';
import { linkDestination, relativeLink } from '../../../src/realise/builders/relative-path.ts';
import { findAlternatives } from '../../../src/realise/builders/unpack-deb/alternatives.ts';
import { rewriteLinkerScript, rewritePkgConfig } from '../../../src/realise/builders/unpack-deb/development-files.ts';
import { makeLoaderPure } from '../../../src/realise/builders/unpack-deb/elf/loader-purity.ts';
import { outputPath } from '../../../src/realise/builders/unpack-deb/layout.ts';
import { pathMatcher } from '../../../src/realise/builders/unpack-deb/patterns.ts';
import { rewriteShebang, shebangLine } from '../../../src/realise/builders/unpack-deb/shebangs.ts';
import { Tree, type TreeNode } from '../../../src/realise/builders/unpack-deb/tree.ts';

describe('layout', () => {
  it.each([
    ['usr/bin/x', 'bin/x'],
    ['bin/x', 'bin/x'],
    ['usr/sbin/x', 'bin/x'],
    ['sbin/x', 'bin/x'],
    ['usr/games/x', 'bin/x'],
    ['usr/share/games/x', 'share/games/x'],
    ['lib64/ld.so', 'lib/T/ld.so'],
    ['usr/lib64', 'lib/T'],
    ['usr/lib/T/libx.so', 'lib/T/libx.so'],
    ['etc/x', 'etc/x'],
    ['usr', ''],
    ['usrx/y', 'usrx/y'],
  ])('%s -> %s', (path, expected) => expect(outputPath(path, 'T')).toBe(expected));
});

describe('links', () => {
  it.each([
    ['usr/lib/a', '../share/x', 'usr/share/x'],
    ['usr/lib/a', '/etc/x', 'etc/x'],
    ['usr/lib/T/a', '../../../lib/x', 'lib/x'],
    ['a', '../../x', 'x'],
  ])('%s -> %s is %s', (path, text, expected) => expect(linkDestination(path, text)).toBe(expected));

  it.each([
    ['bin/x', 'bin/y', 'y'],
    ['bin/x', 'lib/y', '../lib/y'],
    ['x', 'bin/y', 'bin/y'],
    ['share/a/b/c', 'share/a', '../../a'],
    ['share/a', 'share', '../share'],
  ])('%s to %s by %s', (path, destination, expected) => {
    expect(relativeLink(path, destination)).toBe(expected);
    expect(linkDestination(path, expected)).toBe(destination);
  });
});

describe('patterns', () => {
  it.each([
    ['share/doc', 'share/doc/x/y', true],
    ['share/doc', 'share/docs', false],
    ['/share/doc/', 'share/doc', true],
    ['lib/*.a', 'lib/x.a', true],
    ['lib/*.a', 'lib/y/x.a', false],
    ['**/*.a', 'x.a', true],
    ['**/*.a', 'lib/y/x.a', true],
    ['share/**/examples', 'share/a/b/examples/c', true],
    ['lib/python?', 'lib/python3/x', true],
    ['a.b', 'axb', false],
  ])('%s on %s: %s', (pattern, path, expected) => expect(pathMatcher([pattern])(path)).toBe(expected));
});

describe('alternatives', () => {
  it('reads continued lines, slaves and comments', () => {
    const script = `#!/bin/sh
if [ "$1" = configure ]; then
  update-alternatives --quiet --install /usr/bin/awk awk /usr/bin/mawk 5 \\
    --slave /usr/bin/nawk nawk "/usr/bin/mawk"; true
  update-alternatives --install /usr/bin/vi vi /usr/bin/vim 50 \\
    #--slave /usr/bin/ex ex /usr/bin/vim
fi
# update-alternatives --install /usr/bin/no no /usr/bin/no 1
update-alternatives --remove w /usr/bin/w.procps
update-alternatives --install "$BINPATH"/"x" x /usr/bin/x 1
ver=1.16
twice=1
twice=2
update-alternatives --install /usr/bin/automake automake "/usr/bin/automake-\${ver}" 3 --slave /usr/bin/a$ver a /usr/bin/b
update-alternatives --install /usr/bin/x x /usr/bin/x$twice 1
`;
    expect(findAlternatives(script)).toEqual({
      alternatives: [
        { link: 'usr/bin/vi', path: 'usr/bin/vim' },
        { link: 'usr/bin/awk', path: 'usr/bin/mawk' },
        { link: 'usr/bin/nawk', path: 'usr/bin/mawk' },
        { link: 'usr/bin/automake', path: 'usr/bin/automake-1.16' },
        { link: 'usr/bin/a1.16', path: 'usr/bin/b' },
      ],
      skipped: [expect.stringContaining('--install $BINPATH/x x'), expect.stringContaining('x$twice')],
    });
  });
});

describe('shebangs', () => {
  const locate = (program: string) =>
    ({ '/bin/sh': '/S/bin/sh', '/usr/bin/python3': '/S/bin/python3', '/usr/bin/env': '/S/bin/env' })[program];

  it.each([
    ['#!/bin/sh', '#!/S/bin/sh'],
    ['#! /bin/sh -e', '#!/S/bin/sh -e'],
    ['#!/usr/bin/env python3', '#!/S/bin/python3'],
    ['#!/usr/bin/env ruby', '#!/S/bin/env ruby'],
    ['#!/usr/bin/env -S python3 -x', '#!/S/bin/env -S python3 -x'],
    ['#!/usr/bin/perl -w', '#!/usr/bin/perl -w'],
  ])('%s becomes %s', (line, expected) => expect(rewriteShebang(line, locate)).toBe(expected));

  it.each([
    ['#!/bin/sh -e  \nexit', '#!/bin/sh -e'],
    ['#! /bin/sh', '#! /bin/sh'],
    ['#!perl', undefined],
    ['#!\n/bin/sh', undefined],
    ['\x7fELF', undefined],
    ['', undefined],
  ])('first line of %j', (text, expected) => expect(shebangLine(Buffer.from(text))).toBe(expected));
});

describe('development files', () => {
  it('rewrites linker scripts', () => {
    const script = 'GROUP ( /lib/T/libc.so.6 /usr/lib/T/libc_nonshared.a AS_NEEDED ( /lib64/ld.so.2 /lib/other ) )';
    const located = rewriteLinkerScript(script, (path) => (path === '/lib/other' ? undefined : `/S${path}`));
    expect(located).toBe(
      'GROUP ( /S/lib/T/libc.so.6 /S/usr/lib/T/libc_nonshared.a AS_NEEDED ( /S/lib64/ld.so.2 /lib/other ) )',
    );
  });

  it('rewrites pkg-config files', () => {
    const text = 'prefix=/usr\nlibdir=/usr/lib/T\nmodules = /usrx\nCflags: -I/usr/include/x -L/usr/lib\n';
    const expected = 'prefix=/S\nlibdir=/S/lib/T\nmodules = /usrx\nCflags: -I/S/include/x -L/S/lib\n';
    expect(rewritePkgConfig(text, '/S')).toBe(expected);
  });
});

describe('loader', () => {
  it('replaces the system directories, byte for byte', () => {
    const list = '/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/\0';
    const loader = Buffer.from(`\x80code\0${list}x/etc/ld.so.cache\0/etc/ld.so.preload\0\xff`, 'latin1');
    const pure = makeLoaderPure(loader);
    expect(pure).toHaveLength(loader.length);
    expect(pure.toString('latin1')).toBe(
      '\x80code\0/dev/x86_64-linux-gnu/\0/dev/tty/x86_64-linux-gnu/\0/dev/\0/dev/tty/\0x/dev/ld.so.cache\0/dev/ld.so.preload\0\xff',
    );
  });
});

describe('tree', () => {
  const file = (text: string, from: string, executable = false): TreeNode => ({
    kind: 'file',
    data: Buffer.from(text),
    executable,
    from,
  });
  const link = (text: string, destination: string): TreeNode => ({ kind: 'link', text, destination, from: 'l' });

  it('merges packages', () => {
    const tree = new Tree();
    tree.add('a/x', file('1', 'p'));
    tree.add('a/x', file('1', 'q'));
    tree.add('a', { kind: 'directory' });
    tree.add('b', link('a/x', 'a/x'));
    tree.add('b', file('2', 'p'));
    tree.add('b', link('a/x', 'a/x'));
    expect(tree.entries().map(([path, node]) => [path, node.kind])).toEqual([
      ['a', 'directory'],
      ['a/x', 'file'],
      ['b', 'file'],
    ]);
    expect(() => tree.add('a/x', file('other', 'q'))).toThrow("'p' and 'q' both have 'a/x', with different content");
    expect(() => tree.add('a/x', file('1', 'q', true))).toThrow("'p' and 'q' both have 'a/x'");
    expect(() => tree.add('a/x/y', file('1', 'q'))).toThrow("'p' and 'q' both have 'a/x'");
  });

  it('follows links, through directories and not for ever', () => {
    const tree = new Tree();
    tree.add('real/x', file('1', 'p'));
    tree.add('dir', link('real', 'real'));
    tree.add('l', link('dir/x', 'dir/x'));
    tree.add('loop', link('loop2', 'loop2'));
    tree.add('loop2', link('loop', 'loop'));
    expect(tree.follow('l')?.kind).toBe('file');
    expect(tree.follow('dir/x')?.kind).toBe('file');
    expect(tree.follow('dir/y')).toBeUndefined();
    expect(tree.follow('loop')).toBeUndefined();
  });
});
