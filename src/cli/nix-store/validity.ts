/** nix-store --dump-db, --load-db, --register-validity, --check-validity, --verify, --verify-path. Source: Nix manual. */
import { readFileSync } from 'node:fs';
import { modification, verify } from '../../api/store/maintenance.ts';
import { checkValidity, dumpRegistration, type RegisterOptions, register } from '../../api/store/registration.ts';
import { withStore } from '../../api/store/store-access.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { Invocation } from '../main.ts';
import type { Flag } from '../options.ts';
import { writeError, writeOut } from '../terminal.ts';
import { noRepair } from './no-repair.ts';
import { accessOptions, readStoreWords, type StoreOptions } from './store-flags.ts';

export function dumpDb(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, '[PATH...]', {});
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    const paths = read.words.map((word) => access.storePath(word));
    for (const entry of dumpRegistration(access, paths.length > 0 ? paths : undefined)) writeOut(entry);
    return 0;
  });
}

export function loadDb(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, '', {});
  return read ? registerInput(read.options, read.words, { hashGiven: true, reregister: true }) : 0;
}

interface ValidityOptions {
  hashGiven: boolean;
  reregister: boolean;
}

const validityFlags: readonly Flag<StoreOptions & ValidityOptions>[] = [
  { names: ['--hash-given'], doc: 'the input has hash and size', apply: (o) => void (o.hashGiven = true) },
  { names: ['--reregister'], doc: 'replace what is recorded already', apply: (o) => void (o.reregister = true) },
];

export function registerValidity(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, '', { hashGiven: false, reregister: false }, validityFlags);
  return read ? registerInput(read.options, read.words, read.options) : 0;
}

function registerInput(
  options: StoreOptions,
  words: readonly string[],
  how: RegisterOptions,
): Promise<number> | number {
  if (words.length > 0) throw new NixError('no arguments expected', { class: 'UsageError' });
  return withStore(accessOptions(options), (access) => {
    register(access, readFileSync(0, 'utf8'), how);
    return 0;
  });
}

const checkFlags: readonly Flag<StoreOptions & { printInvalid: boolean }>[] = [
  { names: ['--print-invalid'], doc: 'print those that are not valid', apply: (o) => void (o.printInvalid = true) },
];

export function checkPaths(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', { printInvalid: false }, checkFlags);
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    for (const path of read.words.map((word) => access.storePath(word))) {
      if (checkValidity(access, path)) continue;
      if (!read.options.printInvalid) throw new NixError(`path '${path}' is not valid`, { class: 'StoreError' });
      writeOut(`${path}\n`);
    }
    return 0;
  });
}

const verifyFlags: readonly Flag<StoreOptions & { contents: boolean }>[] = [
  { names: ['--check-contents'], doc: 'compare every path with its hash', apply: (o) => void (o.contents = true) },
  { names: ['--repair'], doc: 'not there yet', apply: (o) => void (o.repair = true) },
];

export function verifyAll(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, '', { contents: false }, verifyFlags);
  if (!read) return 0;
  if (read.options.repair) throw noRepair();
  return withStore(accessOptions(read.options), (access) => {
    if (verify(access, read.options)) return 0;
    access.warn('not all store errors were fixed');
    return 1;
  });
}

export function verifyPaths(invocation: Invocation): Promise<number> | number {
  const read = readStoreWords(invocation, 'PATH...', {});
  if (!read) return 0;
  return withStore(accessOptions(read.options), (access) => {
    const problems = read.words
      .map((word) => modification(access, access.storePath(word)))
      .filter((problem) => problem !== undefined);
    for (const problem of problems) writeError(`error: ${problem}`);
    return problems.length > 0 ? 1 : 0;
  });
}
