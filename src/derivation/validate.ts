/**
 * Validation by recomputation: a derivation from outside (a file of the store, JSON of a user) says its output paths, and
 * they must be the ones that follow from everything else that it says.
 */
import { NixError } from '../errors/nix-error.ts';
import { contentAddressedPath, parseMethod } from './content-address.ts';
import type { Derivation } from './derivation.ts';
import type { DerivationHashes } from './hash-modulo.ts';
import { parseHashDigits } from './hash-string.ts';
import { checkOutputKinds, derivationFile, maskedHash } from './output-paths.ts';
import { defaultStoreDir, makeOutputPath, outputPathName } from './store-path.ts';

/** Throws where an output's path, or the variable of its name, is not what it must be. */
export function validateDerivation(
  drv: Derivation,
  hashes: DerivationHashes,
  storeDir: string = defaultStoreDir,
): void {
  checkOutputKinds(drv);
  let hash: { readonly value: string | undefined } | undefined;
  for (const [name, output] of drv.outputs) {
    let expected: string | undefined;
    if (output.kind === 'fixed') {
      const { method, algorithm } = parseMethod(output.method);
      const address = { method, hash: parseHashDigits(output.digest, algorithm) };
      expected = contentAddressedPath(outputPathName(drv.name, name), address, undefined, storeDir);
    } else if (output.kind === 'inputAddressed' || output.kind === 'deferred') {
      hash ??= { value: maskedHash(drv, hashes) };
      expected = hash.value === undefined ? undefined : makeOutputPath(name, hash.value, drv.name, storeDir);
    } else continue;
    const actual = output.kind === 'deferred' ? undefined : output.path;
    if (actual !== expected)
      throw new NixError(
        actual === undefined
          ? `derivation has incorrect deferred output, should be '${expected}'`
          : `derivation has incorrect output '${actual}', should be ${expected === undefined ? 'deferred' : `'${expected}'`}`,
        { class: 'Error' },
      );
    if (expected !== undefined) checkVariable(drv, name, expected);
  }
}

/** As `validateDerivation`, and the file must be where its text belongs. */
export function validateDerivationFile(
  drvPath: string,
  drv: Derivation,
  hashes: DerivationHashes,
  storeDir: string = defaultStoreDir,
): void {
  try {
    validateDerivation(drv, hashes, storeDir);
  } catch (error) {
    if (error instanceof NixError) error.addTrace(`while checking derivation '${drvPath}'`);
    throw error;
  }
  const { path } = derivationFile(drv, storeDir);
  if (path !== drvPath)
    throw new NixError(`derivation '${drvPath}' has content that belongs at '${path}'`, { class: 'Error' });
}

function checkVariable(drv: Derivation, name: string, expected: string): void {
  const actual = drv.env.get(name);
  if (actual === expected) return;
  throw new NixError(
    actual === undefined
      ? `derivation has missing environment variable '${name}', should be '${expected}' but is not present`
      : `derivation has incorrect environment variable '${name}', should be '${expected}' but is actually '${actual}'`,
    { class: 'Error' },
  );
}
