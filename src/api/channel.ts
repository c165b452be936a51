/**
 * `nixlet channel`: which versions of Debian's packages the embedded set has. By default those of the lock that nixlet came
 * with; `update` locks what the mirror has now, into the user's state, and `remove` goes back. An update changes nothing
 * before everything about it is verified: signature, hashes, and that the new lock is one.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ArchitectureLock, type DebianLock, readLock, writeLock } from '../nixpkgs/lock.ts';
import { Downloader, type DownloaderOptions } from '../realise/download/download.ts';
import { fileError } from '../store/disk.ts';
import { type IndexOptions, readPackages, readSuites } from './channel/debian-index.ts';
import { findKeyrings } from './channel/keyring.ts';
import { relock } from './channel/relock.ts';
import { embeddedSetDirectory } from './embedded-set.ts';
import { userLock, userLockPath } from './user-lock.ts';

export interface ChannelOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Base URLs; none: those of the environment, or of APT. */
  readonly debianMirrors?: readonly string[];
  /** A file of keys, instead of the machine's. */
  readonly keyring?: string | undefined;
  /** The lock that nixlet came with. */
  readonly embedded?: DebianLock;
  readonly download?: Partial<DownloaderOptions>;
  /** Seconds since 1970. */
  readonly now?: () => number;
  readonly notify: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface ChannelUpdate {
  /** The lock's file. */
  readonly path: string;
  readonly release: string;
  /** "12.15"; undefined where the index says none. */
  readonly version: string | undefined;
  readonly architectures: readonly {
    readonly name: string;
    readonly packages: number;
    /** .deb files that the lock used so far does not have. */
    readonly changed: number;
    readonly vanished: readonly string[];
  }[];
}

export async function updateChannel(options: ChannelOptions): Promise<ChannelUpdate> {
  const environment = options.environment ?? process.env;
  const embedded = options.embedded ?? readEmbeddedLock();
  const path = userLockPath(environment);
  const before = readUserLock(environment) ?? embedded;
  const index: IndexOptions = {
    downloader: new Downloader({ environment, debianMirrors: options.debianMirrors ?? [], ...options.download }),
    keyrings: findKeyrings({ file: options.keyring, aptDirectory: options.download?.aptDirectory ?? '/etc/apt' }),
    now: (options.now ?? (() => Math.floor(Date.now() / 1000)))(),
    signal: options.signal ?? new AbortController().signal,
    notify: options.notify,
  };
  const suites = await readSuites(embedded.release, index);
  const architectures: Record<string, ArchitectureLock> = {};
  const summary: ChannelUpdate['architectures'][number][] = [];
  for (const name of Object.keys(embedded.architectures)) {
    const indices: string[] = [];
    for (const suite of suites) indices.push((await readPackages(suite, name, index)) ?? '');
    const { lock, vanished } = await relock(indices, embedded.architectures[name], index);
    architectures[name] = lock;
    const changed = changedFiles(before.architectures[name], lock);
    summary.push({ name, packages: Object.keys(lock.packages).length, changed, vanished });
  }
  const text = writeLock({ ...embedded, architectures });
  readLock(text, path);
  replaceFile(path, text);
  return { path, release: embedded.release, version: suites[0]!.release.version, architectures: summary };
}

/** Goes back to the lock that nixlet came with. Gives the file that was deleted; undefined: there was none. */
export function removeChannel(environment: ChannelOptions['environment'] = process.env): string | undefined {
  const path = userLock(environment);
  if (path !== undefined) rmSync(path);
  return path;
}

/** The file of the lock that is in use. */
export function lockInUse(environment: ChannelOptions['environment'] = process.env): string {
  return userLock(environment) ?? embeddedLockPath();
}

function embeddedLockPath(): string {
  return join(embeddedSetDirectory(), 'debian.lock.json');
}

function readEmbeddedLock(): DebianLock {
  const path = embeddedLockPath();
  return readLock(readFileSync(path, 'utf8'), path);
}

/** One that cannot be read is about to be replaced. */
function readUserLock(environment: Readonly<Record<string, string | undefined>>): DebianLock | undefined {
  const path = userLock(environment);
  try {
    return path === undefined ? undefined : readLock(readFileSync(path, 'utf8'), path);
  } catch {
    return undefined;
  }
}

function changedFiles(before: ArchitectureLock | undefined, after: ArchitectureLock): number {
  const files = (lock: ArchitectureLock | undefined) =>
    Object.values(lock?.packages ?? {}).flatMap(({ debs }) => debs.map((deb) => deb.sha256));
  const old = new Set(files(before));
  return files(after).filter((sha256) => !old.has(sha256)).length;
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError('writing file', path, error);
  }
}
