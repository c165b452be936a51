/** nix-store --dump, --restore, --export, --import: store objects and other files as streams. Source: Nix manual. */
import { readSync } from 'node:fs';
import { dumpArchive, restoreArchive } from '../../api/store/archives.ts';
import { exportPaths, importPaths } from '../../api/store/exports.ts';
import { withStore } from '../../api/store/store-access.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import { writeOut } from '../terminal.ts';
import { accessOptions, readStoreWords } from './store-flags.ts';

export function dump(invocation: Invocation): number {
  const path = oneWord(invocation);
  if (path !== undefined) for (const chunk of dumpArchive(path)) writeOut(chunk);
  return 0;
}

export function restore(invocation: Invocation): number {
  const path = oneWord(invocation);
  if (path !== undefined) restoreArchive(path, standardInput());
  return 0;
}

function oneWord(invocation: Invocation): string | undefined {
  const read = readStoreWords(invocation, 'PATH', {});
  if (!read) return undefined;
  if (read.words.length !== 1) throw new NixError('only one argument allowed', { class: 'UsageError' });
  return read.words[0];
}

export function exportStream(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', {});
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    const paths = read.words.map((word) => access.storePath(word));
    for (const chunk of exportPaths(access, paths)) writeOut(chunk);
    return 0;
  });
}

export function importStream(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, '', {});
  if (!read) return 0;
  if (read.words.length > 0) throw new NixError('no arguments expected', { class: 'UsageError' });
  return withStore(accessOptions(read.options), (access) => {
    for (const path of importPaths(access, standardInput())) writeOut(`${path}\n`);
    return 0;
  });
}

function* standardInput(): Generator<Uint8Array> {
  for (;;) {
    const buffer = new Uint8Array(1 << 18);
    let count: number;
    try {
      count = readSync(0, buffer);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      continue;
    }
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}
