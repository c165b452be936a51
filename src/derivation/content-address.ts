/**
 * Content addresses: how a store object's content became a hash. Two texts say it:
 *
 *   in a .drv        <method prefix><algorithm>, digest apart      "r:sha256"
 *   in the database  fixed:<prefix><algorithm>:<nix32>, text:<algorithm>:<nix32>
 *
 * with the prefixes "" (flat file), "r:" (NAR), "git:" and "text:".
 * Source: Nix manual, "Content-Addressing Store Objects".
 */
import type { HashAlgorithm } from '../base/hash.ts';
import { NixError } from '../errors/nix-error.ts';
import { type Hash, parseHashAlgorithm, parseHashDigits, printHash } from './hash-string.ts';
import { defaultStoreDir, makeFixedOutputPath, makeTextPath, type StoreReferences } from './store-path.ts';

export type ContentAddressMethod = 'flat' | 'nar' | 'text' | 'git';

export interface ContentAddress {
  readonly method: ContentAddressMethod;
  readonly hash: Hash;
}

const prefixes: Readonly<Record<ContentAddressMethod, string>> = { flat: '', nar: 'r:', git: 'git:', text: 'text:' };

/** `outputHashMode`: flat, recursive (the old name of nar), nar, text, git. Undefined for anything else. */
export function parseHashMode(mode: string): ContentAddressMethod | undefined {
  if (mode === 'recursive') return 'nar';
  return mode === 'flat' || mode === 'nar' || mode === 'text' || mode === 'git' ? mode : undefined;
}

/** "r:sha256": as an output's method stands in a .drv. */
export function printMethod(method: ContentAddressMethod, algorithm: HashAlgorithm): string {
  return prefixes[method] + algorithm;
}

export function parseMethod(text: string): {
  readonly method: ContentAddressMethod;
  readonly algorithm: HashAlgorithm;
} {
  for (const method of ['nar', 'git', 'text'] as const)
    if (text.startsWith(prefixes[method]))
      return { method, algorithm: parseHashAlgorithm(text.slice(prefixes[method].length)) };
  return { method: 'flat', algorithm: parseHashAlgorithm(text) };
}

/** fixed:r:sha256:<nix32>: as the store's database and narinfo files have it. */
export function printContentAddress(ca: ContentAddress): string {
  return (ca.method === 'text' ? 'text:' : `fixed:${prefixes[ca.method]}`) + printHash(ca.hash, 'nix32');
}

export function parseContentAddress(text: string): ContentAddress {
  const usage = (message: string) => new NixError(message, { class: 'UsageError' });
  const colon = text.indexOf(':');
  if (colon < 0) throw usage(`not a content address because it is not in the form '<prefix>:<rest>': ${text}`);
  const kind = text.slice(0, colon);
  let rest = text.slice(colon + 1);
  if (kind !== 'text' && kind !== 'fixed')
    throw usage(`content address prefix '${kind}' is unrecognized. Recogonized prefixes are 'text' or 'fixed'`);
  let method: ContentAddressMethod = kind === 'text' ? 'text' : 'flat';
  for (const tree of kind === 'fixed' ? (['nar', 'git'] as const) : [])
    if (rest.startsWith(prefixes[tree])) {
      method = tree;
      rest = rest.slice(prefixes[tree].length);
    }
  const separator = rest.indexOf(':');
  if (separator < 0) throw usage(`content address hash must be in form '<algo>:<hash>', but found: ${text}`);
  const algorithm = parseHashAlgorithm(rest.slice(0, separator));
  return { method, hash: parseHashDigits(rest.slice(separator + 1), algorithm) };
}

/** The store path that content with this address (and these references) has. */
export function contentAddressedPath(
  name: string,
  ca: ContentAddress,
  references: StoreReferences = { others: [], self: false },
  storeDir: string = defaultStoreDir,
): string {
  const { algorithm, digest } = ca.hash;
  if (ca.method !== 'text')
    return makeFixedOutputPath(name, { method: ca.method, algorithm, digest }, references, storeDir);
  if (references.self) throw new NixError('self-reference not allowed with text hashing', { class: 'Error' });
  if (algorithm !== 'sha256')
    throw new NixError(`text hashing needs SHA-256, but '${name}' uses ${algorithm}`, { class: 'Error' });
  return makeTextPath(name, digest, references.others, storeDir);
}
