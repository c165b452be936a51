/** The log of a derivation's last build, ours or C++ Nix's (which may be compressed by bzip2). */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { NixError } from '../errors/nix-error.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import { bunzip } from './fetch/archive/bzip2.ts';

export function readBuildLog(store: LocalStore, drvPath: string): Uint8Array {
  const path = store.logPath(drvPath);
  if (existsSync(path)) return readFileSync(path);
  if (existsSync(`${path}.gz`)) return gunzipSync(readFileSync(`${path}.gz`));
  if (existsSync(`${path}.bz2`)) return bunzip(readFileSync(`${path}.bz2`));
  throw new NixError(`build log of derivation '${drvPath}' is not available`, { class: 'StoreError' });
}
