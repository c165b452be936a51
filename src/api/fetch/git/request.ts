/**
 * What a Git fetch asks for, checked: fetchGit's and fetchTree's attributes, and where the repository is. A repository on
 * this machine that has a working tree is used where it lies; every other one, bare ones on this machine included, is
 * fetched into a clone in the user's cache.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hash } from '../../../derivation/hash-string.ts';
import { parseHashDigits } from '../../../derivation/hash-string.ts';
import { NixError } from '../../../errors/nix-error.ts';
import type { FetchRequest } from '../../../runtime/host.ts';

export interface GitRequest {
  readonly name: string;
  /** With a scheme, as messages show it. */
  readonly url: string;
  /** Directory of the working tree, where there is one on this machine. */
  readonly directory: string | undefined;
  readonly ref: string | undefined;
  /** In base 16. */
  readonly rev: string | undefined;
  readonly shallow: boolean;
  readonly submodules: boolean;
  readonly allRefs: boolean;
  readonly exportIgnore: boolean;
  readonly expected: Hash | undefined;
  /** Given by the caller, and passed on as they are. */
  readonly lastModified: number | undefined;
  readonly revCount: number | undefined;
}

const known = new Set(
  (
    'shallow submodules allRefs exportIgnore lfs ref rev narHash lastModified revCount name url dirtyRev dirtyShortRev ' +
    'verifyCommit keytype publicKey publicKeys'
  ).split(' '),
);

export function readGitRequest({ url, name, options = {}, expected }: FetchRequest): GitRequest {
  for (const key of Object.keys(options))
    if (!known.has(key)) throw problem(`input attribute '${key}' not supported by scheme 'git'`);
  for (const key of ['verifyCommit', 'keytype', 'publicKey', 'publicKeys'])
    if (options[key] !== undefined && options[key] !== false)
      throw problem(`fetchGit's attribute '${key}' needs the experimental feature 'verified-fetches'`);
  if (options.lfs === true)
    throw problem(
      `cannot fetch '${url}': nixlet does not fetch files of Git LFS`,
      'Leave `lfs` out to get the pointers.',
    );
  const flag = (key: string): boolean => {
    const value = options[key] ?? false;
    if (typeof value !== 'boolean') throw problem(`input attribute '${key}' is not a Boolean`);
    return value;
  };
  const text = (key: string): string | undefined => {
    const value = options[key];
    if (value !== undefined && typeof value !== 'string') throw problem(`input attribute '${key}' is not a string`);
    return value;
  };
  const ref = text('ref');
  if (ref !== undefined && !isLegalRef(ref)) throw problem(`invalid Git branch/tag name '${ref}'`);
  const rev = text('rev');
  if (rev !== undefined) parseHashDigits(rev, rev.length === 64 ? 'sha256' : 'sha1');
  const submodules = flag('submodules');
  const exportIgnore = flag('exportIgnore');
  if (submodules && exportIgnore) throw problem('exportIgnore and submodules are not supported together yet');
  return {
    name,
    ...locate(url),
    ref,
    rev,
    shallow: flag('shallow'),
    submodules,
    exportIgnore,
    allRefs: flag('allRefs'),
    expected,
    lastModified: number(text('lastModified')),
    revCount: number(text('revCount')),
  };
}

/** As messages about the whole request name it: git+URL?rev=... */
export function describeRequest({ url, ref, rev, shallow, submodules, exportIgnore }: GitRequest): string {
  const query = [
    exportIgnore && 'exportIgnore=1',
    ref !== undefined && `ref=${encodeURIComponent(ref)}`,
    rev !== undefined && `rev=${rev}`,
    shallow && 'shallow=1',
    submodules && 'submodules=1',
  ].filter(Boolean);
  return `${url.startsWith('git:') ? url : `git+${url}`}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** Absolute paths, host:path as ssh takes it, and URLs with or without `git+`. */
export function locate(given: string): { readonly url: string; readonly directory: string | undefined } {
  const url = fixUrl(given);
  if (!url.startsWith('file:')) return { url, directory: undefined };
  const path = given.startsWith('/') ? given : fileURLToPath(url.replace(/\?.*$/, ''));
  if (!existsSync(path)) throw problem(`cannot fetch the Git repository '${url}': path '${path}' does not exist`);
  return { url, directory: existsSync(join(path, '.git')) ? path : undefined };
}

const transports = /^(?:git\+)?(?:ssh|https?|file|ftps?|git):/;

function fixUrl(given: string): string {
  if (given.startsWith('/')) return `file://${given}`;
  const scp = transports.test(given) ? null : /^([^/:]+):(?!\/\/)(.*)$/.exec(given);
  if (scp) return `ssh://${scp[1]}${scp[2]!.startsWith('/') ? '' : '/'}${scp[2]}`;
  const url = given.replace(/^git\+/, '');
  if (!transports.test(url) || !URL.canParse(url))
    throw problem(`'${given}' is not a valid URL`, 'A repository on this machine is named by its absolute path.');
  return url;
}

/** git-check-ref-format(1), with the branch names that Nix refuses besides. */
function isLegalRef(ref: string): boolean {
  if (ref === '' || ref === '@' || ref.startsWith('-') || ref.endsWith('.') || ref.endsWith('/')) return false;
  if (/[\p{Cc} ~^:?*[\\]|\.\.|@\{|\/\/|^\//u.test(ref)) return false;
  return ref.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

function number(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function problem(message: string, hint?: string): NixError {
  return new NixError(message, { class: 'Error', hint });
}
