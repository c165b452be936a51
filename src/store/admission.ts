/** What every store checks before it takes an object in, and how it says no. */
import { equalDigests, printHash } from '../derivation/hash-string.ts';
import { sortStorePaths } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { isValidPath, type NarIdentity, type NewPath, type Store } from './store.ts';

/** The references in byte order, without doubles; each must be valid, or be the path itself. */
export function checkReferences(store: Store, path: NewPath): string[] {
  const references = sortStorePaths(new Set(path.references));
  for (const reference of references)
    if (reference !== path.path && !isValidPath(store, reference))
      throw new NixError(`cannot add '${path.path}': its reference '${reference}' is not valid`, {
        class: 'StoreError',
      });
  return references;
}

/** Compares what a NAR was said to be with what came. */
export function checkNar(path: string, expected: NarIdentity, actual: NarIdentity): void {
  const sri = (digest: Uint8Array) => printHash({ algorithm: 'sha256', digest }, 'sri');
  if (!equalDigests(expected.narHash, actual.narHash))
    throw new NixError(
      `hash mismatch importing path '${path}';\n  specified: ${sri(expected.narHash)}\n  got:       ${sri(actual.narHash)}`,
      { class: 'StoreError', exitCode: 102 },
    );
  if (expected.narSize !== actual.narSize)
    throw new NixError(
      `size mismatch importing path '${path}';\n  specified: ${expected.narSize}\n  got:       ${actual.narSize}`,
      { class: 'StoreError' },
    );
}
