/** nix-store --add, --add-fixed, --print-fixed-path: files into the store by hand. Source: Nix manual. */
import { type AddOptions, addPath, fixedPath, hashAlgorithmNamed } from '../../api/store/add-paths.ts';
import { withStore } from '../../api/store/store-access.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import type { Flag } from '../options.ts';
import { writeOut } from '../terminal.ts';
import { accessOptions, readStoreWords, type StoreOptions } from './store-flags.ts';

export function add(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', {});
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    for (const word of read.words) writeOut(`${addPath(access, word, { recursive: true, algorithm: 'sha256' })}\n`);
    return 0;
  });
}

interface FixedOptions {
  recursive: boolean;
}

const fixedFlags: readonly Flag<StoreOptions & FixedOptions>[] = [
  { names: ['--recursive'], doc: 'hash the tree instead of one file', apply: (o) => void (o.recursive = true) },
];

export function addFixed(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'ALGORITHM PATH...', { recursive: false }, fixedFlags);
  if (!read) return 0;
  const [algorithm, ...files] = read.words;
  if (algorithm === undefined) throw new NixError('first argument must be hash algorithm', { class: 'UsageError' });
  const how: AddOptions = { recursive: read.options.recursive, algorithm: hashAlgorithmNamed(algorithm) };
  return withStore(accessOptions(read.options), (access) => {
    for (const file of files) writeOut(`${addPath(access, file, how)}\n`);
    return 0;
  });
}

export function printFixedPath(invocation: Invocation): number {
  const read = readStoreWords(invocation, 'ALGORITHM HASH NAME', { recursive: false }, fixedFlags);
  if (!read) return 0;
  const [algorithm, hash, name, ...more] = read.words;
  if (name === undefined || more.length > 0)
    throw new NixError("'--print-fixed-path' requires three arguments", { class: 'UsageError' });
  const how: AddOptions = { recursive: read.options.recursive, algorithm: hashAlgorithmNamed(algorithm!) };
  writeOut(`${fixedPath(name, hash!, how)}\n`);
  return 0;
}
