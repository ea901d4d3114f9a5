/** The embedded store when there is no room: nothing is told as stored that is not, and all goes on when there is. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { createLog } from '../runtime/log/log.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { migrations } from '../runtime/sqlite/migrations.ts';
import { openStore, type Store, type StoreOptions } from '../runtime/sqlite/store.ts';
import { coded, order, settle, until } from './conformance/kit.ts';
import { step } from './conformance/rows.ts';

const MIB = 1024 * 1024;

describe('embedded store', () => {
  let dir: string;
  let file: string;
  let store: Store;
  let logged: Record<string, unknown>[];
  const log = createLog({
    level: 'info',
    destination: { write: (line) => void logged.push(JSON.parse(line) as Record<string, unknown>) },
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-store-'));
    file = join(dir, 'crossdock.db');
    logged = [];
  });
  afterEach(() => {
    store.close();
    rmSync(dir, { recursive: true });
  });
  const open = (options: StoreOptions = {}): Store => (store = openStore(file, { log, ...options }));
  /** A table to fill. */
  const withTable = async (options?: StoreOptions): Promise<void> => {
    open(options);
    await store.write(() => store.prepare('CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)').run());
  };
  const insert = (bytes = 3000) =>
    store.write(() => store.prepare('INSERT INTO t (text) VALUES (?)').run('x'.repeat(bytes)));
  const rows = () => (store.prepare('SELECT count(*) AS n FROM t').get() as { n: number }).n;
  async function fill(): Promise<number> {
    for (let stored = 0; ; stored += 1)
      try {
        await insert();
      } catch (error) {
        coded('STORE_FULL')(error);
        return stored;
      }
  }
  /** Another process that takes all the room there is, and more; the function ends it. */
  function ballast(): () => void {
    const other = new DatabaseSync(file, { timeout: 3000 });
    other.exec('CREATE TABLE ballast (bytes BLOB)');
    other.prepare('INSERT INTO ballast VALUES (zeroblob(?))').run(4 * MIB);
    return () => {
      other.exec('DROP TABLE ballast');
      other.close();
    };
  }

  it('grows to its limit and no further; what was told as stored is there, after a restart too', async () => {
    await withTable({ limitMb: 2 });
    const stored = await fill();
    assert.ok(stored > 300, `${stored}`);
    assert.equal(rows(), stored);
    await until('the room is read again', () => store.room().used > 1.9 * MIB);
    const { used, limit } = store.room();
    assert.ok(limit === 2 * MIB && used <= limit, `${used}`);
    store.close();
    open({ limitMb: 2 });
    assert.equal(rows(), stored);
    await assert.rejects(insert(), coded('STORE_FULL'));
    await store.write(() => store.prepare('DELETE FROM t WHERE n <= 20').run());
    await insert();
    assert.equal(rows(), stored - 19);
  });

  it('knows how many messages a queue of an older file holds, and counts on', async () => {
    const at = migrations.findIndex((sql) => sql.includes('queue_size'));
    const old = new DatabaseSync(file);
    for (const sql of migrations.slice(0, at)) old.exec(sql);
    old.exec(`PRAGMA user_version = ${at};
      INSERT INTO binding VALUES ('a.v1', 'q');
      INSERT INTO message (queue, source, id, key, body, due, head) VALUES ('q', 's', '1', 'k', '{}', 0, 1)`);
    old.close();
    const broker = embeddedBroker(open());
    const message = order('a.v1', 'A');
    await broker.publish(message);
    await broker.publish(message); // the same one
    assert.deepEqual(await broker.depth('q'), { ready: 2, delayed: 0, unsettled: 0 });
    store.prepare('DELETE FROM message WHERE id = ?').run('1');
    assert.equal((await broker.depth('q')).ready, 1);
    assert.equal((await broker.depth('other')).ready, 0);
    await broker.close();
  });

  it('what needs no room is stored though what came with it has none', async () => {
    await withTable({ limitMb: 2 });
    const stored = await fill();
    const removing = store.write(() => store.prepare('DELETE FROM t WHERE n = 1').run().changes);
    const refused = await Promise.allSettled([insert(20_000), insert(20_000)]);
    assert.equal(await removing, 1);
    for (const one of refused) assert.ok(one.status === 'rejected' && coded('STORE_FULL')(one.reason));
    assert.equal(rows(), stored - 1);
  });

  it('says once that it is full, however many writes fail', async () => {
    await withTable({ limitMb: 2 });
    await fill();
    await Promise.allSettled(Array.from({ length: 200 }, () => insert()));
    assert.deepEqual(
      logged.map(({ msg }) => msg),
      ['The store is full; writes wait for room'],
    );
  });

  it('stands a commit that fails', async () => {
    open();
    await store.write(() => {
      store.prepare('CREATE TABLE a (n INTEGER PRIMARY KEY)').run();
      store.prepare('CREATE TABLE b (a REFERENCES a DEFERRABLE INITIALLY DEFERRED)').run();
    });
    const orphan = () => store.write(() => store.prepare('INSERT INTO b VALUES (1)').run());
    await assert.rejects(orphan(), coded('STORE_UNAVAILABLE'));
    await store.write(() => store.prepare('INSERT INTO a VALUES (1)').run());
    await orphan();
  });

  it('keeps what is asked for together as a whole or not at all, and what came beside it', async () => {
    await withTable();
    const put = (n: number) =>
      store.write(() => store.prepare('INSERT INTO t (n) VALUES (?)').run(n).lastInsertRowid);
    const taken = (one: PromiseSettledResult<unknown>) => one.status === 'fulfilled';
    const both = (a: number, b: number) => store.together(() => Promise.all([put(a), put(b)]));
    const outcomes = await Promise.allSettled([put(1), both(2, 3), both(4, 1), put(5), put(1)]);
    assert.deepEqual(outcomes.map(taken), [true, true, false, true, false]);
    assert.deepEqual(
      store
        .prepare('SELECT n FROM t')
        .all()
        .map(({ n }) => n),
      [1, 2, 3, 5],
    );
  });

  it('writes nothing of what is asked for together when one part fails before it is written', async () => {
    await withTable();
    const early = async () => Promise.reject(new Error('no'));
    await assert.rejects(
      store.together(() => Promise.all([insert(), early(), insert()])),
      /no/,
    );
    await assert.rejects(
      store.together(() => {
        void insert().catch(() => {});
        throw new Error('at once');
      }),
      /at once/,
    );
    await insert();
    assert.equal(rows(), 1);
  });

  it('keeps its log short, and counts as used what a reader from outside keeps in it', async () => {
    await withTable();
    const big = () => insert(MIB);
    const reader = new DatabaseSync(file);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM t').get();
    for (let n = 0; n < 40; n += 1) await big();
    await wait(110);
    const withReader = store.room().used;
    assert.ok(withReader > 60 * MIB, `${withReader}`);
    reader.exec('COMMIT');
    reader.close();
    for (let n = 0; n < 3; n += 1) await big();
    await wait(110);
    const { used } = store.room();
    assert.ok(used < 48 * MIB, `${used}`);
  });

  it('another process fills the file: no message is lost, and all go on when it ends', async function () {
    this.timeout(60_000);
    open({ limitMb: 2 });
    const broker = embeddedBroker(store, { log });
    const journal = embeddedJournal(store);
    const got = new Set<string>();
    let working = Promise.resolve();
    await broker.consume({
      queue: 'q',
      types: ['a.v1'],
      concurrency: 4,
      async handle({ message }) {
        await working;
        await journal.append([{ ...step(), detail: 'x'.repeat(2000) }]);
        got.add(message.id);
        return settle;
      },
    });
    const gate = Promise.withResolvers<void>();
    working = gate.promise;
    const stored: string[] = [];
    const publish = async (n: number) => {
      const message = order('a.v1', `K${n}`, n);
      await broker.publish(message);
      stored.push(message.id);
    };
    for (let n = 0; n < 20; n += 1) await publish(n);
    const end = ballast();
    const refused: unknown[] = [];
    for (let n = 0; n < 100; n += 1) await publish(100 + n).catch((error: unknown) => refused.push(error));
    assert.ok(refused.length > 0);
    for (const error of refused) coded('STORE_FULL')(error);
    gate.resolve();
    await wait(2500);
    assert.ok(got.size < stored.length, 'it was never full');
    end();
    await until('all', () => got.size === stored.length);
    assert.deepEqual([...got].toSorted(), stored.toSorted());
    await publish(1000);
    await until('the last', () => got.size === stored.length);
    await broker.close();
    assert.equal(logged.length, 1);
  });
});

describe('a store that a hub cannot begin with', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-unusable-'));
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('is said to be one, by its file, and stays as it is', () => {
    const file = join(dir, 'none.db');
    const text = 'this is no database '.repeat(500);
    writeFileSync(file, text);
    assert.throws(() => openStore(file), { code: 'CONFIG_INVALID', message: /none\.db is no store/ });
    assert.equal(readFileSync(file, 'utf8'), text);
  });

  it('is said to be damaged', async () => {
    const file = join(dir, 'damaged.db');
    await openStore(file).close();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, 100), Buffer.alloc(bytes.length - 100, 0xa5)]));
    assert.throws(() => openStore(file), { code: 'CONFIG_INVALID', message: /damaged\.db is damaged/ });
  });

  it('belongs to another hub, whose claims it leaves alone', async () => {
    const open = () =>
      openStores({ profile: 'embedded', dataDir: join(dir, 'two'), env: {}, log: undefined, hub: true });
    const first = await open();
    const asked = { key: 'a', fingerprint: 'x', leaseMs: 60_000 };
    assert.equal((await first.guard.claim(asked)).state, 'new');
    await assert.rejects(open(), { code: 'CONFIG_INVALID', message: /Another hub/ });
    assert.equal(statSync(join(dir, 'two', 'crossdock.db.lock')).mode & 0o077, 0);
    assert.notEqual((await first.guard.claim(asked)).state, 'new');
    await first.close();
    await (await open()).close();
  });
});
