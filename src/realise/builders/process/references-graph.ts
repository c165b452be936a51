/**
 * `exportReferencesGraph`: the closure of some inputs, told to the builder. In the plain form it is a text of one record
 * for each path: the path, its deriver (always left blank), the number of its references, and these, a line each.
 */
import { outputPath } from '../../../derivation/output-paths.ts';
import { isDerivationPath, sortStorePaths } from '../../../derivation/store-path.ts';
import { NixError } from '../../../errors/nix-error.ts';
import { closure, readDerivation, requirePathInfo, type Store } from '../../../store/store.ts';

/** The closure of paths that must be inputs; of a .drv among them the outputs' closure as well. */
export function exportReferences(store: Store, paths: Iterable<string>, inputs: ReadonlySet<string>): string[] {
  const wanted = [...paths];
  for (const path of wanted)
    if (!inputs.has(path))
      throw new NixError(
        `cannot export references of path '${path}' because it is not in the input closure of the derivation`,
        { class: 'BuildError', exitCode: 100 },
      );
  const all = new Set(closure(store, wanted));
  for (const path of [...all].filter(isDerivationPath))
    for (const output of readDerivation(store, path).outputs.values()) {
      const known = outputPath(output);
      if (known !== undefined) for (const one of closure(store, [known])) all.add(one);
    }
  return sortStorePaths(all);
}

export function validityRegistration(store: Store, paths: readonly string[]): string {
  return paths
    .map((path) => {
      const { references } = requirePathInfo(store, path);
      return [path, '', references.length, ...references, ''].join('\n');
    })
    .join('');
}
