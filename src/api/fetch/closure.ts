/**
 * A store path with everything that it refers to, out of a binary cache: `builtins.fetchClosure`. As it is, for which its
 * word must be trusted unless its content speaks for itself; or rewritten, so that its path follows from its content.
 */
import { NixError } from '../../errors/nix-error.ts';
import type { FetchRequest, FetchResult } from '../../runtime/host.ts';
import { BinaryCache } from '../../store/binary-cache/binary-cache.ts';
import { cacheFiles, verifyEd25519 } from '../../store/binary-cache/cache-files.ts';
import type { NarInfo } from '../../store/binary-cache/narinfo.ts';
import { isSigned, parsePublicKeys } from '../../store/binary-cache/trust.ts';
import { isItsContent, makeContentAddressed } from '../../store/make-content-addressed.ts';
import { isValidPath, requirePathInfo } from '../../store/store.ts';
import type { Fetching } from './fetching.ts';

/** `url`: the cache; `name`: the path; options: `rewrite`. The result's attribute `ca`: is it content-addressed? */
export async function fetchClosure(request: FetchRequest, fetching: Fetching): Promise<FetchResult> {
  const { url, name: path, options = {} } = request;
  const { store, settings } = fetching;
  const rewrite = options.rewrite === true;
  if (!rewrite && isValidPath(store, path)) return result(path, fetching);
  const files = cacheFiles(url)!;
  const keys = parsePublicKeys(settings['trusted-public-keys']);
  // What is content-addressed is known to be right only when it is here, so the decision is made here, too.
  const cache = new BinaryCache({ files, trustedKeys: keys, verify: verifyEd25519, trustAll: true });
  const moved = new Map<string, string>();
  for (const info of await closure(cache, path, fetching, rewrite)) {
    const read = async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of cache.fetch(info, fetching.signal)) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    if (!rewrite) {
      fetching.notify(`copying path '${info.path}' from '${cache.name}'...`);
      const nar = await read();
      if (settings['require-sigs'] && !isSigned(info, keys, verifyEd25519) && !isItsContent(info, nar))
        throw new NixError(`cannot add path '${info.path}' because it lacks a signature by a trusted key`, {
          class: 'Error',
        });
      store.addNar(info, [nar], info);
      continue;
    }
    const rewritten = makeContentAddressed({ ...info, nar: await read() }, moved, store.storeDir);
    fetching.notify(`rewriting '${info.path}' to '${rewritten.path}'`);
    store.addNar(rewritten, [rewritten.nar]);
    moved.set(info.path, rewritten.path);
  }
  return result(moved.get(path) ?? path, fetching);
}

function result(storePath: string, { store }: Fetching): FetchResult {
  return { storePath, attributes: { ca: requirePathInfo(store, storePath).ca !== undefined } };
}

/** What of the closure is wanted, each path after those that it refers to. */
async function closure(
  cache: BinaryCache,
  root: string,
  { store, signal }: Fetching,
  all: boolean,
): Promise<NarInfo[]> {
  const order: NarInfo[] = [];
  const met = new Set<string>();
  const stack: { readonly path: string; readonly info?: NarInfo }[] = [{ path: root }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { path, info } = next;
    if (info) {
      order.push(info);
      continue;
    }
    if (met.has(path) || (!all && isValidPath(store, path))) continue;
    met.add(path);
    const found = await cache.query(path, signal);
    if (!found) throw new NixError(`path '${path}' is not valid`, { class: 'InvalidPathError' });
    stack.push({ path, info: found });
    for (const reference of found.references) stack.push({ path: reference });
  }
  return order;
}
