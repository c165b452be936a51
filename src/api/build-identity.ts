/**
 * What tells one build of nixlet from another, for caches of what it computes: in a release a hash of its own code, put in
 * by the bundler; in a checkout names, sizes and times of the sources.
 */
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

declare const NIXLET_BUILD: string | undefined;

let identity: string | undefined;

export function buildIdentity(): string {
  identity ??= typeof NIXLET_BUILD === 'string' ? NIXLET_BUILD : identityOfSources();
  return identity;
}

function identityOfSources(): string {
  const root = join(import.meta.dirname, '..', '..');
  const hash = createHash('sha256');
  for (const folder of ['src', 'grammar'])
    for (const name of (readdirSync(join(root, folder), { recursive: true }) as string[]).sort()) {
      if (!name.endsWith('.ts')) continue;
      const { size, mtimeMs } = statSync(join(root, folder, name));
      hash.update(`${name} ${size} ${mtimeMs}\n`);
    }
  return hash.digest('hex').slice(0, 16);
}
