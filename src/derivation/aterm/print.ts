/**
 * The text of a .drv file:
 *
 *   Derive([("out","<path>","<method>","<digest>"),...],[("<drv path>",["out",...]),...],["<source>",...],
 *          "<system>","<builder>",["<argument>",...],[("<name>","<value>"),...])
 *
 * without any white space; maps and sets in byte order; `"` and `\` escaped by `\`, and \n \r \t for those three.
 *
 * One derivation is printed up to three times: masked (its own output paths blank) for its hash, with the inputs' hashes
 * in the place of their paths for the derivations that use it, and as the file. The three differ in outputs, inputs and
 * the variables named after outputs; `DerivationText` escapes and joins everything else once.
 * Source: Nix manual, "Derivation ATerm format".
 */
import { compareBytewise } from '../../base/order.ts';
import type { Derivation, DerivationOutput } from '../derivation.ts';

export class DerivationText {
  /** Names of outputs in byte order. */
  readonly outputNames: readonly string[];
  /** From the input sources to the environment. */
  private readonly middle: string;
  /** The environment, cut where the value of a variable named after an output belongs. */
  private readonly envParts: readonly string[];
  /** The variables that stand between the parts. */
  private readonly envOutputs: readonly string[];

  constructor(drv: Derivation) {
    this.outputNames = sortedBytewise(drv.outputs.keys());
    this.middle =
      `],${plainStrings([...drv.inputSrcs].sort())},"${drv.system}",${quote(drv.builder)},` +
      `[${drv.args.map(quote).join(',')}],[`;
    const parts: string[] = [];
    const names: string[] = [];
    let part = '';
    let first = true;
    for (const name of sortedBytewise(drv.env.keys())) {
      part += `${first ? '' : ','}(${quote(name)},`;
      first = false;
      if (drv.outputs.has(name)) {
        parts.push(part);
        names.push(name);
        part = ')';
      } else part += `${quote(drv.env.get(name)!)})`;
    }
    parts.push(`${part}])`);
    this.envParts = parts;
    this.envOutputs = names;
  }

  /** `outputs` and `inputs` as in `printOutputs`, `printInputs`; `env` gives the variables named after outputs. */
  join(outputs: string, inputs: string, env: (output: string) => string): string {
    let text = `Derive([${outputs}],[${inputs}${this.middle}`;
    for (let i = 0; i < this.envOutputs.length; i++) text += this.envParts[i]! + quote(env(this.envOutputs[i]!));
    return text + this.envParts[this.envParts.length - 1]!;
  }

  /** Every output without path and method. */
  maskedOutputs(): string {
    return this.outputNames.map((name) => `("${name}","","","")`).join(',');
  }
}

/** The .drv file of a derivation, as a Nix string. */
export function printDerivation(drv: Derivation, text: DerivationText = new DerivationText(drv)): string {
  const outputs = text.outputNames.map((name) => printOutput(name, drv.outputs.get(name)!)).join(',');
  return text.join(outputs, printInputs(drv.inputDrvs), (name) => drv.env.get(name)!);
}

export function printOutput(name: string, output: DerivationOutput): string {
  switch (output.kind) {
    case 'inputAddressed':
      return `("${name}","${output.path}","","")`;
    case 'fixed':
      return `("${name}","${output.path}","${output.method}","${output.digest}")`;
    case 'floating':
      return `("${name}","","${output.method}","")`;
    case 'impure':
      return `("${name}","","${output.method}","impure")`;
    case 'deferred':
      return `("${name}","","","")`;
  }
}

/** Input derivations by path, or by hash: both ASCII, so that JavaScript's order is byte order. */
export function printInputs(inputs: ReadonlyMap<string, ReadonlySet<string>>): string {
  let text = '';
  for (const key of [...inputs.keys()].sort()) {
    if (text !== '') text += ',';
    text += `("${key}",${plainStrings(sortedBytewise(inputs.get(key)!))})`;
  }
  return text;
}

function plainStrings(strings: readonly string[]): string {
  return strings.length === 0 ? '[]' : `["${strings.join('","')}"]`;
}

const special = /["\\\n\r\t]/;
const specials = /["\\\n\r\t]/g;
const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quote(text: string): string {
  return special.test(text) ? `"${text.replace(specials, (char) => escapes[char]!)}"` : `"${text}"`;
}

/** Usually they come in order already. */
function sortedBytewise(names: Iterable<string>): string[] {
  const out = [...names];
  for (let i = 1; i < out.length; i++) if (compareBytewise(out[i - 1]!, out[i]!) > 0) return out.sort(compareBytewise);
  return out;
}
