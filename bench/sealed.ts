/** What sealing costs: the writes of an order into the embedded store, and reading them again, with and without a key. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopifyOrder } from '../cli/samples.ts';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import type { Envelope } from '../runtime/envelope/envelope.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Step } from '../runtime/journal/step.ts';
import { keySetting } from '../runtime/seal/keys.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { inTurn, measure, median, type Measure } from './measure.ts';

const orders = 4000;
const atOnce = 64;
/** Steps that an order leaves behind from its webhook to the end of the process. */
const laterSteps = 10;
const items = [
  { sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 },
  { sku: 'FURN_8888', name: 'Office Lamp', price: '40.00', quantity: 1 },
];

interface Figures {
  /** Orders a second. */
  written: number;
  read: number;
  /** Of the file. */
  kilobytes: number;
}

export async function sealed(rounds: number): Promise<Measure[]> {
  const key = randomBytes(32).toString('base64');
  const found = await inTurn(rounds, { sealed: () => once(key), clear: () => once(undefined) });
  const of = (name: keyof Figures) => ({
    sealed: median(found['sealed']!.map((one) => one[name])),
    clear: median(found['clear']!.map((one) => one[name])),
  });
  return [
    measure('sealed, embedded, write an order with its trace', 'orders a second', of('written')),
    measure('sealed, embedded, read an order with its trace', 'orders a second', of('read')),
    measure('sealed, embedded, room of an order', 'KB', of('kilobytes')),
  ];
}

async function once(key: string | undefined): Promise<Figures> {
  if (key === undefined) delete process.env[keySetting];
  else process.env[keySetting] = key;
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-bench-sealed-'));
  const store = openStore(join(dir, 'crossdock.db'));
  const [journal, broker] = [embeddedJournal(store), embeddedBroker(store)];
  await broker.declare('orders', ['order.received.v1']);
  const write = async (at: number): Promise<void> => {
    const message = messageOf(at);
    const step = stepOf(message);
    // As a webhook does: kept and published in one commit.
    await Promise.all([broker.publish(message), journal.append([{ ...step, outcome: 'accepted', message }])]);
    for (let each = 0; each < laterSteps; each += 5)
      await journal.append(
        Array.from({ length: 5 }, () => ({ ...step, detail: `S${at}, 2 lines, 207.00 USD` })),
      );
    await journal.documents.put('order-said', `shopify/${at}`, JSON.stringify(message.data));
  };
  const read = async (at: number): Promise<void> => {
    await journal.kept(`c${at}`);
    await journal.trace({ correlationId: `c${at}` });
    await journal.documents.get('order-said', `shopify/${at}`);
  };
  try {
    const written = await perSecond(write);
    return { written, read: await perSecond(read), kilobytes: store.room().used / 1024 / orders };
  } finally {
    delete process.env[keySetting];
    await broker.close();
    await journal.close();
    store.close();
    rmSync(dir, { recursive: true });
  }
}

async function perSecond(work: (at: number) => Promise<void>): Promise<number> {
  let next = 0;
  const began = performance.now();
  const worker = async () => {
    for (let at = next++; at < orders; at = next++) await work(at);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return orders / ((performance.now() - began) / 1000);
}

function messageOf(at: number): Envelope {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'shopify',
    type: 'order.received.v1',
    subject: String(at),
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: 'crossdock:order.received.v1',
    correlationid: `c${at}`,
    causationid: `c${at}`,
    partitionkey: String(at),
    flow: 'shopify-intake',
    flowversion: '1',
    data: JSON.parse(shopifyOrder(String(at + 1), at, items)) as unknown,
  } as Envelope;
}

function stepOf({ correlationid, subject, time, flow, flowversion }: Envelope): Step {
  return {
    time,
    correlationId: correlationid,
    businessKey: subject,
    step: 'order to Odoo',
    flow,
    flowVersion: flowversion,
    outcome: 'landed',
    durationMs: 12,
  };
}
