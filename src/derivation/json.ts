/**
 * Derivations as JSON, in two formats:
 *
 *   legacy      what `nix show-derivation` of Nix 2.8 prints: full paths, "hashAlgo": "r:sha256", inputSrcs/inputDrvs
 *   version 4   what `nix derivation show` of Nix 2.36 prints: base names, nested inputs, structured attributes as JSON
 *
 * Values are built of Maps where keys come from the user, since a JavaScript object would move keys like "10" to its
 * front; `printJson` writes them. Reading (`nix derivation add`) accepts version 4 only, as C++ Nix does.
 * Source: Nix manual, "Derivation JSON Format".
 */
import { compareBytewise } from '../base/order.ts';
import { NixError } from '../errors/nix-error.ts';
import { type ContentAddressMethod, parseMethod, printMethod } from './content-address.ts';
import type { Derivation, DerivationOutput } from './derivation.ts';
import { parseHashAlgorithm, parseHashDigits, parseSriHash, printHash } from './hash-string.ts';
import { fixedOutput } from './output-paths.ts';
import { defaultStoreDir, parseStorePath, sortStorePaths } from './store-path.ts';

export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json> | RawNumber;

/** A number as it stood in its source: structured attributes must not lose digits. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const structuredAttrsVariable = '__json';

/** One derivation as the value under its path in the legacy format. */
export function derivationToLegacyJson(drv: Derivation): Json {
  const outputs = sortedMap(drv.outputs, (output): Json => {
    switch (output.kind) {
      case 'inputAddressed':
        return new Map([['path', output.path]]);
      case 'fixed':
        return new Map([
          ['path', output.path],
          ['hashAlgo', output.method],
          ['hash', output.digest],
        ]);
      case 'floating':
        return new Map([['hashAlgo', output.method]]);
      case 'impure':
        return new Map<string, Json>([
          ['hashAlgo', output.method],
          ['impure', true],
        ]);
      case 'deferred':
        return new Map();
    }
  });
  return new Map<string, Json>([
    ['outputs', outputs],
    ['inputSrcs', sortStorePaths(drv.inputSrcs)],
    ['inputDrvs', sortedMap(drv.inputDrvs, (names) => [...names].sort(compareBytewise))],
    ['system', drv.system],
    ['builder', drv.builder],
    ['args', drv.args],
    ['env', sortedMap(drv.env, (value) => value)],
  ]);
}

/** One derivation as the value under its base name in `derivations`. Keys in byte order, as C++ Nix prints them. */
export function derivationToJson(drv: Derivation): Json {
  const structured = drv.env.get(structuredAttrsVariable);
  const variables = new Map(drv.env);
  variables.delete(structuredAttrsVariable);
  const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  const outputs = sortedMap(drv.outputs, (output): Json => {
    switch (output.kind) {
      case 'inputAddressed':
        return new Map([['path', baseName(output.path)]]);
      case 'fixed': {
        const { method, algorithm } = parseMethod(output.method);
        return new Map([
          ['hash', printHash(parseHashDigits(output.digest, algorithm), 'sri')],
          ['method', method],
        ]);
      }
      case 'floating':
      case 'impure': {
        const { method, algorithm } = parseMethod(output.method);
        const value = new Map<string, Json>([['hashAlgo', algorithm]]);
        if (output.kind === 'impure') value.set('impure', true);
        return value.set('method', method);
      }
      case 'deferred':
        return new Map();
    }
  });
  const drvs = new Map<string, Json>();
  for (const path of sortStorePaths(drv.inputDrvs.keys()))
    drvs.set(
      baseName(path),
      new Map<string, Json>([
        ['dynamicOutputs', new Map()],
        ['outputs', [...drv.inputDrvs.get(path)!].sort(compareBytewise)],
      ]),
    );
  const value = new Map<string, Json>([
    ['args', drv.args],
    ['builder', drv.builder],
    ['env', sortedMap(variables, (text) => text)],
    [
      'inputs',
      new Map<string, Json>([
        ['drvs', drvs],
        ['srcs', sortStorePaths(drv.inputSrcs).map(baseName)],
      ]),
    ],
    ['name', drv.name],
    ['outputs', outputs],
  ]);
  if (structured !== undefined) value.set('structuredAttrs', parseJson(structured));
  return value.set('system', drv.system).set('version', 4);
}

/**
 * Reads version 4. Outputs without a path come back as 'deferred' (output-paths.ts fills them in); the caller validates.
 */
export function derivationFromJson(json: Json, storeDir: string = defaultStoreDir): Derivation {
  const fail = (message: string): never => {
    throw new NixError(message, { class: 'Error' });
  };
  const object = (value: Json | undefined, where: string): ReadonlyMap<string, Json> =>
    value instanceof Map ? value : fail(`Expected JSON value of '${where}' to be an object`);
  const string = (value: Json | undefined, where: string): string =>
    typeof value === 'string' ? value : fail(`Expected JSON value of '${where}' to be a string`);
  const strings = (value: Json | undefined, where: string): string[] =>
    Array.isArray(value)
      ? value.map((item: Json) => string(item, where))
      : fail(`Expected JSON value of '${where}' to be an array`);
  const storePath = (name: string) => parseStorePath(`${storeDir}/${name}`, storeDir);

  const root = object(json, 'derivation');
  const version = root.get('version');
  const number = version instanceof RawNumber ? Number(version.text) : version;
  if (number !== 4)
    fail(`Unsupported derivation JSON format version ${String(number)}, only format version 4 is currently supported.`);
  const name = string(root.get('name'), 'name');

  const outputs = new Map<string, DerivationOutput>();
  for (const [key, value] of object(root.get('outputs'), 'outputs')) {
    const output = object(value, `outputs.${key}`);
    const keys = [...output.keys()].sort(compareBytewise).join(' ');
    const text = (field: string) => string(output.get(field), `outputs.${key}.${field}`);
    const method = () => printMethod(text('method') as ContentAddressMethod, parseHashAlgorithm(text('hashAlgo')));
    if (keys === 'path') outputs.set(key, { kind: 'inputAddressed', path: storePath(text('path')) });
    else if (keys === 'hash method') {
      const address = { method: text('method') as ContentAddressMethod, hash: parseSriHash(text('hash')) };
      outputs.set(key, fixedOutput(name, address, storeDir));
    } else if (keys === 'hashAlgo method') outputs.set(key, { kind: 'floating', method: method() });
    else if (keys === 'hashAlgo impure method') outputs.set(key, { kind: 'impure', method: method() });
    else if (keys === '') outputs.set(key, { kind: 'deferred' });
    else fail('invalid JSON for derivation output');
  }

  const inputs = object(root.get('inputs'), 'inputs');
  const inputDrvs = new Map<string, ReadonlySet<string>>();
  for (const [key, value] of object(inputs.get('drvs'), 'inputs.drvs'))
    inputDrvs.set(storePath(key), new Set(strings(object(value, key).get('outputs'), `inputs.drvs.${key}.outputs`)));
  const env = new Map<string, string>();
  for (const [key, value] of object(root.get('env'), 'env')) env.set(key, string(value, `env.${key}`));
  const structured = root.get('structuredAttrs');
  if (structured !== undefined) env.set(structuredAttrsVariable, printJson(structured));
  return {
    name,
    outputs,
    inputDrvs,
    inputSrcs: new Set(strings(inputs.get('srcs'), 'inputs.srcs').map(storePath)),
    system: string(root.get('system'), 'system'),
    builder: string(root.get('builder'), 'builder'),
    args: strings(root.get('args'), 'args'),
    env,
  };
}

/** Compact, or with every element on its own line, indented by `indent` spaces a level. */
export function printJson(value: Json, indent?: number): string {
  const separator = indent === undefined ? ':' : ': ';
  const print = (item: Json, margin: string): string => {
    if (item instanceof RawNumber) return item.text;
    if (item instanceof Map)
      return items(
        '{',
        [...item],
        ([key, v]) => JSON.stringify(key) + separator + print(v, deeper(margin)),
        '}',
        margin,
      );
    if (Array.isArray(item)) return items('[', item, (v: Json) => print(v, deeper(margin)), ']', margin);
    return JSON.stringify(item);
  };
  const deeper = (margin: string) => margin + ' '.repeat(indent ?? 0);
  const items = <T>(
    open: string,
    list: readonly T[],
    one: (item: T) => string,
    close: string,
    margin: string,
  ): string => {
    if (list.length === 0) return open + close;
    if (indent === undefined) return open + list.map(one).join(',') + close;
    const inner = deeper(margin);
    return `${open}\n${list.map((item) => inner + one(item)).join(',\n')}\n${margin}${close}`;
  };
  return print(value, '');
}

/** JSON text to Maps with keys in byte order; numbers keep their text. */
export function parseJson(text: string): Json {
  type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;
  const keepNumbers: Reviver = (_key, value, context) =>
    typeof value === 'number' ? new RawNumber(context?.source ?? String(value)) : value;
  const convert = (value: unknown): Json => {
    if (value instanceof RawNumber || value === null || typeof value !== 'object') return value as Json;
    if (Array.isArray(value)) return value.map(convert);
    return sortedMap(new Map(Object.entries(value)), convert);
  };
  return convert(JSON.parse(text, keepNumbers as Parameters<typeof JSON.parse>[1]));
}

function sortedMap<T>(map: ReadonlyMap<string, T>, value: (item: T) => Json): ReadonlyMap<string, Json> {
  const out = new Map<string, Json>();
  for (const key of [...map.keys()].sort(compareBytewise)) out.set(key, value(map.get(key)!));
  return out;
}
