/**
 * The hash of a derivation "modulo" fixed outputs: what stands for a derivation in the hashes of those that use it, such
 * that it does not change when a fixed-output fetch is done in another way.
 *
 *   fixed output      per output, SHA-256 of `fixed:out:<method>:<digest>:<path>`
 *   input-addressed   SHA-256 of its .drv text with each input derivation's path replaced by that one's hash
 *   all else          none: a derivation that depends on it is deferred as well
 *
 * The output paths come from the same text with the derivation's own outputs masked (output-paths.ts).
 *
 * `DerivationHashes` remembers by .drv path. A derivation's hash is computed when somebody first depends on it; until then
 * only the function that computes it is kept.
 * Source: Nix manual, "Input-addressing derivation outputs".
 */
import { hashText, toHex } from '../base/hash.ts';
import { NixError } from '../errors/nix-error.ts';
import { DerivationText, printInputs, printOutput } from './aterm/print.ts';
import type { Derivation } from './derivation.ts';

export type DerivationHash =
  /** SHA-256, base 16. */
  | { readonly kind: 'regular'; readonly hash: string }
  /** Output name -> SHA-256, base 16. */
  | { readonly kind: 'fixed'; readonly outputs: ReadonlyMap<string, string> }
  | { readonly kind: 'deferred' };

const deferred: DerivationHash = { kind: 'deferred' };

export class DerivationHashes {
  private readonly known = new Map<string, DerivationHash | (() => DerivationHash)>();
  private readonly read: (drvPath: string) => Derivation;

  /** `read` gives a derivation that was not remembered: from the store, or of an earlier evaluation. */
  constructor(read: (drvPath: string) => Derivation) {
    this.read = read;
  }

  /** Notes a derivation at its path, so that its hash can be had without reading the file. */
  remember(drvPath: string, drv: Derivation): void {
    if (!this.known.has(drvPath)) this.known.set(drvPath, () => this.compute(drv));
  }

  /** The hash that stands for a derivation in those that depend on it. */
  ofInput(drvPath: string): DerivationHash {
    let hash = this.known.get(drvPath);
    if (hash === undefined) hash = this.compute(this.read(drvPath));
    else if (typeof hash === 'function') hash = hash();
    else return hash;
    this.known.set(drvPath, hash);
    return hash;
  }

  /**
   * The inputs part of a derivation's text with hashes for paths; undefined where one of them is deferred. Two
   * derivations of the same hash (their fixed-output inputs differ in how they fetch) become one entry.
   */
  inputs(drv: Derivation): string | undefined {
    const byHash = new Map<string, ReadonlySet<string>>();
    for (const [drvPath, outputs] of drv.inputDrvs) {
      const hash = this.ofInput(drvPath);
      if (hash.kind === 'deferred') return undefined;
      if (hash.kind === 'regular') {
        const same = byHash.get(hash.hash);
        byHash.set(hash.hash, same ? new Set([...same, ...outputs]) : outputs);
      } else
        for (const output of outputs) {
          const of = hash.outputs.get(output);
          if (of === undefined)
            throw new NixError(`no hash for output '${output}' of derivation '${drv.name}'`, { class: 'Error' });
          byHash.set(of, onlyOut);
        }
    }
    return printInputs(byHash);
  }

  private compute(drv: Derivation): DerivationHash {
    const outputs = [...drv.outputs];
    if (outputs[0]?.[1].kind === 'fixed') return fixedHash(drv);
    if (outputs.some(([, output]) => output.kind !== 'inputAddressed')) return deferred;
    const inputs = this.inputs(drv);
    if (inputs === undefined) return deferred;
    const text = derivationText(drv);
    const printed = text.outputNames.map((name) => printOutput(name, drv.outputs.get(name)!)).join(',');
    const hash = sha256(text.join(printed, inputs, (name) => drv.env.get(name)!));
    // Usually the last time that the parts are needed: an evaluation of many packages should not keep them all.
    texts.delete(drv);
    return { kind: 'regular', hash };
  }
}

const onlyOut: ReadonlySet<string> = new Set(['out']);

function fixedHash(drv: Derivation): DerivationHash {
  const outputs = new Map<string, string>();
  for (const [name, output] of drv.outputs)
    if (output.kind === 'fixed')
      outputs.set(name, sha256(`fixed:out:${output.method}:${output.digest}:${output.path}`));
  return { kind: 'fixed', outputs };
}

export function sha256(text: string): string {
  return toHex(hashText('sha256', text));
}

/** Escaped parts of derivations whose outputs were just filled in: their file and hash are printed from the same parts. */
const texts = new WeakMap<Derivation, DerivationText>();

export function derivationText(drv: Derivation): DerivationText {
  return texts.get(drv) ?? new DerivationText(drv);
}

/** `filled` differs from the derivation that `text` was made of in output paths only. */
export function shareText(filled: Derivation, text: DerivationText): void {
  texts.set(filled, text);
}
