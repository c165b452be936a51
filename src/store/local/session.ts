/**
 * A session is one process's use of a store that it may write to. It holds the collector's lock shared, so that nothing
 * is collected under its hands, and owns a staging directory inside the store (the same file system, so that a finished
 * object is moved in place by one rename). The staging directory is alive as long as the session's lock is held; the next
 * session of any process deletes those whose process is gone.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NixError } from '../../errors/nix-error.ts';
import { fileError } from '../disk.ts';
import { deleteTree, namesIn } from './files.ts';
import type { StoreLayout } from './layout.ts';
import { type Lock, tryLock } from './locks.ts';

/** How long a session waits for a garbage collection to end. */
const collectorTimeout = 10 * 60 * 1000;

export class Session {
  private readonly directory: string;
  private readonly alive: Lock;
  private readonly layout: StoreLayout;
  private inUse: Lock | undefined;
  private count = 0;

  constructor(layout: StoreLayout) {
    this.layout = layout;
    this.hold();
    const id = `${process.pid}-${randomBytes(6).toString('hex')}`;
    this.directory = join(layout.staging, id);
    this.alive = tryLock(lockFile(layout, id), 'exclusive')!;
    removeDeadSessions(layout);
    try {
      mkdirSync(this.directory, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw fileError('creating directory', this.directory, error, 'StoreError');
    }
  }

  /** A place for an object in the making, ending in `baseName`; nothing is there yet. */
  stage(baseName: string): string {
    const parent = this.place();
    try {
      mkdirSync(parent, { mode: 0o755 });
    } catch (error) {
      throw fileError('creating directory', parent, error, 'StoreError');
    }
    return join(parent, baseName);
  }

  /** A place with a name of no meaning, which takes no directory of its own: for small things, made by the thousand. */
  place(): string {
    return join(this.directory, String(this.count++));
  }

  /** Deletes what is left of an object in the making. */
  discard(staged: string): void {
    const parent = dirname(staged);
    deleteTree(parent === this.directory ? staged : parent);
  }

  /** Holds off the collector (again). */
  hold(): void {
    this.inUse ??= tryLock(this.layout.gcLock, 'shared', collectorTimeout);
    if (!this.inUse)
      throw new NixError('the store is being garbage-collected for a long time', {
        class: 'StoreError',
        hint: `Its lock is '${this.layout.gcLock}'.`,
      });
  }

  /** Lets the collector in: objects without a root may go. */
  yieldToCollector(): void {
    this.inUse?.release();
    this.inUse = undefined;
  }

  close(): void {
    deleteTree(this.directory);
    this.alive.release(true);
    this.yieldToCollector();
  }
}

function lockFile(layout: StoreLayout, id: string): string {
  return join(layout.own, `session-${id}.lock`);
}

function removeDeadSessions(layout: StoreLayout): void {
  for (const id of namesIn(layout.staging)) {
    const lock = tryLock(lockFile(layout, id), 'exclusive');
    if (!lock) continue;
    deleteTree(join(layout.staging, id));
    lock.release(true);
  }
}
