/** Built-in builders in threads of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unpackDeb } from '../../../src/realise/builders/unpack-deb/builder.ts';
import { BuilderThreads } from '../../../src/realise/threads/pool.ts';
import { makeDeb } from '../../support/make-deb.ts';
import { addDerivation, openTestStore, output, run, temporaryDirectory } from './setting.ts';

const noProcess = async () => {
  throw new Error('no process may be started');
};

async function unpacking(text: string) {
  const store = openTestStore();
  const file = join(temporaryDirectory(), 'package.deb');
  writeFileSync(file, text);
  if (text === '') writeFileSync(file, await makeDeb([{ name: './usr/share/hello', data: 'hello\n' }]));
  const deb = store.addFiles({ path: file, name: 'package.deb', method: 'flat' });
  const drv = addDerivation(store, {
    name: 'unpacked',
    builder: 'builtin:unpack-deb',
    sources: [deb],
    env: { __json: JSON.stringify({ name: 'unpacked', debs: [{ file: deb, package: 'hello' }] }) },
  });
  return { store, drv };
}

describe('builder threads', () => {
  it('are there, and make what the builder makes in the main thread', async () => {
    expect(new BuilderThreads().available).toBe(true);
    const narHashes: string[] = [];
    for (const threaded of [true, false]) {
      const { store, drv } = await unpacking('');
      const { error } = await run(store, drv, { builtinBuilders: [{ ...unpackDeb, threaded }], sandbox: noProcess });
      expect(error).toBeUndefined();
      const path = output(store, drv);
      expect(readFileSync(join(store.realPath(path), 'share/hello'), 'utf8')).toBe('hello\n');
      narHashes.push(Buffer.from(store.pathInfo(path)!.narHash).toString('hex'));
    }
    expect(narHashes[0]).toBe(narHashes[1]);
  });

  it('hand errors over', async () => {
    const { store, drv } = await unpacking('no archive');
    const { error } = await run(store, drv, {
      builtinBuilders: [{ ...unpackDeb, threaded: true }],
      sandbox: noProcess,
    });
    expect(error?.message).toMatch(/^Cannot build '.*-unpacked\.drv'\.\nReason: .*package\.deb/);
    expect(error?.exitCode).toBe(100);
    expect(readFileSync(store.logPath(drv), 'utf8')).toMatch(/^error: /);
  });

  it('end with the realisation that is interrupted', async () => {
    const { store, drv } = await unpacking('');
    const controller = new AbortController();
    const report = (event: { kind: string }) => void (event.kind === 'buildStarted' && controller.abort());
    const { error } = await run(store, drv, {
      builtinBuilders: [{ ...unpackDeb, threaded: true }],
      signal: controller.signal,
      reporter: { report },
    });
    expect(error?.message).toBe('interrupted by the user');
  });
});
