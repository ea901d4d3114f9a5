/** Erasing one customer: nothing of them is left in the store, and traces, counts and totals are as before. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { DeadLetter, Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { erase, type EraseOptions } from '../runtime/retention/erase.ts';
import { throughPersonal, wantedOf } from '../runtime/retention/personal.ts';
import { storeKeys } from '../runtime/seal/keys.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded } from './conformance/kit.ts';
import { issueRow, letter, step, untold } from './conformance/rows.ts';
import { putMarks } from './erase-marks.ts';
import { describeReal } from './real.ts';

const time = '2026-03-01T10:00:00.000Z';
const jane = {
  id: '4711',
  name: 'Jane Q. Doe',
  email: 'jane.doe@example.com',
  phone: '+49 151 2345678',
};
const street = 'Elm Street 13b';
/** Nothing of this may be left. */
const marks = ['mark-of-jane', 'purchase-of-jane'];
const traces = [
  jane.name,
  jane.email,
  jane.phone,
  street,
  'Jane',
  'Doe',
  'Gift Granny',
  'Granny Lane',
  ...marks,
];

/** As words of their own: another customer is called nearly so. */
const tracesIn = (text: string) =>
  traces.filter((trace) => new RegExp(`(?<![-.\\w])${RegExp.escape(trace)}`, 'i').test(text));

const order = (source: string, id: string, customer: object, place = street) => ({
  source,
  id,
  number: `N${id}`,
  currency: 'EUR',
  customer,
  shipTo: { name: (customer as { name: string }).name, street: place, city: 'Berlin', country: 'DE' },
  lines: [{ id: '1', sku: 'CHAIR', name: 'Garden chair', quantity: '2' }],
  shipping: [{ id: 's', name: 'Standard shipping', price: '4.90' }],
  note: `Please ring twice, ${(customer as { name: string }).name.split(' ')[0]}`,
  totals: { net: '10.00', tax: '1.90', gross: '11.90' },
});
/** As the shop sends it. */
const raw = {
  id: 5001,
  name: '#1001',
  email: 'Jane.Doe@example.com',
  total_price: '11.90',
  customer: { id: 4711, first_name: 'Jane', last_name: 'Doe', orders_count: 3, total_spent: '99.00' },
  billing_address: {
    first_name: 'Jane',
    last_name: 'Doe',
    address1: street,
    zip: '10115',
    country_code: 'DE',
  },
  line_items: [{ id: 1, name: 'Garden chair', sku: 'CHAIR' }],
};
const other = { id: '9', name: 'Bob Stone', email: 'bob@example.com', phone: '+49 30 1111111' };
const guest = { id: 'guest:mary-jane.doe@example.com', name: 'Mary Roe', email: 'mary-jane.doe@example.com' };

const message = (data: unknown, correlationid: string, more: object = {}) => ({
  ...letter().message,
  id: randomUUID(),
  correlationid,
  subject: (data as { number?: string }).number ?? 'x',
  time,
  data,
  ...more,
});

async function fill(journal: Journal): Promise<void> {
  const of = (data: unknown, correlationid: string, more: Partial<DeadLetter> = {}) =>
    letter({
      id: `${correlationid}-${randomUUID()}`,
      message: message(data, correlationid),
      state: 'discarded',
      decision: { time, by: 'eve', reason: 'asked by Jane Q. Doe' },
      ...more,
    });
  await journal.append([
    step({ correlationId: 'c1', businessKey: '', outcome: 'accepted', message: message(raw, 'c1') }),
    step({ correlationId: 'c1', businessKey: 'N5001', outcome: 'landed', detail: 'S00042 for Jane Q. Doe' }),
    step({ correlationId: 'c2', businessKey: 'N5001', outcome: 'landed', detail: 'WH/OUT/7 to Gift Granny' }),
    step({ correlationId: 'c9', businessKey: 'N9', outcome: 'landed', detail: 'S00043 for Bob Stone' }),
    step({ correlationId: 'c8', businessKey: 'guest:jane.doe@example.com', outcome: 'read' }),
  ]);
  await journal.saveDeadLetter(
    of(order('shopify', '5001', jane), 'c1', {
      reason: 'No carrier goes to Elm Street 13b',
      facts: { email: jane.email, line: 1, map: 'carrier', value: street },
      history: [{ time, code: 'X', detail: 'Jane Q. Doe has no VAT number', flowVersion: '1' }],
    }),
  );
  const letters = await journal.upkeep.db.selectFrom('dead_letter').select(['issue', 'reason']).execute();
  const { issue } = letters.find(({ reason }) => reason.startsWith('No carrier'))!;
  const told = { why: `No carrier goes to ${street}`, note: 'Jane Q. Doe was called' };
  await journal.upkeep.db
    .insertInto('issue')
    .values(issueRow({ id: issue, partner: '', ...told, first_seen: time, changed: time }))
    .execute();
  await journal.upkeep.db
    .insertInto('issue_event')
    .values({ issue, id: '1', time, who: 'eve', what: 'note', detail: 'called Jane Q. Doe' })
    .execute();
  const shipment = {
    source: 'wms',
    id: 'ship7',
    order: { source: 'shopify', id: '5001' },
    shipTo: { name: 'Gift Granny', street: 'Granny Lane 2', country: 'DE' },
    lines: [{ sku: 'CHAIR', quantity: '2' }],
  };
  await journal.saveDeadLetter(of(shipment, 'c2', { decision: { time, by: 'eve' } }));
  await journal.saveDeadLetter(
    of(order('shopify', '9', other, 'Stone Road 1'), 'c9', { decision: { time, by: 'eve' } }),
  );
  await journal.saveDeadLetter(
    of(order('shopify', '10', guest, 'Roe Road 1'), 'c9', { decision: { time, by: 'eve' } }),
  );
  await journal.processes.add({
    process: 'order-to-cash',
    key: 'shopify/5001',
    number: 'N5001',
    state: 'done',
    due: null,
    attention: 0,
    ...untold,
    started: time,
    updated: time,
    amount: '11.90',
    body: JSON.stringify({
      number: 'N5001',
      facts: { gross: '11.90' },
      steps: { order: { done: [{ customer: jane }] } },
    }),
  });
  await putMarks(journal);
  await journal.documents.put('order-said', 'shopify/5001', JSON.stringify({ note: 'for Jane Q. Doe' }));
  await journal.documents.put('newest-event', 'customer.changed.v1/guest:jane.doe@example.com', '{"id":"1"}');
  await journal.documents.put('promotion', 'p1', '{"by":"eve"}');
  await journal.advance('shopify.customer/guest:jane.doe@example.com', '1');
}

/** What is counted and traced, without texts. */
async function shape(journal: Journal) {
  const letters = await journal.letters();
  const steps = await journal.trace({ limit: 100 });
  return {
    counts: await journal.count(''),
    traced: (await journal.trace({ businessKey: 'N5001' })).length,
    steps: steps.map(({ time: at, correlationId, outcome }) => [at, correlationId, outcome]),
    letters: letters.map(({ id, code, state, message: { id: event, correlationid, subject } }) => [
      id,
      code,
      state,
      event,
      correlationid,
      subject,
    ]),
    groups: (await journal.groups()).map(({ code, count }) => [code, count]),
    totals: letters.map(({ message: { data } }) => (data as { totals?: unknown }).totals),
    processes: (await journal.processes.list()).map(({ key, number, state, amount }) => [
      key,
      number,
      state,
      amount,
    ]),
    kept: (await journal.kept('c1')).map(({ data }) => [
      (data as typeof raw).name,
      (data as typeof raw).total_price,
    ]),
  };
}

const how = (more: Partial<EraseOptions> = {}): EraseOptions => ({ by: 'eve', now: new Date(time), ...more });

/** `dump`: all that the store keeps, as text. */
function erasing(open: () => Promise<{ journal: Journal; dump(): Promise<string> }>): void {
  for (const [title, customer] of [
    ['an email', ' JANE.DOE@example.com '],
    ["a partner's id", 'shopify/4711'],
  ] as const)
    it(`leaves no trace of a customer found by ${title}; traces, counts and totals are as before`, async () => {
      const { journal, dump } = await open();
      await fill(journal);
      const before = await shape(journal);
      for (const trace of traces) assert.ok((await dump()).includes(trace), trace);

      const told = await erase(journal, wantedOf(customer), how({ dryRun: true }));
      assert.ok(!told.done && (await dump()).includes(jane.name));
      const erased = await erase(journal, wantedOf(customer), how());
      assert.deepEqual([erased.done, erased.underWay, erased.rows], [true, [], told.rows]);
      assert.deepEqual(erased.rows, {
        step: 4,
        dead_letter: 2,
        dead_letter_failure: 1,
        alias: 1,
        issue: 1,
        issue_event: 1,
        document: 4,
        process: 1,
        record_version: 1,
      });

      const left = await dump();
      assert.deepEqual(tracesIn(left), []);
      assert.deepEqual(await shape(journal), before);
      for (const kept of [
        'Garden chair',
        'Standard shipping',
        'Bob Stone',
        'mark-of-other',
        'duplicate-order/shopify/mark-of-other',
        'bob@example.com',
        'Mary Roe',
        guest.email,
      ])
        assert.ok(left.includes(kept), kept);
      const [note] = await journal.documents.list('erasure');
      assert.ok(note!.id.includes(erased.marker));
      const { by, at } = JSON.parse(note!.body) as { by: string; at: string };
      assert.deepEqual([by, at], ['eve', time]);
      const again = await erase(journal, wantedOf(customer), how());
      assert.deepEqual(again.rows, {});
    });

  it('erases nothing while something of the customer is worked on, unless that is asked for', async () => {
    const { journal, dump } = await open();
    await fill(journal);
    await journal.saveDeadLetter(
      letter({ id: 'open', message: message(order('shopify', '5002', jane), 'c3') }),
    );
    const refused = await erase(journal, wantedOf(jane.email), how());
    assert.deepEqual([refused.done, refused.underWay], [false, ['exception open']]);
    assert.ok((await dump()).includes(jane.name));
    const erased = await erase(journal, wantedOf(jane.email), how({ underWay: true }));
    assert.equal(erased.done, true);
    assert.ok(!(await dump()).includes(jane.name));
    const [letterLeft] = await journal.letters({ ids: ['open'] });
    assert.deepEqual([letterLeft!.state, letterLeft!.emptied], ['open', true]);
  });

  it('finds all again after it ended in between', async () => {
    const { journal, dump } = await open();
    await fill(journal);
    const { upkeep } = journal;
    let writes = 0;
    const ending = {
      transformQuery: ({ node }: { node: { kind: string } }) => {
        if (node.kind === 'UpdateQueryNode' && (writes += 1) > 5) throw new Error('killed');
        return node;
      },
      transformResult: async ({ result }: { result: unknown }) => result,
    } as never;
    const halfway = { ...journal, upkeep: { ...upkeep, db: upkeep.db.withPlugin(ending) } };
    await assert.rejects(erase(halfway, wantedOf(jane.email), how()), coded('STORE_UNAVAILABLE'));
    const { done } = await erase(journal, wantedOf(jane.email), how());
    assert.deepEqual([done, tracesIn(await dump())], [true, []]);
  });
}

const tables = [
  'step',
  'dead_letter',
  'dead_letter_failure',
  'document',
  'process',
  'record_version',
  'alias',
  'issue',
  'issue_event',
] as const;

/** As who has the key reads it. */
async function unsealed({ upkeep: { db } }: Journal): Promise<string> {
  const all = await Promise.all(tables.map((table) => db.selectFrom(table).selectAll().execute()));
  return JSON.stringify(all).replaceAll('\\\\"', '"');
}

describe('erasing a customer from the embedded store', () => {
  let dir: string;
  const closing: (() => void)[] = [];
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-erase-'))));
  afterEach(() => {
    for (const close of closing.splice(0)) close();
    rmSync(dir, { recursive: true });
  });
  const open = async () => {
    const file = join(dir, 'crossdock.db');
    const store = openStore(file);
    closing.push(() => store.close());
    // As the files stand there: free pages and the log too.
    const journal = embeddedJournal(store);
    const dump = async () =>
      storeKeys()
        ? unsealed(journal)
        : [file, `${file}-wal`].map((name) => readFileSync(name).toString('latin1')).join('');
    return { journal, store, dump };
  };
  erasing(open);

  it('counts as worked on what waits in a queue', async () => {
    const { journal, store } = await open();
    const broker = embeddedBroker(store);
    await broker.publishTo('q', message(order('shopify', '1', jane), 'c1')).catch(() => {});
    const consumer = await broker.consume({
      queue: 'q',
      types: ['order.received.v1'],
      concurrency: 1,
      handle: async () => ({ do: 'settle' }),
    });
    await consumer.stop();
    await broker.publishTo('q', message(order('shopify', '1', jane), 'c1'));
    const { done, underWay } = await erase(journal, wantedOf(jane.email), how());
    assert.deepEqual([done, underWay], [false, ['1 messages in queues']]);
    await broker.close();
  });
});

describeReal(['postgres'], 'erasing a customer from PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  erasing(async () => {
    const schema = `test_${randomUUID().slice(0, 8)}`;
    const journal = await postgresJournal({ url, schema });
    const admin = new pg.Pool({ connectionString: url, options: `-c search_path=${schema}`, max: 1 });
    closing.push(
      () => journal.close(),
      () => admin.query(`DROP SCHEMA ${schema} CASCADE`),
      () => admin.end(),
    );
    const dump = async () => {
      if (storeKeys()) return unsealed(journal);
      const all = await Promise.all(tables.map((table) => admin.query(`SELECT * FROM ${table}`)));
      return JSON.stringify(all.map(({ rows }) => rows)).replaceAll('\\\\"', '"');
    };
    return { journal, dump };
  });
});

describe('what of a message is of a person', () => {
  const mark = (value: unknown) =>
    throughPersonal(value, { personal: () => '#', other: (text) => text }) as Record<string, unknown>;

  it('is a name in a person, and not the name of an article or document', () => {
    assert.deepEqual(mark(order('shopify', '1', jane)), {
      ...order('shopify', '1', jane),
      customer: { id: '4711', name: '#', email: '#', phone: '#' },
      shipTo: { name: '#', street: '#', city: '#', country: 'DE' },
      note: '#',
    });
    const document = { document: { model: 'sale.order', id: 1, name: 'S00042', state: 'sale' } };
    assert.deepEqual(mark(document), document);
  });

  it('is found in what shops send, in their own words', () => {
    assert.deepEqual(mark(raw), {
      ...raw,
      email: '#',
      customer: { id: 4711, first_name: '#', last_name: '#', orders_count: 3, total_spent: '99.00' },
      billing_address: { first_name: '#', last_name: '#', address1: '#', zip: '#', country_code: 'DE' },
    });
  });

  it('is not where the goods leave', () => {
    const from = { shipFrom: { name: 'Hall 3', street: 'Dock Road 1' } };
    assert.deepEqual(mark(from), from);
  });

  it('is asked for by email or id, not by nothing', () => {
    assert.deepEqual(wantedOf('A@b.c'), { email: 'a@b.c' });
    assert.deepEqual(wantedOf('shopify/4711'), { id: '4711', source: 'shopify' });
    assert.throws(() => wantedOf(' '), coded('REQUEST_INVALID'));
  });
});
