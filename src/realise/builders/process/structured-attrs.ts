/**
 * Structured attributes as a builder finds them: `.attrs.json`, and `.attrs.sh` with the part that Bash can hold, as
 * declarations:
 *
 *   declare name='text'                    strings; whole numbers; null and false as '' and nothing, true as 1
 *   declare -a list=('a' 'b' )             lists of those
 *   declare -A set=(['key']='value' )      sets of those
 *
 * Everything else (fractions, deeper nesting, names that are no variables) is in the JSON only. `outputs` is added, and
 * the graphs that exportReferencesGraph asks for.
 */
import { compareBytewise } from '../../../base/order.ts';
import { printHash } from '../../../derivation/hash-string.ts';
import { type Json, parseJson, printJson, RawNumber } from '../../../derivation/json.ts';
import { hashPlaceholder } from '../../../derivation/placeholder.ts';
import { closure, requirePathInfo, type Store } from '../../../store/store.ts';
import type { EnvironmentOptions } from './environment.ts';
import { exportReferences } from './references-graph.ts';

export interface AttributesJson {
  readonly attributes: ReadonlyMap<string, Json>;
  /** Compact, keys in byte order. */
  readonly text: string;
}

type From = Pick<EnvironmentOptions, 'drv' | 'options' | 'store' | 'inputClosure'>;

export function structuredAttributesJson({ drv, options, store, inputClosure }: From): AttributesJson {
  const all = new Map(parseJson(drv.env.get('__json')!) as ReadonlyMap<string, Json>);
  all.set('outputs', sorted(new Map([...drv.outputs.keys()].map((name) => [name, hashPlaceholder(name)]))));
  for (const [name, paths] of options.exportReferencesGraph)
    all.set(name, pathInfos(store, exportReferences(store, paths, inputClosure)));
  const attributes = sorted(all);
  return { attributes, text: printJson(attributes) };
}

function pathInfos(store: Store, paths: readonly string[]): Json {
  const number = (value: number) => new RawNumber(String(value));
  return paths.map((path) => {
    const info = requirePathInfo(store, path);
    const closureSize = closure(store, [path]).reduce((sum, one) => sum + requirePathInfo(store, one).narSize, 0);
    return sorted(
      new Map<string, Json>([
        ...(info.ca === undefined ? [] : [['ca', info.ca] as const]),
        ['closureSize', number(closureSize)],
        ['narHash', printHash({ algorithm: 'sha256', digest: info.narHash }, 'nix32')],
        ['narSize', number(info.narSize)],
        ['path', path],
        ['references', info.references],
        ['valid', true],
      ]),
    );
  });
}

export function structuredAttributesShell({ attributes }: AttributesJson): string {
  let out = '';
  for (const [name, value] of attributes) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    const simple = simpleWord(value);
    if (simple !== undefined) out += `declare ${name}=${simple}\n`;
    else if (Array.isArray(value)) {
      const words = value.map(simpleWord);
      if (!words.includes(undefined)) out += `declare -a ${name}=(${words.map((word) => `${word} `).join('')})\n`;
    } else if (value instanceof Map) {
      const words = [...value].map(([key, item]) => [key, simpleWord(item)] as const);
      if (words.every(([, word]) => word !== undefined))
        out += `declare -A ${name}=(${words.map(([key, word]) => `[${quote(key)}]=${word} `).join('')})\n`;
    }
  }
  return out;
}

function simpleWord(value: Json): string | undefined {
  if (typeof value === 'string') return quote(value);
  if (value instanceof RawNumber) return wholeNumber(value.text);
  if (value === null) return "''";
  if (typeof value === 'boolean') return value ? '1' : '';
  return undefined;
}

/** 3, and 3.0 as well; a fraction has no form. */
function wholeNumber(text: string): string | undefined {
  if (/^-?\d+$/.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? String(number) : undefined;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function sorted<T extends Json>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].sort(([a], [b]) => compareBytewise(a, b)));
}
