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
import { sortBytewise } from '../../base/order.ts';
import type { Derivation, DerivationOutput } from '../derivation.ts';
import { CompleteDerivation, type DerivationInput, type Draft, draftOf } from '../draft.ts';

export class DerivationText {
  /** Names of outputs in byte order. */
  readonly outputNames: readonly string[];
  /** From the input sources to the environment. */
  private readonly middle: string;
  /** The environment, cut where the value of a variable named after an output belongs. */
  private readonly envParts: readonly string[];
  /** The variables that stand between the parts. */
  private readonly envOutputs: readonly string[];

  constructor(draft: Draft) {
    const { outputs, variables, values } = draft;
    this.outputNames = outputs.size === 1 ? [...outputs.keys()] : sortBytewise([...outputs.keys()]);
    this.middle =
      `],${plainStrings(draft.sources)},"${draft.system}",${quote(draft.builder)},` +
      `[${draft.args.map(quote).join(',')}],[`;
    const parts: string[] = [];
    const names: string[] = [];
    // Pieces are joined by the dozen: a string put together bit by bit is a tree that every reader has to walk.
    let pieces: string[] = [];
    let before = '(';
    for (let i = 0; i < variables.length; i++) {
      const name = variables[i]!;
      pieces.push(before, quote(name), ',');
      before = '),(';
      if (outputs.has(name)) {
        parts.push(pieces.join(''));
        names.push(name);
        pieces = [];
      } else pushQuoted(pieces, values[i]!);
    }
    pieces.push(variables.length === 0 ? '])' : ')])');
    parts.push(pieces.join(''));
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

  printOutputs(outputs: ReadonlyMap<string, DerivationOutput>): string {
    return this.outputNames.map((name) => printOutput(name, outputs.get(name)!)).join(',');
  }
}

/** The .drv file of a derivation, as a Nix string. */
export function printDerivation(drv: Derivation): string {
  const draft = draftOf(drv);
  const text = (drv instanceof CompleteDerivation ? drv.text : undefined) ?? new DerivationText(draft);
  return text.join(text.printOutputs(drv.outputs), printInputs(draft.inputs), (name) => variableOf(draft, name));
}

/** The value of a variable that is there. */
export function variableOf({ variables, values }: Draft, name: string): string {
  return values[variables.indexOf(name)]!;
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

/** Input derivations, in their order. */
function printInputs(inputs: readonly DerivationInput[]): string {
  const lines: string[] = [];
  for (const { drvPath, outputs } of inputs) lines.push(printInput(drvPath, outputs));
  return lines.join(',');
}

/** `key` is a path, or the hash that stands for it. */
export function printInput(key: string, outputs: readonly string[]): string {
  return outputs.length === 1 ? `("${key}",["${outputs[0]}"])` : `("${key}",${plainStrings(outputs)})`;
}

function plainStrings(strings: readonly string[]): string {
  return strings.length === 0 ? '[]' : `["${strings.join('","')}"]`;
}

const special = /["\\\n\r\t]/;
const specials = /["\\\n\r\t]/g;
const escapes: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** What JSON would escape though a .drv file does not. */
const onlyJson = /[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]/;

function quote(text: string): string {
  return special.test(text) ? quoteSpecial(text) : `"${text}"`;
}

function pushQuoted(pieces: string[], text: string): void {
  if (special.test(text)) pieces.push(quoteSpecial(text));
  else pieces.push('"', text, '"');
}

/** JSON's quoting is the same for what both escape, and V8's is quick. */
function quoteSpecial(text: string): string {
  return onlyJson.test(text) ? `"${text.replace(specials, (char) => escapes[char]!)}"` : JSON.stringify(text);
}
