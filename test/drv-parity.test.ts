/**
 * Every .nix file under fixtures/ that is about packages, evaluated with the embedded set, gives the same .drv paths under
 * nixlet and under C++ Nix: or fails under both.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { embeddedSet, nixlet, root, run } from './support/nixlet.ts';
import { withPeer } from './support/peers.ts';

const fixtures = join(root, 'fixtures');
/** Cases of the language, which have tests of their own and no packages. */
const language = join(fixtures, 'lang');
const files = readdirSync(fixtures, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.nix'))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => !file.startsWith(`${language}/`))
  .sort();

let work: string;
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'nixlet-parity-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe('drv parity', () => {
  for (const file of files)
    withPeer('nix-instantiate')(relative(fixtures, file), async () => {
      const args = ['-I', `nixpkgs=${embeddedSet}`, '--store', join(work, 'store'), file];
      const theirs = await run('nix-instantiate', args);
      const ours = await nixlet(['nix-instantiate', ...args]);
      expect({ code: ours.code, stdout: ours.stdout }, ours.stderr).toEqual({
        code: theirs.code,
        stdout: theirs.stdout,
      });
    });
});
