/** In PostgreSQL the steps of a month are a table of their own, so that a month can be dropped whole. */
import type pg from 'pg';

/** This month and those that follow. */
const MONTHS = 3;
/** Who comes after one that waits for a lock waits too. */
const LOCK_MS = 1000;
/** To count a month of many millions takes a while, and locks nobody out. */
const COUNT_MS = 3_600_000;

export async function monthsAreMissing(db: pg.Pool, now: Date): Promise<boolean> {
  return (await firstMissing(db, now)) < monthOf(now, MONTHS);
}

/**
 * Makes the months that are missing, within the transaction of `client`. A step of a month that was missing is in the
 * table of all other times, and moves.
 */
export async function makeMonths(client: pg.ClientBase, now: Date): Promise<void> {
  await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
  const end = monthOf(now, MONTHS);
  for (let month = await firstMissing(client, now); month < end;) {
    // Else who reads at this moment could miss what moves.
    await client.query('LOCK TABLE ONLY step');
    const next = monthOf(new Date(month), 1);
    const table = `step_${month.slice(0, 7).replace('-', '_')}`;
    await client.query(`CREATE TABLE ${table} (LIKE step INCLUDING DEFAULTS)`);
    await client.query(
      `WITH moved AS (DELETE FROM step_other WHERE time >= '${month}' AND time < '${next}' RETURNING *)
       INSERT INTO ${table} SELECT * FROM moved`,
    );
    await client.query(
      `ALTER TABLE step ATTACH PARTITION ${table} FOR VALUES FROM ('${month}') TO ('${next}')`,
    );
    month = next;
  }
}

/** Partitions whose steps are all before this ISO time, the oldest first. */
export async function monthsBefore(db: pg.Pool, time: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `SELECT name FROM (
       SELECT relname AS name, substring(pg_get_expr(relpartbound, oid) FROM 'TO \\(''(.*)''\\)') AS "end"
       FROM pg_class WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'step'::regclass)) parts
     WHERE "end" COLLATE "C" <= $1 ORDER BY "end"`,
    [time.slice(0, 10)],
  );
  return rows.map(({ name }) => name);
}

/**
 * Drops a partition, within the transaction of `client`; the steps of these transactions move to the table of all other
 * times. How many went; 0 where another process has dropped it.
 */
export async function dropMonth(
  client: pg.ClientBase,
  table: string,
  stay: readonly string[],
): Promise<number> {
  const { rows: attached } = await client.query(
    `SELECT 1 FROM pg_inherits WHERE inhparent = 'step'::regclass AND inhrelid = to_regclass($1)`,
    [table],
  );
  if (attached.length === 0) return 0;
  const count = {
    text: `SELECT count(*) AS n FROM ${table} WHERE correlation_id <> ALL ($1)`,
    values: [stay],
    query_timeout: COUNT_MS,
  };
  const { rows } = await client.query<{ n: string }>(count);
  await client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
  await client.query(`ALTER TABLE step DETACH PARTITION ${table}`);
  await client.query(`INSERT INTO step SELECT * FROM ${table} WHERE correlation_id = ANY ($1)`, [stay]);
  await client.query(`DROP TABLE ${table}`);
  return Number(rows[0]!.n);
}

/** Months that passed without a hub stay missing. */
async function firstMissing(db: pg.Pool | pg.ClientBase, now: Date): Promise<string> {
  const { rows } = await db.query<{ end: string | null }>(
    `SELECT max(substring(pg_get_expr(relpartbound, oid) FROM 'TO \\(''(.*)''\\)')) AS end
     FROM pg_class WHERE oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'step'::regclass)`,
  );
  const [made, month] = [rows[0]?.end ?? '', monthOf(now, 0)];
  return made > month ? made : month;
}

/** `2027-01-01`: the first day, UTC, so many months later. */
function monthOf(time: Date, later: number): string {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + later)).toISOString().slice(0, 10);
}
