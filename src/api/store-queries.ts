/**
 * What can be asked of a store: outputs, references in both directions, closures, derivers, roots. Sets of paths come in
 * the order in which C++ Nix prints them: each after those that it refers to, otherwise in byte order.
 */
import { encodeBytes } from '../base/bytes.ts';
import type { Derivation } from '../derivation/derivation.ts';
import { printHash } from '../derivation/hash-string.ts';
import { outputPath } from '../derivation/output-paths.ts';
import { isDerivationPath, sortStorePaths } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { findRoots, type Root } from '../store/local/roots.ts';
import { closure, isValidPath, readDerivation, requirePathInfo, sortByReferences } from '../store/store.ts';
import { readBuildLog } from './build-log.ts';
import type { StoreAccess } from './store/store-access.ts';

export type { Root };

/** The bytes that a Nix string stands for. */
export function textBytes(text: string): Uint8Array {
  return encodeBytes(text);
}

export class StoreQueries {
  private readonly access: StoreAccess;

  constructor(access: StoreAccess) {
    this.access = access;
  }

  private get store() {
    return this.access.store;
  }

  derivation(drvPath: string): Derivation {
    return readDerivation(this.store, drvPath);
  }

  /** The outputs of a derivation, whether they are there or not; any other path is itself. */
  outputs(path: string): string[] {
    if (!isDerivationPath(path)) return [path];
    return sortStorePaths(
      [...this.derivation(path).outputs].map(([, output]) => {
        const found = outputPath(output);
        if (found === undefined)
          throw new NixError(
            'Cannot use output path of floating content-addressing derivation until we know what it is (e.g. by building it)',
            { class: 'UsageError' },
          );
        return found;
      }),
    );
  }

  references(paths: readonly string[]): string[] {
    return this.ordered(paths.flatMap((path) => requirePathInfo(this.store, path).references));
  }

  /** Paths and what they refer to, directly or not; with the outputs that are there of derivations among them. */
  requisites(paths: readonly string[], includeOutputs: boolean): string[] {
    const found = new Set(closure(this.store, paths));
    if (includeOutputs)
      for (const path of found)
        if (isDerivationPath(path))
          for (const output of this.store.derivationOutputs(path).values())
            if (isValidPath(this.store, output) && !found.has(output))
              for (const other of closure(this.store, [output])) found.add(other);
    return this.ordered(found);
  }

  referrers(paths: readonly string[]): string[] {
    return this.ordered(paths.flatMap((path) => this.store.referrers(path)));
  }

  referrersClosure(paths: readonly string[]): string[] {
    return this.ordered(this.reach(paths, (path) => this.store.referrers(path)));
  }

  deriver(path: string): string | undefined {
    return requirePathInfo(this.store, path).deriver;
  }

  validDerivers(paths: readonly string[]): string[] {
    return this.ordered(paths.flatMap((path) => this.store.validDerivers(path)));
  }

  /** A variable of the derivation that a path is, or was built from. */
  binding(path: string, name: string): string {
    const drvPath = isDerivationPath(path) ? path : this.deriver(path);
    if (drvPath === undefined) throw new NixError(`deriver of path '${path}' is not known`, { class: 'Error' });
    const value = this.derivation(drvPath).env.get(name);
    if (value === undefined)
      throw new NixError(`derivation '${drvPath}' has no environment binding named '${name}'`, { class: 'Error' });
    return value;
  }

  /** sha256:<Nix base 32> of the NAR. */
  hash(path: string): string {
    return printHash({ algorithm: 'sha256', digest: requirePathInfo(this.store, path).narHash }, 'nix32');
  }

  /** Bytes of the NAR. */
  size(path: string): number {
    return requirePathInfo(this.store, path).narSize;
  }

  /** What a path refers to, itself included where it does; in order. */
  directReferences(path: string): string[] {
    return this.ordered(requirePathInfo(this.store, path).references);
  }

  /** In byte order. */
  sortedReferences(path: string): readonly string[] {
    return requirePathInfo(this.store, path).references;
  }

  /** Roots of the garbage collector that keep one of the paths alive. */
  rootsOf(paths: readonly string[]): Root[] {
    const reaching = this.reach(paths, (path) => [
      ...this.store.referrers(path),
      // A live output keeps its derivation; so whoever refers to an output keeps it too.
      ...(isDerivationPath(path) ? [...this.store.derivationOutputs(path).values()] : []),
    ]);
    return findRoots(this.store).filter((root) => reaching.has(root.path));
  }

  /** The log of the last build of a derivation, or of what a path was built from. */
  buildLog(path: string): Uint8Array {
    const drvPath = isDerivationPath(path) ? path : this.store.pathInfo(path)?.deriver;
    if (drvPath === undefined)
      throw new NixError(`build log of derivation '${path}' is not available`, { class: 'StoreError' });
    return readBuildLog(this.store, drvPath);
  }

  private reach(paths: readonly string[], next: (path: string) => Iterable<string>): Set<string> {
    const seen = new Set<string>();
    const todo = [...paths];
    for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
      if (seen.has(path)) continue;
      seen.add(path);
      for (const other of next(path)) if (isValidPath(this.store, other)) todo.push(other);
    }
    return seen;
  }

  private ordered(paths: Iterable<string>): string[] {
    return sortByReferences(paths, (path) => this.store.pathInfo(path)?.references ?? []);
  }
}
