/**
 * The state of a working tree: the files that git tracks, with the contents that they have on disk now. Files that nobody
 * has told git about are not part of it; those that were deleted are not either. It is dirty when a tracked file differs
 * from the last commit, in the index or on disk.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NixError } from '../../../errors/nix-error.ts';
import { exportIgnored } from './export-ignore.ts';
import { ancestors, splitRecords } from './paths.ts';
import type { GitProgram } from './program.ts';
import { readSubmodules } from './submodules.ts';

export interface WorkTree {
  /** Relative to the root; those of submodules are among them where they are wanted. */
  readonly files: ReadonlySet<string>;
  readonly directories: ReadonlySet<string>;
  readonly dirty: boolean;
  /** Undefined: there is no commit yet. */
  readonly head: string | undefined;
}

export async function readWorkTree(
  git: GitProgram,
  root: string,
  { submodules, exportIgnore }: { readonly submodules: boolean; readonly exportIgnore: boolean },
): Promise<WorkTree> {
  const doing = `reading the Git working tree '${root}'`;
  const listed = splitRecords(await git.output(root, doing, ['ls-files', '-z', '--stage', '--cached']));
  // mode, object, stage TAB path; a path in conflict stands there several times.
  const tracked = listed
    .filter((record) => !record.startsWith('160000'))
    .map((record) => record.slice(record.indexOf('\t') + 1));
  const status = ['status', '--porcelain', '-z', '--untracked-files=no', '--ignore-submodules=all', '--no-renames'];
  let dirty = (await git.output(root, doing, status)).length > 0;
  const files = new Set(tracked);
  for (const path of splitRecords(await git.output(root, doing, ['ls-files', '-z', '--deleted']))) files.delete(path);
  if (exportIgnore && tracked.some((path) => path === '.gitattributes' || path.endsWith('/.gitattributes'))) {
    const ignored = await exportIgnored(git, root, tracked, {});
    for (const path of tracked) if (ignored(path)) files.delete(path);
  }
  if (submodules)
    for (const { path } of await readSubmodules(git, root, ['--file', join(root, '.gitmodules')])) {
      const inner = join(root, path);
      if (!existsSync(join(inner, '.git')))
        throw new NixError(`the submodule '${path}' of '${root}' is not checked out`, {
          class: 'Error',
          hint: `Run: git -C ${root} submodule update --init --recursive`,
        });
      const tree = await readWorkTree(git, inner, { submodules, exportIgnore });
      for (const file of tree.files) files.add(`${path}/${file}`);
      dirty ||= tree.dirty;
    }
  const head = await git.run(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']);
  return {
    files,
    directories: new Set([...files].flatMap(ancestors)),
    dirty,
    head: head.code === 0 ? head.stdout.toString().trim() : undefined,
  };
}
