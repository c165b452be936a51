import { describe, expect, it } from 'vitest';
import { stronglyConnected } from '../../../src/nixpkgs/relock/components.ts';
import { PackageIndex, readRelations } from '../../../src/nixpkgs/relock/index.ts';
import { essentialInterpreter } from '../../../src/nixpkgs/relock/interpreters.ts';
import { resolve } from '../../../src/nixpkgs/relock/resolve.ts';
import { compareVersions, upstreamVersion } from '../../../src/nixpkgs/relock/version.ts';
import { run } from '../../support/nixlet.ts';
import { withPeer } from '../../support/peers.ts';

describe('Debian versions', () => {
  // Each one is older than the next.
  const ordered = [
    '0~~',
    '0~~a',
    '0~',
    '0',
    '0a',
    '0.1',
    '0.9',
    '0.10',
    '1.0~rc1',
    '1.0',
    '1.0-1~deb12u1',
    '1.0-1',
    '1.0-1+b1',
    '1.0+dfsg-1',
    '1:0.1',
  ];

  it('are ordered by numbers, letters, and ~ before the end', () => {
    for (let i = 0; i < ordered.length; i++)
      for (let j = 0; j < ordered.length; j++)
        expect(Math.sign(compareVersions(ordered[i]!, ordered[j]!)), `${ordered[i]} ${ordered[j]}`).toBe(
          Math.sign(i - j),
        );
  });

  withPeer('dpkg')('are ordered as dpkg orders them', async () => {
    for (let i = 0; i + 1 < ordered.length; i++)
      expect((await run('dpkg', ['--compare-versions', ordered[i]!, 'lt', ordered[i + 1]!])).code).toBe(0);
  });

  it("have the authors' part", () => {
    expect(['1:2.40-2+b1', '5.15.0+dfsg1-1', '2026f-0+deb12u1', '1.2'].map(upstreamVersion)).toEqual([
      '2.40',
      '5.15.0+dfsg1',
      '2026f',
      '1.2',
    ]);
  });
});

describe('relations', () => {
  it('are conjunctions of alternatives', () => {
    expect(readRelations('libc6 (>= 2.34), a | b:any (<< 2~)')).toEqual([
      [{ package: 'libc6', operator: '>=', version: '2.34' }],
      [
        { package: 'a', operator: undefined, version: undefined },
        { package: 'b', operator: '<<', version: '2~' },
      ],
    ]);
  });
});

describe('resolving', () => {
  const paragraph = (name: string, version: string, fields = '') =>
    `Package: ${name}\nVersion: ${version}\n${fields}Filename: pool/main/x/${name}_${version}_all.deb\nSize: 10\nSHA256: ${'0'.repeat(64)}\n`;
  const indexOf = (...paragraphs: string[]) => {
    const index = new PackageIndex();
    index.add(paragraphs.join('\n'));
    index.seal();
    return index;
  };
  const graph = (index: PackageIndex, ...roots: string[]) =>
    Object.fromEntries(resolve(index, roots).packages.map((one) => [one.key, one.depends]));

  it('takes the newest version over all indices', () => {
    const index = indexOf(paragraph('a', '1.9'), paragraph('a', '1.10'), paragraph('a', '1.10~rc1'));
    expect(index.get('a')?.version).toBe('1.10');
  });

  it('decides alternatives: what exists in a version that fits, then who provides it', () => {
    const index = indexOf(
      paragraph('a', '1', 'Depends: gone | new (>= 2) | b, editor\n'),
      paragraph('new', '1'),
      paragraph('b', '1'),
      paragraph('vi', '1', 'Provides: editor\n'),
    );
    expect(graph(index, 'a')).toEqual({ a: ['b', 'vi'], b: [], vi: [] });
  });

  it('prefers python3 to a module that only older ones need', () => {
    const index = indexOf(
      paragraph('python3-x', '1', 'Depends: python3-toml | python3 (>> 3.10)\n'),
      paragraph('python3-toml', '1'),
      paragraph('python3', '3.11'),
    );
    expect(graph(index, 'python3-x')).toEqual({ 'python3-x': ['python3.11'], 'python3.11': [] });
  });

  it('leaves out what only maintainer scripts need', () => {
    const index = indexOf(
      paragraph('a', '1', 'Pre-Depends: init-system-helpers\nDepends: adduser, b\n'),
      paragraph('b', '1'),
      paragraph('adduser', '1'),
    );
    expect(graph(index, 'a')).toEqual({ a: ['b'], b: [] });
  });

  it('merges circles and groups', () => {
    const index = indexOf(
      paragraph('app', '1', 'Depends: x, libc6\n'),
      paragraph('x', '1', 'Depends: y\n'),
      paragraph('y', '1', 'Depends: x, libgcc-s1\n'),
      paragraph('libc6', '2', 'Depends: libgcc-s1\n'),
      paragraph('libgcc-s1', '12', 'Depends: libc6\n'),
    );
    expect(graph(index, 'app')).toEqual({ app: ['x', 'glibc'], glibc: [], x: ['glibc'] });
    expect(
      resolve(index, ['app'])
        .packages.find((one) => one.key === 'glibc')
        ?.debs.map((deb) => deb.package),
    ).toEqual(['libc6', 'libgcc-s1']);
  });

  it('names what is missing', () => {
    expect(resolve(indexOf(paragraph('a', '1', 'Depends: b | c\n')), ['a', 'z']).missing).toEqual([
      'a needs b | c',
      'z',
    ]);
  });
});

it('finds strongly connected components', () => {
  const graph = new Map(
    Object.entries({ a: ['b'], b: ['c', 'd'], c: ['a'], d: ['e'], e: ['d'], f: [] }).map(([node, edges]) => [
      node,
      new Set(edges),
    ]),
  );
  expect(
    stronglyConnected(graph)
      .map((component) => component.sort().join(''))
      .sort(),
  ).toEqual(['abc', 'de', 'f']);
});

it('knows the interpreters that Debian takes for granted', () => {
  expect(essentialInterpreter('usr/bin/x', '#!/bin/sh -e')).toBe('sh');
  expect(essentialInterpreter('usr/bin/x', '#! /usr/bin/env bash')).toBe('bash');
  expect(essentialInterpreter('usr/bin/x', '#!/usr/bin/python3')).toBeUndefined();
  expect(essentialInterpreter('etc/init.d/x', '#!/bin/sh')).toBeUndefined();
});
