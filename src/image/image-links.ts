/**
 * Links outside the store that programs need to find what was compiled in as a path below /usr or /etc. Debian's binaries
 * look there, and such a path cannot be replaced by a longer one in the binary. A package that needs such links says so in
 * nix-support/image-links, a line each, paths relative to / and to the package:
 *
 *     usr/share/nodejs share/nodejs
 *
 * An image gets the links of all packages in it, except where something stands already; an image without such packages
 * gets nothing. Earlier packages (in byte order of their paths) win.
 */
import type { ArchiveEntry, Ownership } from './entry.ts';
import { DIRECTORY_MODE, normalizeEntryName } from './entry.ts';
import type { LogicalFiles } from './logical-files.ts';

const LIST = 'nix-support/image-links';

/** Entries to add to what is there, parents first. */
export function imageLinks(
  files: LogicalFiles,
  storePaths: readonly string[],
  present: ReadonlySet<string>,
  owner: Ownership,
): ArchiveEntry[] {
  const entries = new Map<string, ArchiveEntry>();
  const taken = (name: string) => present.has(name) || entries.has(name);
  for (const path of storePaths) {
    if (files.status(path).kind !== 'directory' || files.resolve(`${path}/${LIST}`) === undefined) continue;
    for (const line of files.text(`${path}/${LIST}`).split('\n')) {
      const [place, target, ...more] = line.split(' ').filter((word) => word !== '');
      if (place === undefined || target === undefined || more.length > 0) continue;
      const name = normalizeEntryName(place);
      if (taken(name) || files.resolve(`${path}/${target}`) === undefined) continue;
      const parts = name.split('/');
      const parents = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
      // A parent that is a link leads into some package: nothing can be put there.
      if (parents.some((parent) => entries.get(parent)?.type === 'symlink')) continue;
      for (const parent of parents)
        if (!taken(parent)) entries.set(parent, { type: 'directory', name: parent, mode: DIRECTORY_MODE, owner });
      entries.set(name, { type: 'symlink', name, target: `${path}/${normalizeEntryName(target)}`, owner });
    }
  }
  return [...entries.values()];
}
