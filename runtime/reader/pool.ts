/** Reads the journal in PostgreSQL through connections of its own, in which nothing can be written. */
import type { CompiledQuery, Dialect, QueryResult } from 'kysely';
import pg from 'pg';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { schemaOf } from '../stores/cluster.ts';
import { dialect } from '../journal/dialect.ts';

interface Options {
  timeoutMs: number;
  log?: Logger;
}

const connections = 3;
/** SQLSTATE of a statement that took longer than its limit. */
const canceled = '57014';

/** It connects when it is first asked. */
export function readingPool(env: NodeJS.ProcessEnv, { timeoutMs, log }: Options): Dialect {
  const pool = new pg.Pool({
    connectionString: env['DATABASE_URL'],
    options: `-c search_path=${schemaOf(env)} -c default_transaction_read_only=on -c statement_timeout=${timeoutMs}`,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: 2 * timeoutMs,
    application_name: 'crossdock tower',
    keepAlive: true,
  });
  pool.on('error', (error) => log?.warn({ err: error }, 'PostgreSQL connection of the pages'));
  pool.on('connect', (client) => client.on('error', () => {}));
  return dialect(
    'postgres',
    async <R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> => {
      try {
        const { rows } = await pool.query(sql, [...parameters]);
        return { rows: rows as R[] };
      } catch (cause) {
        const late = (cause as { code?: unknown }).code === canceled;
        const why = late ? 'The question takes too long; ask for less' : 'The journal cannot be read';
        throw new CodedError('STORE_UNAVAILABLE', why, {}, { cause });
      }
    },
    () => pool.end(),
  );
}
