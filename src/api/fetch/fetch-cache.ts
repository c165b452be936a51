/**
 * What earlier fetches found out, so that later ones need not ask: one small JSON file per question, in the user's cache
 * directory (nixlet/fetches/<sha256 of the question>). The content itself is in the store; an entry is worth something only
 * while its store path is valid, which the reader checks. A file is written whole and renamed; one that cannot be read, or
 * written, counts as absent: this is a cache.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashText, toHex } from '../../base/hash.ts';
import { homeOf } from '../../store/home.ts';

/** Where nixlet caches things of the user's: XDG_CACHE_HOME/nixlet, by default ~/.cache/nixlet. */
export function userCacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_CACHE_HOME?.startsWith('/') ? env.XDG_CACHE_HOME : join(homeOf(env), '.cache');
  return join(base, 'nixlet');
}

export type Facts = Readonly<Record<string, string | number>>;

export interface CachedFacts<T extends Facts> {
  readonly facts: T;
  /** Younger than the time to live. */
  readonly fresh: boolean;
}

export class FetchCache {
  readonly #directory: string;
  readonly #now: number;
  readonly #ttl: number;

  /** Seconds, both. */
  constructor(env: Readonly<Record<string, string | undefined>>, { now, ttl }: { now: number; ttl: number }) {
    this.#directory = join(userCacheDirectory(env), 'fetches');
    this.#now = now;
    this.#ttl = ttl;
  }

  /** `question`: kind and whatever tells two fetches of that kind apart. */
  get<T extends Facts>(...question: readonly string[]): CachedFacts<T> | undefined {
    try {
      const entry = JSON.parse(readFileSync(this.#file(question), 'utf8'));
      if (JSON.stringify(entry.question) !== JSON.stringify(question)) return undefined;
      const age = this.#now - Number(entry.time);
      return { facts: entry.facts as T, fresh: age >= 0 && age < this.#ttl };
    } catch {
      return undefined;
    }
  }

  set(facts: Facts, ...question: readonly string[]): void {
    const file = this.#file(question);
    const temporary = `${file}.${process.pid}`;
    try {
      mkdirSync(this.#directory, { recursive: true });
      writeFileSync(temporary, JSON.stringify({ question, time: this.#now, facts }));
      renameSync(temporary, file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  #file(question: readonly string[]): string {
    return join(this.#directory, toHex(hashText('sha256', JSON.stringify(question))));
  }
}
