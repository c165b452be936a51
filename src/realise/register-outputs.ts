/**
 * From files that a builder left to valid store paths. Each output gets the form of a store object (modes, times, owner),
 * is read once for its NAR hash and its references, is compared with what the derivation promises of it, and then all are
 * registered in one step, or none. With `check` nothing is registered: the outputs must be equal to the valid ones.
 */
import { lstatSync } from 'node:fs';
import { compareBytewise } from '../base/order.ts';
import {
  type ContentAddress,
  contentAddressedPath,
  parseMethod,
  printContentAddress,
} from '../derivation/content-address.ts';
import type { Derivation, DerivationOutput } from '../derivation/derivation.ts';
import { equalDigests, parseHashDigits } from '../derivation/hash-string.ts';
import { outputPathName } from '../derivation/store-path.ts';
import { NixError } from '../errors/nix-error.ts';
import { identifyOutput } from '../store/identify.ts';
import { canonicalise, deleteTree, moveInPlace, statOf } from '../store/local/files.ts';
import type { LocalStore, Registration } from '../store/local/local-store.ts';
import { hashPath } from '../store/nar/dump.ts';
import type { NarIdentity } from '../store/store.ts';
import type { DerivationOptions } from './derivation-options.ts';
import {
  fixedOutputWithReferences,
  hashMismatch,
  notAFlatFile,
  notDeterministic,
  outputCycle,
  outputMissing,
  suspiciousOutput,
} from './failures.ts';
import { hashFile } from './hash-file.ts';
import type { KnownPaths } from './known-paths.ts';
import { checkOutputs } from './output-checks.ts';

export interface FinishedBuild {
  readonly drvPath: string;
  readonly drv: Derivation;
  readonly options: DerivationOptions;
  readonly store: LocalStore;
  readonly known: KnownPaths;
  readonly inputClosure: ReadonlySet<string>;
  /** Output name -> logical path. */
  readonly outputs: ReadonlyMap<string, string>;
  /** Refuse outputs that others could write: a builder started with umask 022 made them so on purpose. */
  readonly strict: boolean;
  /** Where the builder made an output. */
  madeAt(output: string): string;
  /** Outputs that have their form already, and what was found in them. */
  readonly identified?: ReadonlyMap<string, IdentifiedOutput> | undefined;
  readonly check: boolean;
  /** With `check`: leave an output that differs beside the valid one, as `<path>.check`. */
  readonly keepFailed: boolean;
  readonly signal: AbortSignal;
}

export type IdentifiedOutput = NarIdentity & { readonly references: readonly string[] };

interface MadeOutput extends Registration {
  readonly staged: string;
}

export async function registerOutputs(build: FinishedBuild): Promise<void> {
  const made = new Map<string, MadeOutput>();
  for (const name of [...build.outputs.keys()].sort(compareBytewise)) {
    // What is valid already was made again beside the others, and is of no use.
    if (!build.check && build.known.isValid(build.outputs.get(name)!)) continue;
    made.set(name, await examine(build, name));
  }
  refuseCycles(build, made);
  if (build.check) for (const info of made.values()) compareWithValid(build, info);
  const infos = new Map(
    [...build.outputs].map(([name, path]) => {
      const { narSize, references } = made.get(name) ?? build.known.require(path);
      return [name, { path, narSize, references: [...references] }];
    }),
  );
  checkOutputs(build.drvPath, infos, build.options.outputCheck, build.known);
  if (build.check) return;
  // Without a sandbox an output is in its place already.
  const inPlace = ({ path, staged }: MadeOutput) => build.store.realPath(path) === staged;
  build.store.register([...made.values()].map((one) => (inPlace(one) ? { ...one, staged: undefined } : one)));
}

/** Store paths that an output may refer to. */
export function referenceable(
  build: Pick<FinishedBuild, 'options' | 'inputClosure' | 'outputs'>,
  output: string,
): string[] {
  return build.options.unsafeDiscardReferences.has(output) ? [] : [...build.inputClosure, ...build.outputs.values()];
}

/** Gives an output its form, and reads it once. */
export async function identify(
  staged: string,
  candidates: Iterable<string>,
  signal: AbortSignal,
): Promise<IdentifiedOutput> {
  canonicalise(staged);
  return identifyOutput(staged, candidates, signal);
}

async function examine(build: FinishedBuild, name: string): Promise<MadeOutput> {
  const path = build.outputs.get(name)!;
  const staged = build.madeAt(name);
  const stat = statOf(staged);
  if (!stat) throw outputMissing(build.drvPath, name, path);
  if (build.strict && !stat.isSymbolicLink() && (stat.mode & 0o022) !== 0) throw suspiciousOutput(name, path);
  const identity = build.identified?.get(name) ?? (await identify(staged, referenceable(build, name), build.signal));
  const base = { ...identity, staged, deriver: build.drvPath, ultimate: true };
  const output = build.drv.outputs.get(name)!;
  if (output.kind !== 'fixed') return { ...base, path };
  const { specified, got } = await contentAddresses(output, staged, identity.narHash);
  if (!equalDigests(specified.hash.digest, got.hash.digest)) {
    if (!build.check && identity.references.length === 0) keepUnderItsOwnHash(build, name, got, base);
    throw hashMismatch(build.drvPath, specified.hash, got.hash);
  }
  if (identity.references.length > 0) throw fixedOutputWithReferences(build.drvPath, identity.references);
  return { ...base, path, ca: printContentAddress(got) };
}

/** What a fixed output was to be, and what it is. */
async function contentAddresses(
  output: Extract<DerivationOutput, { kind: 'fixed' }>,
  staged: string,
  narHash: Uint8Array,
): Promise<{ readonly specified: ContentAddress; readonly got: ContentAddress }> {
  const { method, algorithm } = parseMethod(output.method);
  const address = (digest: Uint8Array) => ({ method, hash: { algorithm, digest } });
  const specified = { method, hash: parseHashDigits(output.digest, algorithm) };
  if (method === 'git')
    throw new NixError(`output '${output.path}' is to be hashed as Git does, which is not supported`, {
      class: 'BuildError',
    });
  if (method === 'nar')
    return { specified, got: address(algorithm === 'sha256' ? narHash : hashPath(staged, algorithm).digest) };
  const stat = lstatSync(staged);
  if (!stat.isFile() || (stat.mode & 0o100) !== 0) throw notAFlatFile(output.path);
  return { specified, got: address((await hashFile(staged, algorithm))!) };
}

/**
 * A wrong hash in an expression is corrected by pasting the right one: what was fetched is kept under the path that it has
 * by its own hash, so that it need not be fetched again.
 */
function keepUnderItsOwnHash(
  build: FinishedBuild,
  name: string,
  address: ContentAddress,
  made: Omit<MadeOutput, 'path'>,
): void {
  const path = contentAddressedPath(outputPathName(build.drv.name, name), address);
  if (!build.known.isValid(path)) build.store.register([{ ...made, path, ca: printContentAddress(address) }]);
}

function refuseCycles(build: FinishedBuild, made: ReadonlyMap<string, MadeOutput>): void {
  const names = new Map([...made].map(([name, info]) => [info.path, name]));
  const state = new Map<string, 'open' | 'done'>();
  const visit = (name: string, from: string): void => {
    if (state.get(name) === 'done') return;
    if (state.get(name) === 'open') throw outputCycle(build.drvPath, name, from);
    state.set(name, 'open');
    for (const reference of made.get(name)!.references) {
      const other = names.get(reference);
      if (other !== undefined && other !== name) visit(other, name);
    }
    state.set(name, 'done');
  };
  for (const name of made.keys()) visit(name, name);
}

function compareWithValid(build: FinishedBuild, info: MadeOutput): void {
  const valid = build.known.require(info.path);
  if (equalDigests(valid.narHash, info.narHash)) return;
  const physical = build.store.realPath(info.path);
  if (!build.keepFailed) throw notDeterministic(build.drvPath, physical, undefined);
  const kept = `${physical}.check`;
  deleteTree(kept);
  moveInPlace(info.staged, kept);
  throw notDeterministic(build.drvPath, physical, kept);
}
