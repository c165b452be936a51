/**
 * Sources: files from anywhere that become content-addressed objects. First they are hashed, which gives the path; only
 * where that path is not valid yet are they copied, and the copy must have the same hash. An unchanged source is thus read
 * once and never written. A filter is asked once per file, even where the files are read twice.
 */
import { readFileSync } from 'node:fs';
import { createHasher, type HashAlgorithm, hashBytes } from '../../base/hash.ts';
import { type ContentAddress, contentAddressedPath, printContentAddress } from '../../derivation/content-address.ts';
import { equalDigests, printHash } from '../../derivation/hash-string.ts';
import { checkStoreName, defaultStoreDir } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { diskPath, fileError } from '../disk.ts';
import { dumpPath, type PathFilter, typeAt } from '../nar/dump.ts';
import { narOfTree } from '../nar/tree.ts';
import type { NarIdentity } from '../store.ts';

export interface SourceOptions {
  /** Absolute physical path. */
  readonly path: string;
  readonly name: string;
  readonly method: 'flat' | 'nar' | 'text' | 'git';
  /** SHA-256 by default. */
  readonly algorithm?: HashAlgorithm;
  readonly filter?: PathFilter | undefined;
  /** The content must have this hash. */
  readonly expected?: { readonly algorithm: HashAlgorithm; readonly digest: Uint8Array } | undefined;
  /** Store paths that the content refers to. */
  readonly references?: readonly string[];
}

export interface IdentifiedSource {
  readonly storePath: string;
  readonly ca: string;
  /** The NAR, to be read again; what the filter said is remembered. */
  nar(): Iterable<Uint8Array>;
  /** Known where the method hashes the NAR by SHA-256. */
  readonly identity: NarIdentity | undefined;
}

/** The store path that a source has by what is expected of it, without reading a byte. */
export function expectedSourcePath(options: SourceOptions, storeDir: string = defaultStoreDir): string | undefined {
  const { expected, method, name } = options;
  if (!expected) return undefined;
  return contentAddressedPath(name, { method, hash: expected }, referencesOf(options), storeDir);
}

/** Reads a source and says what its store path is. Writes nothing. */
export function identifySource(options: SourceOptions, storeDir: string = defaultStoreDir): IdentifiedSource {
  const { path, name, method, expected } = options;
  const algorithm = expected?.algorithm ?? options.algorithm ?? 'sha256';
  checkStoreName(name);
  if (method === 'git')
    throw new NixError(`cannot add '${path}': hashing in Git's way is not supported`, { class: 'StoreError' });

  const filter = options.filter && rememberingFilter(options.filter);
  let identity: NarIdentity | undefined;
  let digest: Uint8Array;
  let nar: () => Iterable<Uint8Array>;
  if (method === 'nar') {
    const hasher = createHasher(algorithm);
    let narSize = 0;
    nar = () => dumpPath(path, filter);
    for (const chunk of nar()) {
      hasher.update(chunk);
      narSize += chunk.length;
    }
    digest = hasher.digest();
    if (algorithm === 'sha256') identity = { narHash: digest, narSize };
  } else {
    const contents = readWhole(path);
    digest = hashBytes(algorithm, contents);
    nar = () => narOfTree({ type: 'regular', executable: false, contents });
  }
  if (expected && !equalDigests(expected.digest, digest)) {
    const sri = (bytes: Uint8Array) => printHash({ algorithm, digest: bytes }, 'sri');
    throw new NixError(
      `hash mismatch importing path '${path}';\n  specified: ${sri(expected.digest)}\n  got:       ${sri(digest)}`,
      { class: 'StoreError', exitCode: 102 },
    );
  }
  const address: ContentAddress = { method, hash: { algorithm, digest } };
  return {
    storePath: contentAddressedPath(name, address, referencesOf(options), storeDir),
    ca: printContentAddress(address),
    nar,
    identity,
  };
}

function referencesOf(options: SourceOptions) {
  return { others: options.references ?? [], self: false };
}

/** Content of a regular file. Links are followed, as C++ Nix does for flat hashing. */
function readWhole(path: string): Uint8Array {
  const type = typeAt(path);
  if (type === 'directory' || type === 'unknown')
    throw new NixError(`file '${path}' is not a regular file, which flat hashing needs`, { class: 'Error' });
  try {
    return readFileSync(diskPath(path));
  } catch (error) {
    throw fileError('opening file', path, error);
  }
}

function rememberingFilter(filter: PathFilter): PathFilter {
  const answers = new Map<string, boolean>();
  return (path, type) => {
    let answer = answers.get(path);
    if (answer === undefined) answers.set(path, (answer = filter(path, type)));
    return answer;
  };
}
