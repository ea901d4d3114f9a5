/** The embedded store: one SQLite file, durable on commit, where writes that arrive together share one commit. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { migrations } from './migrations.ts';

export interface Store {
  /** Prepared once, kept. For reads; writes belong in `write`. Throws STORE_UNAVAILABLE after close. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work` in the next shared transaction and resolves with its result after the commit. `work` must not be
   * async. When it throws, its own changes are undone, its caller gets the error, and the others are committed.
   * Throws CodedError STORE_UNAVAILABLE when the commit fails.
   */
  write<T>(work: () => T): Promise<T>;
  /** Changes when another process has written to the file. */
  dataVersion(): number;
  /**
   * Makes this the only store that consumes from the file; ends with the process or with close.
   * Throws CodedError CONFIG_INVALID when another has it.
   */
  lock(): void;
  /** Commits what waits, then closes. */
  close(): void;
}

interface Waiting {
  work(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

type Settled = { error: unknown } | { value: unknown };

/** `file` is a path whose folder is made when missing. */
export function openStore(file: string): Store {
  mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file, { timeout: 3000 });
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  migrate(db);
  const statements = new Map<string, StatementSync>();
  let waiting: Waiting[] = [];
  let lockFile: DatabaseSync | undefined;

  function prepare(sql: string): StatementSync {
    if (!db.isOpen) throw unavailable();
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare(sql)));
    return statement;
  }

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    try {
      const settled = commitTogether(db, batch);
      batch.forEach((one, i) => {
        const outcome = settled[i]!;
        if ('error' in outcome) one.reject(outcome.error);
        else one.resolve(outcome.value);
      });
    } catch (error) {
      for (const one of batch) one.reject(unavailable(error));
    }
  }

  return {
    prepare,
    write<T>(work: () => T): Promise<T> {
      if (!db.isOpen) return Promise.reject(unavailable());
      return new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      });
    },
    dataVersion: () => (prepare('PRAGMA data_version').get() as { data_version: number }).data_version,
    lock() {
      lockFile ??= lockBeside(file);
    },
    close() {
      if (!db.isOpen) return;
      flush();
      db.close();
      lockFile?.close();
    },
  };
}

/** One transaction for all; a savepoint each, so that one failing work does not undo the others. */
function commitTogether(db: DatabaseSync, batch: Waiting[]): Settled[] {
  db.exec('BEGIN IMMEDIATE');
  try {
    const settled = batch.map((one): Settled => {
      db.exec('SAVEPOINT work');
      try {
        const value = one.work();
        db.exec('RELEASE work');
        return { value };
      } catch (error) {
        // A full disk or an I/O error has ended the whole transaction: then this throws, and nobody is told "stored".
        db.exec('ROLLBACK TO work; RELEASE work');
        return { error };
      }
    });
    db.exec('COMMIT');
    return settled;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function migrate(db: DatabaseSync): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > migrations.length)
      throw new CodedError('CONFIG_INVALID', 'The data file was written by a newer version of Crossdock', {
        fileVersion: version,
        knownVersion: migrations.length,
      });
    for (const sql of migrations.slice(version)) db.exec(sql);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    db.close();
    throw error;
  }
}

/** SQLite's own file lock: the operating system frees it when the process dies, however it dies. */
function lockBeside(file: string): DatabaseSync {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw new CodedError(
      'CONFIG_INVALID',
      'Another hub works on this data directory',
      { file },
      { cause: error },
    );
  }
}

function unavailable(cause?: unknown): CodedError {
  return new CodedError('STORE_UNAVAILABLE', 'The embedded store could not write', {}, { cause });
}
