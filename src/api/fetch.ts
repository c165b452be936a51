/**
 * Fetching during evaluation: builtins.fetchurl, fetchTarball, fetchGit and fetchTree. A request names what is wanted and,
 * perhaps, the hash that it must have; the answer is a store path and what the fetcher learned on the way. Order of trust:
 * a valid store path with the expected hash needs no network; what was fetched less than `tarball-ttl` seconds ago is taken
 * as it is; older copies are revalidated where the server knows how (ETag).
 *
 * This runs in a thread of its own (synchronous.ts) with a store of its own.
 */
import { writeSync } from 'node:fs';
import { NixError } from '../errors/nix-error.ts';
import { Downloader, type DownloaderOptions } from '../realise/download/download.ts';
import type { FetchRequest, FetchResult } from '../runtime/host.ts';
import { LocalStore } from '../store/local/local-store.ts';
import { fetchClosure } from './fetch/closure.ts';
import { FetchCache } from './fetch/fetch-cache.ts';
import type { Fetching, FetchSettings } from './fetch/fetching.ts';
import { fetchFile } from './fetch/file.ts';
import { fetchGit } from './fetch/git/fetch-git.ts';
import { fetchPath } from './fetch/path.ts';
import { fetchTarball } from './fetch/tarball.ts';

export interface FetchOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly download?: Partial<DownloaderOptions>;
  /** Seconds since 1970. */
  readonly now?: () => number;
  /** Lines for standard error: progress and warnings. */
  readonly notify?: (line: string) => void;
  readonly signal?: AbortSignal;
  readonly settings?: FetchSettings;
}

const defaults: FetchSettings = {
  'allow-dirty': true,
  'warn-dirty': true,
  'require-sigs': true,
  'trusted-public-keys': [],
};

/** `ttl`: seconds for which a copy counts as current. Throws a NixError; of a wrong hash with exit code 102. */
export async function fetchIntoStore(
  request: FetchRequest,
  storeRoot: string,
  ttl: number,
  options: FetchOptions = {},
): Promise<FetchResult> {
  const environment = options.environment ?? process.env;
  const now = (options.now ?? (() => Math.floor(Date.now() / 1000)))();
  const store = new LocalStore({ root: storeRoot });
  const fetching: Fetching = {
    store,
    environment,
    settings: options.settings ?? defaults,
    downloader: new Downloader({ environment, ...options.download }),
    cache: new FetchCache(environment, { now, ttl }),
    // Standard error of a thread goes through the main one, which sleeps: write to the descriptor.
    notify: options.notify ?? ((line) => void writeSync(2, `${line}\n`)),
    signal: options.signal ?? new AbortController().signal,
  };
  try {
    switch (request.kind) {
      case 'file':
        return await fetchFile(request, fetching);
      case 'tarball':
        return await fetchTarball(request, fetching);
      case 'git':
        return await fetchGit(request, fetching);
      case 'path':
        return fetchPath(request, store);
      case 'closure':
        return await fetchClosure(request, fetching);
      case 'mercurial':
        throw new NixError(`cannot fetch '${request.url}': nixlet does not fetch from Mercurial repositories`, {
          class: 'Error',
          hint: 'Fetch a tarball of the revision with builtins.fetchTarball, or use a clone on disk as a path.',
        });
    }
  } finally {
    store.close();
  }
}
