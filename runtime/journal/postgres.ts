/** The journal of the cluster profile: PostgreSQL. */
import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from './journal.ts';
import { gathered } from '../limits/gathered.ts';
import type { AuditEntry } from '../audit/acts.ts';
import type { AuditRow, Link } from '../audit/chain.ts';
import { auditColumns, fromRow, nextRows } from './audit.ts';
import { dropMonth, makeMonths, monthsAreMissing, monthsBefore } from './months.ts';
import { followed } from '../secrets/following.ts';
import { migrations } from './postgres-migrations.ts';
import { sqlJournal } from './sql.ts';
import { storeKeys } from '../seal/keys.ts';
import { sealing } from '../seal/plugin.ts';
import { arrays, stored, type Tables } from './tables.ts';

export interface PostgresJournalOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Where it may change: the one of now, for the next connection. */
  now?: () => string;
  /** Made when missing. Default `crossdock`. Letters, digits and _ only. */
  schema?: string;
  log?: Logger;
  /** Default 4. */
  connections?: number;
  /** Limit of the connect; queries have three times as long. Default 4000. */
  timeoutMs?: number;
  clock?: () => Date;
}

/** Any number that no other application on the database locks: 'cros' in ASCII. */
const MIGRATION_LOCK = 0x63726f73;
/** Who has it adds to the audit: 'crau' in ASCII. */
const AUDIT_LOCK = 0x63726175;
/** An index of many millions of rows takes minutes to make. */
const patient = { query_timeout: 3_600_000 };
const migration = { lock: MIGRATION_LOCK, ...patient };
const auditing = { lock: AUDIT_LOCK };

/** Throws CodedError STORE_UNAVAILABLE when PostgreSQL does not answer at first; afterwards it reconnects by itself. */
export async function postgresJournal(options: PostgresJournalOptions): Promise<Journal> {
  const { url, schema = 'crossdock', log, clock } = options;
  if (!/^[a-z_][a-z0-9_]*$/.test(schema))
    throw new CodedError('CONFIG_INVALID', 'A schema name has small letters, digits and _ only', { schema });
  const pool = connected(options, schema);
  const unfollow = followed(options.now ?? (() => url), () => {
    pool.options.connectionString = options.now!();
  });
  const ahead = async (now: Date): Promise<void> => {
    if (await monthsAreMissing(pool, now)) await alone(pool, (client) => makeMonths(client, now));
  };
  try {
    await alone(pool, (client) => migrate(client, schema));
    await ahead(new Date()).catch((error: unknown) =>
      log?.warn({ err: error }, 'The months to come are made later'),
    );
  } catch (error) {
    unfollow();
    await pool.end();
    if (error instanceof CodedError) throw error;
    throw new CodedError('STORE_UNAVAILABLE', 'PostgreSQL cannot be reached', {}, { cause: error });
  }
  const keys = storeKeys();
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({ pool }),
    ...sealing(keys, 'postgres'),
  });
  const upkeep = {
    months: {
      before: (time: string) => stored(() => monthsBefore(pool, time)),
      drop: (month: string, stay: readonly string[]) =>
        stored(() => alone(pool, (client) => dropMonth(client, month, stay))),
    },
    clean: () => stored(() => vacuum(pool)),
  };
  const end = async (): Promise<void> => {
    unfollow();
    // Kysely's own destroy leaves a pool open that it has not used yet.
    if (!pool.ending) await pool.end();
  };
  const journal = sqlJournal(db, end, {
    upkeep,
    keys,
    addToAudit: gathered<AuditEntry, AuditRow>({
      most: ROWS_OF_AUDIT,
      run: (entries) =>
        alone(pool, (client) => addToAudit(client, entries, clock?.() ?? new Date()), auditing),
    }),
    ...(clock && { clock }),
    id: randomUUID().slice(0, 8),
    insert: (name, text, values) => pool.query({ name, text, values: [...values] }),
  });
  return { ...journal, ahead: (now) => stored(() => ahead(now)), size: () => stored(() => sizeOf(pool)) };
}

function connected(
  { url, log, connections = 4, timeoutMs = 4000 }: PostgresJournalOptions,
  schema: string,
): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${schema}`,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: 3 * timeoutMs,
    application_name: 'crossdock',
    keepAlive: true,
  });
  // An idle connection that breaks is an event of the pool; without a listener it would end the process.
  pool.on('error', (error) => log?.warn({ err: error }, 'PostgreSQL connection'));
  // One that breaks at work is an event of the client too, beside the error of its query.
  pool.on('connect', (client) => client.on('error', () => {}));
  // A query that ran out of time still holds its connection, which may be silent for ever.
  pool.on('release', (_error, client) => {
    const { readyForQuery } = client as pg.PoolClient & { readyForQuery: boolean };
    if (!readyForQuery) client.end().catch(() => {});
  });
  return pool;
}

/** Of all tables of the schema, with their indexes. */
async function sizeOf(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ bytes: string | null }>(
    "SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relnamespace = current_schema::regnamespace AND relkind = 'r'",
  );
  return Number(rows[0]?.bytes ?? 0);
}

/** Workers that start together wait for each other. */
async function migrate(client: pg.ClientBase, schema: string): Promise<void> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
  const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
  const version = rows[0]?.version ?? 0;
  if (version > migrations.length)
    throw new CodedError('CONFIG_INVALID', 'The journal was written by a newer version of Crossdock', {
      journalVersion: version,
      knownVersion: migrations.length,
    });
  for (const text of migrations.slice(version)) await client.query({ text, ...patient });
  if (version === migrations.length) return;
  await client.query('DELETE FROM schema_version');
  await client.query('INSERT INTO schema_version VALUES ($1)', [migrations.length]);
}

/** Old rows leave the pages of the tables; the write-ahead log of PostgreSQL keeps them for as long as it is kept. */
async function vacuum(pool: pg.Pool): Promise<void> {
  for (const table of ['step', 'dead_letter', 'dead_letter_failure', 'document', 'process', 'record_version'])
    await pool.query({ text: `VACUUM ${table}`, ...patient });
}

const ROWS_OF_AUDIT = 500;
const lastOfAudit = 'SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1';
const auditTypes = auditColumns.map((name) => (name === 'sequence' ? 'bigint' : 'text'));
const insertAudit = `INSERT INTO audit (${auditColumns.join()}) SELECT * FROM unnest(${arrays(auditTypes, 0)})`;

/** Of those who hold the lock one after the other, each sees the rows of the one before. */
async function addToAudit(
  client: pg.ClientBase,
  entries: readonly AuditEntry[],
  now: Date,
): Promise<AuditRow[]> {
  const { rows } = await client.query<Link>(lastOfAudit);
  const added = nextRows(rows[0], entries, now);
  await client.query({
    name: 'audit',
    text: insertAudit,
    values: auditColumns.map((name) => added.map((row) => row[name])),
  });
  return added.map(fromRow);
}

/** One at a time of all processes. */
async function alone<T>(
  pool: pg.Pool,
  work: (client: pg.ClientBase) => Promise<T>,
  { lock, ...limits }: { lock: number; query_timeout?: number } = migration,
): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const text = `SELECT pg_advisory_xact_lock(${lock})`;
    await client.query({ text, ...limits });
    const done = await work(client);
    await client.query('COMMIT');
    client.release();
    return done;
  } catch (error) {
    // Ends the connection, and with it the transaction and its lock.
    client.release(true);
    throw error;
  }
}
