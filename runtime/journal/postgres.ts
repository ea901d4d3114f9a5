/** The journal of the cluster profile: PostgreSQL. */
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from './journal.ts';
import { sqlJournal } from './sql.ts';
import type { Tables } from './tables.ts';

export interface PostgresJournalOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  /** Made when missing. Default `crossdock`. Letters, digits and _ only. */
  schema?: string;
  log?: Logger;
  /** Default 4. */
  connections?: number;
  /** Limit of the connect; queries have three times as long. Default 4000. */
  timeoutMs?: number;
}

/** Any number that no other application on the database locks: 'cros' in ASCII. */
const MIGRATION_LOCK = 0x63726f73;

/** Times and versions compare as bytes, whatever the collation of the database. */
const migrations: readonly string[] = [
  `CREATE TABLE step (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time text COLLATE "C" NOT NULL,
    correlation_id text NOT NULL,
    business_key text NOT NULL,
    step text NOT NULL,
    flow text NOT NULL,
    flow_version text NOT NULL,
    outcome text NOT NULL,
    code text,
    detail text,
    reference text,
    duration_ms double precision
  );
  CREATE INDEX step_correlation ON step (correlation_id, time);
  CREATE INDEX step_business_key ON step (business_key, correlation_id);
  CREATE INDEX step_time ON step (time, outcome);
  CREATE TABLE dead_letter (
    id text PRIMARY KEY,
    queue text NOT NULL,
    message text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    facts text NOT NULL,
    first_failed text COLLATE "C" NOT NULL,
    last_failed text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    state text NOT NULL
  );
  CREATE INDEX dead_letter_state ON dead_letter (state, last_failed);`,
  `CREATE INDEX step_retrying ON step (reference, flow) WHERE outcome = 'retrying';
  ALTER TABLE dead_letter
    ADD COLUMN flow text NOT NULL DEFAULT '',
    ADD COLUMN flow_version text NOT NULL DEFAULT '',
    ADD COLUMN first_code text NOT NULL DEFAULT '',
    ADD COLUMN first_reason text NOT NULL DEFAULT '',
    ADD COLUMN waits_for text,
    ADD COLUMN parked_until text COLLATE "C",
    ADD COLUMN decision text;
  UPDATE dead_letter SET flow = queue, first_code = code, first_reason = reason;
  CREATE INDEX dead_letter_parked ON dead_letter (waits_for) WHERE waits_for IS NOT NULL;
  CREATE TABLE dead_letter_failure (
    letter text NOT NULL,
    time text COLLATE "C" NOT NULL,
    code text NOT NULL,
    detail text,
    flow_version text NOT NULL,
    PRIMARY KEY (letter, time, code)
  );
  CREATE TABLE record_version (
    record text PRIMARY KEY,
    version text COLLATE "C" NOT NULL
  );`,
  `CREATE TABLE document (
    kind text NOT NULL,
    id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (kind, id)
  );`,
  `CREATE TABLE process (
    process text NOT NULL,
    key text COLLATE "C" NOT NULL,
    number text NOT NULL,
    state text NOT NULL,
    due text COLLATE "C",
    body text NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (process, key)
  );
  CREATE INDEX process_number ON process (number);
  CREATE INDEX process_due ON process (due) WHERE due IS NOT NULL;`,
  `ALTER TABLE step ADD COLUMN message text;
  CREATE INDEX step_kept ON step (time) WHERE message IS NOT NULL;`,
];

/** Throws CodedError STORE_UNAVAILABLE when PostgreSQL does not answer at first; afterwards it reconnects by itself. */
export async function postgresJournal(options: PostgresJournalOptions): Promise<Journal> {
  const { url, schema = 'crossdock', log, connections = 4, timeoutMs = 4000 } = options;
  if (!/^[a-z_][a-z0-9_]*$/.test(schema))
    throw new CodedError('CONFIG_INVALID', 'A schema name has small letters, digits and _ only', { schema });
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
  try {
    await migrate(pool, schema);
  } catch (error) {
    await pool.end();
    if (error instanceof CodedError) throw error;
    throw new CodedError('STORE_UNAVAILABLE', 'PostgreSQL cannot be reached', {}, { cause: error });
  }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return sqlJournal(db, async () => {
    // Kysely's own destroy leaves a pool open that it has not used yet.
    if (!pool.ending) await pool.end();
  });
}

/** Workers that start together wait for each other. */
async function migrate(pool: pg.Pool, schema: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await client.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
    const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
    const version = rows[0]?.version ?? 0;
    if (version > migrations.length)
      throw new CodedError('CONFIG_INVALID', 'The journal was written by a newer version of Crossdock', {
        journalVersion: version,
        knownVersion: migrations.length,
      });
    for (const sql of migrations.slice(version)) await client.query(sql);
    if (version < migrations.length) {
      await client.query('DELETE FROM schema_version');
      await client.query('INSERT INTO schema_version VALUES ($1)', [migrations.length]);
    }
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    // Ends the connection, and with it the transaction and its lock.
    client.release(true);
    throw error;
  }
}
