/**
 * The Debian lock: which .deb files stand behind each store path of the embedded set, for each architecture. Nix reads
 * it with `builtins.fromJSON` (debian/default.nix); this module is its typed form, its validation and its one way of
 * being written: a package a line, keys in byte order, so that a re-lock is a readable diff.
 *
 * A *locked package* is one store path. It is made of one .deb, or of several that need each other's files (glibc,
 * python3.11, ...). Its key is the name of the leading .deb, or of the group.
 */
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';

export interface DebianLock {
  readonly format: 1;
  /** Debian's code name of the release, such as "bookworm". */
  readonly release: string;
  /** By Debian's name of the architecture: amd64, arm64. */
  readonly architectures: Readonly<Record<string, ArchitectureLock>>;
}

export interface ArchitectureLock {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  /** In the order they are laid out; the first one gives the store path its version. */
  readonly debs: readonly LockedDeb[];
  /** Keys of the packages that it needs at run time, in the order of the control file. No cycles. */
  readonly depends: readonly string[];
  /** Essential interpreters that its scripts start and that its dependencies do not hold: sh, bash, env. */
  readonly interpreters?: readonly string[];
  /** Has modules for python3 in lib/python3/dist-packages. */
  readonly pythonModules?: true;
}

export interface LockedDeb {
  readonly package: string;
  readonly version: string;
  /** Where it lies on a mirror: "pool/main/b/bash/bash_5.2.15-2_amd64.deb". */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Base 16, as Debian's indices have it. */
  readonly sha256: string;
}

/** The lock as a file's text. */
export function writeLock(lock: DebianLock): string {
  const architectures = sortedEntries(lock.architectures).map(([name, { packages }]) => {
    const lines = sortedEntries(packages).map(
      ([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
    );
    return `    ${JSON.stringify(name)}: { "packages": {\n${lines.join(',\n')}\n    } }`;
  });
  return `{
  "format": ${lock.format},
  "release": ${JSON.stringify(lock.release)},
  "architectures": {
${architectures.join(',\n')}
  }
}
`;
}

/** Reads and checks a lock; `where` names it in errors. */
export function readLock(text: string, where: string): DebianLock {
  let lock: DebianLock;
  try {
    lock = JSON.parse(text);
  } catch (cause) {
    throw new NixError(`the Debian lock ${where} is not JSON: ${(cause as Error).message}`);
  }
  if (lock.format !== 1) throw new NixError(`the Debian lock ${where} has format ${lock.format}; this nixlet reads 1`);
  for (const [architecture, { packages }] of Object.entries(lock.architectures))
    for (const [key, value] of Object.entries(packages))
      checkPackage(`${where}: ${architecture}: ${key}`, value, packages);
  return lock;
}

function checkPackage(where: string, value: LockedPackage, packages: ArchitectureLock['packages']): void {
  if (value.debs.length === 0) throw new NixError(`${where} names no .deb`);
  for (const deb of value.debs) {
    if (!/^pool\/[\w.+~/-]+\.deb$/.test(deb.file))
      throw new NixError(`${where}: '${deb.file}' is not a path in a Debian pool`);
    if (!/^[0-9a-f]{64}$/.test(deb.sha256)) throw new NixError(`${where}: '${deb.sha256}' is not a SHA-256 in base 16`);
    if (!Number.isSafeInteger(deb.size) || deb.size <= 0) throw new NixError(`${where}: '${deb.size}' is not a size`);
  }
  for (const dependency of value.depends)
    if (!(dependency in packages)) throw new NixError(`${where} depends on '${dependency}', which is not locked`);
}

function sortedEntries<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => compareBytewise(a, b));
}
