/**
 * Conditions that a derivation sets for its outputs: how large they may be and what they may or may not refer to,
 * directly (references) or at all (requisites). A condition names store paths, or outputs of the derivation by name.
 */
import { sortStorePaths } from '../derivation/store-path.ts';
import type { OutputCheck } from './derivation-options.ts';
import { checkRejected } from './failures.ts';
import type { KnownPaths } from './known-paths.ts';

export interface OutputInfo {
  readonly path: string;
  readonly narSize: number;
  readonly references: readonly string[];
}

/** `outputs`: name -> what was made; they need not be valid yet. */
export function checkOutputs(
  drvPath: string,
  outputs: ReadonlyMap<string, OutputInfo>,
  checkOf: (output: string) => OutputCheck | undefined,
  known: KnownPaths,
): void {
  const made = new Map([...outputs.values()].map((info) => [info.path, info]));
  const closureOf = (path: string): OutputInfo[] => {
    const seen = new Map<string, OutputInfo>();
    const todo = [path];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      if (seen.has(one)) continue;
      const info = made.get(one) ?? known.require(one);
      seen.set(one, info);
      todo.push(...info.references);
    }
    return [...seen.values()];
  };

  for (const [name, info] of outputs) {
    const check = checkOf(name);
    if (!check) continue;
    if (check.maxSize !== undefined && info.narSize > check.maxSize)
      throw checkRejected(`path '${info.path}' is too large at ${info.narSize} bytes; limit is ${check.maxSize} bytes`);
    if (check.maxClosureSize !== undefined) {
      const size = closureOf(info.path).reduce((sum, one) => sum + one.narSize, 0);
      if (size > check.maxClosureSize)
        throw checkRejected(
          `closure of path '${info.path}' is too large at ${size} bytes; limit is ${check.maxClosureSize} bytes`,
        );
    }
    const resolve = (list: readonly string[]) =>
      new Set(
        list.map((entry) => {
          if (entry.startsWith('/')) return entry;
          const output = outputs.get(entry);
          if (output) return output.path;
          throw checkRejected(
            `derivation '${drvPath}' output check for '${name}' contains output name '${entry}', but this is not a valid output of this derivation. (Valid outputs are [${[...outputs.keys()].join(', ')}].)`,
          );
        }),
      );
    const refuse = (bad: readonly string[]) => {
      if (bad.length === 0) return;
      const list = sortStorePaths(bad).map((path) => `\n  ${path}`);
      throw checkRejected(`output '${info.path}' is not allowed to refer to the following paths:${list.join('')}`);
    };
    const requisites = () =>
      closureOf(info.path)
        .map((one) => one.path)
        .filter((path) => !(check.ignoreSelfReferences && path === info.path));
    if (check.allowedReferences) {
      const allowed = resolve(check.allowedReferences);
      refuse(info.references.filter((path) => !allowed.has(path)));
    }
    if (check.allowedRequisites) {
      const allowed = resolve(check.allowedRequisites);
      refuse(requisites().filter((path) => !allowed.has(path)));
    }
    if (check.disallowedReferences.length > 0) {
      const forbidden = resolve(check.disallowedReferences);
      refuse(info.references.filter((path) => forbidden.has(path)));
    }
    if (check.disallowedRequisites.length > 0) {
      const forbidden = resolve(check.disallowedRequisites);
      refuse(requisites().filter((path) => forbidden.has(path)));
    }
  }
}
