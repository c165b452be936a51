/**
 * From a derivation whose outputs have no paths yet to the finished one, and to its own store path. This is the hot kernel
 * of derivationStrict: one call for each derivation of an evaluation.
 */
import { NixError } from '../errors/nix-error.ts';
import { DerivationText, printDerivation } from './aterm/print.ts';
import type { ContentAddress } from './content-address.ts';
import { contentAddressedPath, printMethod } from './content-address.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';
import { CompleteDerivation, type Draft, draftOf } from './draft.ts';
import { type DerivationHashes, sha256 } from './hash-modulo.ts';
import { printHash } from './hash-string.ts';
import { defaultStoreDir, makeOutputPath, makeStorePath, outputPathName } from './store-path.ts';

/** The SHA-256 (base 16) that output paths are made of: outputs masked, inputs by hash. Undefined: deferred. */
export function maskedHash(drv: Derivation, hashes: DerivationHashes): string | undefined {
  const draft = draftOf(drv);
  const inputs = hashes.inputs(draft);
  return inputs === undefined ? undefined : masked(new DerivationText(draft), inputs);
}

function masked(text: DerivationText, inputs: string): string {
  return sha256(text.join(text.maskedOutputs(), inputs, () => ''));
}

/**
 * Gives every 'deferred' output its path and sets the variable of its name, which must be there. Outputs of other kinds
 * stay as they are; with an input whose own paths are not known before it is built, 'deferred' ones stay as well.
 */
export function completeDerivation(
  draft: Draft,
  hashes: DerivationHashes,
  storeDir: string = defaultStoreDir,
): CompleteDerivation {
  checkOutputKinds(draft);
  const text = new DerivationText(draft);
  const isDeferred = draft.outputs.values().next().value!.kind === 'deferred';
  const inputs = isDeferred ? hashes.inputs(draft) : undefined;
  if (inputs === undefined) return new CompleteDerivation(draft, draft.outputs, draft.values, text, undefined);
  const hash = masked(text, inputs);
  const outputs = new Map<string, DerivationOutput>();
  const values = draft.values.slice();
  for (const name of draft.outputs.keys()) {
    const path = makeOutputPath(name, hash, draft.name, storeDir);
    outputs.set(name, { kind: 'inputAddressed', path });
    values[draft.variables.indexOf(name)] = path;
  }
  return new CompleteDerivation(draft, outputs, values, text, inputs);
}

/** The same from data to data. */
export function fillOutputPaths(
  drv: Derivation,
  hashes: DerivationHashes,
  storeDir: string = defaultStoreDir,
): Derivation {
  const { name, outputs, inputDrvs, inputSrcs, system, builder, args, env } = completeDerivation(
    draftOf(drv),
    hashes,
    storeDir,
  );
  return { name, outputs, inputDrvs, inputSrcs, system, builder, args, env };
}

/** The output of a fixed-output derivation: its path follows from name and hash. */
export function fixedOutput(
  drvName: string,
  address: ContentAddress,
  storeDir: string = defaultStoreDir,
): DerivationOutput {
  return {
    kind: 'fixed',
    path: contentAddressedPath(outputPathName(drvName, 'out'), address, undefined, storeDir),
    method: printMethod(address.method, address.hash.algorithm),
    digest: printHash(address.hash, 'base16', false),
  };
}

/** Everything a .drv file refers to: its inputs, in byte order. */
export function derivationReferences(drv: Derivation): string[] {
  const { inputs, sources } = draftOf(drv);
  const paths = inputs.map((input) => input.drvPath);
  return sources.length === 0 ? paths : [...new Set([...sources, ...paths])].sort();
}

/** The .drv file: where it is, what it refers to, and its text. */
export function derivationFile(
  drv: Derivation,
  storeDir: string = defaultStoreDir,
): { readonly path: string; readonly references: readonly string[]; readonly text: string } {
  const text = printDerivation(drv);
  const references = derivationReferences(drv);
  const type = references.length === 0 ? 'text' : `text:${references.join(':')}`;
  return { path: makeStorePath(type, `sha256:${sha256(text)}`, `${drv.name}.drv`, storeDir), references, text };
}

/** Output paths by name; undefined for those that are known only after building. */
export function outputPath(output: DerivationOutput): string | undefined {
  return output.kind === 'inputAddressed' || output.kind === 'fixed' ? output.path : undefined;
}

/** Is it one fixed output called `out`? */
export function isFixedOutput(drv: Derivation): boolean {
  return drv.outputs.get('out')?.kind === 'fixed';
}

/** Outputs must be of one kind, and a fixed one alone and called `out`. */
export function checkOutputKinds(drv: Pick<Derivation, 'outputs'>): void {
  const kinds = new Set<string>();
  // An output whose path is known and one that waits for it are both input-addressed, but may not be mixed either.
  for (const output of drv.outputs.values()) kinds.add(output.kind);
  if (kinds.size === 0) throw new NixError('must have at least one output', { class: 'Error' });
  if (kinds.size > 1) throw new NixError("can't mix derivation output types", { class: 'Error' });
  if (!kinds.has('fixed')) return;
  if (drv.outputs.size > 1) throw new NixError('only one fixed output is allowed for now', { class: 'Error' });
  if (!drv.outputs.has('out')) throw new NixError('single fixed output must be named "out"', { class: 'Error' });
}
