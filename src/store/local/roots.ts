/**
 * Garbage collector roots: what must stay, with everything that it refers to.
 *
 *   gcroots, profiles      symbolic links into the store, in directories to any depth; also files called as a store object
 *   gcroots/auto/<hash>    indirect roots: a link to a link elsewhere (`result`), which in turn points into the store;
 *                          <hash> is the Nix base 32 of the SHA-1 of that link's path. Removing `result` ends the root
 *   temproots/<pid>        paths, each ended by a zero byte, that a running C++ Nix process has just made
 *   running processes      whatever of the store they execute, have open or mapped (Linux)
 */
import { mkdirSync, readFileSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { hashText } from '../../base/hash.ts';
import { encodeNix32 } from '../../base/nix32.ts';
import { NixError } from '../../errors/nix-error.ts';
import { fileError, systemErrorCode } from '../disk.ts';
import { isValidPath } from '../store.ts';
import { namesIn, statOf } from './files.ts';
import { type LocalStore, storePathOf } from './local-store.ts';

export interface Root {
  /** The link's path, or a text in braces: {temp:4711}. */
  readonly from: string;
  readonly path: string;
}

/**
 * Makes `link` (absolute) point at a valid store path and registers it as an indirect root. The link names the physical
 * file, which is the logical path where the store's root is `/`. A link that points into the store is replaced; any other
 * file stays and is an error.
 */
export function makeRoot(store: LocalStore, link: string, path: string): void {
  const existing = statOf(link);
  if (existing && !(existing.isSymbolicLink() && storePathOf(store, readlinkSync(link)) !== undefined))
    throw new NixError(`cannot create symlink '${link}'; already exists`, { class: 'StoreError' });
  replaceLink(link, store.realPath(path));
  addIndirectRoot(store, link);
}

/** Registers a link that points into the store, wherever it is. */
export function addIndirectRoot(store: LocalStore, link: string): void {
  store.prepareToWrite();
  const name = encodeNix32(hashText('sha1', link));
  replaceLink(join(store.layout.gcRoots, 'auto', name), link);
}

/** In one step, so that there is always a link. */
function replaceLink(link: string, target: string): void {
  const temporary = `${link}.nixlet-${process.pid}`;
  try {
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, temporary);
    renameSync(temporary, link);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') unlinkSync(temporary);
    throw fileError('creating symlink', link, error);
  }
}

/** Every root whose path is valid, in order of `from`. `stale` collects links of gcroots/auto whose target is gone. */
export function findRoots(store: LocalStore, stale: string[] = []): Root[] {
  const roots: Root[] = [];
  const add = (from: string, path: string | undefined) => {
    if (path !== undefined && isValidPath(store, path)) roots.push({ from, path });
  };
  searchLinks(store, store.layout.gcRoots, add, stale);
  searchLinks(store, store.layout.profiles, add, stale);
  temporaryRoots(store, add);
  runtimeRoots(store, add);
  return roots.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.path < b.path ? -1 : 1));
}

type Add = (from: string, path: string | undefined) => void;

function searchLinks(store: LocalStore, path: string, add: Add, stale: string[]): void {
  const stat = statOf(path);
  if (stat?.isDirectory()) {
    for (const name of namesIn(path)) searchLinks(store, join(path, name), add, stale);
    return;
  }
  if (stat?.isFile()) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    add(path, storePathOf(store, `${store.storeDir}/${name}`));
    return;
  }
  if (!stat?.isSymbolicLink()) return;
  const target = linkTarget(path);
  const direct = storePathOf(store, target);
  if (direct !== undefined) {
    add(path, direct);
    return;
  }
  // An indirect root: the link that it names must itself point into the store.
  const second = statOf(target);
  if (second?.isSymbolicLink()) add(target, storePathOf(store, linkTarget(target)));
  else if (!second && dirname(path) === join(store.layout.gcRoots, 'auto')) stale.push(path);
}

function linkTarget(link: string): string {
  const target = readlinkSync(link);
  return isAbsolute(target) ? target : resolve(dirname(link), target);
}

function temporaryRoots(store: LocalStore, add: Add): void {
  for (const pid of namesIn(store.layout.tempRoots)) {
    if (!/^\d+$/.test(pid) || !isRunning(Number(pid))) continue;
    let text: string;
    try {
      text = readFileSync(join(store.layout.tempRoots, pid), 'latin1');
    } catch {
      continue;
    }
    for (const path of text.split('\0')) if (path !== '') add(`{temp:${pid}}`, storePathOf(store, path));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}

/** Programs out of the store run in a mount namespace as /nix/store/..., whatever the store's root is. */
function runtimeRoots(store: LocalStore, add: Add): void {
  if (process.platform !== 'linux') return;
  const pattern = /(?:\/[^\0\s:]*)?\/nix\/store\/[0-9a-df-np-sv-z]{32}-[0-9a-zA-Z+\-._?=]+/g;
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
    const folder = `/proc/${pid}`;
    const texts = [
      ...['exe', 'cwd'].map((name) => tryRead(() => readlinkSync(`${folder}/${name}`))),
      ...['maps', 'environ'].map((name) => tryRead(() => readFileSync(`${folder}/${name}`, 'latin1'))),
      ...(tryRead(() => namesIn(`${folder}/fd`)) ?? []).map((fd) => tryRead(() => readlinkSync(`${folder}/fd/${fd}`))),
    ];
    for (const text of texts)
      for (const [path] of text?.matchAll(pattern) ?? []) add(`{process:${pid}}`, storePathOf(store, path));
  }
}

/** Processes end, and those of others may not be looked into. */
function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
