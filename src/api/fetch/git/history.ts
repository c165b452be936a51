/** What a commit's history says: when it was made, and how many commits lead to it. */
import type { FetchCache } from '../fetch-cache.ts';
import type { GitProgram } from './program.ts';

/** Seconds since 1970, of the committer. */
export async function lastModified(git: GitProgram, repository: string, rev: string): Promise<number> {
  const doing = `reading Git commit '${rev}'`;
  return Number(await git.text(repository, doing, ['log', '-1', '--format=%ct', '--no-show-signature', rev]));
}

/** Undefined in a shallow repository, where nobody knows. Counting takes long where there are many: it is done once. */
export async function revCount(
  git: GitProgram,
  repository: string,
  rev: string,
  cache: FetchCache,
): Promise<number | undefined> {
  const known = cache.get<{ revCount: number }>('git-rev-count', rev);
  if (known) return known.facts.revCount;
  const doing = `counting the revisions of '${repository}'`;
  if ((await git.text(repository, doing, ['rev-parse', '--is-shallow-repository'])) === 'true') return undefined;
  const count = Number(await git.text(repository, doing, ['rev-list', '--count', rev]));
  cache.set({ revCount: count }, 'git-rev-count', rev);
  return count;
}
