/**
 * A store on disk that C++ Nix accepts as its own: objects in a directory, what is valid in a SQLite database (layout.ts,
 * database.ts). An object becomes valid in one step: it is made in a staging directory, and within one transaction renamed
 * to its place and entered with its references. Whatever kills the process before the commit leaves at most a file that is
 * not valid; it is overwritten or collected later.
 *
 * Nothing is created before something is written: reading a store that does not exist finds it empty.
 */
import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeBytes } from '../../base/bytes.ts';
import { createHasher, hashBytes } from '../../base/hash.ts';
import { printContentAddress } from '../../derivation/content-address.ts';
import type { Derivation } from '../../derivation/derivation.ts';
import { DerivationHashes } from '../../derivation/hash-modulo.ts';
import { derivationFile } from '../../derivation/output-paths.ts';
import {
  checkStoreName,
  defaultStoreDir,
  makeTextPath,
  parseStorePath,
  splitStorePath,
} from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { checkNar, checkReferences } from '../admission.ts';
import { fileError, systemErrorCode } from '../disk.ts';
import { dumpPath } from '../nar/dump.ts';
import { restoringReader } from '../nar/restore.ts';
import { narOfTree } from '../nar/tree.ts';
import type { PathInfo } from '../path-info.ts';
import { type NarIdentity, type NewPath, readDerivation, requirePathInfo, type Store } from '../store.ts';
import { expectedSourcePath, identifySource, type SourceOptions } from './add-files.ts';
import { StoreDatabase } from './database.ts';
import { deleteTree } from './files.ts';
import { logicalPath, logPath, realPath, type StoreLayout, storeLayout } from './layout.ts';
import { type Lock, waitForLock } from './locks.ts';
import { useNativeHashes } from './native-hashes.ts';
import { type Registration, readObject, registerObjects } from './registration.ts';
import { Session } from './session.ts';

export type { Registration } from './registration.ts';

export interface LocalStoreOptions {
  /** Absolute path; see defaultRoot. */
  readonly root: string;
  /** Refuses every change. */
  readonly readOnly?: boolean;
  /** Seconds since 1970, for registration times. */
  readonly now?: () => number;
}

export class LocalStore implements Store {
  readonly storeDir = defaultStoreDir;
  readonly layout: StoreLayout;
  readonly readOnly: boolean;
  private readonly now: () => number;
  private db: StoreDatabase | undefined;
  /** `db` was opened for writing. */
  private writing = false;
  private session: Session | undefined;
  private readonly hashes = new DerivationHashes((drvPath) => readDerivation(this, drvPath));

  constructor(options: LocalStoreOptions) {
    useNativeHashes();
    this.layout = storeLayout(options.root);
    this.readOnly = options.readOnly ?? false;
    this.now = options.now ?? (() => Math.floor(Date.now() / 1000));
  }

  // What is valid

  pathInfo(path: string): PathInfo | undefined {
    return this.database?.pathInfo(path);
  }

  referrers(path: string): string[] {
    return this.database?.referrers(path) ?? [];
  }

  validPaths(): string[] {
    return this.database?.validPaths() ?? [];
  }

  pathFromHashPart(hashPart: string): string | undefined {
    const prefix = `${this.storeDir}/${hashPart}`;
    const path = this.database?.firstFrom(prefix);
    return path?.startsWith(prefix) ? path : undefined;
  }

  validDerivers(path: string): string[] {
    return this.database?.validDerivers(path) ?? [];
  }

  /** Known output paths of a valid .drv, by output name. */
  derivationOutputs(drvPath: string): ReadonlyMap<string, string> {
    return this.database?.derivationOutputs(drvPath) ?? new Map();
  }

  // Content

  /** Where a logical path of the store is on disk, inner paths too; every other path is itself. */
  realPath(path: string): string {
    return realPath(this.layout, path);
  }

  /** The logical path of a physical one below this store. */
  logicalPath(path: string): string | undefined {
    return logicalPath(this.layout, path);
  }

  readNar(path: string): Iterable<Uint8Array> {
    requirePathInfo(this, path);
    return dumpPath(this.realPath(path));
  }

  readFile(path: string): Uint8Array {
    requirePathInfo(this, path);
    return readObject(this.layout, path);
  }

  /** Where the build log of a derivation is, or will be. */
  logPath(drvPath: string): string {
    return logPath(this.layout, drvPath);
  }

  // Adding

  addNar(path: NewPath, nar: Iterable<Uint8Array>, expected?: NarIdentity): PathInfo {
    parseStorePath(path.path, this.storeDir);
    const known = this.pathInfo(path.path);
    if (known) return known;
    this.prepareToWrite();
    checkReferences(this, path);
    return this.staged((staged) => {
      const reader = restoringReader(staged);
      const hasher = createHasher('sha256');
      let narSize = 0;
      for (const chunk of nar) {
        reader.write(chunk);
        hasher.update(chunk);
        narSize += chunk.length;
      }
      reader.end();
      const identity = { narHash: hasher.digest(), narSize };
      if (expected) checkNar(path.path, expected, identity);
      this.register([{ ...path, ...identity, staged }]);
      return requirePathInfo(this, path.path);
    });
  }

  /** Copies files into the store, where they are not there already. Gives the store path. */
  addFiles(options: SourceOptions): string {
    const known = expectedSourcePath(options, this.storeDir);
    if (known !== undefined && this.pathInfo(known)) return known;
    const source = identifySource(options, this.storeDir);
    if (!this.pathInfo(source.storePath))
      this.addNar(
        { path: source.storePath, references: options.references ?? [], ca: source.ca },
        source.nar(),
        source.identity,
      );
    return source.storePath;
  }

  addText(name: string, text: string, references: Iterable<string> = []): string {
    checkStoreName(name);
    const contents = encodeBytes(text);
    const digest = hashBytes('sha256', contents);
    const path = makeTextPath(name, digest, references, this.storeDir);
    if (!this.pathInfo(path)) this.addTextFile(path, contents, digest, [...references]);
    return path;
  }

  /** Writes a .drv file. The derivation is taken to be right: whoever made it computed its output paths. */
  addDerivation(drv: Derivation): string {
    const file = derivationFile(drv, this.storeDir);
    if (this.pathInfo(file.path)) return file.path;
    const contents = encodeBytes(file.text);
    this.addTextFile(file.path, contents, hashBytes('sha256', contents), file.references, drv);
    return file.path;
  }

  private addTextFile(
    path: string,
    contents: Uint8Array,
    digest: Uint8Array,
    references: readonly string[],
    drv?: Derivation,
  ): void {
    this.prepareToWrite();
    const hasher = createHasher('sha256');
    let narSize = 0;
    for (const chunk of narOfTree({ type: 'regular', executable: false, contents })) {
      hasher.update(chunk);
      narSize += chunk.length;
    }
    this.staged((staged) => {
      try {
        writeFileSync(staged, contents, { flag: 'wx' });
        chmodSync(staged, 0o444);
        lutimesSync(staged, 1, 1);
      } catch (error) {
        throw fileError('writing file', staged, error, 'StoreError');
      }
      const ca = printContentAddress({ method: 'text', hash: { algorithm: 'sha256', digest } });
      this.registerAll(
        [{ path, references, ca, narHash: hasher.digest(), narSize, staged }],
        drv && new Map([[path, drv]]),
      );
    });
  }

  /** Runs `work`, which may add many things, in one transaction: all of them are there at its end, or none. */
  batch<T>(work: () => T): T {
    this.prepareToWrite();
    return this.db!.change(work);
  }

  /** A place on disk, ending in the path's base name, at which an output of a build may be made. */
  stage(path: string): string {
    this.prepareToWrite();
    return this.session!.stage(path.slice(path.lastIndexOf('/') + 1));
  }

  /** Deletes what is at a place that `stage` gave. */
  discard(staged: string): void {
    this.session?.discard(staged);
  }

  /**
   * Makes objects valid, all or none: each is moved from where it was staged and entered with its references, which must
   * be valid or among them. Those that are valid already are left alone, what was staged for them is deleted.
   */
  register(entries: readonly Registration[]): void {
    this.registerAll(entries, undefined);
  }

  private registerAll(
    entries: readonly Registration[],
    derivations: ReadonlyMap<string, Derivation> | undefined,
  ): void {
    this.prepareToWrite();
    const { layout, hashes } = this;
    registerObjects({ db: this.db!, layout, hashes, now: this.now(), derivations }, entries);
    for (const { staged } of entries) if (staged !== undefined) this.session!.discard(staged);
  }

  setSignatures(path: string, signatures: readonly string[]): void {
    this.prepareToWrite();
    this.db!.change(() => this.db!.setSignatures(path, signatures));
  }

  // Deleting

  delete(paths: Iterable<string>): void {
    const doomed = new Set(paths);
    this.prepareToWrite();
    this.forget(doomed);
    for (const path of doomed) deleteTree(this.realPath(path));
  }

  /** Makes paths invalid; their files stay for the moment. */
  forget(doomed: ReadonlySet<string>): void {
    const db = this.db!;
    db.change(() => {
      for (const path of doomed)
        for (const referrer of db.referrers(path))
          if (!doomed.has(referrer))
            throw new NixError(`cannot delete path '${path}' because it is in use by '${referrer}'`, {
              class: 'StoreError',
            });
      db.remove([...doomed]);
    });
  }

  // Locks and roots

  /**
   * Keeps other nixlet processes (and other callers in this one) from building the same paths. Taken in byte order, so
   * that no two wait for each other.
   */
  async lockPaths(
    paths: Iterable<string>,
    options: { readonly signal?: AbortSignal; readonly onWait?: (path: string) => void } = {},
  ): Promise<Lock> {
    this.prepareToWrite();
    const locks: Lock[] = [];
    const release = () => {
      for (const lock of locks) lock.release(true);
    };
    try {
      for (const path of [...new Set(paths)].sort()) {
        const file = join(this.layout.own, `${path.slice(path.lastIndexOf('/') + 1)}.lock`);
        const onWait = () => options.onWait?.(path);
        locks.push(await waitForLock(file, 'exclusive', { signal: options.signal, onWait }));
      }
    } catch (error) {
      release();
      throw error;
    }
    return { release };
  }

  /** Lets the collector in while this process goes on without writing; `hold` keeps it out again. */
  yieldToCollector(): void {
    this.session?.yieldToCollector();
  }

  hold(): void {
    this.session?.hold();
  }

  close(): void {
    this.session?.close();
    this.session = undefined;
    this.db?.close();
    this.db = undefined;
    this.writing = false;
  }

  /** The database for whoever looks after the whole store (collector, verification). */
  get openDatabase(): StoreDatabase | undefined {
    return this.database;
  }

  private get database(): StoreDatabase | undefined {
    return (this.db ??= StoreDatabase.openExisting(this.layout));
  }

  /** Opens the store for writing, creating what is missing. */
  prepareToWrite(): void {
    if (this.writing) return;
    if (this.readOnly)
      throw new NixError(`the store at '${this.layout.objects}' is opened read-only`, { class: 'StoreError' });
    createDirectories(this.layout);
    this.session = new Session(this.layout);
    if (!this.db?.writable) {
      this.db?.close();
      this.db = StoreDatabase.open(this.layout);
    }
    this.writing = true;
  }

  private staged<T>(work: (staged: string) => T): T {
    const staged = this.session!.place();
    try {
      return work(staged);
    } catch (error) {
      this.session!.discard(staged);
      throw error;
    }
  }
}

/** The directories that C++ Nix makes as well; those that are there stay as they are. */
function createDirectories(layout: StoreLayout): void {
  const { objects, gcRoots, profiles } = layout;
  const all = [objects, join(objects, '.links'), layout.own, layout.tempRoots, layout.logs, join(gcRoots, 'auto')];
  for (const directory of [...all, join(gcRoots, 'per-user'), join(profiles, 'per-user')])
    try {
      mkdirSync(directory, { recursive: true, mode: 0o755 });
    } catch (error) {
      throw fileError('creating directory', directory, error, 'StoreError');
    }
  try {
    symlinkSync(profiles, join(gcRoots, 'profiles'));
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST')
      throw fileError('creating symlink', join(gcRoots, 'profiles'), error, 'StoreError');
  }
}

/** Splits a path into the store path that it lies in and the rest; undefined where it lies in none. */
export function storePathOf(store: LocalStore, path: string): string | undefined {
  const logical = store.logicalPath(path);
  return logical === undefined ? undefined : splitStorePath(logical, store.storeDir)?.storePath;
}
