/** One file from a URL, as it is: `builtins.fetchurl` and fetchTree's type "file". */

import { printHash } from '../../derivation/hash-string.ts';
import { makeFixedOutputPath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { WrongHash } from '../../realise/download/download.ts';
import type { FetchRequest, FetchResult } from '../../runtime/host.ts';
import { isValidPath } from '../../store/store.ts';
import { addStaged, inStaging, type Kind, underName } from './add-to-store.ts';
import { type Fetching, narHashAttribute, notices } from './fetching.ts';

type FileFacts = { readonly storePath: string; readonly etag: string };

export async function fetchFile(request: FetchRequest, fetching: Fetching): Promise<FetchResult> {
  const storePath = request.expected ? await fetchExpected(request, fetching) : await fetchCurrent(request, fetching);
  return { storePath, attributes: { narHash: narHashAttribute(fetching.store, storePath) } };
}

/** The hash settles what the file is: it does not matter how old a copy is. */
async function fetchExpected({ url, name, expected }: FetchRequest, fetching: Fetching): Promise<string> {
  const { store, downloader, signal } = fetching;
  const path = makeFixedOutputPath(name, { method: 'flat', ...expected! }, undefined, store.storeDir);
  if (isValidPath(store, path)) return path;
  try {
    return await inStaging(store, async (destination) => {
      await downloader.download({ url, destination, hash: expected, signal, ...notices(fetching, url) });
      return addStaged(store, destination, { name, method: 'flat' });
    });
  } catch (error) {
    if (!(error instanceof WrongHash)) throw error;
    throw new NixError(
      `hash mismatch in file downloaded from '${url}':\n` +
        `  specified: ${printHash(error.specified, 'nix32')}\n  got:       ${printHash(error.got, 'nix32')}`,
      { exitCode: 102 },
    );
  }
}

async function fetchCurrent({ url, name }: FetchRequest, fetching: Fetching): Promise<string> {
  const { store, downloader, cache, signal } = fetching;
  const kind: Kind = { name, method: 'flat' };
  const found = cache.get<FileFacts>('file', url);
  const cached = found && isValidPath(store, found.facts.storePath) ? found : undefined;
  const copy = () => underName(store, cached!.facts.storePath, kind);
  if (cached?.fresh) return copy();
  try {
    return await inStaging(store, async (destination) => {
      const known = cached?.facts.etag || undefined;
      const got = await downloader.download({ url, destination, signal, etag: known, ...notices(fetching, url) });
      const storePath = got.notModified ? copy() : await addStaged(store, destination, kind);
      cache.set({ storePath, etag: got.etag ?? '' }, 'file', url);
      return storePath;
    });
  } catch (error) {
    if (!cached || !(error instanceof NixError) || signal.aborted) throw error;
    fetching.notify(`warning: ${error.message}; using cached version`);
    return copy();
  }
}
