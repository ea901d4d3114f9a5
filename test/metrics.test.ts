/** What /metrics tells of a hub: each figure at its place, the same on both profiles. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { envelope } from '../runtime/envelope/envelope.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { telling } from '../runtime/http/exchange.ts';
import type { Consuming, Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { createLog } from '../runtime/log/log.ts';
import { accepted } from '../runtime/intake/answer.ts';
import { letterId, type Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import type { Tables } from '../runtime/journal/tables.ts';
import { isElected } from '../runtime/metrics/scrape/elected.ts';
import { scraping, type Scraping } from '../runtime/metrics/scrape/scrape.ts';
import { storeRows } from '../runtime/metrics/scrape/store.ts';
import { Circuit } from '../runtime/recovery/circuit.ts';
import type { Policy } from '../runtime/recovery/recover.ts';
import { verdict } from '../runtime/hub/verdict.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { remember } from '../runtime/journal/remembered.ts';
import { order } from './conformance/kit.ts';
import { letter } from './conformance/rows.ts';
import { seriesIn, valueIn } from './metrics-text.ts';
import { describeReal } from './real.ts';

const log = createLog({ level: 'silent' });
const now = new Date('2026-03-10T12:00:00.000Z');

const policy: Policy = {
  policy: 'quick',
  summary: 'One try more',
  immediate: 1,
  delays: [],
  jitter: 0,
  outage: ['ODOO_UNREACHABLE'],
};
const flowContext = { flow: 'orders', flowVersion: '1', step: 'work' };
const member = (id: string, worker: boolean, seen: Date) =>
  JSON.stringify({ id, host: 'h', pid: 1, worker, since: '', state: 'running', seen: seen.toISOString() });

describe('the figures of a hub', () => {
  let dir: string;
  let hub: Hub;
  let reader: Reader;
  let scrapes: Scraping;
  let time: number;
  let asked: number;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-metrics-'));
    hub = await openHub({ profile: 'embedded', dataDir: dir, definitionsDir: 'definitions', env: {}, log });
    hub.tiers.set('orders', 'standard');
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
    [time, asked] = [now.getTime(), 0];
    const { queues } = hub.broker;
    const broker = { ...hub.broker, queues: () => ((asked += 1), queues()) };
    scrapes = scraping(Object.assign(hub, { broker }), reader, () => new Date(time));
  });
  afterEach(async () => {
    scrapes.end();
    await reader.close();
    await hub.close();
    rmSync(dir, { recursive: true });
  });

  it('count webhooks by route and status; an address that nothing listens on is no label', async () => {
    hub.intake.add({ path: '/hooks/shop/:id', handler: async ({ id }) => accepted(id) });
    hub.intake.resume();
    const server = createServer((request, response) => void hub.intake.take(request, response));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['shop/1', 'shop/2', 'secret-4711', 'secret-4712']) {
      const answer = await fetch(`http://127.0.0.1:${port}/hooks/${path}`, { method: 'POST', body: '{}' });
      await answer.text();
    }
    await fetch(`http://127.0.0.1:${port}/hooks/shop/3`);
    server.closeAllConnections();
    server.close();
    const text = await scrapes.text();
    const counted = seriesIn(text).filter((line) => line.startsWith('crossdock_webhook_requests_total'));
    assert.deepEqual(counted, [
      'crossdock_webhook_requests_total{route="/hooks/shop/:id",status="202"} 2',
      'crossdock_webhook_requests_total{route="other",status="404"} 2',
      'crossdock_webhook_requests_total{route="other",status="405"} 1',
    ]);
    assert.doesNotMatch(text, /secret-471/);
  });

  it('time each message by what became of it, and count retries, dead letters and outages by code', async () => {
    const source = { hub, queue: 'q', policy, circuit: new Circuit(), flowContext };
    const work = async (key: string, code?: Code, times = 1) => {
      const message = envelope({
        source: 'acme',
        type: 'a.b.v1',
        subject: key,
        flow: 'f',
        flowversion: '1',
        data: {},
      });
      for (let n = 0; n < times; n++) {
        const delivery = await hub.deliveries.run(
          { ...flowContext, cause: message, timeLimitMs: 1000 },
          (begun) => {
            begun.came = true;
          },
        );
        if (code) delivery.failure = new CodedError(code, 'No');
        await verdict(source, { message, delivery, pass: { probe: false, generation: 0 } });
      }
    };
    await work('a');
    await work('b');
    await work('c', 'ODOO_BUSY', 2);
    await work('d', 'MAPPING_FAILED');
    await work('e', 'ODOO_UNREACHABLE', 2);
    const text = await scrapes.text();
    const of = (outcome: string) =>
      valueIn(text, `crossdock_message_seconds_count{flow="orders",outcome="${outcome}"}`);
    assert.deepEqual(['done', 'retrying', 'exception', 'outage', 'parked'].map(of), [2, 1, 2, 2, undefined]);
    const all = seriesIn(text).filter((line) => /^crossdock_(retries|dead_letters|outages)_total/.test(line));
    assert.deepEqual(all, [
      'crossdock_retries_total{flow="orders",code="ODOO_BUSY"} 1',
      'crossdock_dead_letters_total{flow="orders",code="ODOO_BUSY"} 1',
      'crossdock_dead_letters_total{flow="orders",code="MAPPING_FAILED"} 1',
      'crossdock_outages_total{flow="orders",code="ODOO_UNREACHABLE"} 1',
    ]);
    const sum = valueIn(text, 'crossdock_message_seconds_sum{flow="orders",outcome="done"}')!;
    assert.ok(sum > 0 && sum < 10, `${sum} s`);
    assert.equal(valueIn(text, 'crossdock_letters_waiting{flow="orders",state="open"}'), 2);
  });

  it('count calls by the name of the connection and what came of them', async () => {
    const server = createServer((_request, response) => void response.writeHead(422).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const ask = telling(hub.figures.calls('Shop API'));
    const call = () => ask(`http://127.0.0.1:${port}/?key=4711`, { method: 'GET' }, 1000);
    await call();
    await call();
    server.closeAllConnections();
    server.close();
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const free = (nobody.address() as AddressInfo).port;
    await new Promise((closed) => nobody.close(closed));
    await assert.rejects(ask(`http://127.0.0.1:${free}/`, { method: 'GET' }, 1000), {
      failure: 'unreachable',
    });
    const text = await scrapes.text();
    const counted = seriesIn(text).filter((line) => line.startsWith('crossdock_calls_total'));
    assert.deepEqual(counted, [
      'crossdock_calls_total{target="Shop API",status="422"} 2',
      'crossdock_calls_total{target="Shop API",status="unreachable"} 1',
    ]);
  });

  it('count what the hub itself takes from a queue by its own name', async () => {
    hub.consumers.add({ queue: 'told', flow: 'alerts', state: { is: 'consuming' } } as unknown as Consuming);
    hub.figures.failed('retries', 'alerts', 'ODOO_BUSY');
    hub.figures.failed('retries', 'nobody', 'ODOO_BUSY');
    const counted = seriesIn(await scrapes.text()).filter((line) =>
      line.startsWith('crossdock_retries_total'),
    );
    assert.deepEqual(counted, [
      'crossdock_retries_total{flow="alerts",code="ODOO_BUSY"} 1',
      'crossdock_retries_total{flow="other",code="ODOO_BUSY"} 1',
    ]);
  });

  it('tell the store, asked once for all who ask within ten seconds', async () => {
    hub.consumers.add({
      queue: 'q',
      flow: 'orders',
      types: [],
      state: { is: 'consuming' },
    } as unknown as Consuming);
    const counts = { missing: 2, price: 1 };
    for (const [id, run] of [
      ['2030-01-01T00:00:00.000Z/0', {}],
      ['2030-01-02T00:00:00.000Z/0', counts],
      // Of other books the last too.
      ['2030-01-01T12:00:00.000Z/purchases-0', { missing: 7 }],
      ['2030-01-03T00:00:00.000Z/purchases-0', { missing: 3 }],
    ] as const)
      await hub.journal.documents.put('reconciliation', id, JSON.stringify({ run: { counts: run } }));
    const before = (seconds: number) => new Date(time - seconds * 1000).toISOString();
    const took = async (sku: string, lag: number) => {
      const data = { channel: 'shopify', sku, warehouse: 'WH', at: before(60), changed: before(30 + lag) };
      const told = { ...order('stock.level.acknowledged.v1', `shopify/WH/${sku}`), time: before(30), data };
      await remember(hub.journal.documents, told);
    };
    for (let lag = 1; lag <= 10; lag += 1) await took(`S${lag}`, lag);
    await hub.journal.documents.put(
      'newest-event',
      'stock.level.changed.v1/WH/S3',
      JSON.stringify({ id: '1', time: before(50) }),
    );
    await hub.broker.declare('q', ['order.received.v1']);
    await hub.broker.publish(order('order.received.v1', 'SO-1'));
    const [text] = await Promise.all([scrapes.text(), scrapes.text()]);
    assert.equal(valueIn(text!, 'crossdock_queue_messages{queue="q",state="ready"}'), 1);
    assert.ok(valueIn(text!, 'crossdock_queue_oldest_seconds{queue="q"}') !== undefined);
    assert.ok(valueIn(text!, 'crossdock_store_bytes')! > 0);
    assert.equal(valueIn(text!, 'crossdock_hubs'), 1);
    assert.equal(valueIn(text!, 'crossdock_reconciliation_breaks{class="missing"}'), 5);
    assert.equal(valueIn(text!, 'crossdock_reconciliation_breaks{class="extra"}'), 0);
    assert.equal(valueIn(text!, 'crossdock_stock_lag_seconds{channel="shopify"}'), 9);
    assert.equal(valueIn(text!, 'crossdock_stock_waiting_oldest_seconds{channel="shopify"}'), 50);
    assert.equal(valueIn(text!, 'crossdock_store_figures'), 1);
    assert.equal(valueIn(text!, 'crossdock_flow_outage{flow="orders"}'), 0);
    assert.equal(valueIn(text!, 'crossdock_processes{process="order-to-cash",step="shipment"}'), 0);
    await scrapes.text();
    assert.equal(asked, 1);
    time += 10_000;
    await scrapes.text();
    assert.equal(asked, 2);
  });

  it('tell the process: processor time, memory, and how late timers are', async () => {
    let text = '';
    let lag = 0;
    // A machine that has other work may wake the process too late to see one of them.
    for (let tries = 0; lag <= 0.05 && tries < 100; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      for (const end = performance.now() + 120; performance.now() < end;) Math.random();
      await new Promise((resolve) => setTimeout(resolve, 60));
      text = await scrapes.text();
      lag = valueIn(text, 'crossdock_event_loop_lag_max_seconds')!;
    }
    assert.ok(lag > 0.05 && lag < 60, `${lag} s`);
    const cpu = valueIn(text, 'process_cpu_seconds_total')!;
    assert.ok(cpu > 0 && valueIn(await scrapes.text(), 'process_cpu_seconds_total')! >= cpu);
    assert.ok(valueIn(text, 'process_resident_memory_bytes')! > 10_000_000);
    assert.ok(valueIn(text, 'process_start_time_seconds')! < Date.now() / 1000);
  });

  it('are all but those of the store where that cannot be read', async () => {
    hub.figures.answered('/hooks/a', 202);
    assert.equal(valueIn(await scrapes.text(), 'crossdock_store_figures'), 1);
    await reader.close();
    time += 10_000;
    const text = await scrapes.text();
    assert.equal(valueIn(text, 'crossdock_webhook_requests_total{route="/hooks/a",status="202"}'), 1);
    assert.equal(valueIn(text, 'crossdock_store_figures'), 0);
    const ofStore = seriesIn(text).filter((line) =>
      /^crossdock_(queue|letters|processes|hubs|store_bytes)/.test(line),
    );
    assert.deepEqual(ofStore, []);
  });

  it('of the store come from one of the hubs: the one with the editor, else the first worker that is there', async () => {
    const { documents } = hub.journal;
    const seconds = (n: number) => new Date(now.getTime() + n * 1000);
    const telling = async (at: Date) => {
      const told = await Promise.all(['w-1', 'w-2', 'hub'].map((id) => isElected(reader.db, id, at)));
      return ['w-1', 'w-2', 'hub'].filter((_, n) => told[n]);
    };
    assert.deepEqual(await telling(now), []);
    await documents.put('member', 'w-2', member('w-2', true, now));
    await documents.put('member', 'w-1', member('w-1', true, now));
    assert.deepEqual(await telling(now), ['w-1']);
    await documents.put('member', 'hub', member('hub', false, now));
    assert.deepEqual(await telling(now), ['hub']);
    await documents.put('member', 'w-2', member('w-2', true, seconds(15)));
    assert.deepEqual(await telling(seconds(16)), ['w-2'], 'the others were not seen for longer');
  });
});

/** Rows of the store, the same on both profiles. */
async function told(journal: Journal, db: Kysely<Tables>, processes: Hub['processes']): Promise<void> {
  const instance = (key: string, step: string | null, planned: string | null) =>
    journal.processes.add({
      process: 'order-to-cash',
      key,
      number: key,
      state: step === null ? 'done' : 'running',
      due: null,
      attention: 0,
      started: null,
      updated: null,
      partner: null,
      warehouse: null,
      amount: null,
      currency: null,
      step,
      planned,
      team: null,
      body: '{}',
    });
  const [over, ahead] = ['2026-03-10T11:59:59.000Z', '2026-03-10T12:00:01.000Z'];
  await instance('1', 'shipment', over);
  await instance('2', 'shipment', ahead);
  await instance('3', 'shipment', null);
  await instance('4', 'payment', over);
  await instance('5', null, null);
  for (const [key, state] of [
    ['a', 'open'],
    ['b', 'open'],
    ['c', 'parked'],
    ['d', 'discarded'],
  ] as const) {
    const message = order('order.received.v1', key);
    await journal.saveDeadLetter(letter({ id: letterId('q', message), message, flow: 'orders', state }));
  }
  const broker = {
    queues: async () => ['q'],
    depth: async () => ({ ready: 5, delayed: 2, unsettled: 1 }),
    oldest: async () => 'unknown',
  };
  const asked = { broker, journal, processes, consumers: new Set(), profile: 'cluster' } as unknown as Hub;
  const rows = await storeRows(asked, db, now);
  const short = (name: keyof typeof rows) =>
    rows[name]!.filter(({ value }) => value > 0)
      .map(({ labels, value }) => `${Object.values(labels).join(' ')} ${value}`)
      .toSorted();
  assert.deepEqual(short('crossdock_processes'), ['order-to-cash payment 1', 'order-to-cash shipment 3']);
  assert.deepEqual(short('crossdock_processes_late'), [
    'order-to-cash payment 1',
    'order-to-cash shipment 1',
  ]);
  assert.deepEqual(short('crossdock_letters_waiting'), ['orders open 2', 'orders parked 1']);
  assert.deepEqual(short('crossdock_queue_messages'), ['q delayed 2', 'q ready 5', 'q working 1']);
  assert.deepEqual(rows.crossdock_queue_oldest_seconds, [], 'what is not known is absent');
}

it('the store is counted: processes and late ones, letters, messages', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-metrics-'));
  const hub = await openHub({
    profile: 'embedded',
    dataDir: dir,
    definitionsDir: 'definitions',
    env: {},
    log,
  });
  const reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
  await told(hub.journal, reader.db, hub.processes);
  await reader.close();
  await hub.close();
  rmSync(dir, { recursive: true });
});

describeReal(['postgres'], 'metrics on PostgreSQL', ({ postgres: { url } }) => {
  it('the store is counted there too, by one of two hubs', async () => {
    const prefix = `test_${randomUUID().slice(0, 8)}`;
    const env = { DATABASE_URL: url, CROSSDOCK_PREFIX: prefix };
    const journals = await Promise.all(
      [0, 1].map(() => postgresJournal({ url, schema: `${prefix}_crossdock` })),
    );
    const reader = await openReader({ profile: 'cluster', dataDir: '', env });
    const { loadProcesses } = await import('../runtime/process/definition.ts');
    try {
      await told(journals[0]!, reader.db, loadProcesses('definitions'));
      const ids = journals.map(({ watched }) => watched.id);
      for (const id of ids) await journals[0]!.documents.put('member', id, member(id, true, now));
      const elected = await Promise.all(ids.map((id) => isElected(reader.db, id, now)));
      assert.deepEqual(elected.filter(Boolean), [true]);
    } finally {
      await reader.close();
      const { default: pg } = await import('pg');
      await Promise.all(journals.map((one) => one.close()));
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`DROP SCHEMA "${prefix}_crossdock" CASCADE`);
      await client.end();
    }
  });
});
