/**
 * The text form of what a store knows of its paths, as --dump-db writes it and --load-db and --register-validity read it.
 * For each path, a line each:
 *
 *   the path
 *   SHA-256 of its NAR in base 16, and the NAR's size in bytes   (not where the reader computes them)
 *   its deriver, or an empty line
 *   the number of its references, and then they
 */
import { toHex } from '../../base/hash.ts';
import { parseHashDigits } from '../../derivation/hash-string.ts';
import { parseStorePath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { canonicalise } from '../../store/local/files.ts';
import type { Registration } from '../../store/local/local-store.ts';
import { narIdentityOf } from '../../store/nar/dump.ts';
import { isValidPath, requirePathInfo, sameNar, sortByReferences } from '../../store/store.ts';
import type { StoreAccess } from './store-access.ts';

/** Of these paths, or of all. */
export function* dumpRegistration({ store }: StoreAccess, paths?: readonly string[]): Generator<string> {
  for (const path of paths ?? store.validPaths()) {
    const { narHash, narSize, deriver, references } = requirePathInfo(store, path);
    yield `${[path, toHex(narHash), narSize, deriver ?? '', references.length, ...references].join('\n')}\n`;
  }
}

export interface RegisterOptions {
  /** The text has hash and size; otherwise they are computed, and the files get the form of store objects. */
  readonly hashGiven: boolean;
  /** Replace what is recorded of paths that are valid already. */
  readonly reregister: boolean;
}

/** Makes the paths of a registration valid, all or none. Their files must be there. */
export function register({ store }: StoreAccess, text: string, { hashGiven, reregister }: RegisterOptions): void {
  const entries = new Map<string, Registration>();
  const replaced = new Set<string>();
  for (const given of parseRegistration(text, hashGiven)) {
    const { path } = given;
    const known = store.pathInfo(path);
    if (known && !reregister) continue;
    if (!hashGiven) canonicalise(store.realPath(path));
    const identity = given.identity ?? narIdentityOf(store.realPath(path));
    const same =
      known &&
      sameNar(known, identity) &&
      known.deriver === given.deriver &&
      sameSet(known.references, given.references);
    if (same) continue;
    if (known) replaced.add(path);
    entries.set(path, { path, references: given.references, deriver: given.deriver, ...identity });
  }
  if (entries.size === 0) return;
  // A derivation is checked against those that it needs: they come first.
  const order = sortByReferences(entries.keys(), (path) => entries.get(path)!.references);
  store.batch(() => {
    store.forget(replaced);
    store.register(order.map((path) => entries.get(path)!));
  });
}

export function checkValidity({ store }: StoreAccess, path: string): boolean {
  return isValidPath(store, path);
}

interface Given {
  readonly path: string;
  readonly identity: { readonly narHash: Uint8Array; readonly narSize: number } | undefined;
  readonly deriver: string | undefined;
  readonly references: readonly string[];
}

function* parseRegistration(text: string, hashGiven: boolean): Generator<Given> {
  const lines = text.split('\n');
  let next = 0;
  const line = (what: string): string => {
    const found = lines[next++];
    if (found === undefined || (next === lines.length && found === ''))
      throw new NixError(`the registration ends where ${what} should be`, { class: 'Error' });
    return found;
  };
  const count = (what: string): number => {
    const found = line(what);
    if (!/^\d+$/.test(found))
      throw new NixError(`number expected, but '${found}' found for ${what}`, { class: 'Error' });
    return Number(found);
  };
  while (next < lines.length && lines[next] !== '') {
    const path = parseStorePath(line('a path'));
    const identity = hashGiven
      ? { narHash: parseHashDigits(line('a hash'), 'sha256').digest, narSize: count('a size') }
      : undefined;
    const deriver = line('a deriver') || undefined;
    if (deriver !== undefined) parseStorePath(deriver);
    const length = count('a number of references');
    const references = Array.from({ length }, () => parseStorePath(line('a reference')));
    yield { path, identity, deriver, references };
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const all = new Set(a);
  return all.size === new Set(b).size && b.every((one) => all.has(one));
}
