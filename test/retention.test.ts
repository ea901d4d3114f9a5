/** What goes, what stays and why, on both stores; the embedded store's file after years. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { openStores } from '../runtime/stores/profile.ts';
import { createLog } from '../runtime/log/log.ts';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { daily } from '../runtime/retention/daily.ts';
import { prune, type PruneResult } from '../runtime/retention/prune.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { logWatch, readersOf } from '../runtime/sqlite/log-watch.ts';
import { until } from './conformance/kit.ts';
import { letter, step } from './conformance/rows.ts';
import { describeReal } from './real.ts';
import { ago, counting, gone, instance, isoAgo, keep, now, pruning, settled } from './conformance/pruning.ts';

describe('pruning the embedded store', () => {
  let dir: string;
  let file: string;
  let closing: (() => void)[];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-retention-'));
    file = join(dir, 'crossdock.db');
    closing = [];
  });
  afterEach(() => {
    for (const close of closing) close();
    rmSync(dir, { recursive: true });
  });
  const open = async () => {
    let time = now;
    const store = openStore(file);
    closing.push(() => store.close());
    const journal = embeddedJournal(store, { clock: () => time });
    return { journal, store, at: (to: Date) => void (time = to) };
  };

  pruning(open);

  it('stays as large as it is, month after month, at a fixed rate of orders', async function () {
    this.timeout(180_000);
    const { journal, at, store } = await open();
    // What is tested here is no lost power.
    store.prepare('PRAGMA synchronous = OFF').all();
    const begin = Date.parse('2029-01-01T05:00:00.000Z');
    const sizes: number[] = [];
    const data = { text: 'x'.repeat(1500) };
    for (let day = 0; day < 24 * 30; day += 4) {
      const today = new Date(begin + day * 86_400_000);
      const time = today.toISOString();
      at(today);
      const of = (order: number) => `${day}-${order}`;
      const work: Promise<unknown>[] = [];
      for (let order = 0; order < 8; order += 1) {
        const [id, correlationId] = [of(order), randomUUID()];
        const message = { ...letter().message, id, time, correlationid: correlationId, data };
        work.push(
          journal.append(
            Array.from({ length: 5 }, (_, n) =>
              step({ time, correlationId, businessKey: id, ...(n === 0 && { message }) }),
            ),
          ),
          journal.documents.put('order-kept', `shopify/${id}`, JSON.stringify({ content: 'c'.repeat(40) })),
          journal.documents.put('newest-event', `order.updated.v1/${id}`, JSON.stringify({ id, time })),
          journal.advance(`shopify.order/${id}`, time),
          journal.processes.add({
            ...instance(`shopify/${id}`, id, 'done', 0),
            started: time,
            updated: time,
            body: JSON.stringify(data),
          }),
        );
      }
      const decision = { time, by: 'eve' };
      work.push(
        journal.saveDeadLetter(
          letter({
            id: of(9),
            state: 'replayed',
            decision,
            lastFailed: time,
            message: { ...letter().message, time, data },
          }),
        ),
      );
      await Promise.all(work);
      await journal.rollups.fold(today);
      await prune(journal, keep, { now: today, rest: 0 });
      if (day % 28 === 24) {
        sizes.push(Number(store.prepare('PRAGMA page_count').get()!['page_count']));
      }
    }
    const late = sizes.slice(16);
    const [least, most] = [Math.min(...late), Math.max(...late)];
    assert.ok(most / least < 1.03, sizes.join());
    assert.ok(sizes[5]! < least * 0.7, sizes.join());
  });

  it('finds by their key the rows that go: by an index of times all that is older would be gone through', async () => {
    const { journal, at, store } = await open();
    at(ago(500));
    // With many keys at once the index of times looks better to SQLite.
    for (let n = 0; n < 20; n += 1) {
      await journal.documents.put('order-kept', `shopify/${n}`, '{}');
      await journal.advance(`shopify.order/${n}`, isoAgo(500));
      await journal.processes.add(instance(`shopify/${n}`, `${n}`, 'done', 500));
      await journal.saveDeadLetter(settled(500, { id: `d${n}` }));
    }
    const { db } = journal.upkeep;
    const deletes = new Set<string>();
    const told = counting(({ node, queryId }) => {
      const { sql } = db.getExecutor().compileQuery(node, queryId);
      if (sql.startsWith('delete')) deletes.add(sql);
    });
    const watched = { ...journal.upkeep, db: db.withPlugin(told) };
    await prune({ upkeep: watched, rollups: journal.rollups }, keep, { now, rest: 0 });
    const plans = [...deletes].map((sql) => {
      const [search] = store.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
      return String(search!['detail']);
    });
    const tables = ['document', 'record_version', 'process', 'dead_letter'];
    for (const table of tables)
      assert.match(
        plans.find((plan) => plan.startsWith(`SEARCH ${table} `)) ?? '',
        / (PRIMARY KEY|INDEX sqlite_autoindex_\w+_1) /,
        plans.join('\n'),
      );
  });

  it('gives room back to the disk', async () => {
    const { journal, at, store } = await open();
    at(ago(500));
    store.prepare('PRAGMA synchronous = OFF').all();
    for (let n = 0; n < 1200; n += 1) void journal.documents.put('order-said', `${n}`, 'x'.repeat(3000));
    await journal.documents.put('order-said', 'last', '');
    const { page_count: pages } = store.prepare('PRAGMA page_count').get() as { page_count: number };
    const before = pages * 4096;
    const { freed } = await prune(journal, keep, { now, rest: 0 });
    assert.ok(freed! > before * 0.8, `${freed} of ${before}`);
    store.close();
    assert.ok(statSync(file).size < before * 0.2, `${statSync(file).size} of ${before}`);
  });

  it('is told and done by command, and what it told is what it did', async function () {
    this.timeout(60_000);
    const { journal, store } = await open();
    const days = (Date.now() - now.getTime()) / 86_400_000;
    await journal.append([500, 1].map((back) => step({ time: isoAgo(back - days) })));
    store.close();
    const command = (...args: string[]) =>
      JSON.parse(
        execFileSync(process.execPath, ['cli/crossdock.js', ...args, '--json'], {
          encoding: 'utf8',
          env: { ...process.env, CROSSDOCK_DATA: dir, CROSSDOCK_PROFILE: 'embedded' },
        }),
      ) as PruneResult & { dryRun: boolean };
    const told = command('prune', '--dry-run');
    const ran = command('prune');
    assert.deepEqual([told.dryRun, ran.dryRun, gone(told)], [true, false, { steps: 1 }]);
    assert.deepEqual(gone(ran), gone(told));
    const step500 = told.pruned.find(({ what }) => what === 'steps')!;
    assert.ok(step500.oldest! < step500.before, `${step500.oldest} ${step500.before}`);
    assert.deepEqual(gone(command('prune')), {});
  });

  it('makes an older file one that becomes smaller, once', async () => {
    const old = new DatabaseSync(file);
    old.exec('CREATE TABLE before (n); PRAGMA journal_mode = WAL');
    old.close();
    const { store } = await open();
    assert.equal(store.space.shrinks, false);
    store.close();
    const hub = await openStores({ profile: 'embedded', dataDir: dir, env: {}, hub: true });
    assert.equal(hub.journal.upkeep.space!.shrinks, true);
    await hub.close();
    assert.equal((await open()).store.space.shrinks, true);
  });

  it('stands kill -9 in the middle: what is left goes with the next run, and nothing else', async function () {
    this.timeout(60_000);
    const { journal, at, store } = await open();
    at(ago(500));
    const times = [500, 1].map(isoAgo);
    for (const time of times)
      await journal.append(Array.from({ length: 4000 }, () => step({ time, detail: 'x'.repeat(300) })));
    store.close();
    const script = `
      import { openStore } from './runtime/sqlite/store.ts';
      import { embeddedJournal } from './runtime/journal/embedded.ts';
      import { prune } from './runtime/retention/prune.ts';
      import { loadRetention } from './runtime/retention/rules.ts';
      const journal = embeddedJournal(openStore(process.env.FILE));
      process.stdout.write('begun\\n');
      await prune(journal, loadRetention('definitions'), { now: new Date(process.env.NOW), rest: 9 });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, FILE: file, NOW: now.toISOString() },
    });
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const look = new DatabaseSync(file);
    const count = () => Number(look.prepare('SELECT count(*) AS n FROM step').get()!['n']);
    await until('some are gone', async () => count() < 7500);
    child.kill('SIGKILL');
    await ended;
    const left = count();
    look.close();
    assert.ok(left > 4000, `${left}`);
    const { journal: again } = await open();
    assert.deepEqual(gone(await prune(again, keep, { now, rest: 0 })), { steps: left - 4000 });
    assert.equal((await again.trace({ limit: 9000 })).length, 4000);
  });

  it('is done by one of the hubs a day, from two in the night on', async () => {
    const { journal, store } = await open();
    await journal.append([step({ time: isoAgo(500) })]);
    const logged: string[] = [];
    const log = createLog({ level: 'info', destination: { write: (line) => void logged.push(line) } });
    const guard = embeddedGuard(store, { hub: true });
    const hub = { journal, guard, log, retention: keep };
    const steps = async () => (await journal.trace({})).length;
    for (const [time, left, lines] of [
      ['2031-03-15T01:59:00.000Z', 1, 0],
      ['2031-03-15T02:01:00.000Z', 0, 1],
      ['2031-03-15T04:00:00.000Z', 0, 1],
    ] as const) {
      const [one, other] = [daily(hub, () => new Date(time)), daily(hub, () => new Date(time))];
      one.poll();
      other.poll();
      await until('done', async () => (await steps()) === left && logged.length === lines);
      await Promise.all([one.stop(), other.stop()]);
      assert.equal(logged.length, lines);
    }
    await guard.close();
  });

  it('warns once of a log that a reader keeps from ending', async () => {
    const db = new DatabaseSync(file);
    db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (b)');
    const reader = new DatabaseSync(file);
    closing.push(
      () => db.close(),
      () => reader.close(),
    );
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM t').get();
    const logged: { readers: string[] }[] = [];
    const log = createLog({ destination: { write: (line) => void logged.push(JSON.parse(line)) } });
    const watch = logWatch(db, file, { busyMs: 1, log, lookMs: 0 });
    const looks = () => Array.from({ length: 12 }).forEach(watch);
    looks();
    assert.equal(logged.length, 0);
    db.prepare('INSERT INTO t VALUES (zeroblob(?))').run(17 * 1024 * 1024);
    looks();
    looks();
    assert.deepEqual(
      logged.map(({ readers }) => readers),
      [[`this hub (${process.pid})`]],
    );
  });

  it('names the process that keeps the log from ending', async function () {
    this.timeout(60_000);
    const { store } = await open();
    const script = `
      import { DatabaseSync } from 'node:sqlite';
      const db = new DatabaseSync(process.env.FILE);
      db.exec('BEGIN');
      db.prepare('SELECT count(*) FROM step').get();
      process.stdout.write('reads\\n');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, FILE: file },
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const readers = readersOf(file);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    child.kill();
    await ended;
    assert.deepEqual(
      readers.map((one) => /\((\d+)\)/.exec(one)?.[1]),
      [String(child.pid)],
    );
    assert.deepEqual(readersOf(file), []);
    store.close();
  });
});

describeReal(['postgres'], 'pruning PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  let schema: string;
  let admin: pg.Pool;
  let journals: Journal[];
  beforeEach(() => {
    schema = `test_${randomUUID().slice(0, 8)}`;
    admin = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 2 });
    journals = [];
  });
  afterEach(async () => {
    await Promise.all(journals.map((one) => one.close()));
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });
  const open = async () => {
    let time = now;
    const journal = await postgresJournal({ url, schema, clock: () => time });
    journals.push(journal);
    return { journal, at: (to: Date) => void (time = to) };
  };
  const months = async () =>
    (
      await admin.query<{ name: string }>(
        `SELECT relname AS name FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
         WHERE inhparent = 'step'::regclass ORDER BY 1`,
      )
    ).rows.map(({ name }) => name);

  pruning(open);

  it('drops whole months of steps; what of them is under way moves', async () => {
    const { journal } = await open();
    // The months from two years ago on.
    for (let back = 24; back >= 0; back -= 1) {
      const [from, to] = [back, back - 1].map((n) =>
        new Date(Date.UTC(2031, 2 - n, 1)).toISOString().slice(0, 10),
      );
      await admin.query(
        `CREATE TABLE step_${from!.slice(0, 7).replace('-', '_')} PARTITION OF step FOR VALUES FROM ('${from}') TO ('${to}')`,
      );
    }
    const times = ['2029-03-10', '2029-11-10', '2030-01-31', '2030-02-01', '2030-02-10', '2031-03-01'];
    const all = times.map((day) => step({ time: `${day}T10:00:00.000Z`, businessKey: day }));
    await journal.append([...all, step({ time: '2029-11-10T11:00:00.000Z', correlationId: 'waits' })]);
    await journal.saveDeadLetter(letter({ message: { ...letter().message, correlationid: 'waits' } }));
    const told = await prune(journal, keep, { now, dryRun: true, rest: 0 });
    const ran = await prune(journal, keep, { now, rest: 0 });
    assert.deepEqual([gone(told), gone(ran)], [{ steps: 3 }, { steps: 3 }]);
    assert.equal((await journal.trace({ limit: 99 })).length, 4);
    assert.equal((await journal.trace({ correlationId: 'waits' })).length, 1);
    const left = (await months()).filter((name) => /step_(2029|2030|2031)/.test(name));
    assert.deepEqual([left.length, left[0]], [14, 'step_2030_02']);
    assert.equal((await admin.query('SELECT 1 FROM step_other')).rowCount, 1);
  });

  it('of two who prune at once each row goes once, and no step that is written meanwhile is lost', async () => {
    const [one, other] = [await open(), await open()];
    await admin.query(
      "CREATE TABLE step_2029_11 PARTITION OF step FOR VALUES FROM ('2029-11-01') TO ('2029-12-01')",
    );
    const old = Array.from({ length: 900 }, (_, at) =>
      step({ time: `2029-${at % 2 === 0 ? 10 : 11}-02T10:00:00.000Z` }),
    );
    await one.journal.append(old);
    const write = async () => {
      for (let n = 0; n < 40; n += 1)
        await one.journal.append([step({ time: isoAgo(1), correlationId: 'new' })]);
    };
    const both = Promise.all([one, other].map(({ journal }) => prune(journal, keep, { now, rest: 0 })));
    const [results] = await Promise.all([both, write()]);
    assert.equal(
      results.reduce((all, result) => all + (gone(result)['steps'] ?? 0), 0),
      900,
    );
    assert.equal((await other.journal.trace({ correlationId: 'new' })).length, 40);
  });
});
