/**
 * From indices to a lock, as .ci/update-debian-lock.ts makes it, with one difference: what only the .deb files themselves
 * say (which shells their scripts need, whether they hold modules for Python) is taken from the lock that nixlet came with
 * where that knows the same packages, so that not every file has to be downloaded. New ones are looked into.
 */
import type { ArchitectureLock, LockedPackage } from '../../nixpkgs/lock.ts';
import { type IndexedPackage, PackageIndex } from '../../nixpkgs/relock/index.ts';
import { essentialInterpreter } from '../../nixpkgs/relock/interpreters.ts';
import { pythonRoots, roots } from '../../nixpkgs/relock/recipe.ts';
import { type ResolvedPackage, resolve } from '../../nixpkgs/relock/resolve.ts';
import { readDeb } from '../../realise/builders/unpack-deb/read-deb.ts';
import { type IndexOptions, readDebFile } from './debian-index.ts';

export interface Relocked {
  readonly lock: ArchitectureLock;
  /** Packages of the former lock that the index does not have any more. */
  readonly vanished: readonly string[];
}

/** `indices`: texts of Packages files. `before`: the lock that nixlet came with, for this architecture. */
export async function relock(
  indices: readonly string[],
  before: ArchitectureLock | undefined,
  options: IndexOptions,
): Promise<Relocked> {
  const index = new PackageIndex();
  for (const text of indices) index.add(text);
  index.seal();
  const resolution = resolve(index, [...roots, ...pythonRoots.map((name) => `python3-${name}`)]);
  const packages: Record<string, LockedPackage> = {};
  for (const one of resolution.packages)
    packages[one.key] = { ...locked(one), ...(known(one, before) ?? (await lookInto(one, options))) };
  const had = new Set(Object.values(before?.packages ?? {}).flatMap(({ debs }) => debs.map((deb) => deb.package)));
  return { lock: { packages }, vanished: resolution.missing.filter((name) => had.has(name)) };
}

function locked({ debs, depends }: ResolvedPackage): LockedPackage {
  const fields = ({ package: name, version, file, size, sha256 }: IndexedPackage) => ({
    package: name,
    version,
    file,
    size,
    sha256,
  });
  return { debs: debs.map(fields), depends };
}

type Findings = Pick<LockedPackage, 'interpreters' | 'pythonModules'>;

function known({ key, debs }: ResolvedPackage, before: ArchitectureLock | undefined): Findings | undefined {
  const old = before?.packages[key];
  const names = new Set(old?.debs.map((deb) => deb.package));
  if (!old || !debs.every((deb) => names.has(deb.package))) return undefined;
  return {
    ...(old.interpreters ? { interpreters: old.interpreters } : {}),
    ...(old.pythonModules ? { pythonModules: old.pythonModules } : {}),
  };
}

async function lookInto({ key, debs }: ResolvedPackage, options: IndexOptions): Promise<Findings> {
  options.notify(`looking into ${key}, which is new...`);
  const interpreters = new Set<string>();
  let pythonModules = false;
  for (const deb of debs) {
    const { entries } = await readDeb(await readDebFile(deb, options), deb.file);
    for (const entry of entries) {
      if (entry.path.startsWith('usr/lib/python3/dist-packages/')) pythonModules = true;
      if (entry.kind !== 'file' || (entry.mode & 0o111) === 0) continue;
      const firstLine = entry.data.subarray(0, 256).toString('latin1').split('\n')[0]!;
      const interpreter = firstLine.startsWith('#!') ? essentialInterpreter(entry.path, firstLine) : undefined;
      if (interpreter) interpreters.add(interpreter);
    }
  }
  return {
    ...(interpreters.size > 0 ? { interpreters: [...interpreters].sort() } : {}),
    ...(pythonModules ? { pythonModules: true as const } : {}),
  };
}
