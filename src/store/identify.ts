/**
 * What a finished output is: hash and size of its NAR and what it refers to, found in one pass over the files. It gives way
 * to other work now and then, so that a large output does not stall a running build.
 */
import { setImmediate } from 'node:timers/promises';
import { createHasher } from '../base/hash.ts';
import { dumpPath } from './nar/dump.ts';
import { ReferenceScanner } from './references.ts';
import type { NarIdentity } from './store.ts';

/** `candidates`: store paths that may be referred to; the output's own among them where it may refer to itself. */
export async function identifyOutput(
  physicalPath: string,
  candidates: Iterable<string>,
  signal?: AbortSignal,
): Promise<NarIdentity & { readonly references: string[] }> {
  const hasher = createHasher('sha256');
  const scanner = new ReferenceScanner(candidates);
  let narSize = 0;
  let sincePause = 0;
  for (const chunk of dumpPath(physicalPath)) {
    hasher.update(chunk);
    scanner.write(chunk);
    narSize += chunk.length;
    sincePause += chunk.length;
    if (sincePause > 8 * 1024 * 1024) {
      sincePause = 0;
      await setImmediate(undefined, { signal });
    }
  }
  return { narHash: hasher.digest(), narSize, references: scanner.result() };
}

/** References of files on disk to any of the candidates, in byte order (BuildContext.scanReferences). */
export async function scanPath(physicalPath: string, candidates: Iterable<string>): Promise<Set<string>> {
  return new Set((await identifyOutput(physicalPath, candidates)).references);
}
