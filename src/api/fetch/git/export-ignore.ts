/** The attribute `export-ignore` (gitattributes(5)): what `git archive` leaves out, and fetchGit too. */
import { encodeBytes } from '../../../base/bytes.ts';
import { ancestors, splitRecords } from './paths.ts';
import type { GitProgram } from './program.ts';

/** `files`: all of the tree, as paths below it. The answer holds for them, and covers ignored directories. */
export async function exportIgnored(
  git: GitProgram,
  repository: string,
  files: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<(path: string) => boolean> {
  const directories = new Set(files.flatMap(ancestors));
  const asked = [...files, ...[...directories].map((path) => `${path}/`)];
  const answer = await git.output(
    repository,
    'reading Git attributes',
    ['check-attr', '--cached', '-z', '--stdin', 'export-ignore'],
    { env: { ...env, GIT_ATTR_NOSYSTEM: '1' }, input: encodeBytes(asked.map((path) => `${path}\0`).join('')) },
  );
  const ignored = new Set<string>();
  const fields = splitRecords(answer);
  // path, attribute, value; a value other than "set" is no yes.
  for (let i = 0; i + 2 < fields.length; i += 3)
    if (fields[i + 2] === 'set') ignored.add(fields[i]!.replace(/\/$/, ''));
  return (path) => ignored.has(path) || ancestors(path).some((directory) => ignored.has(directory));
}
