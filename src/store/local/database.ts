/**
 * The SQLite side of a local store. One connection per store object, in WAL mode as C++ Nix has it; several processes read
 * while one writes, and a writer waits for another. Every change is one `begin immediate ... commit`: it is there whole or
 * not at all, whatever kills the process. Changes may be nested; the outermost one counts.
 *
 * Never open the database file (or a lock file) through node:fs: closing any descriptor of a file drops this process's POSIX locks
 * on it, SQLite's among them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toHex } from '../../base/hash.ts';
import { parseHash } from '../../derivation/hash-string.ts';
import { sortStorePaths } from '../../derivation/store-path.ts';
import { NixError } from '../../errors/nix-error.ts';
import { fileError, systemErrorCode } from '../disk.ts';
import type { PathInfo } from '../path-info.ts';
import type { StoreLayout } from './layout.ts';
import { schema, schemaVersion } from './schema.ts';

/** How long a writer waits for another process's transaction. */
const busyTimeout = 10 * 60 * 1000;

type Row = Readonly<Record<string, unknown>>;

export class StoreDatabase {
  private readonly db: DatabaseSync;
  private readonly file: string;
  readonly writable: boolean;
  private readonly statements = new Map<string, StatementSync>();
  private depth = 0;

  private constructor(db: DatabaseSync, file: string, writable: boolean) {
    this.db = db;
    this.file = file;
    this.writable = writable;
  }

  /** For reading; undefined where there is no store yet. On read-only media too, where `writable` is false then. */
  static openExisting(layout: StoreLayout): StoreDatabase | undefined {
    const version = readSchemaVersion(layout);
    if (version === undefined) return undefined;
    checkSchemaVersion(version);
    try {
      return StoreDatabase.connect(layout);
    } catch (error) {
      if (!(error instanceof NixError) || ![8, 14].includes(primaryCode(error.cause))) throw error;
      // Reading in WAL mode needs to write beside the database. Where nobody can write, the file is as it is.
      return attempt(layout.database, () => {
        const url = new URL(`file://${encodeURI(layout.database)}?immutable=1`);
        return new StoreDatabase(new DatabaseSync(url, { readOnly: true }), layout.database, false);
      });
    }
  }

  private static connect(layout: StoreLayout): StoreDatabase {
    return attempt(layout.database, () => {
      const db = new DatabaseSync(layout.database, { timeout: busyTimeout, enableForeignKeyConstraints: true });
      db.exec('pragma journal_mode = wal');
      // As C++ Nix: the log is enough after a crash of the process, and is written back in large steps.
      db.exec('pragma synchronous = normal');
      db.exec('pragma wal_autocheckpoint = 40000');
      return new StoreDatabase(db, layout.database, true);
    });
  }

  /** Opens the database, making it (and `schema`) where there is none. */
  static open(layout: StoreLayout): StoreDatabase {
    const version = readSchemaVersion(layout);
    if (version !== undefined) {
      checkSchemaVersion(version);
      return StoreDatabase.connect(layout);
    }
    try {
      mkdirSync(dirname(layout.database), { recursive: true, mode: 0o755 });
    } catch (error) {
      throw fileError('creating directory', dirname(layout.database), error, 'StoreError');
    }
    const made = StoreDatabase.connect(layout);
    made.change(() => made.db.exec(schema));
    try {
      writeFileSync(layout.schemaFile, String(schemaVersion), { mode: 0o644 });
    } catch (error) {
      throw fileError('writing file', layout.schemaFile, error, 'StoreError');
    }
    return made;
  }

  /** Runs `work` in a write transaction; an error undoes it. */
  change<T>(work: () => T): T {
    if (this.depth > 0) return work();
    return attempt(this.file, () => {
      this.db.exec('begin immediate');
      this.depth++;
      try {
        const result = work();
        this.db.exec('commit');
        return result;
      } catch (error) {
        // A full disk has SQLite roll back by itself.
        if (this.db.isTransaction) this.db.exec('rollback');
        throw error;
      } finally {
        this.depth--;
      }
    });
  }

  pathInfo(path: string): PathInfo | undefined {
    const row = this.one(
      'select id, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from ValidPaths where path = ?',
      path,
    );
    if (!row) return undefined;
    const references = this.all(
      'select path from Refs join ValidPaths on reference = id where referrer = ?',
      row.id as number,
    ).map((reference) => reference.path as string);
    return {
      path,
      narHash: this.digest(path, row.hash as string),
      narSize: (row.narSize as number | null) ?? 0,
      references: sortStorePaths(references),
      deriver: (row.deriver as string | null) || undefined,
      registrationTime: row.registrationTime as number,
      ultimate: row.ultimate === 1,
      signatures: ((row.sigs as string | null) ?? '').split(' ').filter((signature) => signature !== ''),
      ca: (row.ca as string | null) || undefined,
    };
  }

  /** Row number of a valid path. */
  idOf(path: string): number | undefined {
    return this.one('select id from ValidPaths where path = ?', path)?.id as number | undefined;
  }

  referrers(path: string): string[] {
    return this.paths(
      'select path from Refs join ValidPaths on referrer = id where reference = (select id from ValidPaths where path = ?)',
      path,
    );
  }

  validPaths(): string[] {
    return this.paths('select path from ValidPaths');
  }

  /** The first valid path from `prefix` on, in byte order. */
  firstFrom(prefix: string): string | undefined {
    return this.one('select path from ValidPaths where path >= ? order by path limit 1', prefix)?.path as
      | string
      | undefined;
  }

  validDerivers(path: string): string[] {
    return this.paths(
      'select v.path from DerivationOutputs d join ValidPaths v on d.drv = v.id where d.path = ?',
      path,
    );
  }

  /** Known output paths of a valid .drv, by output name. */
  derivationOutputs(drvPath: string): Map<string, string> {
    const rows = this.all(
      'select d.id as name, d.path as path from DerivationOutputs d join ValidPaths v on d.drv = v.id where v.path = ?',
      drvPath,
    );
    return new Map(rows.map((row) => [row.name as string, row.path as string]));
  }

  /** Adds a row, without its references. */
  insert(info: PathInfo): number {
    const result = this.statement(
      'insert into ValidPaths (path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca) values (?, ?, ?, ?, ?, ?, ?, ?)',
    ).run(
      info.path,
      `sha256:${toHex(info.narHash)}`,
      info.registrationTime,
      info.deriver ?? null,
      info.narSize,
      info.ultimate ? 1 : null,
      info.signatures.length > 0 ? info.signatures.join(' ') : null,
      info.ca ?? null,
    );
    return Number(result.lastInsertRowid);
  }

  insertReference(referrer: number, reference: number): void {
    this.statement('insert or replace into Refs (referrer, reference) values (?, ?)').run(referrer, reference);
  }

  insertOutput(drv: number, output: string, path: string): void {
    this.statement('insert or replace into DerivationOutputs (drv, id, path) values (?, ?, ?)').run(drv, output, path);
  }

  setSignatures(path: string, signatures: readonly string[]): void {
    this.statement('update ValidPaths set sigs = ? where path = ?').run(signatures.join(' '), path);
  }

  /** Takes paths out, each with its references; nothing else may refer to them. */
  remove(paths: readonly string[]): void {
    for (const path of paths)
      this.statement('delete from Refs where referrer = (select id from ValidPaths where path = ?)').run(path);
    for (const path of paths) this.statement('delete from ValidPaths where path = ?').run(path);
  }

  /** What SQLite's own check says; empty: all is well. */
  integrityProblems(): string[] {
    const rows = this.all('pragma integrity_check');
    return rows.map((row) => String(row.integrity_check)).filter((line) => line !== 'ok');
  }

  close(): void {
    if (this.db.isOpen) this.db.close();
  }

  private digest(path: string, hash: string): Uint8Array {
    try {
      return parseHash(hash).digest;
    } catch (error) {
      throw new NixError(`invalid-path entry for '${path}': ${(error as Error).message}`, { class: 'StoreError' });
    }
  }

  private paths(sql: string, ...values: (string | number)[]): string[] {
    return sortStorePaths(this.all(sql, ...values).map((row) => row.path as string));
  }

  private one(sql: string, ...values: (string | number)[]): Row | undefined {
    return attempt(this.file, () => this.statement(sql).get(...values) as Row | undefined);
  }

  private all(sql: string, ...values: (string | number)[]): Row[] {
    return attempt(this.file, () => this.statement(sql).all(...values) as Row[]);
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.db.prepare(sql)));
    return statement;
  }
}

function readSchemaVersion(layout: StoreLayout): number | undefined {
  try {
    return Number.parseInt(readFileSync(layout.schemaFile, 'utf8'), 10);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw fileError('reading file', layout.schemaFile, error);
  }
}

function checkSchemaVersion(version: number): void {
  if (version === schemaVersion) return;
  if (version > schemaVersion)
    throw new NixError(`current Nix store schema is version ${version}, but I only support ${schemaVersion}`, {
      class: 'StoreError',
      hint: 'A newer Nix made this store. Take another one with `--store ROOT`.',
    });
  throw new NixError(`the Nix store has schema version ${version}, which is older than ${schemaVersion}`, {
    class: 'StoreError',
    hint: 'Any recent Nix upgrades it; or take another store with `--store ROOT`.',
  });
}

/** The primary result code of an SQLite error; 0 for others. */
export function primaryCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
}

const problems: Readonly<Record<number, { readonly text: string; readonly hint?: string }>> = {
  5: { text: 'is busy', hint: 'Another process has been writing for very long; wait for it, or end it.' },
  8: { text: 'is not writable', hint: '`--store ROOT` takes another store.' },
  11: {
    text: 'is corrupt',
    hint: 'Its `.recover` in sqlite3 may save what is left; the store objects themselves are files.',
  },
  13: { text: 'cannot grow: the disk is full', hint: 'Nothing was registered; free some space and try again.' },
  14: { text: 'cannot be opened', hint: '`--store ROOT` takes another store.' },
  26: {
    text: 'is corrupt',
    hint: 'It is no SQLite database; restore it from a backup, or take another store with `--store ROOT`.',
  },
};

/** SQLite's errors as Nix errors that name the database. */
function attempt<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const problem = problems[primaryCode(error)];
    if (primaryCode(error) === 0) throw error;
    throw new NixError(`the store's database '${file}' ${problem?.text ?? 'failed'}: ${(error as Error).message}`, {
      class: 'StoreError',
      hint: problem?.hint,
      cause: error,
    });
  }
}
