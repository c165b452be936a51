/**
 * A tree of files out of an archive: `builtins.fetchTarball` and fetchTree's type "tarball". Where everything in the
 * archive lies in one directory, that directory is the tree. The copy that the cache knows of is in the store, unpacked.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { equalDigests, type Hash, printHash } from '../../derivation/hash-string.ts';
import { makeFixedOutputPath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import type { FetchRequest, FetchResult } from '../../runtime/host.ts';
import { isValidPath } from '../../store/store.ts';
import { addStaged, inStaging, type Kind, underName } from './add-to-store.ts';
import { unpackArchive } from './archive/unpack.ts';
import { type Fetching, narHashAttribute, narHashOf, notices, timeAttributes } from './fetching.ts';

type TarballFacts = { readonly storePath: string; readonly etag: string; readonly lastModified: number };

interface Tree {
  readonly storePath: string;
  readonly lastModified: number | undefined;
}

export async function fetchTarball(request: FetchRequest, fetching: Fetching): Promise<FetchResult> {
  const { storePath, lastModified } = await fetchTree(request, fetching);
  return {
    storePath,
    attributes: {
      narHash: narHashAttribute(fetching.store, storePath),
      ...(lastModified === undefined ? {} : timeAttributes(lastModified)),
    },
  };
}

async function fetchTree({ url: given, name, expected }: FetchRequest, fetching: Fetching): Promise<Tree> {
  const { store, downloader, cache, signal } = fetching;
  const url = resolvePseudoUrl(given);
  const kind: Kind = { name, method: 'nar' };
  if (expected) {
    const storePath = makeFixedOutputPath(name, { method: 'nar', ...expected }, undefined, store.storeDir);
    if (isValidPath(store, storePath)) return { storePath, lastModified: undefined };
  }
  checkLocalFile(url);
  const matches = (hash: Hash) => !expected || equalDigests(hash.digest, expected.digest);
  const check = (hash: Hash) => {
    if (!matches(hash)) throw narHashMismatch(url, expected!, hash);
  };
  const found = cache.get<TarballFacts>('tarball', url);
  // A copy that is not what is expected may be older than the one that is.
  const usable = found && isValidPath(store, found.facts.storePath) && matches(narHashOf(store, found.facts.storePath));
  const cached = usable ? found : undefined;
  const copy = (): Tree => ({
    storePath: underName(store, cached!.facts.storePath, kind),
    lastModified: cached!.facts.lastModified,
  });
  if (cached?.fresh) return copy();
  try {
    return await inStaging(store, async (archive) => {
      const known = cached?.facts.etag || undefined;
      const destination = archive;
      const got = await downloader.download({ url, destination, signal, etag: known, ...notices(fetching, url) });
      let tree: Tree;
      if (got.notModified) tree = copy();
      else
        tree = await inStaging(store, async (place) => {
          const { lastModified } = await unpackArchive(archive, place, url);
          return { storePath: await addStaged(store, onlyDirectory(place), kind, check), lastModified };
        });
      const facts = { storePath: tree.storePath, etag: got.etag ?? '', lastModified: tree.lastModified ?? 0 };
      cache.set(facts, 'tarball', url);
      return tree;
    });
  } catch (error) {
    if (!cached || !(error instanceof NixError) || signal.aborted) throw error;
    fetching.notify(`warning: ${error.message}; using cached version`);
    return copy();
  }
}

/** `channel:NAME` stands for that channel's tarball. */
function resolvePseudoUrl(url: string): string {
  if (!url.startsWith('channel:')) return url;
  return `https://channels.nixos.org/${url.slice('channel:'.length)}/nixexprs.tar.xz`;
}

/** The common mistakes with file: URLs, each by its name. */
function checkLocalFile(url: string): void {
  if (!url.startsWith('file:') || !URL.canParse(url)) return;
  const path = fileURLToPath(url);
  const fail = (problem: string, hint?: string): never => {
    throw new NixError(`tarball '${path}' ${problem}`, { class: 'Error', hint });
  };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) fail('does not exist.');
  if (!stat!.isDirectory()) return;
  if (readdirSync(path).includes('.git'))
    fail('is a git repository, not a tarball.', 'Use builtins.fetchGit for it, or the path itself.');
  fail('is a directory, not a file.', 'A directory needs no fetching: use the path itself.');
}

/** The one directory that everything lies in, else the place itself. */
function onlyDirectory(place: string): string {
  const entries = readdirSync(place, { withFileTypes: true });
  return entries.length === 1 && entries[0]!.isDirectory() ? join(place, entries[0]!.name) : place;
}

export function narHashMismatch(input: string, expected: Hash, got: Hash): NixError {
  const query = `narHash=${encodeURIComponent(printHash(expected, 'sri'))}`;
  const named = `${input}${input.includes('?') ? '&' : '?'}${query}`;
  return new NixError(
    `NAR hash mismatch in input '${named}', expected '${printHash(expected, 'sri')}' but got '${printHash(got, 'sri')}'`,
    { class: 'Error', exitCode: 102 },
  );
}
