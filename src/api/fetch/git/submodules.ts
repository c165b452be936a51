/** .gitmodules: which repository stands behind each submodule. Source: gitmodules(5). */
import { dirname, resolve } from 'node:path';
import { NixError } from '../../../errors/nix-error.ts';
import { splitRecords } from './paths.ts';
import type { GitProgram } from './program.ts';

export interface Submodule {
  readonly path: string;
  /** As it stands there: perhaps relative to the repository's own. */
  readonly url: string;
}

/** `source`: where git finds the file, as `--blob REV:.gitmodules` or `--file .gitmodules`. No file: no submodules. */
export async function readSubmodules(
  git: GitProgram,
  repository: string,
  source: readonly [string, string],
): Promise<Submodule[]> {
  const listing = await git.run(repository, [
    'config',
    ...source,
    '-z',
    '--get-regexp',
    '^submodule\\..*\\.(path|url)$',
  ]);
  const found = new Map<string, { path?: string; url?: string }>();
  for (const record of listing.code === 0 ? splitRecords(listing.stdout) : []) {
    const end = record.indexOf('\n');
    const [, name, key] = /^submodule\.(.*)\.(path|url)$/s.exec(record.slice(0, end))!;
    found.set(name!, { ...found.get(name!), [key!]: record.slice(end + 1) });
  }
  return [...found.values()].filter((one): one is Submodule => one.path !== undefined && one.url !== undefined);
}

/** `./` and `../` are relative to the URL of the repository that the submodule is in. */
export function resolveSubmoduleUrl(url: string, parent: string): string {
  if (!url.startsWith('./') && !url.startsWith('../')) return url;
  const base = URL.parse(parent);
  if (!base) throw new NixError(`resolving Git submodule URL '${url}' against '${parent}'`, { class: 'Error' });
  base.pathname = resolve(base.pathname, url);
  return base.href;
}

/** The URL that relative ones are relative to: the remote's where there is one, else the repository itself. */
export async function parentUrl(git: GitProgram, repository: string, url: string): Promise<string> {
  const remote = await git.run(repository, ['config', '--get', 'remote.origin.url']);
  const text = remote.stdout.toString().trim();
  if (remote.code !== 0 || text === '') return url;
  return text.startsWith('/')
    ? `file://${text}`
    : text.startsWith('.')
      ? `file://${resolve(dirname(repository), text)}`
      : text;
}
