/** What PostgreSQL reads for each call: what it finds, never a table that grows. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { postgresJournal } from '../../runtime/journal/postgres.ts';
import { sqlJournal } from '../../runtime/journal/sql.ts';
import type { Tables } from '../../runtime/journal/tables.ts';
import { describeReal } from '../real.ts';
import { calls, large } from './calls.ts';

/** Asked for all letters of a state, so that these are read. */
const whole = new Set([
  'issues, all letters',
  'groups',
  'groups of a code',
  'groups of all states',
  'letters whose record has landed',
  'counts of a replay',
]);

/** Of one node of a plan and those below it. */
interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: PlanNode[];
}

/** Of each table, so that what is not found by an index shows. */
const rows = 6000;
/** A page of 200, and the little around it. */
const few = 450;
/** So small a table is read faster without its index. */
const page = 20;

const fill = `
  DO $$ BEGIN
    FOR n IN 0..13 LOOP
      EXECUTE format('CREATE TABLE step_old_%s PARTITION OF step FOR VALUES FROM (%L) TO (%L)', n,
        (date '2025-02-01' + n * interval '1 month')::date, (date '2025-02-01' + (n + 1) * interval '1 month')::date);
    END LOOP;
  END $$;
  INSERT INTO process (process, key, number, state, due, body, revision, step)
    SELECT 'sales', 'k' || n, n, CASE WHEN n % 100 = 0 THEN 'running' ELSE 'done' END,
      CASE WHEN n % 100 = 0 THEN '2026-04-01' END, '{}', 1, CASE WHEN n % 100 = 0 THEN 'ship' END FROM generate_series(1, ${rows}) n;
  INSERT INTO alias SELECT 'o' || n, 'order', 'process', 'sales', 'k' || n, 'O' || n, '2026' FROM generate_series(1, ${rows}) n;
  INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome, reference)
    SELECT to_char(timestamp '2025-02-01' + n * interval '94 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'c' || n / 5, 'o' || n / 5, 's', 'f', '1', CASE n % 50 WHEN 0 THEN 'retrying' WHEN 1 THEN 'landed' ELSE 'published' END, 'm' || n
    FROM generate_series(1, ${rows}) n;
  INSERT INTO dead_letter (id, queue, message, code, reason, facts, first_failed, last_failed, attempts, state, flow,
      flow_version, first_code, first_reason, waits_for, parked_until, issue, unsettled)
    SELECT 'l' || n, 'q', '"' || repeat('x', 1000) || '"', 'C' || n / 10 % 6, '', '{}', time, time, 1, state, 'f' || n / 10 % 6, '1', 'X', '',
      CASE WHEN state = 'parked' THEN 'r' || n END, CASE WHEN state = 'parked' THEN '2026-04-01' END,
      'i' || n / 10 % 60, CASE WHEN state = 'open' THEN 1 ELSE 0 END
    FROM (SELECT n, CASE n % 10 WHEN 0 THEN 'open' WHEN 1 THEN 'parked' ELSE 'replayed' END AS state,
        to_char(timestamp '2025-02-01' + n * interval '94 minutes', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time
      FROM generate_series(1, ${rows}) n) letters;
  INSERT INTO issue SELECT 'i' || n, 'f', 'C1', 'acme', '', '', '', '{}', 'standard', CASE WHEN n % 100 = 0 THEN 'open' ELSE 'resolved' END,
    NULL, NULL, NULL, NULL, NULL, NULL, '2026', '2026', 1 FROM generate_series(1, ${rows}) n;
  INSERT INTO issue_event SELECT 'i' || n, 'e1', '2026', 'ann', 'note', NULL FROM generate_series(1, ${rows}) n;
  INSERT INTO dead_letter_failure SELECT 'l' || n, '2026', 'X', NULL, '1' FROM generate_series(1, ${rows}) n;
  INSERT INTO record_version SELECT 'v' || n, '1' FROM generate_series(1, ${rows}) n;
  INSERT INTO document SELECT 'kind', 'd' || n, 'x' FROM generate_series(1, ${rows}) n;
  INSERT INTO replay_plan SELECT 'p' || n, 'done', CASE WHEN n = 1 THEN 1 ELSE 0 END, NULL, NULL, '{}', 1
    FROM generate_series(1, ${rows}) n;
  INSERT INTO replay_item
    SELECT 'p' || n / 500, n, 'l' || n, '', '', '', '', '', CASE WHEN n % 2 = 0 THEN 'safe' ELSE 'stale' END, '{}', 0,
      NULL, NULL, CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'landed' END, NULL FROM generate_series(1, ${rows}) n;
  INSERT INTO proposal
    SELECT 'p' || n, 'tax', 'v' || n, '', '', 't', NULL, CASE n % 3 WHEN 0 THEN 'waiting' ELSE 'live' END, '2026-' || lpad(n::text, 6, '0'), 'a'
    FROM generate_series(1, ${rows}) n`;

/** In so small a store it helps itself with another one. */
const helped = new Set([
  'dead_letter_flow',
  'dead_letter_code',
  'dead_letter_group',
  'dead_letter_unsettled',
  'replay_item_letter',
  'replay_item_state',
  'replay_item_verdict',
  'replay_plan_open',
  'step_kept',
]);

describeReal(['postgres'], 'what PostgreSQL reads', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let pool: pg.Pool;
  let client: pg.PoolClient;
  const asked = new Map<string, { sql: string; parameters: readonly unknown[] }[]>();

  before(async () => {
    await (await postgresJournal({ url, schema })).close();
    pool = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    client = await pool.connect();
    await client.query(fill);
    await client.query(`VACUUM ANALYZE ${large.join()}`);
    let name = '';
    const db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query: { sql, parameters } }) => void asked.get(name)?.push({ sql, parameters }),
    });
    const journal = sqlJournal(db, async () => {}, {
      addToAudit: () => Promise.reject(new Error('not asked for')),
      keys: undefined,
    });
    for (const [one, call] of Object.entries(calls)) {
      asked.set((name = one), []);
      await call(journal, db);
    }
  });
  after(async () => {
    await client.query(`DROP SCHEMA ${schema} CASCADE`);
    client.release();
    await pool.end();
  });

  /** The tables of which this plan reads more than a few rows, or all there are. */
  function muchOf(node: PlanNode): string[] {
    const { 'Node Type': type, 'Relation Name': table, 'Actual Rows': out, 'Actual Loops': loops } = node;
    const read = (out + (node['Rows Removed by Filter'] ?? 0)) * loops;
    const much = table !== undefined && (read > few || (type === 'Seq Scan' && read > page));
    return [...(much ? [`${type} of ${table}: ${read} rows`] : []), ...(node.Plans ?? []).flatMap(muchOf)];
  }

  async function read(name: string): Promise<string[]> {
    const much: string[] = [];
    for (const { sql, parameters } of asked.get(name)!) {
      await client.query('SAVEPOINT asked');
      const { rows: plan } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) ${sql}`,
        [...parameters],
      );
      await client.query('ROLLBACK TO asked');
      much.push(...muchOf(plan[0]!['QUERY PLAN'][0].Plan));
    }
    return much;
  }

  beforeEach(() => client.query('BEGIN'));
  afterEach(() => client.query('ROLLBACK'));

  for (const name of Object.keys(calls).filter((one) => !whole.has(one) && one !== 'prune'))
    it(name, async () => assert.deepEqual(await read(name), []));

  it('prune: a small month of steps whole, and of everything else a page', async () => {
    const much = await read('prune');
    assert.ok(much.every((one) => /^Seq Scan of step_old_\d+:/.test(one)) && much.length < 5, much.join());
  });

  for (const name of whole)
    it(`${name}: the letters of the state`, async () => {
      // All letters of all states are the whole table, which is read either way.
      const wrong = name === 'groups of all states' ? /record_version/ : /^Seq Scan|record_version/;
      assert.ok(
        (await read(name)).every((one) => !wrong.test(one)),
        (await read(name)).join(),
      );
    });

  it('too much where an index is missing', async () => {
    const { rows: indexes } = await client.query<{ name: string }>(
      `SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND tablename IN (${large.map((one) => `'${one}'`).join()})
       AND indexname NOT LIKE '%_pkey'`,
      [schema],
    );
    assert.ok(indexes.length > 12);
    const unused: string[] = [];
    for (const { name: index } of indexes) {
      await client.query('SAVEPOINT whole');
      await client.query(`DROP INDEX ${index}`);
      let much = 0;
      for (const name of Object.keys(calls)) if (!whole.has(name)) much += (await read(name)).length;
      if (much === 0) unused.push(index);
      await client.query('ROLLBACK TO whole');
    }
    assert.deepEqual(
      unused.filter((one) => !helped.has(one)),
      [],
    );
  });
});
