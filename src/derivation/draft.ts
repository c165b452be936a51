/**
 * A derivation as derivationStrict hands it over: every part is a list in the order in which it is printed, so that nothing
 * is sorted or looked up again. Completed (output-paths.ts), it is a Derivation like any other, whose maps are made when
 * somebody asks for them: an evaluation makes thousands of derivations, and looks into next to none.
 */
import { compareBytewise, sortBytewise } from '../base/order.ts';
import type { DerivationText } from './aterm/print.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';

/** A derivation that another one needs, with the names of the outputs that it needs, in byte order. */
export interface DerivationInput {
  readonly drvPath: string;
  readonly outputs: readonly string[];
}

export interface Draft {
  /** The name, without `.drv`. */
  readonly name: string;
  readonly outputs: ReadonlyMap<string, DerivationOutput>;
  /** By path. */
  readonly inputs: readonly DerivationInput[];
  /** In byte order. */
  readonly sources: readonly string[];
  readonly system: string;
  readonly builder: string;
  readonly args: readonly string[];
  /** Names of the environment's variables in byte order, those of the outputs among them; and the value of each. */
  readonly variables: readonly string[];
  readonly values: readonly string[];
}

export class CompleteDerivation implements Derivation {
  declare readonly name: string;
  declare readonly outputs: ReadonlyMap<string, DerivationOutput>;
  declare readonly inputs: readonly DerivationInput[];
  declare readonly sources: readonly string[];
  declare readonly system: string;
  declare readonly builder: string;
  declare readonly args: readonly string[];
  declare readonly variables: readonly string[];
  declare readonly values: readonly string[];
  /** Its parts as printed, until its file and its hash have been made of them (DerivationHashes.remember). */
  declare text: DerivationText | undefined;
  /** Its inputs as printed with hashes for paths; undefined where they are not known. */
  declare hashedInputs: string | undefined;
  declare private inputMap: ReadonlyMap<string, ReadonlySet<string>> | undefined;
  declare private variableMap: ReadonlyMap<string, string> | undefined;

  constructor(
    draft: Draft,
    outputs: ReadonlyMap<string, DerivationOutput>,
    values: readonly string[],
    text: DerivationText,
    hashedInputs: string | undefined,
  ) {
    this.name = draft.name;
    this.outputs = outputs;
    this.inputs = draft.inputs;
    this.sources = draft.sources;
    this.system = draft.system;
    this.builder = draft.builder;
    this.args = draft.args;
    this.variables = draft.variables;
    this.values = values;
    this.text = text;
    this.hashedInputs = hashedInputs;
    this.inputMap = undefined;
    this.variableMap = undefined;
  }

  get inputDrvs(): ReadonlyMap<string, ReadonlySet<string>> {
    this.inputMap ??= new Map(this.inputs.map(({ drvPath, outputs }) => [drvPath, new Set(outputs)]));
    return this.inputMap;
  }

  get inputSrcs(): ReadonlySet<string> {
    return new Set(this.sources);
  }

  get env(): ReadonlyMap<string, string> {
    this.variableMap ??= new Map(this.variables.map((name, i) => [name, this.values[i]!]));
    return this.variableMap;
  }
}

/** A derivation's parts in the order of printing. */
export function draftOf(drv: Derivation): Draft {
  if (drv instanceof CompleteDerivation) return drv;
  const { name, outputs, system, builder, args, env } = drv;
  const variables = sortBytewise([...env.keys()]);
  return {
    name,
    outputs,
    inputs: [...drv.inputDrvs]
      .map(([drvPath, names]) => ({ drvPath, outputs: sortBytewise([...names]) }))
      .sort((a, b) => compareBytewise(a.drvPath, b.drvPath)),
    sources: [...drv.inputSrcs].sort(),
    system,
    builder,
    args,
    variables,
    values: variables.map((variable) => env.get(variable)!),
  };
}
