/** A place of a test's own to fetch into: store, cache, clock and what was said on standard error. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { fetchIntoStore } from '../../src/api/fetch.ts';
import type { FetchRequest, FetchResult } from '../../src/runtime/host.ts';

export class FetchingPlace {
  readonly directory = mkdtempSync(join(tmpdir(), 'nixlet-fetch-'));
  readonly root = join(this.directory, 'store');
  readonly said: string[] = [];
  /** Seconds since 1970. */
  now = 1_700_000_000;
  ttl = 3600;

  constructor() {
    mkdirSync(join(this.directory, 'apt'));
    onTestFinished(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  fetch(request: FetchRequest): Promise<FetchResult> {
    const { PATH } = process.env;
    return fetchIntoStore(request, this.root, this.ttl, {
      environment: { PATH, HOME: this.directory, XDG_CACHE_HOME: join(this.directory, 'cache') },
      download: { aptDirectory: join(this.directory, 'apt'), attempts: 2, retryDelay: 5, stallTimeout: 200 },
      now: () => this.now,
      notify: (line) => void this.said.push(line),
    });
  }

  /** Where a store path is on disk. */
  physical(storePath: string): string {
    return this.root + storePath;
  }
}
