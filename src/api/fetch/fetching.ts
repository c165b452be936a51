/** What every fetcher works with, and what they all do with a finished tree. */
import type { Hash } from '../../derivation/hash-string.ts';
import { printHash } from '../../derivation/hash-string.ts';
import type { Downloader } from '../../realise/download/download.ts';
import type { LocalStore } from '../../store/local/local-store.ts';
import { requirePathInfo } from '../../store/store.ts';
import type { FetchCache } from './fetch-cache.ts';

/** What of the settings fetchers go by. */
export interface FetchSettings {
  readonly 'allow-dirty': boolean;
  readonly 'warn-dirty': boolean;
  readonly 'require-sigs': boolean;
  readonly 'trusted-public-keys': readonly string[];
}

export interface Fetching {
  readonly settings: FetchSettings;
  readonly store: LocalStore;
  readonly downloader: Downloader;
  readonly cache: FetchCache;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A line for standard error. */
  notify(line: string): void;
  readonly signal: AbortSignal;
}

/** lastModified and its readable form (UTC), as attributes. */
export function timeAttributes(lastModified: number): Record<string, string | number> {
  const digits = new Date(lastModified * 1000)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '');
  return { lastModified, lastModifiedDate: digits };
}

/** The hash of a valid path's NAR. */
export function narHashOf(store: LocalStore, path: string): Hash {
  return { algorithm: 'sha256', digest: requirePathInfo(store, path).narHash };
}

export function narHashAttribute(store: LocalStore, path: string): string {
  return printHash(narHashOf(store, path), 'sri');
}

/** What a download says of itself on standard error: that it begins, and what went wrong on the way. */
export function notices({ notify }: Fetching, url: string): { onProgress(): void; onNotice(text: string): void } {
  let begun = url.startsWith('file:');
  return {
    onProgress() {
      if (!begun) notify(`downloading '${url}'...`);
      begun = true;
    },
    onNotice: (text) => notify(`warning: ${text}`),
  };
}
