/**
 * Fetching instead of building. A substituter is whatever has store objects as NARs (a binary cache, another store); of
 * several the first that has a path serves it. The NAR is unpacked while it arrives, and becomes valid only if its hash
 * and size are those that were promised. Whether a substituter's word is to be trusted is its own business: it must not
 * offer what it cannot vouch for.
 */
import { createHasher } from '../base/hash.ts';
import { NixError } from '../errors/nix-error.ts';
import { checkNar } from '../store/admission.ts';
import { deleteTree } from '../store/local/files.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import { restoringReader } from '../store/nar/restore.ts';
import type { BuildReporter } from './reporter.ts';

export interface SubstitutableInfo {
  readonly path: string;
  /** SHA-256 of the NAR. */
  readonly narHash: Uint8Array;
  readonly narSize: number;
  readonly references: readonly string[];
  /** Compressed bytes, where known. */
  readonly downloadSize?: number | undefined;
  readonly deriver?: string | undefined;
  readonly signatures?: readonly string[];
  readonly ca?: string | undefined;
}

export interface Substituter {
  /** As in "copying path '...' from '<name>'". */
  readonly name: string;
  /** Undefined: not there. Throws where the substituter cannot be asked. */
  query(path: string, signal: AbortSignal): Promise<SubstitutableInfo | undefined>;
  /** The NAR, decompressed. */
  fetch(info: SubstitutableInfo, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface Offer {
  readonly substituter: Substituter;
  readonly info: SubstitutableInfo;
}

/** The first substituter that has the path. One that cannot be asked is passed over, unless no other has it. */
export async function querySubstituters(
  substituters: readonly Substituter[],
  path: string,
  signal: AbortSignal,
): Promise<Offer | undefined> {
  let trouble: unknown;
  for (const substituter of substituters) {
    try {
      const info = await substituter.query(path, signal);
      if (info) return { substituter, info };
    } catch (error) {
      signal.throwIfAborted();
      trouble ??= error;
    }
  }
  if (trouble !== undefined) throw trouble;
  return undefined;
}

/** Fetches one path, whose references must be valid. */
export async function fetchPath(
  store: LocalStore,
  { substituter, info }: Offer,
  reporter: BuildReporter,
  signal: AbortSignal,
): Promise<void> {
  const lock = await store.lockPaths([info.path], { signal });
  try {
    if (store.pathInfo(info.path)) return;
    reporter.report({ kind: 'fetchStarted', path: info.path, from: substituter.name, narSize: info.narSize });
    const staged = store.stage(info.path);
    let outcome: 'fetched' | 'failed' = 'failed';
    try {
      const reader = restoringReader(staged);
      const hasher = createHasher('sha256');
      let narSize = 0;
      for await (const chunk of substituter.fetch(info, signal)) {
        signal.throwIfAborted();
        narSize += chunk.length;
        if (narSize > info.narSize)
          throw new NixError(`the NAR of '${info.path}' is larger than '${substituter.name}' said`, {
            class: 'StoreError',
          });
        reader.write(chunk);
        hasher.update(chunk);
        reporter.report({ kind: 'fetchProgress', path: info.path, received: narSize });
      }
      reader.end();
      const identity = { narHash: hasher.digest(), narSize };
      checkNar(info.path, info, identity);
      store.register([{ ...info, ...identity, staged }]);
      outcome = 'fetched';
    } finally {
      deleteTree(staged);
      store.discard(staged);
      reporter.report({ kind: 'fetchEnded', path: info.path, outcome });
    }
  } finally {
    lock.release();
  }
}
