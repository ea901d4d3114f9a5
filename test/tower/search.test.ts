/** Names land with what they name, and search finds by them what is there: on both stores. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import pg from 'pg';
import { loadCatalogue } from '../../runtime/events/catalogue.ts';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { Step } from '../../runtime/journal/step.ts';
import { postgresJournal } from '../../runtime/journal/postgres.ts';
import type { Tables } from '../../runtime/journal/tables.ts';
import { folded, namesIn } from '../../runtime/names/names.ts';
import { namedBy } from '../../runtime/hub/published.ts';
import { loadProcesses } from '../../runtime/process/definition.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { openReader } from '../../runtime/reader/reader.ts';
import type { Hit } from '../../runtime/tower/hit.ts';
import { search } from '../../runtime/tower/search.ts';
import { order } from '../conformance/kit.ts';
import { letter, step, untold } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';

interface TestStore {
  journal: Journal;
  db: Kysely<Tables>;
  end(): Promise<void>;
}

const about = (key: string): NonNullable<Step['about']> => ({ process: 'sales', key });

function searches(open: () => Promise<TestStore>): void {
  let place: TestStore;
  beforeEach(async () => {
    place = await open();
  });
  afterEach(() => place.end());

  const add = (key: string, number: string, more: object = {}) =>
    place.journal.processes.add({
      process: 'sales',
      key,
      number,
      state: 'running',
      due: null,
      attention: 0,
      ...untold,
      updated: '2026-03-01T10:00:00.000Z',
      body: '{}',
      ...more,
    });
  const named = (key: string, names: Record<string, string>, more: Partial<Step> = {}) =>
    step({
      names: Object.entries(names).map(([kind, value]) => ({ kind, value })),
      about: about(key),
      ...more,
    });
  const told = (hits: Hit[]) => hits.map(({ kind, value, href }) => [kind, value, href]);
  const page = (key: string) => `/tower/orders/sales/${encodeURIComponent(key)}`;

  it('finds an order by each of its numbers, whatever the case and the spaces', async () => {
    await add('shop/1', '1001', { partner: 'shop', step: 'ship', attention: 1 });
    await place.journal.append([
      named('shop/1', { order: '1001', 'purchase order': 'PO 77  Grösse-A' }),
      named('shop/1', { transfer: 'WH/OUT/00042', 'tracking number': '1Z999' }),
      named('shop/1', { order: '1001' }),
    ]);
    for (const [typed, kind, value] of [
      ['1001', 'order', '1001'],
      ['  po 77 gröSSE-A ', 'purchase order', 'PO 77  Grösse-A'],
      ['wh/out/00042', 'transfer', 'WH/OUT/00042'],
      ['1z999', 'tracking number', '1Z999'],
    ] as const)
      assert.deepEqual(told(await search(place.db, typed)), [[kind, value, page('shop/1')]], typed);
    const [hit] = await search(place.db, '1001');
    assert.deepEqual(hit?.order, {
      process: 'sales',
      key: 'shop/1',
      number: '1001',
      partner: 'shop',
      state: 'running',
      step: 'ship',
      attention: true,
    });
  });

  it('puts what is called so before what only begins so, a page once, and 20 at the most', async () => {
    for (let n = 0; n < 30; n += 1) {
      await add(`k${n}`, `10${n}`);
      await place.journal.append([named(`k${n}`, { order: `10${n}`, invoice: `10${n}/INV` })]);
    }
    await add('exact', '10');
    await place.journal.append([named('exact', { order: '10' })]);
    const hits = await search(place.db, '10');
    assert.equal(hits.length, 20);
    assert.deepEqual(told(hits)[0], ['order', '10', page('exact')]);
    assert.equal(new Set(hits.map(({ href }) => href)).size, 20);
    assert.deepEqual(told(await search(place.db, '1029')), [['order', '1029', page('k29')]]);
    for (const typed of ['', '  ', '10%', '1_', "10'", 'x'.repeat(2000), '\0'])
      assert.deepEqual(await search(place.db, typed), [], typed.slice(0, 9));
  });

  it('finds an exception by its order, its event, its SKU and the value of the partner', async () => {
    const message = { ...order('order.received.v1', 'SO-9'), id: 'event-0123456789' };
    await place.journal.saveDeadLetter(
      letter({ id: 'q/shop/1', message, code: 'PRODUCT_UNKNOWN', facts: { sku: 'ABC-1' } }),
      [{ kind: 'purchase order', value: 'PO-9' }],
    );
    await place.journal.saveDeadLetter(
      letter({ id: 'q/shop/2', message: order('order.received.v1', 'SO-8') }),
    );
    const leads = async (typed: string) => told(await search(place.db, typed));
    const href = '/tower/letters/q%2Fshop%2F1';
    assert.deepEqual(await leads('so-9'), [['exception', 'SO-9', href]]);
    assert.deepEqual(await leads('abc-1'), [['SKU', 'ABC-1', href]]);
    assert.deepEqual(await leads('PO-9'), [['purchase order', 'PO-9', href]]);
    assert.deepEqual(await leads('event-0123'), [['event', 'event-0123456789', href]]);
    assert.deepEqual(await leads('dpd'), [['partner value', 'DPD', '/tower/letters/q%2Fshop%2F2']]);
    const [hit] = await search(place.db, 'ABC-1');
    assert.deepEqual(hit?.exception, {
      id: 'q/shop/1',
      flow: 'order-flow',
      code: 'PRODUCT_UNKNOWN',
      state: 'open',
    });
  });

  it('finds by event, transaction and order number what became no order, or was before names were kept', async () => {
    await place.journal.append([
      step({ correlationId: 'c-1', businessKey: '', time: '2026-03-01T10:00:00.000Z' }),
      step({
        correlationId: 'c-1',
        businessKey: 'SO-7',
        step: 'publish',
        reference: 'ev-7-0123456789',
        time: '2026-03-01T10:00:01.000Z',
        names: [{ kind: 'EDI number', value: '000000042' }],
      }),
    ]);
    const last = { flow: 'orders', step: 'publish', outcome: 'published' };
    const href = '/tower/orders/-/c-1';
    for (const [typed, kind, value] of [
      ['SO-7', 'order', 'SO-7'],
      ['c-1', 'transaction', 'c-1'],
      ['ev-7-0123456789', 'event', 'ev-7-0123456789'],
      ['ev-7-012', 'event', 'ev-7-0123456789'],
      ['000000042', 'EDI number', '000000042'],
    ] as const) {
      const [hit, ...more] = await search(place.db, typed);
      assert.deepEqual([hit?.kind, hit?.value, hit?.href, hit?.last], [kind, value, href, last], typed);
      assert.deepEqual(more, []);
    }
    await add('shop/7', 'SO-7');
    for (const typed of ['SO-7', 'c-1', 'ev-7-0123456789', '000000042'])
      assert.equal((await search(place.db, typed))[0]?.href, page('shop/7'), typed);
  });

  it('leaves out what is gone', async () => {
    await place.journal.append([named('nobody', { order: 'gone' })]);
    assert.deepEqual(await search(place.db, 'gone'), []);
  });

  it('keeps names with their steps, or neither', async () => {
    const bad = { ...step({ correlationId: 'bad' }), time: null as unknown as string };
    await assert.rejects(
      place.journal.append([named('k', { order: 'half' }, { correlationId: 'bad' }), bad]),
    );
    const names = () => place.db.selectFrom('alias').select('value').execute();
    assert.deepEqual(await names(), []);
    assert.deepEqual(await place.journal.trace({ correlationId: 'bad' }), []);
    const many = Array.from({ length: 1200 }, (_, n) => named(`k${n}`, { order: `n${n}` }));
    await Promise.all([place.journal.append(many), place.journal.append(many.toReversed())]);
    assert.equal((await names()).length, 1200);
  });
}

describe('search, embedded', () => {
  searches(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-search-'));
    const store = openStore(join(dataDir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    const reader = await openReader({ profile: 'embedded', dataDir, env: {} });
    return {
      journal,
      db: reader.db,
      async end() {
        await reader.close();
        await journal.close();
        store.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  });
});

describeReal(['postgres'], 'search, PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  searches(async () => {
    const prefix = `t${randomUUID().slice(0, 8)}`;
    const journal = await postgresJournal({ url, schema: `${prefix}_crossdock` });
    const env = { DATABASE_URL: url, CROSSDOCK_PREFIX: prefix };
    const reader = await openReader({ profile: 'cluster', dataDir: '', env });
    return {
      journal,
      db: reader.db,
      async end() {
        await reader.close();
        await journal.close();
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query(`DROP SCHEMA ${prefix}_crossdock CASCADE`);
        await client.end();
      },
    };
  });
});

describe('names of events', () => {
  const hub = {
    catalogue: loadCatalogue('definitions/events'),
    processes: loadProcesses('definitions'),
  };

  it('are read by paths, through lists, each once', () => {
    const data = {
      a: { b: 'X' },
      lines: [{ sku: 'S1' }, { sku: 'S2' }, { sku: 's1 ' }, {}],
      n: 7,
      none: ' ',
    };
    assert.deepEqual(
      namesIn(data, { b: 'a.b', SKU: 'lines.sku', n: 'n', none: 'none', missing: 'a.c.d', whole: 'a' }),
      [
        { kind: 'b', value: 'X' },
        { kind: 'SKU', value: 's1 ' },
        { kind: 'SKU', value: 'S2' },
        { kind: 'n', value: '7' },
      ],
    );
    assert.deepEqual(namesIn(null, { a: 'a' }), []);
    assert.equal(folded(' A\0b \t C '), 'ab c');
  });

  it('lead to the process that reads the event, else to the transaction', async () => {
    const document = { order: { source: 'shop', id: '1', number: '1001' }, document: { name: 'S00042' } };
    assert.deepEqual(await namedBy(hub, { type: 'order.confirmed.v1', data: document }), {
      names: [
        { kind: 'order', value: '1001' },
        { kind: 'sale order', value: 'S00042' },
      ],
      about: { process: 'order-to-cash', key: 'shop/1' },
    });
    assert.deepEqual(await namedBy(hub, { type: 'edi.sent.v1', data: { number: '000000001' } }), {
      names: [{ kind: 'EDI number', value: '000000001' }],
    });
    assert.deepEqual(await namedBy(hub, { type: 'order.held.v1', data: {} }), {});
    assert.deepEqual(await namedBy(hub, { type: 'stock.level.changed.v1', data: {} }), {});
  });
});
