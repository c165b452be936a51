/**
 * A place on this machine that has the wanted commit: the working tree's own repository, or a bare clone in the user's
 * cache (nixlet/git/<hash of the URL>), brought up to date where what it has is older than the time to live. One process
 * at a time works on a clone.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashText } from '../../../base/hash.ts';
import { encodeNix32 } from '../../../base/nix32.ts';
import { NixError } from '../../../errors/nix-error.ts';
import { waitForLock } from '../../../store/local/locks.ts';
import { userCacheDirectory } from '../fetch-cache.ts';
import type { Fetching } from '../fetching.ts';
import { type GitProgram, gitError } from './program.ts';
import type { GitRequest } from './request.ts';

export interface FoundCommit {
  /** Directory to run git in. */
  readonly repository: string;
  /** In base 16. */
  readonly rev: string;
}

export function findCommit(request: GitRequest, git: GitProgram, fetching: Fetching): Promise<FoundCommit> {
  return request.directory === undefined
    ? commitOfClone(request, git, fetching)
    : commitOfDirectory(request, request.directory, git);
}

async function commitOfDirectory(
  { url, ref, rev }: GitRequest,
  repository: string,
  git: GitProgram,
): Promise<FoundCommit> {
  if (rev !== undefined) {
    if (!(await hasObject(git, repository, rev))) throw missingRevision(rev, ref ?? 'HEAD', url);
    return { repository, rev };
  }
  const found = await resolveRef(git, repository, ref ?? 'HEAD');
  if (found === undefined)
    throw new NixError(`resolving Git reference '${ref}': the repository '${url}' has no such reference`, {
      class: 'Error',
    });
  return { repository, rev: found };
}

async function commitOfClone(request: GitRequest, git: GitProgram, fetching: Fetching): Promise<FoundCommit> {
  const { url, ref, rev, shallow, allRefs } = request;
  const name = encodeNix32(hashText('sha256', url)) + (shallow ? '-shallow' : '');
  const repository = join(userCacheDirectory(fetching.environment), 'git', name);
  await mkdir(repository, { recursive: true });
  const lock = await waitForLock(`${repository}.lock`, 'exclusive', { signal: fetching.signal });
  try {
    if (!existsSync(join(repository, 'HEAD')))
      await git.output(repository, `creating the clone '${repository}'`, ['init', '--quiet', '--bare']);
    // Left behind by a fetch that was killed.
    await rm(join(repository, 'shallow.lock'), { force: true });
    if (rev !== undefined) {
      if (!(await hasObject(git, repository, rev))) await fetchRevision(request, rev, repository, git, fetching);
      return { repository, rev };
    }
    const question = ['git-ref', url, ref ?? 'HEAD', String(shallow)];
    const cached = fetching.cache.get<{ rev: string }>(...question);
    const usable = cached && (await hasObject(git, repository, cached.facts.rev)) ? cached : undefined;
    if (usable?.fresh && !allRefs) return { repository, rev: usable.facts.rev };
    try {
      await fetchInto(
        repository,
        url,
        allRefs ? ['refs/*:refs/*', refspec(ref)] : [refspec(ref)],
        shallow,
        git,
        fetching,
      );
    } catch (error) {
      if (!usable || !(error instanceof NixError)) throw error;
      fetching.notify(`warning: ${error.message}`);
      fetching.notify(
        `warning: could not update local clone of Git repository '${url}'; continuing with the most recent version`,
      );
      return { repository, rev: usable.facts.rev };
    }
    const found = await resolveRef(git, repository, ownRef(ref));
    if (found === undefined) throw new NixError(`reference '${ref}' of '${url}' is no commit`, { class: 'Error' });
    fetching.cache.set({ rev: found }, ...question);
    return { repository, rev: found };
  } finally {
    lock.release();
  }
}

/** A server may refuse to give a commit by its hash: then the reference that it should be on is fetched. */
async function fetchRevision(
  { url, ref, shallow, allRefs }: GitRequest,
  rev: string,
  repository: string,
  git: GitProgram,
  fetching: Fetching,
): Promise<void> {
  // A reference of ours keeps it from being collected.
  const alone = [`${rev}:refs/nixlet/revisions/${rev}`];
  const attempts = allRefs ? [['refs/*:refs/*']] : [alone, [refspec(ref)]];
  let failure: unknown;
  for (const refspecs of attempts) {
    try {
      await fetchInto(repository, url, refspecs, shallow, git, fetching);
      if (await hasObject(git, repository, rev)) return;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
  }
  if (failure !== undefined && !/not our ref|couldn't find remote ref|upload-pack/.test(String(failure))) throw failure;
  throw missingRevision(rev, ref ?? 'HEAD', url);
}

async function fetchInto(
  repository: string,
  url: string,
  refspecs: readonly string[],
  shallow: boolean,
  git: GitProgram,
  fetching: Fetching,
): Promise<void> {
  fetching.notify(`fetching Git repository '${url}'...`);
  const depth = shallow ? ['--depth', '1'] : [];
  const args = ['fetch', '--quiet', '--force', '--no-tags', '--no-write-fetch-head', ...depth, '--', url, ...refspecs];
  const { code, stderr } = await git.run(repository, args);
  if (code !== 0) throw gitError(`Failed to fetch git repository '${url}'`, stderr);
}

/** Branches by their names, everything else by its whole name; each is kept under a name of ours. */
function refspec(ref: string | undefined): string {
  const remote = ref === undefined || ref === 'HEAD' || ref.startsWith('refs/') ? (ref ?? 'HEAD') : `refs/heads/${ref}`;
  return `${remote}:${ownRef(ref)}`;
}

function ownRef(ref = 'HEAD'): string {
  return `refs/nixlet/fetched/${ref.startsWith('refs/') || ref === 'HEAD' ? ref : `refs/heads/${ref}`}`;
}

async function hasObject(git: GitProgram, repository: string, rev: string): Promise<boolean> {
  return (await git.run(repository, ['cat-file', '-e', `${rev}^{commit}`])).code === 0;
}

async function resolveRef(git: GitProgram, repository: string, ref: string): Promise<string | undefined> {
  const found = await git.run(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  return found.code === 0 ? found.stdout.toString().trim() : undefined;
}

function missingRevision(rev: string, ref: string, url: string): NixError {
  return new NixError(
    `Cannot find Git revision '${rev}' in ref '${ref}' of repository '${url}'! Please make sure that the rev exists on the ref you've specified or add allRefs = true; to fetchGit.`,
    { class: 'Error' },
  );
}
