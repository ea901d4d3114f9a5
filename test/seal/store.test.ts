/** A store with a key: nobody is in its bytes, keys are changed while it is at work, and a lost one loses nothing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { embeddedBroker } from '../../runtime/broker/embedded.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { postgresJournal } from '../../runtime/journal/postgres.ts';
import { keySetting, storeKeys } from '../../runtime/seal/keys.ts';
import { checkKeys, keyIds } from '../../runtime/journal/known-keys.ts';
import { tablesIn } from '../../runtime/seal/nodes.ts';
import { rekey, standing, type Standing } from '../../runtime/journal/rekey.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { openReader } from '../../runtime/reader/reader.ts';
import { search } from '../../runtime/tower/search.ts';
import { coded, until } from '../conformance/kit.ts';
import { describeReal } from '../real.ts';
import { fill, messageOf, person, told, traces, tracesIn } from './person.ts';
import { newKey, setKeys, withKey } from './with-key.ts';

interface TestStore {
  open(): Promise<Journal>;
  /** All that is kept, as it stands there. */
  bytes(): Promise<string>;
}

const idsIn = (texts: Standing): string[] =>
  [...new Set(Object.values(texts).flatMap((counts) => Object.keys(counts)))].toSorted();

/** `reads`: the tables of its queries, from now on. */
function readsOf(journal: Journal, reads: string[]): Pick<Journal, 'upkeep' | 'documents'> {
  const raw = journal.upkeep.db.withoutPlugins().withPlugin({
    transformQuery: ({ node }) => (reads.push(...tablesIn(node)), node),
    transformResult: async ({ result }) => result,
  });
  const db = Object.assign(Object.create(journal.upkeep.db), { withoutPlugins: () => raw });
  return { documents: journal.documents, upkeep: { ...journal.upkeep, db } };
}

function sealing(place: () => TestStore): void {
  let opened: Journal[];
  const open = async (): Promise<Journal> => {
    const journal = await place().open();
    opened.push(journal);
    return journal;
  };
  const close = async () => {
    for (const one of opened.splice(0)) await one.close();
  };
  beforeEach(() => (opened = []));
  afterEach(close);

  it('has nobody in its bytes, and everybody without a key', async () => {
    setKeys(undefined);
    await fill(await open());
    assert.deepEqual(tracesIn(await place().bytes()), traces);
  });

  it('has nobody in its bytes with a key, and tells the same', async () => {
    setKeys(newKey());
    const journal = await open();
    await fill(journal);
    assert.deepEqual(tracesIn(await place().bytes()), []);
    const all = JSON.stringify(await told(journal));
    assert.deepEqual(tracesIn(all), traces);
    assert.ok(!all.includes('"enc"'));
  });

  it('is sealed, given another key and opened for good by the same call, and tells the same each time', async () => {
    const [first, second] = [newKey(), newKey()];
    setKeys(undefined);
    await fill(await open());
    const before = await told(opened[0]!);
    for (const [now, old, ids] of [
      [first, [], 1],
      [second, [first], 1],
      [undefined, [second], 0],
    ] as const) {
      await close();
      setKeys(now, old);
      const journal = await open();
      await checkKeys(journal.documents);
      assert.deepEqual(await told(journal), before, 'mixed');
      const { done, left } = await rekey(journal, storeKeys()!);
      assert.ok(Object.values(done).every((count) => count > 0) && left === 0);
      assert.deepEqual(idsIn(await standing(journal)), [storeKeys()?.current?.id ?? 'clear']);
      assert.deepEqual(await told(journal), before);
      assert.equal((await keyIds(journal.documents)).length, ids);
      assert.deepEqual(tracesIn(await place().bytes()).length, now ? 0 : traces.length);
      const reads: string[] = [];
      assert.deepEqual((await rekey(readsOf(journal, reads), storeKeys()!)).done, {});
      assert.deepEqual(reads, Object.keys(await standing(journal)), 'each table is read once');
    }
  });

  it('does not write over what changed while it was sealed anew', async () => {
    setKeys(undefined);
    await fill(await open(), 1);
    await close();
    setKeys(newKey());
    const journal = await open();
    let changed = false;
    const { left } = await rekey(journal, storeKeys()!, async () => {
      if (changed) return;
      changed = true;
      await journal.documents.put('order-said', 'shop/0', '{"newer":true}');
      await journal.documents.swap('order-said', 'shop/0', '{"newer":true}', '{"newest":true}');
    });
    assert.equal(left, 0);
    assert.equal(await journal.documents.get('order-said', 'shop/0'), '{"newest":true}');
  });

  it('is not opened where its key is lost, which is named; with it, all is there', async () => {
    const lost = newKey();
    setKeys(lost);
    await fill(await open(), 1);
    await checkKeys(opened[0]!.documents);
    const before = [await told(opened[0]!), await place().bytes()];
    const { id } = storeKeys()!.current!;
    await close();
    for (const other of [newKey(), undefined]) {
      setKeys(other);
      const journal = await open();
      await assert.rejects(
        checkKeys(journal.documents),
        (error: Error) => coded('STORE_KEY_MISSING')(error) && error.message.includes(id),
      );
      // Also of a hub that was open before another one sealed: what it cannot read it does not work with.
      await assert.rejects(journal.documents.get('order-said', 'shop/0'), coded('STORE_KEY_MISSING'));
      await assert.rejects(journal.processes.get('order-to-cash', 'shop/0'), coded('STORE_KEY_MISSING'));
      if (other) await assert.rejects(rekey(journal, storeKeys()!), coded('STORE_KEY_MISSING'));
      await close();
    }
    setKeys(lost);
    const journal = await open();
    assert.deepEqual(await told(journal), before[0]);
  });
}

describe('the embedded store, sealed', () => {
  let dataDir: string;
  withKey();
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-sealed-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  const file = () => join(dataDir, 'crossdock.db');
  const open = async (): Promise<Journal> => {
    const store = openStore(file());
    const inner = embeddedJournal(store);
    return { ...inner, close: () => inner.close().then(() => store.close()) };
  };
  const bytes = async () =>
    readdirSync(dataDir)
      .map((name) => readFileSync(join(dataDir, name)).toString('latin1'))
      .join('');
  sealing(() => ({ open, bytes }));

  it('tells that a text was moved from another row, and opens the others', async () => {
    setKeys(newKey());
    const journal = await open();
    await fill(journal);
    const db = new DatabaseSync(file());
    const move = (table: string, column: string, to: string, from: string) =>
      db.exec(`UPDATE ${table} SET ${column} = (SELECT ${column} FROM ${table} WHERE ${from}) WHERE ${to}`);
    move('document', 'body', "id = 'shop/1'", "id = 'shop/2'");
    move('dead_letter', 'message', "id = 'l1'", "id = 'l2'");
    db.exec("UPDATE process SET body = (SELECT body FROM document WHERE id = 'shop/0') WHERE key = 'shop/1'");
    db.exec(
      'UPDATE step SET detail = replace(detail, \'"enc":"1.\', \'"enc":"1.0\') WHERE correlation_id = \'c1\'',
    );
    db.close();
    await assert.rejects(journal.documents.get('order-said', 'shop/1'), coded('STORE_TAMPERED'));
    await assert.rejects(journal.letters({ ids: ['l1'] }), coded('STORE_TAMPERED'));
    await assert.rejects(journal.processes.get('order-to-cash', 'shop/1'), coded('STORE_TAMPERED'));
    await assert.rejects(journal.trace({ correlationId: 'c1' }), (error: Error) =>
      /sealed|changed/.test(error.message),
    );
    assert.deepEqual(JSON.parse((await journal.documents.get('order-said', 'shop/0'))!), person);
    assert.equal((await journal.letters({ ids: ['l0'] })).length, 1);
    await journal.close();
  });

  it('is read by pages too, who find an order by its beginning and an email as a whole', async () => {
    setKeys(newKey());
    const journal = await open();
    await fill(journal);
    const reader = await openReader({ profile: 'embedded', dataDir, env: {} });
    const row = await reader.db.selectFrom('document').select('body').limit(1).executeTakeFirstOrThrow();
    assert.deepEqual(JSON.parse(row.body), person);
    const values = async (query: string) => (await search(reader.db, query)).map(({ value }) => value);
    assert.deepEqual(await values(person.email.toUpperCase()), Array(3).fill(person.email));
    assert.deepEqual(await values('ottoline.q'), []);
    assert.ok((await values('so-')).length >= 3);
    await reader.close();
    await journal.close();
  });

  it('seals messages that wait in queues, and hands them out whole, oldest known', async () => {
    setKeys(newKey());
    const store = openStore(file());
    const broker = embeddedBroker(store);
    await broker.declare('q', ['order.received.v1']);
    const message = messageOf(1);
    await broker.publish(message);
    assert.deepEqual(tracesIn(await bytes()), []);
    const got: unknown[] = [];
    const handle = async ({ message: one, attempt }: { message: unknown; attempt: number }) => {
      got.push(one);
      return attempt === 1 ? ({ do: 'again', afterMs: 60_000 } as const) : ({ do: 'settle' } as const);
    };
    await broker.consume({ queue: 'q', types: ['order.received.v1'], concurrency: 1, handle });
    await until('it waits for its next try', async () => (await broker.depth('q')).delayed === 1);
    assert.deepEqual(got, [message]);
    // Of one that was tried before only its own time is known: it is read beside what is sealed.
    assert.equal(await broker.oldest('q'), new Date(message.time).toISOString());
    await broker.close();
    store.close();
  });

  it('goes on with the keys that it was opened with', async () => {
    setKeys(newKey());
    const store = openStore(file());
    const broker = embeddedBroker(store);
    const journal = embeddedJournal(store);
    await broker.declare('q', ['order.received.v1']);
    setKeys(undefined);
    await broker.publish(messageOf(1));
    await fill(journal);
    assert.deepEqual(tracesIn(await bytes()), []);
    assert.deepEqual(tracesIn(JSON.stringify(await told(journal))), traces);
    await broker.close();
    await journal.close();
    store.close();
  });

  it('keeps a message that it cannot open, and hands out the others', async () => {
    setKeys(newKey());
    const store = openStore(file());
    let broker = embeddedBroker(store);
    await broker.declare('q', ['order.received.v1']);
    await broker.publish(messageOf(1));
    await broker.close();
    setKeys(newKey());
    broker = embeddedBroker(store);
    await broker.publish(messageOf(2));
    const got: string[] = [];
    const handle = async ({ message }: { message: { subject?: string } }) => {
      got.push(message.subject ?? '');
      return { do: 'settle' } as const;
    };
    await broker.consume({ queue: 'q', types: ['order.received.v1'], concurrency: 1, handle });
    await until(
      'the other one came',
      async () => got.length === 1 && (await broker.depth('q')).delayed === 1,
    );
    assert.deepEqual(got, [messageOf(2).subject]);
    await broker.close();
    store.close();
  });

  it('is told by the stores when they are opened, and nothing stays open', async () => {
    setKeys(newKey());
    const stores = await openStores({ profile: 'embedded', dataDir, env: {}, hub: true });
    await stores.journal.documents.put('order-said', 'shop/1', '{}');
    await stores.close();
    setKeys(undefined);
    await assert.rejects(openStores({ profile: 'embedded', dataDir, env: {} }), coded('STORE_KEY_MISSING'));
    const store = openStore(file());
    store.lock();
    store.close();
  });

  it('goes on where it was killed', async () => {
    setKeys(undefined);
    const clear = await open();
    await fill(clear, 20);
    const before = await told(clear);
    await clear.close();
    setKeys(newKey());
    const script = `
      const { openStore } = await import(${JSON.stringify(import.meta.resolve('../../runtime/sqlite/store.ts'))});
      const { embeddedJournal } = await import(${JSON.stringify(import.meta.resolve('../../runtime/journal/embedded.ts'))});
      const { rekey } = await import(${JSON.stringify(import.meta.resolve('../../runtime/journal/rekey.ts'))});
      const { storeKeys } = await import(${JSON.stringify(import.meta.resolve('../../runtime/seal/keys.ts'))});
      let pages = 0;
      const pause = async () => void ((pages += 1) === 4 && process.kill(process.pid, 'SIGKILL'));
      await rekey(embeddedJournal(openStore(process.env.FILE)), storeKeys(), pause);`;
    const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, FILE: file(), [keySetting]: process.env[keySetting] },
      encoding: 'utf8',
    });
    assert.equal(signal, 'SIGKILL', stderr);
    const journal = await open();
    const id = storeKeys()!.current!.id;
    assert.deepEqual(idsIn(await standing(journal)), [id, 'clear'].toSorted());
    assert.deepEqual(await told(journal), before);
    await rekey(journal, storeKeys()!);
    assert.deepEqual(idsIn(await standing(journal)), [id]);
    assert.deepEqual(await told(journal), before);
    assert.deepEqual(tracesIn(await bytes()), []);
    await journal.close();
  });
});

describeReal(['postgres'], 'PostgreSQL, sealed', ({ postgres }) => {
  const { url } = postgres!;
  let schema: string;
  let admin: pg.Pool;
  withKey();
  before(() => (admin = new pg.Pool({ connectionString: url, max: 1 })));
  beforeEach(() => (schema = `test_${randomUUID().slice(0, 8)}`));
  afterEach(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(() => admin.end());

  sealing(() => ({
    open: () => postgresJournal({ url, schema }),
    bytes: async () => {
      const { rows } = await admin.query<{ name: string }>(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
        [schema],
      );
      const all: string[] = [];
      for (const { name } of rows) {
        const found = await admin.query<{ row: string }>(`SELECT t::text AS row FROM ${schema}.${name} t`);
        all.push(...found.rows.map(({ row }) => row.replaceAll('""', '"')));
      }
      return all.join('\n');
    },
  }));
});
