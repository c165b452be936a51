/**
 * Locks between processes. Node has no flock; what it has is SQLite, which locks its files with the kernel's own means on
 * every system. So a lock is an empty file that SQLite holds a transaction on: a shared one after a read, an exclusive one
 * after `begin exclusive`. Nothing is ever written to the file, and the kernel lets go when the process ends, however it
 * ends. Measured at 50 microseconds for taking and giving back. See docs/decisions for the alternatives.
 *
 * C++ Nix uses flock on the same files (`<path>.lock`, `gc.lock`), which these locks do not see; `heldByFlock` asks the
 * Linux kernel for those.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { NixError } from '../../errors/nix-error.ts';
import { fileError, systemErrorCode } from '../disk.ts';
import { primaryCode } from './database.ts';

export type LockMode = 'shared' | 'exclusive';

export interface Lock {
  /** Gives it back; with `remove` the file goes as well. May be called twice. */
  release(remove?: boolean): void;
}

/** Takes a lock if nobody is in the way; undefined: somebody is. Waits up to `timeout` milliseconds, blocking. */
export function tryLock(file: string, mode: LockMode, timeout = 0): Lock | undefined {
  for (;;) {
    const lock = lockOnce(file, mode, timeout);
    if (lock !== 'stale') return lock;
  }
}

/** Takes a lock, waiting as long as it needs; `onWait` is called once if it has to. */
export async function waitForLock(
  file: string,
  mode: LockMode,
  options: { readonly signal?: AbortSignal; readonly onWait?: () => void } = {},
): Promise<Lock> {
  for (let round = 0; ; round++) {
    const lock = tryLock(file, mode);
    if (lock) return lock;
    if (round === 0) options.onWait?.();
    await sleep(Math.min(10 + round * 10, 200), undefined, { signal: options.signal });
  }
}

/** 'stale': the file was removed by its holder while we waited for it; a lock on it would be worth nothing. */
function lockOnce(file: string, mode: LockMode, timeout: number): Lock | undefined | 'stale' {
  let before: string | undefined;
  let db: DatabaseSync;
  try {
    create(file);
    before = identity(file);
    db = new DatabaseSync(file, { timeout });
  } catch (error) {
    throw lockError(file, error);
  }
  try {
    if (mode === 'exclusive') db.exec('begin exclusive');
    else db.exec('begin; select count(*) from sqlite_master');
  } catch (error) {
    db.close();
    if (primaryCode(error) === 5) return undefined;
    throw lockError(file, error);
  }
  const after = identity(file);
  if (before === undefined || before !== after) {
    db.close();
    return 'stale';
  }
  return {
    release(remove = false) {
      if (!db.isOpen) return;
      // While it is still locked: whoever waits finds another file, or none, and starts again.
      if (remove) rmSync(file, { force: true });
      db.close();
    },
  };
}

function create(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  try {
    closeSync(openSync(file, 'wx', 0o644));
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  }
}

function identity(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeMs}`;
}

function lockError(file: string, error: unknown): unknown {
  if (primaryCode(error) === 0) return fileError('opening lock file', file, error, 'StoreError');
  return new NixError(`opening lock file '${file}': ${(error as Error).message}`, {
    class: 'StoreError',
    cause: error,
  });
}

/** Does some process hold a flock on the file? Linux only; elsewhere nobody seems to. */
export function heldByFlock(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return false;
  let locks: string;
  try {
    locks = readFileSync('/proc/locks', 'utf8');
  } catch {
    return false;
  }
  // 1: FLOCK  ADVISORY  WRITE 4711 fe:00:2188479 0 EOF  (device numbers in hexadecimal)
  return locks.split('\n').some((line) => {
    const fields = line.split(/\s+/);
    return fields[1] === 'FLOCK' && fields[5]?.split(':')[2] === String(stat.ino);
  });
}
