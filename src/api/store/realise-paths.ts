/** nix-store --realise: derivations are built, other paths are fetched if they are not there. */
import { resolve } from 'node:path';
import { isDerivationPath } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { makeRoot } from '../../store/local/roots.ts';
import { isValidPath } from '../../store/store.ts';
import { whileInterruptible } from '../interrupt.ts';
import { carryOut } from '../realisation.ts';
import type { BuildReporter } from '../reporting.ts';
import type { StoreAccess } from './store-access.ts';

/** A path, and of a derivation the outputs (none named: all). */
export interface PathWithOutputs {
  readonly path: string;
  readonly outputs: readonly string[];
}

export interface RealisedPath {
  readonly path: string;
  /** '' for a path that is no output of a derivation that was asked for. */
  readonly outputName: string;
}

/** `/nix/store/...-x.drv!out,dev`, or any path that leads into the store. */
export function parsePathWithOutputs(access: StoreAccess, text: string): PathWithOutputs {
  const bang = text.indexOf('!');
  if (bang < 0) return { path: access.storePath(text), outputs: [] };
  return {
    path: access.storePath(text.slice(0, bang)),
    outputs: text
      .slice(bang + 1)
      .split(',')
      .filter(Boolean),
  };
}

export interface RealisePathsOptions {
  readonly reporter: BuildReporter;
  readonly dryRun?: boolean;
  readonly check?: boolean;
  /** Leave out what is neither there nor obtainable, instead of failing. */
  readonly ignoreUnknown?: boolean;
}

/** One list for each path asked for, in order of the store paths. */
export async function realisePaths(
  access: StoreAccess,
  wanted: readonly PathWithOutputs[],
  options: RealisePathsOptions,
): Promise<RealisedPath[][]> {
  const { store, settings } = access;
  const obtainable = options.ignoreUnknown
    ? wanted.filter(({ path }) => isValidPath(store, path) || !isDerivationPath(path))
    : wanted;
  const { outputs } = await whileInterruptible((signal) =>
    carryOut(
      {
        storeRoot: store.layout.root,
        wanted: obtainable.map(({ path, outputs }) =>
          isDerivationPath(path) ? { path, outputs: outputs.length === 0 ? '*' : outputs } : { path },
        ),
        settings,
        quotesLog: true,
        ...(options.dryRun ? { dryRun: true } : {}),
        ...(options.check ? { check: true } : {}),
      },
      options.reporter,
      signal,
      store,
    ),
  );
  if (options.dryRun) return [];
  return obtainable.map(({ path, outputs: names }, index) => {
    const byName = outputs[index]!;
    for (const name of names)
      if (!byName.has(name))
        throw new NixError(`derivation '${path}' does not have an output named '${name}'`, { class: 'Error' });
    return [...byName]
      .map(([outputName, output]) => ({ path: output, outputName }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  });
}

/** Makes `link` a link to a store path and a root of the garbage collector; gives its absolute path. */
export function makeLink(access: StoreAccess, path: string, link: string): string {
  const place = resolve(access.directory, link);
  makeRoot(access.store, place, path);
  return place;
}
