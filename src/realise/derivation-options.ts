/**
 * What a derivation asks of whoever builds it: attributes with a meaning of their own, read from structured attributes
 * where there are any, else from the environment (lists are words, booleans "1").
 * Source: Nix manual, "Advanced Attributes".
 */
import type { Derivation } from '../derivation/derivation.ts';
import { isStorePath, splitStorePath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';

/** Store paths, or names of this derivation's outputs. */
export interface OutputCheck {
  readonly ignoreSelfReferences: boolean;
  readonly maxSize?: number | undefined;
  readonly maxClosureSize?: number | undefined;
  /** An empty list forbids everything; undefined nothing. */
  readonly allowedReferences?: readonly string[] | undefined;
  readonly allowedRequisites?: readonly string[] | undefined;
  readonly disallowedReferences: readonly string[];
  readonly disallowedRequisites: readonly string[];
}

export interface DerivationOptions {
  /** The parsed `__json`; undefined where attributes are not structured. */
  readonly structured: Readonly<Record<string, unknown>> | undefined;
  /** The check of an output, if any. */
  outputCheck(output: string): OutputCheck | undefined;
  readonly unsafeDiscardReferences: ReadonlySet<string>;
  /** Names of variables that go to files. Empty with structured attributes. */
  readonly passAsFile: ReadonlySet<string>;
  /** File name or attribute -> store paths whose closure is wanted. */
  readonly exportReferencesGraph: ReadonlyMap<string, readonly string[]>;
  readonly impureEnvVars: readonly string[];
  readonly requiredSystemFeatures: readonly string[];
  readonly allowSubstitutes: boolean;
  readonly noChroot: boolean;
}

export function derivationOptions(drvPath: string, drv: Derivation): DerivationOptions {
  try {
    return read(drv);
  } catch (error) {
    throw error instanceof NixError ? error.addTrace(`while parsing derivation '${drvPath}'`) : error;
  }
}

function read(drv: Derivation): DerivationOptions {
  const structured = structuredAttributes(drv);
  const source: Source = structured ? new Structured(structured) : new Plain(drv.env);
  return {
    structured,
    outputCheck: structured ? structuredChecks(structured) : plainCheck(source),
    unsafeDiscardReferences: new Set(
      Object.entries(asObject(structured?.unsafeDiscardReferences ?? {}, 'unsafeDiscardReferences'))
        .filter(([, discard]) => discard === true)
        .map(([output]) => output),
    ),
    passAsFile: new Set(structured ? [] : source.words('passAsFile')),
    exportReferencesGraph: structured ? structuredGraphs(structured) : plainGraphs(drv.env),
    impureEnvVars: source.words('impureEnvVars') ?? [],
    requiredSystemFeatures: source.words('requiredSystemFeatures') ?? [],
    allowSubstitutes: source.boolean('allowSubstitutes', true),
    noChroot: source.boolean('__noChroot', false),
  };
}

export function structuredAttributes(drv: Derivation): Record<string, unknown> | undefined {
  const json = drv.env.get('__json');
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw problem(`cannot process __json attribute: ${(error as Error).message}`);
  }
}

interface Source {
  words(name: string): string[] | undefined;
  boolean(name: string, byDefault: boolean): boolean;
}

class Plain implements Source {
  private readonly env: ReadonlyMap<string, string>;

  constructor(env: ReadonlyMap<string, string>) {
    this.env = env;
  }

  words(name: string): string[] | undefined {
    const value = this.env.get(name);
    return value === undefined ? undefined : splitWords(value);
  }

  boolean(name: string, byDefault: boolean): boolean {
    const value = this.env.get(name);
    return value === undefined ? byDefault : value === '1';
  }
}

class Structured implements Source {
  private readonly attributes: Readonly<Record<string, unknown>>;

  constructor(attributes: Readonly<Record<string, unknown>>) {
    this.attributes = attributes;
  }

  words(name: string): string[] | undefined {
    const value = this.attributes[name];
    return value === undefined ? undefined : asStrings(value, name);
  }

  boolean(name: string, byDefault: boolean): boolean {
    const value = this.attributes[name];
    if (value === undefined) return byDefault;
    if (typeof value !== 'boolean') throw problem(`attribute '${name}' must be a Boolean`);
    return value;
  }
}

/** One check for all outputs; an output may then refer to itself. */
function plainCheck(source: Source): () => OutputCheck | undefined {
  const check: OutputCheck = {
    ignoreSelfReferences: true,
    allowedReferences: source.words('allowedReferences'),
    allowedRequisites: source.words('allowedRequisites'),
    disallowedReferences: source.words('disallowedReferences') ?? [],
    disallowedRequisites: source.words('disallowedRequisites') ?? [],
  };
  const empty =
    !check.allowedReferences &&
    !check.allowedRequisites &&
    check.disallowedReferences.length + check.disallowedRequisites.length === 0;
  return () => (empty ? undefined : check);
}

function structuredChecks(attributes: Readonly<Record<string, unknown>>): (output: string) => OutputCheck | undefined {
  const all = asObject(attributes.outputChecks ?? {}, 'outputChecks');
  return (output) => {
    if (!(output in all)) return undefined;
    const where = `outputChecks."${output}"`;
    const check = asObject(all[output], where);
    const list = (name: string) => (check[name] === undefined ? undefined : asStrings(check[name], `${where}.${name}`));
    return {
      ignoreSelfReferences: false,
      maxSize: asSize(check.maxSize, `${where}.maxSize`),
      maxClosureSize: asSize(check.maxClosureSize, `${where}.maxClosureSize`),
      allowedReferences: list('allowedReferences'),
      allowedRequisites: list('allowedRequisites'),
      disallowedReferences: list('disallowedReferences') ?? [],
      disallowedRequisites: list('disallowedRequisites') ?? [],
    };
  };
}

function plainGraphs(env: ReadonlyMap<string, string>): Map<string, string[]> {
  const text = env.get('exportReferencesGraph') ?? '';
  const tokens = splitWords(text);
  if (tokens.length % 2 !== 0) throw problem(`odd number of tokens in 'exportReferencesGraph': '${text}'`);
  const graphs = new Map<string, string[]>();
  for (let i = 0; i < tokens.length; i += 2) {
    const file = tokens[i]!;
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(file))
      throw problem(`invalid file name '${file}' in 'exportReferencesGraph'`);
    graphs.set(file, [asStorePath(tokens[i + 1]!)]);
  }
  return graphs;
}

function structuredGraphs(attributes: Readonly<Record<string, unknown>>): Map<string, string[]> {
  const graphs = new Map<string, string[]>();
  const wanted = attributes.exportReferencesGraph;
  if (wanted === undefined) return graphs;
  for (const [name, paths] of Object.entries(asObject(wanted, 'exportReferencesGraph')))
    graphs.set(
      name,
      [paths].flat(Number.POSITIVE_INFINITY).map((path) => {
        if (typeof path !== 'string') throw problem("'exportReferencesGraph' value is not an array or a string");
        return asStorePath(path);
      }),
    );
  return graphs;
}

/** A path inside a store path stands for that one. */
function asStorePath(path: string): string {
  const split = splitStorePath(path);
  if (!split || !isStorePath(split.storePath)) throw problem(`path '${path}' is not in the Nix store`);
  return split.storePath;
}

function splitWords(text: string): string[] {
  return text.split(/[ \t\n\r]+/).filter((word) => word !== '');
}

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw problem(`attribute '${name}' must be an attribute set`);
  return value as Record<string, unknown>;
}

function asStrings(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.some((element) => typeof element !== 'string'))
    throw problem(`attribute '${name}' must be a list of strings`);
  return value;
}

function asSize(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || value < 0) throw problem(`attribute '${name}' must be a number of bytes`);
  return value;
}

function problem(message: string): NixError {
  return new NixError(message, { class: 'BuildError' });
}
