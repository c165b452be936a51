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
 * `DerivationHashes` remembers by .drv path. A derivation of this evaluation is hashed at once, while its parts as printed are
 * at hand; one that was read, when somebody first depends on it.
 * Source: Nix manual, "Input-addressing derivation outputs".
 */
import { hashTextHex } from '../base/hash.ts';
import { sortBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { DerivationText, printInput, variableOf } from './aterm/print.ts';
import type { Derivation } from './derivation.ts';
import { CompleteDerivation, type DerivationInput, type Draft, draftOf } from './draft.ts';

export type DerivationHash =
  /** SHA-256, base 16. */
  | { readonly kind: 'regular'; readonly hash: string }
  /** Output name -> SHA-256, base 16. */
  | { readonly kind: 'fixed'; readonly outputs: ReadonlyMap<string, string> }
  | { readonly kind: 'deferred' };

const deferred: DerivationHash = { kind: 'deferred' };

export class DerivationHashes {
  private readonly known = new Map<string, DerivationHash | Derivation>();
  private readonly read: (drvPath: string) => Derivation;

  /** `read` gives a derivation that was not remembered: from the store, or of an earlier evaluation. */
  constructor(read: (drvPath: string) => Derivation) {
    this.read = read;
  }

  /** Notes a derivation at its path, so that its hash can be had without reading the file. */
  remember(drvPath: string, drv: Derivation): void {
    if (!(drv instanceof CompleteDerivation)) {
      if (!this.known.has(drvPath)) this.known.set(drvPath, drv);
      return;
    }
    if (!this.known.has(drvPath)) this.known.set(drvPath, this.compute(drv));
    // An evaluation of many packages should not keep them all.
    drv.text = undefined;
    drv.hashedInputs = undefined;
  }

  /** The hash that stands for a derivation in those that depend on it. */
  ofInput(drvPath: string): DerivationHash {
    const known = this.known.get(drvPath);
    if (known !== undefined && 'kind' in known) return known;
    const hash = this.compute(known ?? this.read(drvPath));
    this.known.set(drvPath, hash);
    return hash;
  }

  /**
   * The inputs part of a derivation's text with hashes for paths; undefined where one of them is deferred. Two
   * derivations of the same hash (their fixed-output inputs differ in how they fetch) become one entry.
   */
  inputs(draft: Draft): string | undefined {
    const { inputs } = draft;
    const keys = new Set<string>();
    const lines: string[] = [];
    for (const { drvPath, outputs } of inputs) {
      const hash = this.ofInput(drvPath);
      if (hash.kind === 'deferred') return undefined;
      if (hash.kind === 'regular') {
        keys.add(hash.hash);
        lines.push(printInput(hash.hash, outputs));
      } else
        for (const output of outputs) {
          const key = fixedOutputHash(hash.outputs, output, draft.name);
          keys.add(key);
          lines.push(printInput(key, onlyOut));
        }
    }
    // Every line begins with a hash, all of one length: sorted lines are sorted by it.
    return (keys.size === lines.length ? lines.sort() : this.mergedLines(inputs, draft.name)).join(',');
  }

  private mergedLines(inputs: readonly DerivationInput[], drvName: string): string[] {
    const byHash = new Map<string, Set<string>>();
    const need = (key: string, outputs: readonly string[]) => {
      const known = byHash.get(key);
      if (known) for (const output of outputs) known.add(output);
      else byHash.set(key, new Set(outputs));
    };
    for (const { drvPath, outputs } of inputs) {
      const hash = this.ofInput(drvPath);
      if (hash.kind === 'regular') need(hash.hash, outputs);
      else if (hash.kind === 'fixed')
        for (const output of outputs) byHash.set(fixedOutputHash(hash.outputs, output, drvName), new Set(onlyOut));
    }
    return [...byHash].map(([key, outputs]) => printInput(key, sortBytewise([...outputs]))).sort();
  }

  private compute(drv: Derivation): DerivationHash {
    let all = true;
    for (const output of drv.outputs.values()) {
      if (output.kind === 'fixed') return fixedHash(drv);
      all &&= output.kind === 'inputAddressed';
    }
    if (!all) return deferred;
    const complete = drv instanceof CompleteDerivation ? drv : undefined;
    const draft = complete ?? draftOf(drv);
    const inputs = complete?.hashedInputs ?? this.inputs(draft);
    if (inputs === undefined) return deferred;
    const text = complete?.text ?? new DerivationText(draft);
    const printed = text.join(text.printOutputs(drv.outputs), inputs, (name) => variableOf(draft, name));
    return { kind: 'regular', hash: sha256(printed) };
  }
}

const onlyOut: readonly string[] = ['out'];

function fixedOutputHash(outputs: ReadonlyMap<string, string>, output: string, drvName: string): string {
  const hash = outputs.get(output);
  if (hash === undefined)
    throw new NixError(`no hash for output '${output}' of derivation '${drvName}'`, { class: 'Error' });
  return hash;
}

function fixedHash(drv: Derivation): DerivationHash {
  const outputs = new Map<string, string>();
  for (const [name, output] of drv.outputs)
    if (output.kind === 'fixed')
      outputs.set(name, sha256(`fixed:out:${output.method}:${output.digest}:${output.path}`));
  return { kind: 'fixed', outputs };
}

/** In base 16. */
export function sha256(text: string): string {
  return hashTextHex('sha256', text);
}
