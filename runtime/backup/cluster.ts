/** The journal of the cluster profile in a backup: every table as it stood at one moment, by the hub's own connection. */
import { createReadStream } from 'node:fs';
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import pg from 'pg';
import { CodedError } from '../errors/coded-error.ts';
import { prefixOf, schemaOf } from '../stores/cluster.ts';
import { postgresJournal } from '../journal/postgres.ts';
import { migrations } from '../journal/postgres-migrations.ts';
import { members } from '../release/fleet.ts';

export const clusterVersion = migrations.length;

const ROWS = 1000;
const sequencesName = 'sequences.json';
/** What is true of the hubs at the moment, and of nothing else. */
const passing = new Set(['hub', 'schema_version']);

/** Whole tables: months of the trace are not told apart. */
const tables = `SELECT relname AS name FROM pg_class
  WHERE relnamespace = current_schema::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`;

export async function dumpCluster(env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  await connected(env, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    for (const table of await tablesOf(client)) {
      const file = join(folder, `${table}.ndjson`);
      await writeFile(file, '');
      await client.query(
        `DECLARE rows_of NO SCROLL CURSOR FOR SELECT to_json(t)::text AS row FROM ${table} t`,
      );
      for (;;) {
        const { rows } = await client.query<{ row: string }>(`FETCH ${ROWS} FROM rows_of`);
        if (rows.length === 0) break;
        await appendFile(file, rows.map(({ row }) => `${row}\n`).join(''));
      }
      await client.query('CLOSE rows_of');
    }
    const { rows } = await client.query(
      'SELECT sequencename AS name, last_value AS value FROM pg_sequences WHERE schemaname = current_schema',
    );
    await writeFile(join(folder, sequencesName), JSON.stringify(rows));
    await client.query('COMMIT');
  });
}

/** Throws BACKUP_REFUSED while a hub is there, and for a journal that is not empty. Makes the tables where they are missing. */
export async function refuseCluster(env: NodeJS.ProcessEnv, replace: boolean): Promise<void> {
  const journal = await postgresJournal({ url: addressOf(env), schema: schemaOf(env) });
  try {
    const [there] = await members(journal.documents, new Date());
    if (there)
      throw new CodedError(
        'BACKUP_REFUSED',
        `The hub ${there.host} ${there.pid} runs, or ended a moment ago without a word: stop every hub first`,
      );
  } finally {
    await journal.close();
  }
  if (replace) return;
  await connected(env, async (client) => {
    const found = await client.query('SELECT 1 FROM step UNION ALL SELECT 1 FROM document LIMIT 1');
    if (found.rows.length > 0)
      throw new CodedError(
        'BACKUP_REFUSED',
        'The journal is not empty. --replace puts the backup in its place',
      );
  });
}

/** All or nothing. The claims in Redis go: what came after the backup is not known here, so a partner's retry must count as new. */
export async function restoreCluster(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await connected(env, async (client) => {
    await client.query('BEGIN');
    const own = await tablesOf(client);
    await client.query(`TRUNCATE ${own.join(', ')}, hub`);
    for (const name of await readdir(folder)) {
      const table = /^(\w+)\.ndjson$/.exec(name)?.[1];
      if (table && own.includes(table)) await fill(client, table, join(folder, name));
    }
    const kept = JSON.parse(await readFile(join(folder, sequencesName), 'utf8')) as {
      name: string;
      value: string | null;
    }[];
    for (const { name, value } of kept)
      if (value !== null) await client.query('SELECT setval($1::regclass, $2)', [name, value]);
    await client.query("DELETE FROM document WHERE kind = 'member' OR (kind = 'rollout' AND id = 'now')");
    await client.query('COMMIT');
  });
  await forgetClaims(env);
}

async function fill(client: pg.Client, table: string, file: string): Promise<void> {
  let rows: string[] = [];
  const insert = async (): Promise<void> => {
    if (rows.length === 0) return;
    const text = `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::${table}, $1)`;
    await client.query(text, [`[${rows.join()}]`]);
    rows = [];
  };
  for await (const line of createInterface({ input: createReadStream(file) })) {
    rows.push(line);
    if (rows.length >= ROWS) await insert();
  }
  await insert();
}

async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(tables);
  return rows.map(({ name }) => name).filter((name) => !passing.has(name));
}

async function forgetClaims(env: NodeJS.ProcessEnv): Promise<void> {
  const redis = new Redis(env['REDIS_URL'] ?? '', { maxRetriesPerRequest: 1 });
  redis.on('error', () => {});
  try {
    const match = `${prefixOf(env)}crossdock:claim:*`;
    for await (const keys of redis.scanStream({ match, count: 1000 }) as AsyncIterable<string[]>)
      if (keys.length > 0) await redis.unlink(...keys);
  } catch (error) {
    throw new CodedError(
      'STORE_UNAVAILABLE',
      'Redis cannot be reached: its claims must go, so restore again',
      {},
      {
        cause: error,
      },
    );
  } finally {
    redis.disconnect();
  }
}

async function connected(env: NodeJS.ProcessEnv, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    connectionString: addressOf(env),
    options: `-c search_path=${schemaOf(env)}`,
    connectionTimeoutMillis: 5000,
    application_name: 'crossdock backup',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await work(client);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError(
      'STORE_UNAVAILABLE',
      'PostgreSQL cannot be reached, or refuses',
      {},
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

/** Throws CONFIG_INVALID. */
function addressOf(env: NodeJS.ProcessEnv): string {
  const url = env['DATABASE_URL'];
  if (url) return url;
  throw new CodedError('CONFIG_INVALID', 'DATABASE_URL is not set', { setting: 'DATABASE_URL' });
}
