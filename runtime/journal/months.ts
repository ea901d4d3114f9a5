/** In PostgreSQL the steps of a month are a table of their own, so that a month can be dropped whole. */
import type pg from 'pg';

/** This month and those that follow. */
const MONTHS = 3;
/** Who comes after one that waits for a lock waits too. */
const LOCK_MS = 1000;

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
