/** Derivations as arguments name them, and the program that a package stands for. */
import { resolve } from 'node:path';
import { isDerivationPath } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { NO_POS } from '../errors/position.ts';
import { findAlongAttrPath } from '../eval/attr-path.ts';
import type { FoundDerivation } from '../eval/derivations.ts';
import type { Attrs } from '../runtime/attrs.ts';
import { forceStringNoContext } from '../runtime/coerce.ts';
import type { Value } from '../runtime/value.ts';
import type { LocalStore } from '../store/local/local-store.ts';
import type { NodeHost } from './node-host.ts';

/** What a `.drv`, with or without `!output`, stands for. */
export function namedDerivation(host: NodeHost, store: LocalStore, directory: string, text: string): FoundDerivation {
  const [file, output] = text.split('!');
  const drvPath = derivationOf(host, store, directory, file!);
  const drv = host.store.readDerivation(drvPath);
  const outputName = output ?? drv.env.get('outputName') ?? 'out';
  if (!drv.outputs.has(outputName)) throw new NixError(`derivation '${drvPath}' does not have output '${outputName}'`);
  return { attrPath: '', name: drv.name, drvPath, outputName };
}

/** The .drv path that an argument names: itself, a link to it, or a store path that was built from it. */
export function derivationOf(host: NodeHost, store: LocalStore, directory: string, argument: string): string {
  const path = host.files.realPath(resolve(directory, argument));
  const object = /^\/nix\/store\/[^/]+/.exec(store.logicalPath(path) ?? path)?.[0];
  if (object === undefined)
    throw new NixError(`'${argument}' is neither a store path nor a link to one`, { class: 'UsageError' });
  if (isDerivationPath(object)) return object;
  const deriver = store.pathInfo(object)?.deriver;
  if (deriver === undefined || !store.pathInfo(deriver))
    throw new NixError(`'${object}' does not have a known deriver`, { class: 'StoreError' });
  return deriver;
}

/** meta.mainProgram of a package, or its name without version. */
export function mainProgram(value: Value, autoArgs: Attrs): string {
  const name = (path: string): string | undefined => {
    try {
      return forceStringNoContext(findAlongAttrPath(value, path, autoArgs).slot, NO_POS, '');
    } catch (error) {
      if (error instanceof NixError && /not found$/.test(error.message)) return undefined;
      throw error;
    }
  };
  return name('meta.mainProgram') ?? name('pname') ?? (name('name') ?? '').replace(/-[^a-zA-Z].*$/, '');
}
