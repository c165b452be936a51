/**
 * Git trees: `builtins.fetchGit` and fetchTree's type "git". Without `ref` and `rev` a working tree on this machine is
 * taken as it is now; otherwise a commit is. The tree of a commit never changes: once it is in the store, neither the
 * repository nor the network is asked again for that `rev`.
 */
import { equalDigests, type Hash } from '../../../derivation/hash-string.ts';
import { NixError } from '../../../errors/nix-error.ts';
import type { FetchRequest, FetchResult } from '../../../runtime/host.ts';
import { isValidPath } from '../../../store/store.ts';
import { addStaged, inStaging, type Kind, underName } from '../add-to-store.ts';
import { TreeWriter } from '../archive/tree-writer.ts';
import { type Fetching, narHashAttribute, narHashOf, timeAttributes } from '../fetching.ts';
import { narHashMismatch } from '../tarball.ts';
import { lastModified, revCount } from './history.ts';
import { GitProgram } from './program.ts';
import { findCommit } from './repository.ts';
import { describeRequest, type GitRequest, locate, readGitRequest } from './request.ts';
import { parentUrl, readSubmodules, resolveSubmoduleUrl } from './submodules.ts';
import { writeCommit } from './tree-of-commit.ts';
import { readWorkTree } from './work-tree.ts';

export async function fetchGit(given: FetchRequest, fetching: Fetching): Promise<FetchResult> {
  const request = readGitRequest(given);
  const git = new GitProgram(fetching.environment, fetching.signal);
  return request.directory !== undefined && request.ref === undefined && request.rev === undefined
    ? fetchWorkTree(request, request.directory, git, fetching)
    : fetchCommit(request, git, fetching);
}

type CommitFacts = { readonly storePath: string; readonly lastModified: number; readonly revCount: number };

async function fetchCommit(request: GitRequest, git: GitProgram, fetching: Fetching): Promise<FetchResult> {
  const { store, cache } = fetching;
  const kind: Kind = { name: request.name, method: 'nar' };
  const check = checkExpected(request);
  const variant = [request.submodules && 's', request.exportIgnore && 'e'].filter(Boolean).join('');
  const known = (rev: string) => {
    const found = cache.get<CommitFacts>('git-commit', rev, variant)?.facts;
    const complete = found && (found.revCount >= 0 || request.shallow || request.revCount !== undefined);
    return complete && isValidPath(store, found.storePath) ? found : undefined;
  };
  const result = (rev: string, facts: CommitFacts): FetchResult => {
    check(narHashOf(store, facts.storePath));
    const count = request.shallow ? request.revCount : (request.revCount ?? facts.revCount);
    const storePath = underName(store, facts.storePath, kind);
    return {
      storePath,
      attributes: {
        ...revision(rev),
        ...(count === undefined || count < 0 ? {} : { revCount: count }),
        ...timeAttributes(request.lastModified ?? facts.lastModified),
        narHash: narHashAttribute(store, storePath),
      },
    };
  };
  const before = request.rev === undefined ? undefined : known(request.rev);
  if (before) return result(request.rev!, before);
  const { repository, rev } = await findCommit(request, git, fetching);
  const facts = known(rev) ?? {
    storePath: await inStaging(store, async (place) => {
      const tree = new TreeWriter(place, describeRequest(request));
      await writeTree(request, { repository, rev }, tree, '', git, fetching);
      return addStaged(store, place, kind, check);
    }),
    lastModified: await lastModified(git, repository, rev),
    revCount: request.shallow ? -1 : ((await revCount(git, repository, rev, cache)) ?? -1),
  };
  cache.set(facts, 'git-commit', rev, variant);
  return result(rev, facts);
}

/** A commit with, where they are wanted, its submodules, to any depth. */
async function writeTree(
  request: GitRequest,
  { repository, rev }: { readonly repository: string; readonly rev: string },
  tree: TreeWriter,
  prefix: string,
  git: GitProgram,
  fetching: Fetching,
): Promise<void> {
  const links = await writeCommit(git, repository, rev, tree, { prefix, exportIgnore: request.exportIgnore });
  if (!request.submodules || links.length === 0) return;
  const parent = request.directory === undefined ? request.url : await parentUrl(git, repository, request.url);
  const modules = await readSubmodules(git, repository, ['--blob', `${rev}:.gitmodules`]);
  for (const { path, object } of links) {
    const submodule = modules.find((one) => one.path === path);
    if (!submodule) continue;
    const place = locate(resolveSubmoduleUrl(submodule.url, parent));
    const inner: GitRequest = { ...request, ...place, rev: object, ref: undefined, allRefs: true };
    await writeTree(inner, await findCommit(inner, git, fetching), tree, `${prefix}${path}/`, git, fetching);
  }
}

async function fetchWorkTree(
  request: GitRequest,
  root: string,
  git: GitProgram,
  fetching: Fetching,
): Promise<FetchResult> {
  const { store, cache } = fetching;
  const { files, directories, dirty, head } = await readWorkTree(git, root, request);
  if (dirty && !fetching.settings['allow-dirty']) throw new NixError(`Git tree '${root}' is dirty`, { class: 'Error' });
  if (dirty && fetching.settings['warn-dirty']) fetching.notify(`warning: Git tree '${root}' is dirty`);
  const storePath = store.addFiles({
    path: root,
    name: request.name,
    method: 'nar',
    filter: (path, type) => (type === 'directory' ? directories : files).has(path.slice(root.length + 1)),
  });
  checkExpected(request)(narHashOf(store, storePath));
  const time = request.lastModified ?? (head === undefined ? 0 : await lastModified(git, root, head));
  const count =
    request.revCount ??
    (head === undefined ? 0 : request.shallow || dirty ? undefined : await revCount(git, root, head, cache));
  return {
    storePath,
    attributes: {
      ...(dirty ? dirtyRevision(head) : revision(head ?? '0'.repeat(40))),
      ...(dirty || count === undefined ? {} : { revCount: count }),
      ...timeAttributes(time),
      narHash: narHashAttribute(store, storePath),
    },
  };
}

function revision(rev: string): Record<string, string> {
  return { rev, shortRev: rev.slice(0, 7) };
}

function dirtyRevision(head: string | undefined): Record<string, string> {
  return head === undefined ? {} : { dirtyRev: `${head}-dirty`, dirtyShortRev: `${head.slice(0, 7)}-dirty` };
}

function checkExpected(request: GitRequest): (got: Hash) => void {
  const { expected } = request;
  return (got) => {
    if (expected && !equalDigests(expected.digest, got.digest))
      throw narHashMismatch(describeRequest(request), expected, got);
  };
}
