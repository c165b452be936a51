/**
 * The files of a commit, bytes as they are in the repository: no line ends are changed, no filters run, no keywords are
 * expanded, so that the result is the same on every machine. `git ls-tree` says what there is, one `git cat-file --batch`
 * gives all contents in that order. A submodule is an empty directory.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { decodeBytes } from '../../../base/bytes.ts';
import type { TreeWriter } from '../archive/tree-writer.ts';
import { exportIgnored } from './export-ignore.ts';
import { splitRecords } from './paths.ts';
import { type GitProgram, gitError } from './program.ts';

export interface CommitEntry {
  /** 100644, 100755, 120000 (link) or 160000 (submodule). */
  readonly mode: string;
  readonly object: string;
  /** A Nix string (base/bytes.ts). */
  readonly path: string;
}

export async function listCommit(git: GitProgram, repository: string, rev: string): Promise<CommitEntry[]> {
  const listing = await git.output(repository, `reading Git commit '${rev}'`, [
    'ls-tree',
    '-r',
    '-z',
    '--full-tree',
    rev,
  ]);
  return splitRecords(listing).map((record) => {
    const tab = record.indexOf('\t');
    const [mode, , object] = record.slice(0, tab).split(' ');
    return { mode: mode!, object: object!, path: record.slice(tab + 1) };
  });
}

/** Writes a commit's files below `prefix` of a tree; gives its submodules. */
export async function writeCommit(
  git: GitProgram,
  repository: string,
  rev: string,
  tree: TreeWriter,
  { prefix = '', exportIgnore = false }: { readonly prefix?: string; readonly exportIgnore?: boolean } = {},
): Promise<CommitEntry[]> {
  const all = await listCommit(git, repository, rev);
  const ignored = exportIgnore ? await ignoredByCommit(git, repository, rev, all) : () => false;
  const entries = all.filter((entry) => !ignored(entry.path));
  const submodules = entries.filter((entry) => entry.mode === '160000');
  for (const { path } of submodules) tree.directory(prefix + path);
  const blobs = entries.filter((entry) => entry.mode !== '160000');
  const { code, stderr } = await git.stream(
    repository,
    ['cat-file', '--batch'],
    { input: blobs.map((entry) => `${entry.object}\n`).join('') },
    (stdout) => readBlobs(stdout, blobs, (entry) => openEntry(tree, prefix, entry)),
  );
  if (code !== 0) throw gitError(`reading Git commit '${rev}'`, stderr);
  return submodules;
}

interface Sink {
  write(chunk: Uint8Array): void;
  close(): void;
}

function openEntry(tree: TreeWriter, prefix: string, { mode, path }: CommitEntry): Sink {
  if (mode !== '120000') return tree.file(prefix + path, mode === '100755');
  const parts: Uint8Array[] = [];
  return {
    write: (chunk) => void parts.push(Uint8Array.from(chunk)),
    close: () => tree.link(prefix + path, decodeBytes(Buffer.concat(parts))),
  };
}

/** `<object> blob <size>` LF, the content, LF; for each object asked for, in that order. */
async function readBlobs(
  stdout: Readable,
  entries: readonly CommitEntry[],
  open: (entry: CommitEntry) => Sink,
): Promise<void> {
  let header = '';
  let index = 0;
  let left = -1; // bytes of the current content; 0: only its line break; -1: in a header
  let sink: Sink | undefined;
  for await (const piece of stdout) {
    const chunk = piece as Buffer;
    let offset = 0;
    while (offset < chunk.length) {
      if (left > 0) {
        const part = chunk.subarray(offset, offset + left);
        sink!.write(part);
        left -= part.length;
        offset += part.length;
      } else if (left === 0) {
        offset++;
        sink!.close();
        left = -1;
      } else {
        const end = chunk.indexOf(10, offset);
        header += chunk.toString('latin1', offset, end < 0 ? chunk.length : end);
        offset = end < 0 ? chunk.length : end + 1;
        if (end < 0) continue;
        const size = /^\S+ blob (\d+)$/.exec(header)?.[1];
        if (size === undefined) throw gitError('reading objects of a Git repository', header);
        left = Number(size);
        sink = open(entries[index++]!);
        header = '';
      }
    }
  }
}

async function ignoredByCommit(
  git: GitProgram,
  repository: string,
  rev: string,
  entries: readonly CommitEntry[],
): Promise<(path: string) => boolean> {
  if (!entries.some(({ path }) => path === '.gitattributes' || path.endsWith('/.gitattributes'))) return () => false;
  // git looks attributes up in an index: one of our own, with the commit in it.
  const directory = mkdtempSync(join(tmpdir(), 'nixlet-git-'));
  const env = { GIT_INDEX_FILE: join(directory, 'index') };
  try {
    await git.output(repository, `reading Git commit '${rev}'`, ['read-tree', rev], { env });
    return await exportIgnored(
      git,
      repository,
      entries.map((entry) => entry.path),
      env,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
