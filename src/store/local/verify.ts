/**
 * Verification by recomputation: every valid path must be there, with `contents` each must still have the hash that was
 * recorded, and the database must be sound. Problems are reported, never repaired here.
 */
import { equalDigests, printHash } from '../../derivation/hash-string.ts';
import { NixError } from '../../errors/nix-error.ts';
import { narIdentityOf } from '../nar/dump.ts';
import { requirePathInfo } from '../store.ts';
import { statOf } from './files.ts';
import type { LocalStore } from './local-store.ts';

/** Gives what is wrong, in Nix's words; empty: nothing. */
export function verifyStore(
  store: LocalStore,
  options: { readonly contents?: boolean; readonly onPath?: (path: string) => void } = {},
): string[] {
  const problems =
    store.openDatabase?.integrityProblems().map((line) => `the store's database is damaged: ${line}`) ?? [];
  for (const path of store.validPaths()) {
    options.onPath?.(path);
    const file = store.realPath(path);
    if (!statOf(file)) problems.push(`path '${path}' disappeared, but it still has valid referrers or is registered`);
    else if (options.contents) {
      const problem = contentProblem(store, path, file);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

function contentProblem(store: LocalStore, path: string, file: string): string | undefined {
  const sri = (digest: Uint8Array) => printHash({ algorithm: 'sha256', digest }, 'nix32');
  const { narHash } = requirePathInfo(store, path);
  try {
    const actual = narIdentityOf(file).narHash;
    if (equalDigests(narHash, actual)) return undefined;
    return `path '${path}' was modified! expected hash '${sri(narHash)}', got '${sri(actual)}'`;
  } catch (error) {
    if (error instanceof NixError) return `path '${path}' cannot be read: ${error.message}`;
    throw error;
  }
}
