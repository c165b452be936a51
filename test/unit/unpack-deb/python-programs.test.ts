import { beforeEach, describe, expect, it } from 'vitest';
import { unpackDeb } from '../../../src/realise/builders/unpack-deb/builder.ts';
import { firstStatement } from '../../../src/realise/builders/unpack-deb/python-programs.ts';
import { ScratchStore } from '../../support/build-context.ts';
import { makeDeb } from '../../support/make-deb.ts';
import { readTree } from '../../support/read-tree.ts';

describe('the place of a first statement in Python', () => {
  it.each([
    ['', 1],
    ['#!/usr/bin/python3\nimport a', 1],
    ['#!/usr/bin/python3\n# -*- coding: utf-8 -*-\n\nimport a', 3],
    ['#!/usr/bin/python3\n"""One line."""\nimport a', 2],
    ["#!/usr/bin/python3\nr'''Two\nlines''' # end\nimport a", 3],
    ['#!x\n"plain"\nimport a', 2],
    ['#!x\n"""Doc."""\n\n# comment\nfrom __future__ import annotations\nimport a', 5],
    ['#!x\nfrom __future__ import (\n  division,\n  annotations,\n)\nimport a', 5],
    ['#!x\nfrom __future__ import division, \\\n  annotations\nimport a', 3],
    ['#!x\n"""never closed', 2],
  ])('%j', (text, expected) => {
    expect(firstStatement(text.split('\n'))).toBe(expected);
  });
});

describe('builtin:unpack-deb with pythonPath', () => {
  let store: ScratchStore;
  beforeEach(() => {
    store = new ScratchStore();
  });

  it('adds the places of modules to programs in Python, and to nothing else', async () => {
    const python = store.add('python', { 'bin/python3': 'x' });
    const click = store.add('click', { 'lib/python3/dist-packages/click.py': 'x' });
    const program = (name: string, data: string) => ({ name, data, mode: 0o755 });
    const deb = await makeDeb([
      program('./usr/bin/tool', '#!/usr/bin/python3\n"""Doc."""\nprint(1)\n'),
      program('./usr/bin/shell', '#!/bin/sh\necho\n'),
      program('./usr/share/x/tool', '#!/usr/bin/python3\nprint(1)\n'),
      { name: './usr/lib/python3/dist-packages/tool.py', data: 'x' },
    ]);
    const debs = [{ file: store.add('p.deb', deb), package: 'p', version: '1' }];
    const pythonPath = [click, python];
    const out = await store.build(unpackDeb, { debs, dependencies: [python, click], triplet: 'T', pythonPath });
    const places = [out, click].map((path) => `site.addsitedir('${path}/lib/python3/dist-packages')`).join('; ');
    const tree = readTree(store.physical(out));
    const text = (path: string) => JSON.stringify(tree[path as keyof typeof tree]);
    expect(text('bin/tool')).toContain(
      `#!${python}/bin/python3\\n\\"\\"\\"Doc.\\"\\"\\"\\nimport site; ${places}; del site\\nprint(1)`,
    );
    expect(text('bin/shell')).not.toContain('site');
    expect(text('share/x/tool')).not.toContain('addsitedir');
  });
});
