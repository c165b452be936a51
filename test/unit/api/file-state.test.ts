/**
 * A file whose state is known is not read again, and one that has changed is, whatever its times say. Files have to be a
 * few seconds old for that, hence the wait.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Evaluation } from '../../../src/api/evaluation.ts';
import { NodeFiles } from '../../../src/api/node-files.ts';

let work: string;
const file = (name: string) => join(work, name);
beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-file-state-'));
  process.env.XDG_CACHE_HOME = file('cache');
  writeFileSync(file('known.nix'), '{ value = 1; where = __curPos.line; fail = throw "no"; }');
  writeFileSync(file('edited.nix'), '111');
  writeFileSync(file('replaced.nix'), '111');
  writeFileSync(file('other.nix'), '222');
  mkdirSync(file('directory'));
  writeFileSync(file('directory/default.nix'), '"in the directory"');
  symlinkSync('directory', file('link'));
  await new Promise((resolve) => setTimeout(resolve, 3200));
}, 10_000);
afterAll(() => {
  delete process.env.XDG_CACHE_HOME;
  rmSync(work, { recursive: true, force: true });
});

/** The value as JSON, and the files that were read for it. */
function evaluate(path: string, attribute = ''): { json: string; read: string[] } {
  const read = vi.spyOn(NodeFiles.prototype, 'readFile');
  const evaluation = new Evaluation({ directory: work, storeRoot: file('store'), readOnly: true });
  try {
    const value = evaluation.select(evaluation.file(path).evaluate(), attribute);
    return { json: evaluation.printJson(value, { strict: true }), read: read.mock.calls.map(([name]) => name) };
  } finally {
    evaluation.store.close();
    read.mockRestore();
  }
}

it('is not read again, except to show places in it', () => {
  expect(evaluate('known.nix', 'value')).toEqual({ json: '1', read: [file('known.nix')] });
  expect(evaluate('known.nix', 'value')).toEqual({ json: '1', read: [] });
  expect(evaluate('known.nix', 'where')).toEqual({ json: '1', read: [file('known.nix')] });
  expect(() => evaluate('known.nix', 'fail')).toThrow('no');
});

it('is read where it was changed, also to the same size and times', () => {
  const { atime, mtime } = statSync(file('edited.nix'));
  evaluate('edited.nix');
  expect(evaluate('edited.nix').read).toEqual([]);
  writeFileSync(file('edited.nix'), '333');
  utimesSync(file('edited.nix'), atime, mtime);
  expect(evaluate('edited.nix').json).toBe('333');
});

it('is read where another file has taken its place', () => {
  evaluate('replaced.nix');
  utimesSync(file('other.nix'), statSync(file('replaced.nix')).atime, statSync(file('replaced.nix')).mtime);
  renameSync(file('other.nix'), file('replaced.nix'));
  expect(evaluate('replaced.nix').json).toBe('222');
});

it('is found again after a touch, by its content', () => {
  evaluate('known.nix', 'value');
  utimesSync(file('known.nix'), 1, 1);
  expect(evaluate('known.nix', 'value')).toEqual({ json: '1', read: [file('known.nix')] });
});

it('tells the evaluation cache what it holds', () => {
  evaluate('link');
  expect(evaluate('link').read).toEqual([]);
  const ask = () => {
    const evaluation = new Evaluation({ directory: work, storeRoot: file('store'), readOnly: true });
    let computed = false;
    const answer = evaluation.remember({ test: 'file-state' }, () => {
      computed = true;
      return evaluation.printJson(evaluation.file('link').evaluate(), { strict: true });
    });
    evaluation.store.close();
    return { answer, computed };
  };
  expect(ask()).toEqual({ answer: '"in the directory"', computed: true });
  expect(ask()).toEqual({ answer: '"in the directory"', computed: false });
  writeFileSync(file('directory/default.nix'), '"in the Directory"');
  expect(ask()).toEqual({ answer: '"in the Directory"', computed: true });
});
