/**
 * The step by which objects become valid: within one transaction each is moved to its place and entered with its
 * references. Whatever interrupts it leaves at most files in their places that no row speaks of.
 */
import { readFileSync } from 'node:fs';
import { decodeBytes } from '../../base/bytes.ts';
import { parseDerivation } from '../../derivation/aterm/parse.ts';
import type { Derivation } from '../../derivation/derivation.ts';
import type { DerivationHashes } from '../../derivation/hash-modulo.ts';
import { outputPath } from '../../derivation/output-paths.ts';
import { storePathName } from '../../derivation/store-path.ts';
import { validateDerivationFile } from '../../derivation/validate.ts';
import { NixError } from '../../errors/nix-error.ts';
import { diskPath, fileError } from '../disk.ts';
import type { PathInfo } from '../path-info.ts';
import { type NarIdentity, type NewPath, sortByReferences } from '../store.ts';
import type { StoreDatabase } from './database.ts';
import { deleteTree, moveInPlace, statOf } from './files.ts';
import { realPath, type StoreLayout } from './layout.ts';
import { heldByFlock } from './locks.ts';

/** An object to register: it lies at `staged`, or in its place already, in canonical form (files.ts, canonicalise). */
export interface Registration extends NewPath, NarIdentity {
  readonly staged?: string;
}

export interface RegistrationContext {
  readonly db: StoreDatabase;
  readonly layout: StoreLayout;
  readonly hashes: DerivationHashes;
  /** Seconds since 1970. */
  readonly now: number;
  /** Derivations by path that are known to be right; every other .drv is validated. */
  readonly derivations?: ReadonlyMap<string, Derivation> | undefined;
}

/** All or none. Those that are valid already are passed over. */
export function registerObjects(context: RegistrationContext, entries: readonly Registration[]): void {
  const { db } = context;
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  sortByReferences(byPath.keys(), (path) => byPath.get(path)!.references);
  db.change(() => {
    const added = entries.filter((entry) => db.idOf(entry.path) === undefined);
    const ids = new Map<string, number>();
    for (const entry of added) {
      putInPlace(context.layout, entry);
      const id = db.insert(infoOf(entry, context.now));
      ids.set(entry.path, id);
      if (entry.path.endsWith('.drv')) enterOutputs(context, id, entry.path);
    }
    for (const entry of added)
      for (const reference of new Set(entry.references)) {
        const other = ids.get(reference) ?? db.idOf(reference);
        if (other === undefined)
          throw new NixError(`cannot add '${entry.path}': its reference '${reference}' is not valid`, {
            class: 'StoreError',
          });
        db.insertReference(ids.get(entry.path)!, other);
      }
  });
}

function putInPlace(layout: StoreLayout, { path, staged }: Registration): void {
  const target = realPath(layout, path);
  const there = statOf(target);
  if (staged === undefined) {
    if (!there) throw new NixError(`path '${path}' is to be registered, but is not there`, { class: 'StoreError' });
    return;
  }
  if (there) {
    // Left behind by something that was killed; or C++ Nix, whose locks ours do not see, is at work on it.
    if (heldByFlock(`${target}.lock`))
      throw new NixError(`path '${path}' is being made by another Nix`, {
        class: 'StoreError',
        hint: 'Try again when it is done.',
      });
    deleteTree(target);
  }
  moveInPlace(staged, target);
}

function infoOf(entry: Registration, now: number): PathInfo {
  return {
    path: entry.path,
    narHash: entry.narHash,
    narSize: entry.narSize,
    references: [...entry.references],
    deriver: entry.deriver,
    registrationTime: now,
    ultimate: entry.ultimate ?? false,
    signatures: entry.signatures ?? [],
    ca: entry.ca,
  };
}

/** Outputs of a .drv go into a table of their own. One that came from outside must have the right output paths. */
function enterOutputs({ db, layout, hashes, derivations }: RegistrationContext, id: number, drvPath: string): void {
  const known = derivations?.get(drvPath);
  const drv = known ?? readUnchecked(layout, drvPath);
  if (!known) validateDerivationFile(drvPath, drv, hashes);
  hashes.remember(drvPath, drv);
  for (const [name, output] of drv.outputs) {
    const path = outputPath(output);
    if (path !== undefined) db.insertOutput(id, name, path);
  }
}

function readUnchecked(layout: StoreLayout, drvPath: string): Derivation {
  const text = decodeBytes(readObject(layout, drvPath));
  return parseDerivation(text, storePathName(drvPath).slice(0, -4), drvPath);
}

/** The content of an object that is a file, valid or not. */
export function readObject(layout: StoreLayout, path: string): Uint8Array {
  const file = realPath(layout, path);
  try {
    const contents = readFileSync(diskPath(file));
    return new Uint8Array(contents.buffer, contents.byteOffset, contents.length);
  } catch (error) {
    throw fileError('opening file', file, error, 'StoreError');
  }
}
