/** The log of a derivation's last build, ours or C++ Nix's (which may be compressed by gzip; bzip2 is not read). */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { NixError } from '../errors/nix-error.ts';
import type { LocalStore } from '../store/local/local-store.ts';

export function readBuildLog(store: LocalStore, drvPath: string): Uint8Array {
  const path = store.logPath(drvPath);
  if (existsSync(path)) return readFileSync(path);
  if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`));
  if (existsSync(`${path}.bz2`))
    throw new NixError(`the build log of '${drvPath}' is compressed by bzip2`, {
      class: 'StoreError',
      hint: `Read it with: bzcat ${path}.bz2`,
    });
  throw new NixError(`build log of derivation '${drvPath}' is not available`, { class: 'StoreError' });
}
