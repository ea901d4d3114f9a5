/** The embedded store: one SQLite file, durable on commit, where writes that arrive together share one commit. */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { LOG_BYTES, logBytes, logWatch } from './log-watch.ts';
import { migrations } from './migrations.ts';
import { spaceOf, type Space } from './space.ts';

export interface Store {
  /** Prepared once, kept. For reads; writes belong in `write`. Throws STORE_UNAVAILABLE after close. */
  prepare(sql: string): StatementSync;
  /**
   * Runs `work` in the next shared transaction and resolves with its result after the commit. `work` must not be
   * async, and may run again when another one fails: it does nothing but read and write here. When it throws, its own
   * changes are undone, its caller gets the error, and the others are committed.
   * Throws CodedError STORE_FULL when there is no room for it, STORE_UNAVAILABLE when the commit fails otherwise.
   * Without room for all that came together each is tried for itself, for what makes room must not wait for what needs it.
   */
  write<T>(work: () => T): Promise<T>;
  /**
   * What `ask` writes before it first waits is kept as a whole or not at all; then all of it fails with the first error.
   * Nothing of it is written when `ask` fails before the commit.
   */
  together<T>(ask: () => Promise<T>): Promise<T>;
  /**
   * What works leave with the returned function is written at the end of their commit, all of it at once: `write` is
   * called with it inside the transaction. What a work left that was undone is not among it.
   */
  collect<T>(write: (left: readonly T[]) => void): (one: T) => void;
  /** Changes when another process has written to the file. */
  dataVersion(): number;
  space: Space;
  /** Read anew ten times a second at the most. */
  room(): Room;
  /**
   * Makes this the only store that consumes from the file; ends with the process or with close.
   * Throws CodedError CONFIG_INVALID when another has it.
   */
  lock(): void;
  /** Commits what waits, then closes. */
  close(): void;
}

/** In bytes. */
export interface Room {
  /** What the data takes, without the free pages inside the file; and the log beside it, when a reader keeps it from ending. */
  used: number;
  /** Undefined: as far as the disk reaches. */
  limit: number | undefined;
}

export interface StoreOptions {
  /** The file grows no further than this. Default no limit. */
  limitMb?: number;
  log?: Logger;
}

interface Work {
  work(): unknown;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Kept or undone as a whole. */
interface Unit {
  works: Work[];
  /** Before its turn came. */
  failed?: { error: unknown };
}

/** Left by the works of the transaction that is under way. */
interface Collection {
  left: unknown[];
  write(left: readonly unknown[]): void;
}

type Settled = { error: unknown } | { values: unknown[] };

const MIB = 1024 * 1024;
const BUSY_MS = 3000;
/** Of 4 KiB: the more come together, the fewer are written to the file twice. */
const CHECKPOINT_PAGES = 2048;
const CACHE_KIB = 8 * 1024;
const ROOM_KEPT_MS = 100;
const QUIET_MS = 10_000;
const SQLITE_FULL = 13;

/** `file` is a path whose folder is made when missing. Throws CONFIG_INVALID for one that is damaged, or that this user may not write. */
export function openStore(file: string, { limitMb, log }: StoreOptions = {}): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  keepPrivate(file);
  const db = opened(file);
  const measure = roomOf(db, file, limitMb);
  const collections: Collection[] = [];
  const { write, together, flush } = gathering(db, committer(db, collections), {
    told: fullness(log),
    done: logWatch(db, file, { busyMs: BUSY_MS, log }),
  });
  const statements = new Map<string, StatementSync>();
  let lockFile: DatabaseSync | undefined;

  function prepare(sql: string): StatementSync {
    if (!db.isOpen) throw unavailable();
    let statement = statements.get(sql);
    if (!statement) statements.set(sql, (statement = db.prepare(sql)));
    return statement;
  }

  return {
    prepare,
    write,
    space: spaceOf(db, write),
    together,
    collect<T>(write: (left: readonly T[]) => void) {
      const collection: Collection = { left: [], write: write as Collection['write'] };
      collections.push(collection);
      return (one: T) => void collection.left.push(one);
    },
    room: measure,
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

/** Collects what is to be written until the turn is over, and has it committed. `told` is given each outcome. */
function gathering(
  db: DatabaseSync,
  commit: (batch: readonly Unit[]) => Settled[],
  { told, done }: { told(outcome: Settled): void; done(): void },
): Pick<Store, 'write' | 'together'> & { flush(): void } {
  let waiting: Unit[] = [];
  /** Is being asked for. */
  let unit: Unit | undefined;

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    commit(batch).forEach((outcome, i) => {
      batch[i]!.works.forEach(({ resolve, reject }, at) => {
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.values[at]);
      });
      told(outcome);
    });
    done();
  }

  function add(one: Unit): void {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(one);
  }

  function write<T>(work: () => T): Promise<T> {
    if (!db.isOpen) return Promise.reject(unavailable());
    return new Promise<T>((resolve, reject) => {
      const one: Work = { work, resolve: resolve as (value: unknown) => void, reject };
      if (unit) unit.works.push(one);
      else add({ works: [one] });
    });
  }

  function together<T>(ask: () => Promise<T>): Promise<T> {
    if (unit) return ask();
    const whole: Unit = (unit = { works: [] });
    try {
      const asked = ask();
      asked.catch((error: unknown) => (whole.failed ??= { error }));
      return asked;
    } catch (error) {
      whole.failed = { error };
      return Promise.reject(error);
    } finally {
      unit = undefined;
      if (whole.works.length > 0) add(whole);
    }
  }

  return { write, together, flush };
}

/** Commits units: all together; or, where the transaction could not be kept for want of room, each for itself. */
function committer(
  db: DatabaseSync,
  collections: readonly Collection[],
): (batch: readonly Unit[]) => Settled[] {
  const begin = db.prepare('BEGIN IMMEDIATE');
  const end = db.prepare('COMMIT');
  const save = db.prepare('SAVEPOINT unit');
  const release = db.prepare('RELEASE unit');
  const worked = ({ works, failed }: Unit): Settled => failed ?? { values: works.map((one) => one.work()) };

  /** Hardly any unit fails, and a savepoint costs a quarter of the transaction. */
  function unsaved(unit: Unit): Settled {
    try {
      return worked(unit);
    } catch (error) {
      if (!db.isTransaction) throw error;
      throw new Undone();
    }
  }

  function saved(unit: Unit): Settled {
    save.run();
    const before = collections.map(({ left }) => left.length);
    try {
      const settled = worked(unit);
      release.run();
      return settled;
    } catch (error) {
      // A full disk or an I/O error has ended the whole transaction: nobody may be told "stored".
      if (!db.isTransaction) throw error;
      db.exec('ROLLBACK TO unit; RELEASE unit');
      collections.forEach(({ left }, at) => (left.length = before[at]!));
      return { error: isFull(error) ? unavailable(error) : error };
    }
  }

  function inOneTransaction(batch: readonly Unit[], done: (unit: Unit) => Settled): Settled[] {
    // A rollback that failed would keep every later transaction from beginning.
    if (db.isTransaction) db.exec('ROLLBACK');
    begin.run();
    try {
      for (const collection of collections) collection.left = [];
      const settled = batch.map(done);
      for (const { left, write } of collections) if (left.length > 0) write(left);
      end.run();
      return settled;
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }

  return function commit(batch: readonly Unit[]): Settled[] {
    try {
      try {
        return inOneTransaction(batch, unsaved);
      } catch (error) {
        if (!(error instanceof Undone)) throw error;
        return inOneTransaction(batch, saved);
      }
    } catch (error) {
      const failure = unavailable(error);
      if (batch.length > 1 && isFull(error)) return batch.flatMap((unit) => commit([unit]));
      return batch.map(() => ({ error: failure }));
    }
  };
}

/** A unit has failed where no savepoint keeps it from the others. */
class Undone extends Error {}

function roomOf(db: DatabaseSync, file: string, limitMb: number | undefined): () => Room {
  const one = (pragma: string): number => Object.values(db.prepare(`PRAGMA ${pragma}`).get()!)[0] as number;
  const page = one('page_size');
  const limit = limitMb === undefined ? undefined : limitMb * MIB;
  let room: Room = { used: 0, limit };
  let readAt = -Infinity;
  const read = (): Room => {
    if (!db.isOpen || performance.now() - readAt < ROOM_KEPT_MS) return room;
    readAt = performance.now();
    // Said anew each time: SQLite raises it when another process has made the file larger.
    if (limit !== undefined) one(`max_page_count = ${Math.floor(limit / page)}`);
    const pages = one('page_count') - one('freelist_count');
    room = { used: pages * page + Math.max(0, logBytes(file) - LOG_BYTES), limit };
    return room;
  };
  read();
  return read;
}

/** Logs that the store is full, and that it has room again, and not each write between. */
function fullness(log: Logger | undefined): (outcome: Settled) => void {
  let since = 0;
  return (outcome) => {
    const full =
      'error' in outcome && outcome.error instanceof CodedError && outcome.error.code === 'STORE_FULL';
    if (full && since === 0) log?.error({ err: outcome.error }, 'The store is full; writes wait for room');
    if (full) since = performance.now();
    else if (since > 0 && performance.now() - since > QUIET_MS) {
      since = 0;
      log?.info('The store has room again');
    }
  };
}

function opened(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: BUSY_MS });
    // Before the file has its first page. FAST: what is deleted is overwritten in the pages that are written anyway.
    db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA secure_delete = FAST');
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
    db.exec(`PRAGMA journal_size_limit = ${LOG_BYTES}; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    migrate(db);
    return db;
  } catch (cause) {
    db?.close();
    const why = unusable[((cause as { errcode?: number }).errcode ?? 0) & 255];
    if (!why) throw cause;
    throw new CodedError('CONFIG_INVALID', `The store ${file} ${why}`, { file }, { cause });
  }
}

/** By the kind of SQLite's error. */
const unusable: Readonly<Record<number, string>> = {
  8: 'may not be written by this user',
  11: 'is damaged: put a backup in its place (crossdock restore)',
  14: 'may not be opened by this user',
  26: 'is no store of Crossdock: put a backup in its place (crossdock restore)',
};

/** It holds personal data, and so do the files that SQLite makes beside it with its mode. */
function keepPrivate(file: string): void {
  if (file === ':memory:') return;
  try {
    if (existsSync(file)) chmodSync(file, 0o600);
    else writeFileSync(file, '', { mode: 0o600, flag: 'a' });
  } catch {
    // Of another user who lets this one write, or not to be written at all: the first statement says that.
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
    // A full store must open too, so nothing is written that stands there already.
    if (version < migrations.length) db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    db.close();
    throw error;
  }
}

/** SQLite's own file lock: the operating system frees it when the process dies, however it dies. */
function lockBeside(file: string): DatabaseSync {
  keepPrivate(`${file}.lock`);
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
  return isFull(cause)
    ? new CodedError('STORE_FULL', 'The embedded store has no room', {}, { cause })
    : new CodedError('STORE_UNAVAILABLE', 'The embedded store could not write', {}, { cause });
}

/** By limit or by disk. The lower byte of SQLite's code is the kind of error, the rest its detail. */
function isFull(error: unknown): boolean {
  return ((error as { errcode?: number } | undefined)?.errcode ?? 0) % 256 === SQLITE_FULL;
}
