/** Where the embedded package set lies on disk: beside the bundle in a release, in src/nixpkgs in a checkout. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;

export function embeddedSetDirectory(): string {
  const candidates = [join(here, 'nixpkgs'), join(here, '..', 'nixpkgs')];
  return candidates.find((path) => existsSync(join(path, 'default.nix'))) ?? candidates[0]!;
}
