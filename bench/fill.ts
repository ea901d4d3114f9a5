/** A journal with a history: orders of a year that were all done but the last ones, in SQL, for both stores. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { openStore } from '../runtime/sqlite/store.ts';

export interface History {
  orders: number;
  /** Of each order. */
  steps: number;
}

/** One of so many has failed, and was sent again. */
const failing = 100;
/** The last ones are under way: one of ten waits for a person, one for its predecessor. */
const running = 2000;
const end = Date.parse('2026-11-01T00:00:00Z') / 1000;
const year = 365 * 86_400;
/** As long as an instance is after an order's way to its money. */
const history = JSON.stringify(
  Array.from({ length: 16 }, () => ({ at: '2026-01-01T00:00:00.000Z', what: 'x'.repeat(40) })),
);
const message = JSON.stringify({ type: 'order.received.v1', source: 'shop', data: 'x'.repeat(1500) });

/** What both databases say in the same words: `n` is the number of the order, `time(…)` and `id(…)` are their own. */
function inserts(
  { orders, steps }: History,
  time: (second: string) => string,
  series: (to: number) => string,
): string[] {
  const at = time(`${end - year} + n * ${year / orders}`);
  const under = `n > ${orders - running}`;
  const failed = `n % ${failing} = 0 OR (${under} AND n % 5 = 0)`;
  const state = `CASE WHEN NOT ${under} THEN 'replayed' WHEN n % 10 = 0 THEN 'open' ELSE 'parked' END`;
  return [
    `INSERT INTO process (process, key, number, state, due, body, revision)
     SELECT 'order-to-cash', 'shop/' || n, 'order-' || n, CASE WHEN ${under} THEN 'running' ELSE 'done' END,
       CASE WHEN ${under} THEN '2099-01-01' END,
       '{"process":"order-to-cash","key":"shop/' || n || '","number":"order-' || n || '","state":"done","steps":{},"attention":[],"history":${history}}', 9
     FROM ${series(orders)}`,
    ...Array.from(
      { length: steps },
      (
        _,
        step,
      ) => `INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome, reference)
     SELECT ${time(`${end - year} + n * ${year / orders} + ${step}`)}, ${scattered}, 'order-' || n, 'a step', 'a flow', '1.0.0',
       '${step === 0 ? 'accepted' : step === 1 ? 'published' : 'landed'}', 'sale.order/' || n FROM ${series(orders)}`,
    ),
    `INSERT INTO record_version (record, version) SELECT 'shop/order/' || n, '2026-01-01T00:00:00Z' FROM ${series(orders)}`,
    `INSERT INTO document (kind, id, body) SELECT 'order-kept', 'shop/' || n, '{"content":"0123456789abcdef0123456789abcdef"}' FROM ${series(orders)}`,
    `INSERT INTO document (kind, id, body) SELECT 'newest-event', 'order.updated.v1/order-' || n, '{"id":"0123456789abcdef","time":"2026-01-01T00:00:00Z"}' FROM ${series(orders)}`,
    `INSERT INTO dead_letter (id, queue, flow, flow_version, message, code, reason, facts, first_failed, first_code, first_reason,
       last_failed, attempts, state, waits_for, parked_until)
     SELECT 'orders/shop/' || n, 'orders', 'order-to-odoo', '1.0.0', '${message}', 'C' || n / ${failing} % 7, 'a reason', '{}', ${at}, 'X',
       'a reason', ${at}, 3, ${state}, CASE ${state} WHEN 'parked' THEN 'shop/order/x' || n END,
       CASE ${state} WHEN 'parked' THEN '2099-01-01' END
     FROM ${series(orders)} WHERE ${failed}`,
    `INSERT INTO dead_letter_failure (letter, time, code, detail, flow_version) SELECT 'orders/shop/' || n, ${at}, 'X', NULL, '1.0.0' FROM ${series(orders)} WHERE ${failed}`,
  ];
}

/** As ids are: those of one day are all over the index. */
const scattered = `'c' || (n * 2654435761 % 4294967296)`;

export function fillSqlite(file: string, history: History): void {
  openStore(file).close();
  const db = new DatabaseSync(file);
  // What breaks off is thrown away.
  db.exec(
    'PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY',
  );
  const indexes = db
    .prepare(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'step'`)
    .all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${String(name)}`);
  db.exec('BEGIN');
  const time = (second: string) => `strftime('%Y-%m-%dT%H:%M:%fZ', ${second}, 'unixepoch')`;
  const series = (to: number) =>
    `(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${to}) SELECT n FROM s)`;
  for (const sql of inserts(history, time, series)) db.exec(sql);
  db.exec('COMMIT');
  for (const { sql } of indexes) db.exec(String(sql));
  db.close();
}

/** Into the schema that a journal has made. */
export async function fillPostgres(url: string, schema: string, history: History): Promise<void> {
  const db = new pg.Client({
    connectionString: url,
    options: `-c search_path=${schema} -c synchronous_commit=off`,
  });
  await db.connect();
  await db.query(`DO $$ BEGIN
    FOR n IN 0..12 LOOP
      EXECUTE format('CREATE TABLE step_old_%s PARTITION OF step FOR VALUES FROM (%L) TO (%L)', n,
        (date '2025-10-01' + n * interval '1 month')::date, (date '2025-10-01' + (n + 1) * interval '1 month')::date);
    END LOOP;
  END $$`);
  const time = (second: string) =>
    `to_char(to_timestamp(${second}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const series = (to: number) => `generate_series(1, ${to}::bigint) n`;
  for (const sql of inserts(history, time, series)) await db.query(sql);
  await db.query('VACUUM ANALYZE process, step, record_version, document, dead_letter, dead_letter_failure');
  await db.end();
}
