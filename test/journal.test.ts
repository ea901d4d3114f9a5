/** Both journals against one suite; then what only a network and other processes can do to PostgreSQL. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';
import pg from 'pg';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { ProcessRow } from '../runtime/journal/tables.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { migrations as postgresMigrations } from '../runtime/journal/postgres-migrations.ts';
import { postgresJournal, type PostgresJournalOptions } from '../runtime/journal/postgres.ts';
import { migrations } from '../runtime/sqlite/migrations.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded, until } from './conformance/kit.ts';
import { journalConformance } from './conformance/journal.ts';
import { letter, step } from './conformance/rows.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Every call of the interface. */
const calls = (journal: Journal): (() => Promise<unknown>)[] => [
  () => journal.append([step()]),
  () => journal.trace({}),
  () => journal.count(''),
  () => journal.saveDeadLetter(letter()),
  () => journal.failures({ flow: 'f', messageId: 'm' }),
  () => journal.letters(),
  () => journal.groups(),
  () => journal.move('x', ['open'], 'replayed'),
  () => journal.version('r'),
  () => journal.awaited('r'),
  () => journal.advance('r', '1'),
  () => journal.ready(),
];

describe('embedded journal', () => {
  let dir: string;
  const open = async (): Promise<Journal> => {
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedJournal(store);
    return { ...inner, close: () => inner.close().then(() => store.close()) };
  };
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-journal-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  journalConformance('embedded', open);

  it('asks once what many ask close together', async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const asked: string[] = [];
    const prepare = (sql: string) => (asked.push(sql), store.prepare(sql));
    const journal = embeddedJournal({ ...store, prepare });
    const records = Array.from({ length: 64 }, (_, at) => `r${at}`);
    await Promise.all(records.map((record) => journal.version(record)));
    assert.equal(asked.splice(0).length, 1);
    await Promise.all(records.map((record) => journal.awaited(record)));
    assert.equal(asked.splice(0).length, 1);
    await Promise.all(records.map((id) => journal.documents.get('kept', id)));
    assert.equal(asked.splice(0).length, 1);
    await Promise.all(records.map((key) => journal.processes.get('order-to-cash', key)));
    assert.equal(asked.splice(0).length, 1);
    store.close();
  });

  it('answers what is read while a write waits for its commit, which those that come together share', async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const { documents, ready } = embeddedJournal(store);
    const order: string[] = [];
    const put = (id: string) => documents.put('kept', id, '').then(() => order.push('written'));
    await Promise.all([put('a'), ready().then(() => order.push('read')), put('b')]);
    assert.deepEqual(order, ['read', 'written', 'written']);
    let turn = 0;
    const tick = (): void => void ((turn += 1), (ticking = setImmediate(tick)));
    let ticking = setImmediate(tick);
    const turns = await Promise.all(
      Array.from({ length: 50 }, (_, at) => documents.put('kept', `${at}`, '').then(() => turn)),
    );
    clearImmediate(ticking);
    assert.equal(new Set(turns).size, 1);
    store.close();
  });

  it('takes over the letters of an older file', async () => {
    const file = join(dir, 'crossdock.db');
    const old = new DatabaseSync(file);
    old.exec(`${migrations[0]}; PRAGMA user_version = 1`);
    const { id, message, code, reason, facts } = letter();
    old
      .prepare('INSERT INTO dead_letter VALUES (?, ?, ?, ?, ?, ?, ?, ?, 3, ?)')
      .run(id, 'orders', JSON.stringify(message), code, reason, JSON.stringify(facts), 't1', 't2', 'open');
    old.close();
    const journal = await open();
    const [kept] = await journal.letters({ flow: 'orders', state: 'open' });
    assert.deepEqual([kept?.id, kept?.firstCode, kept?.firstReason], [id, code, reason]);
    await journal.close();
    const now = new DatabaseSync(file);
    const rows = now.prepare('SELECT correlation_id FROM dead_letter').all();
    assert.deepEqual(
      rows.map((row) => row['correlation_id']),
      [message.correlationid],
    );
    now.close();
  });

  it('knows of the processes in an older file which somebody has to look at', async () => {
    const old = new DatabaseSync(join(dir, 'crossdock.db'));
    old.exec(`${migrations.slice(0, 6).join(';')}; PRAGMA user_version = 6`);
    for (const [key, attention] of Object.entries({ a: [], b: [{ to: 'desk' }] }))
      old
        .prepare("INSERT INTO process VALUES ('sales', ?, '1', 'held', NULL, ?, 1)")
        .run(key, JSON.stringify({ attention }));
    old.close();
    const journal = await open();
    const found = await journal.processes.list({ attention: true });
    assert.deepEqual(
      found.map(({ key }) => key),
      ['b'],
    );
    await journal.close();
  });

  it('finds by columns what an older file has of processes', async () => {
    const old = new DatabaseSync(join(dir, 'crossdock.db'));
    old.exec(`${migrations.slice(0, 7).join(';')}; PRAGMA user_version = 7`);
    for (const [key, state, body] of olderProcesses)
      old
        .prepare("INSERT INTO process VALUES ('sales', ?, ' Bär 1 ', ?, NULL, ?, 1, 0)")
        .run(key, state, body);
    old.close();
    const journal = await open();
    assert.deepEqual(
      (await journal.processes.list({ process: 'sales' })).map(towerColumns),
      olderProcesses.map(([key, , , columns]) => [key, ...columns]),
    );
    await journal.close();
    const now = new DatabaseSync(join(dir, 'crossdock.db'));
    assert.equal(
      now.prepare("SELECT * FROM alias WHERE kind = 'order' AND leads = 'process'").all().length,
      3,
    );
    now.close();
  });

  it('refuses every call once the store is closed', async () => {
    const journal = await open();
    await journal.close();
    for (const call of calls(journal)) await assert.rejects(call, coded('STORE_UNAVAILABLE'));
  });
});

/** Key, state and body of processes before they had columns, and what is in these: started to team. */
const olderProcesses: [string, string, string, (string | null)[]][] = [
  [
    'c',
    'running',
    JSON.stringify({
      facts: { source: 'shop', gross: '46.00' },
      steps: {
        order: { state: 'done' },
        shipment: { state: 'partly', due: '2026-03-02' },
        payment: { state: 'doing', due: '2026-03-01' },
      },
      attention: [{ to: 'warehouse' }],
      history: [{ at: 't1' }, { at: 't2' }, { at: 't3' }],
    }),
    ['t1', 't3', 'shop', '46.00', null, 'shipment', '2026-03-01', 'warehouse'],
  ],
  [
    'b',
    'done',
    JSON.stringify({
      facts: { partner: 'wholesale', amount: 7, currency: 'EUR' },
      steps: { order: { state: 'done' } },
      attention: [],
      history: [{ at: 't1' }],
    }),
    ['t1', 't1', 'wholesale', '7', 'EUR', null, null, null],
  ],
  ['a', 'cancelled', '{"facts":null}', Array.from({ length: 8 }, () => null)],
];

function towerColumns(row: ProcessRow): (string | null)[] {
  const { key, started, updated, partner, amount, currency, step, planned, team } = row;
  return [key, started, updated, partner, amount, currency, step, planned, team];
}

describeReal(['postgres'], 'PostgreSQL journal', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let admin: pg.Pool;
  let proxy: TcpProxy;
  const open = (more: Partial<PostgresJournalOptions> = {}) => postgresJournal({ url, schema, ...more });
  const openThrough = (more: Partial<PostgresJournalOptions> = {}) => {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(proxy.port);
    return open({ url: through.href, ...more });
  };
  const answers = (journal: Journal) => () =>
    journal.ready().then(
      () => true,
      () => false,
    );

  before(async () => {
    admin = new pg.Pool({ connectionString: url, max: 1 });
    proxy = await tcpProxy(Number(new URL(url).port), new URL(url).hostname);
  });
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
    await proxy.close();
  });

  journalConformance('PostgreSQL', open);

  it('is made once by processes that start together', async () => {
    const script = `
      const { postgresJournal } = await import(${JSON.stringify(import.meta.resolve('../runtime/journal/postgres.ts'))});
      const journal = await postgresJournal({ url: process.env.DATABASE_URL, schema: '${schema}' });
      await journal.append([JSON.parse(process.env.STEP)]);
      await journal.close();`;
    const env = { ...process.env, DATABASE_URL: url, STEP: JSON.stringify(step()) };
    const start = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
    const here = Promise.all([1, 2, 3, 4].map(() => open()));
    await Promise.all([start(), start(), here]);
    const journals = await here;
    assert.deepEqual(await journals[0]!.count(''), { published: 2 });
    const { rows } = await admin.query(`SELECT version FROM ${schema}.schema_version`);
    assert.equal(rows.length, 1);
    await Promise.all(journals.map((one) => one.close()));
  });

  /** The partitions of the steps, with what they hold. */
  const months = async () =>
    Object.fromEntries(
      (
        await admin.query<{ name: string; steps: string }>(
          `SELECT part.relname AS name, (xpath('//c/text()', query_to_xml('SELECT count(*) AS c FROM ${schema}.' || part.relname, false, true, '')))[1]::text AS steps
           FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = '${schema}.step'::regclass`,
        )
      ).rows.map(({ name, steps }) => [name, Number(steps)]),
    );
  const month = (later: number) => {
    const now = new Date();
    return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later, 15)).toISOString();
  };
  const tableOf = (time: string) => `step_${time.slice(0, 7).replace('-', '_')}`;

  it('keeps the steps of each month in a table of its own, and no step fails for want of one', async () => {
    const journal = await open();
    const times = [-1, 0, 0, 1, 2, 3, 3, 9].map(month);
    await journal.append(times.map((time) => step({ time, correlationId: 'c' })));
    const made = Object.fromEntries([0, 1, 2].map((later) => [tableOf(month(later)), later === 0 ? 2 : 1]));
    assert.deepEqual(await months(), { ...made, step_other: 4 });
    await journal.ahead(new Date(month(1)));
    assert.deepEqual(await months(), { ...made, [tableOf(month(3))]: 2, step_other: 2 });
    await admin.query(`DROP TABLE ${schema}.${tableOf(month(0))}`);
    assert.equal((await journal.trace({ correlationId: 'c' })).length, times.length - 2);
    await journal.close();
  });

  it('loses no step that is written or read while months are made', async () => {
    const [writer, other] = [await open(), await open()];
    let written = 0;
    const write = async (): Promise<void> => {
      for (let round = 0; round < 60; round += 1) {
        await writer.append([3, 4, 5].map((later) => step({ time: month(later), correlationId: 'c' })));
        written += 3;
        assert.ok((await other.trace({ correlationId: 'c', limit: 1000 })).length >= written);
      }
    };
    const make = async (): Promise<void> => {
      for (const later of [1, 2, 3]) await other.ahead(new Date(month(later))).catch(() => {});
    };
    await Promise.all([write(), make(), make()]);
    for (const later of [1, 2, 3]) await other.ahead(new Date(month(later)));
    assert.equal((await writer.trace({ correlationId: 'c', limit: 1000 })).length, written);
    const { step_other: rest, ...made } = await months();
    assert.equal(rest, 0);
    assert.equal(Object.keys(made).length, 6);
    await Promise.all([writer.close(), other.close()]);
  });

  it('finds by columns what an older schema has of processes', async () => {
    await admin.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema};
      ${postgresMigrations.slice(0, 7).join(';')};
      CREATE TABLE schema_version AS SELECT 7 AS version`);
    for (const [key, state, body] of olderProcesses)
      await admin.query("INSERT INTO process VALUES ('sales', $1, ' Bär 1 ', $2, NULL, $3, 1, 0)", [
        key,
        state,
        body,
      ]);
    await admin.query('RESET search_path');
    const journal = await open();
    assert.deepEqual(
      (await journal.processes.list({ process: 'sales' })).map(towerColumns),
      olderProcesses.map(([key, , , columns]) => [key, ...columns]),
    );
    await journal.close();
    const { rows } = await admin.query(
      `SELECT * FROM ${schema}.alias WHERE kind = 'order' AND leads = 'process' AND folded = 'bär 1'`,
    );
    assert.equal(rows.length, 3);
  });

  it('knows of which transaction the letters of an older schema are', async () => {
    const before = postgresMigrations.findIndex((one) => one.includes('dead_letter_correlation'));
    await admin.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema};
      ${postgresMigrations.slice(0, before).join(';')};
      CREATE TABLE schema_version AS SELECT ${before} AS version;
      INSERT INTO process (process, key, number, state, body, revision, amount)
        SELECT 'sales', amount, '1', 'held', '{}', 1, amount FROM unnest(ARRAY['5.50', 'much']) amount;
      INSERT INTO dead_letter (id, queue, message, code, reason, facts, first_failed, last_failed, attempts, state)
        SELECT data, 'q', format('{"correlationid":"c7","data":"%s"}', data), 'X', '', '{}', 't', 't', 1, 'open'
        FROM unnest(ARRAY['a', '\\u0000']) data;
      SET search_path = public`);
    const journal = await open();
    const of = async (columns: string, table: string) =>
      (
        await admin.query({
          text: `SELECT ${columns} FROM ${schema}.${table} ORDER BY 1 DESC`,
          rowMode: 'array',
        })
      ).rows;
    assert.deepEqual(await of('id, correlation_id', 'dead_letter'), [
      ['a', 'c7'],
      ['\\u0000', ''],
    ]);
    assert.deepEqual(await of('key, amount', 'process'), [
      ['much', null],
      ['5.50', '5.50'],
    ]);
    await journal.close();
  });

  it('takes over the steps of an older schema as they are', async () => {
    await admin.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema};
      ${postgresMigrations.slice(0, 5).join(';')};
      CREATE TABLE schema_version AS SELECT 5 AS version;
      INSERT INTO process VALUES ('sales', 'a', '1', 'held', NULL, '{"attention":[]}', 1),
        ('sales', 'b', '1', 'held', NULL, '{"attention":[{"to":"desk","why":"\\u0000"}]}', 1);
      INSERT INTO step (time, correlation_id, business_key, step, flow, flow_version, outcome)
        SELECT time, 'c', 'o', 's' || n, 'f', '1', 'landed'
        FROM unnest(ARRAY['2020-01-15T10:00:00.000Z', '${month(0)}', '${month(0)}', '${month(2)}']) WITH ORDINALITY t (time, n);
      RESET search_path`);
    const file = await admin.query(`SELECT '${schema}.step'::regclass::oid AS before`);
    const journal = await open();
    const made = Object.fromEntries([1, 2].map((later) => [tableOf(month(later)), later - 1]));
    assert.deepEqual(await months(), { step_before: 3, ...made, step_other: 0 });
    const same = await admin.query(`SELECT '${schema}.step_before'::regclass::oid AS before`);
    assert.deepEqual(same.rows, file.rows);
    await journal.append([step({ time: month(0), correlationId: 'c', step: 's5' })]);
    const steps = await journal.trace({ businessKey: 'o' });
    assert.deepEqual(
      steps.map((one) => one.step),
      ['s1', 's2', 's3', 's5', 's4'],
    );
    const found = await journal.processes.list({ attention: true });
    assert.deepEqual(
      found.map(({ key }) => key),
      ['b'],
    );
    await journal.close();
  });

  it('refuses a schema that a newer version has written, and leaves it as it was', async () => {
    await (await open()).close();
    await admin.query(`UPDATE ${schema}.schema_version SET version = 999`);
    await assert.rejects(open(), coded('CONFIG_INVALID'));
    const { rows } = await admin.query(`SELECT version FROM ${schema}.schema_version`);
    assert.deepEqual(rows, [{ version: 999 }]);
  });

  it('refuses a schema name that is more than a name', async () => {
    await assert.rejects(open({ schema: 'a; DROP TABLE step' }), coded('CONFIG_INVALID'));
  });

  it('refuses at once while PostgreSQL is away, and comes back', async () => {
    const journal = await openThrough();
    await journal.append([step()]);
    proxy.down();
    const begun = performance.now();
    for (const call of calls(journal)) await assert.rejects(call, coded('STORE_UNAVAILABLE'));
    // A limit of meaning, not of speed: with the time limit of a connect it would be 24 s.
    assert.ok(performance.now() - begun < 2000);
    proxy.up();
    await until('back', answers(journal));
    await journal.append([step()]);
    assert.deepEqual(await journal.count(''), { published: 2 });
    await journal.close();
  });

  it('outlives connections that are cut while its queries are under way', async () => {
    const journal = await openThrough({ connections: 16 });
    for (let round = 0; round < 3; round++) {
      await until('back', answers(journal));
      // Each has its connection before the pause: one that connects later is not cut.
      await Promise.all(calls(journal).map((call) => call()));
      proxy.pause();
      const underWay = calls(journal).map((call) => assert.rejects(call, coded('STORE_UNAVAILABLE')));
      await new Promise((resolve) => setTimeout(resolve, 50));
      proxy.cut();
      proxy.resume();
      await Promise.all(underWay);
    }
    await until('back', answers(journal));
    await journal.close();
  });

  it('leaves connections that have fallen silent for new ones', async () => {
    const journal = await openThrough({ timeoutMs: 100, connections: 2 });
    await Promise.all([journal.ready(), journal.ready()]);
    proxy.pause();
    await Promise.all(calls(journal).map((call) => assert.rejects(call, coded('STORE_UNAVAILABLE'))));
    // What is silent stays so, as behind a firewall that has forgotten it; new connections pass.
    proxy.forget();
    await until('back', answers(journal), 2000);
    await journal.close();
  });

  it('does not start where PostgreSQL does not answer, nor with a wrong password', async () => {
    const refused = open({ url: 'postgres://a:b@127.0.0.1:1/x', timeoutMs: 500 });
    await assert.rejects(refused, coded('STORE_UNAVAILABLE'));
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await assert.rejects(open({ url: wrong.href }), coded('STORE_UNAVAILABLE'));
    proxy.pause();
    await assert.rejects(openThrough({ timeoutMs: 200 }), coded('STORE_UNAVAILABLE'));
    proxy.resume();
  });
});
