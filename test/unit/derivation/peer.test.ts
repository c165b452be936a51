/**
 * Asks C++ Nix: every .drv file that it writes must be printed as it was read, and its paths must be the ones that we
 * compute. With NIXLET_TEST_NIXPKGS naming a nixpkgs, the whole closure of `hello` is checked as well.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeBytes } from '../../../src/base/bytes.ts';
import { parseDerivation } from '../../../src/derivation/aterm/parse.ts';
import { printDerivation } from '../../../src/derivation/aterm/print.ts';
import { DerivationHashes } from '../../../src/derivation/hash-modulo.ts';
import { derivationToLegacyJson, printJson } from '../../../src/derivation/json.ts';
import { storePathName } from '../../../src/derivation/store-path.ts';
import { validateDerivationFile } from '../../../src/derivation/validate.ts';
import { withPeer } from '../../support/peers.ts';

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const fixture = new URL('../../../fixtures/drv/two-outputs.nix', import.meta.url).pathname;

function instantiate(...args: string[]) {
  const root = mkdtempSync(join(tmpdir(), 'nixlet-drv-'));
  roots.push(root);
  const out = execFileSync('nix-instantiate', ['--store', root, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const texts = new Map<string, string>();
  for (const file of readdirSync(`${root}/nix/store`))
    if (file.endsWith('.drv')) texts.set(`/nix/store/${file}`, decodeBytes(readFileSync(`${root}/nix/store/${file}`)));
  return { root, drvPath: out.trim(), texts };
}

function check(texts: ReadonlyMap<string, string>): void {
  const read = (path: string) => parseDerivation(texts.get(path)!, storePathName(path).slice(0, -4), path);
  const hashes = new DerivationHashes(read);
  for (const [path, text] of texts) {
    const drv = read(path);
    expect(printDerivation(drv)).toBe(text);
    validateDerivationFile(path, drv, hashes);
  }
}

describe('derivations as C++ Nix writes them', () => {
  withPeer('nix-instantiate')('our fixture', () => {
    const { texts, drvPath } = instantiate(fixture);
    expect(texts.get(drvPath)).toBe(
      readFileSync(new URL(`../../../fixtures/drv/${drvPath.slice(11)}`, import.meta.url), 'utf8'),
    );
    check(texts);
  });

  withPeer('nix-instantiate', 'nix')('nix show-derivation prints our legacy JSON', () => {
    const { root, drvPath, texts } = instantiate(fixture);
    const flags = ['--extra-experimental-features', 'nix-command', '--store', root];
    const theirs = execFileSync('nix', [...flags, 'show-derivation', drvPath], { encoding: 'utf8', stdio: 'pipe' });
    const drv = parseDerivation(texts.get(drvPath)!, storePathName(drvPath).slice(0, -4));
    expect(`${printJson(new Map([[drvPath, derivationToLegacyJson(drv)]]), 2)}\n`).toBe(theirs);
  });

  const nixpkgs = process.env.NIXLET_TEST_NIXPKGS;
  const nixpkgsTest = nixpkgs === undefined ? it.skip : withPeer('nix-instantiate');
  nixpkgsTest('the closure of hello (NIXLET_TEST_NIXPKGS)', () => {
    const { texts } = instantiate('<nixpkgs>', '-A', 'hello', '-I', `nixpkgs=${nixpkgs}`);
    expect(texts.size).toBeGreaterThan(100);
    check(texts);
  });
});
