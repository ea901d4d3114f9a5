/** One-line orders on the real Odoo, from the webhook to the money: the hub by its shipped flows, against scripts written by hand. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { codes } from '../runtime/errors/codes.ts';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import { invoiceWriter } from '../runtime/odoo/money/invoice.ts';
import { resolver } from '../runtime/odoo/resolve.ts';
import { stockWriter } from '../runtime/odoo/stock/stock.ts';
import { sign } from '../runtime/verify/sign.ts';
import { deliver, inBatches, pay, sell, type Shared } from './floor/order-to-cash.ts';
import { inTurn, measure, median, within, type Bench } from './measure.ts';
import { startHub, unchanged } from './processes.ts';
import { recorder, type Recorder } from './recorder.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';

/** Orders of one round: few where each takes long. */
const counts = { hub: 60, each: 4, parallel: 12, batched: 60 };
const warmUp = 4;
const batches = { of: 10, atOnce: 2 };
const price = 20;

/** Another checkout, whose hub runs in turn with this one's: `BENCH_BEFORE=/path npm run bench -- order-to-cash`. */
const before = process.env['BENCH_BEFORE'];

const flows = [
  'connections',
  'direct-intake',
  'order-capture',
  'order-to-odoo',
  'order-to-cash',
  'warehouse-intake',
  'stock-to-odoo',
  'payment-intake',
  'payment-capture',
  'money-to-odoo',
];
const watching = 'order-to-cash.bench';
const partner = `whsec_${Buffer.from('bench-partner-secret-of-32-bytes').toString('base64')}`;

interface Result {
  perSecond: number;
  callsEach: number;
}

export const orderToCash: Bench = async (rounds) => {
  const { odoo: at } = services();
  const record = await recorder(at.url);
  const odoo = openOdoo({ ...at, url: record.url, timeoutMs: 120_000 });
  let number = 0;
  try {
    const shared = await prepare(odoo);
    const numbers = (count: number) => Array.from({ length: count }, () => (number += 1));
    const script = (count: number, how: { of: number; atOnce: number }) => () =>
      untilAnswered(() =>
        counted(record, count, () =>
          inBatches(numbers(count), how, async (batch) =>
            pay(odoo, await deliver(odoo, await sell(odoo, shared, batch))),
          ),
        ),
      );
    const hub = (checkout?: string) => () => throughHub(record, shared, numbers, checkout);
    const whole = await inTurn(rounds, {
      hub: hub(),
      'one by one': script(counts.each, { of: 1, atOnce: 1 }),
      '4 parallel': script(counts.parallel, { of: 1, atOnce: 4 }),
      batched: script(counts.batched, batches),
      ...(before && { before: hub(before) }),
    });
    const landing = (work: (orders: number[], these: number[]) => Promise<void>) =>
      untilAnswered(async () => {
        const these = numbers(counts.batched);
        const orders = await sell(odoo, shared, these);
        return counted(record, these.length, () => work(orders, these));
      });
    const delivery = await inTurn(rounds, {
      writers: () => landing((_, these) => byWriters(odoo, shared, these)),
      batched: () =>
        landing((orders) => inBatches(orders, batches, async (batch) => void (await deliver(odoo, batch)))),
    });
    const rate = (found: Record<string, Result[]>, ...names: string[]) =>
      Object.fromEntries(names.map((name) => [name, median(found[name]!.map((one) => one.perSecond))]));
    const calls = (found: Record<string, Result[]>, ...names: string[]) =>
      Object.fromEntries(names.map((name) => [name, median(found[name]!.map((one) => one.callsEach))]));
    const unit = 'orders a second';
    return [
      measure('order to cash', unit, rate(whole, 'hub', 'batched', '4 parallel', 'one by one'), {
        atLeast: 0.9,
      }),
      ...(before
        ? [measure('order to cash, before', unit, rate(whole, 'hub', 'before'), { atLeast: 3 })]
        : []),
      within('order to cash, calls an order', 'calls', calls(whole, ...Object.keys(whole)), 6),
      measure('ship, invoice and post', unit, rate(delivery, 'writers', 'batched'), { atLeast: 0.7 }),
      within('ship, invoice and post, calls an order', 'calls', calls(delivery, 'writers', 'batched'), 6),
    ];
  } finally {
    record.close();
    await clean(queues());
  }
};

/** An article and a customer of this run alone. */
async function prepare(odoo: Odoo): Promise<Shared> {
  const source = `bench-${randomBytes(4).toString('hex')}`;
  const sku = `${source}-A`;
  const [product] = await odoo.call<number[]>('product.product', 'create', {
    vals_list: [
      { name: 'Bench', default_code: sku, type: 'consu', invoice_policy: 'delivery', taxes_id: [[6, 0, []]] },
    ],
  });
  const customer = await odoo.call<{ ids: number[] }>('res.partner', 'load', {
    fields: ['id', 'name'],
    data: [[`${source}.partner_c1`, 'Bench customer']],
  });
  return { source, sku, product: product!, customer: customer.ids[0]!, price };
}

async function counted({ calls }: Recorder, count: number, work: () => Promise<void>): Promise<Result> {
  calls.clear();
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const all = [...calls.values()].reduce((sum, one) => sum + one, 0);
  if (process.env['BENCH_CALLS'])
    process.stderr.write(
      `${JSON.stringify(Object.fromEntries([...calls].toSorted((a, b) => b[1] - a[1])))}\n`,
    );
  return { perSecond: count / seconds, callsEach: all / count };
}

/** A hub of its own for each round: what an earlier one has read and kept is gone. */
async function throughHub(
  record: Recorder,
  shared: Shared,
  numbers: (count: number) => number[],
  checkout?: string,
): Promise<Result> {
  await clean(queues());
  const { database, apiKey } = services().odoo;
  const env = {
    ...clusterEnvironment(),
    ODOO_URL: record.url,
    ODOO_DATABASE: database,
    ODOO_API_KEY: apiKey,
    PARTNER_WEBHOOK_SECRETS: partner,
    WAREHOUSE_WEBHOOK_SECRETS: partner,
    PAYMENT_WEBHOOK_SECRETS: partner,
  };
  const hub = await startHub({
    env,
    flows: Object.fromEntries(flows.map((flow) => [`${flow}.yaml`, unchanged])),
    ...(checkout && { checkout }),
  });
  const world = await partners(hub.url, shared);
  try {
    await world.orders(numbers(warmUp));
    return await counted(record, counts.hub, () => world.orders(numbers(counts.hub)));
  } finally {
    await world.close();
    await hub.stop();
  }
}

interface OrderEvent {
  order: { id: string };
  document: { total: string };
}

/** A shop, a warehouse and a bank: what the hub says of an order makes the next of them send. */
async function partners(
  url: string,
  { source, sku }: Shared,
): Promise<{ orders(numbers: number[]): Promise<void>; close(): Promise<void> }> {
  const broker = await rabbitBroker({ url: services().rabbitmq.url, prefix: `${prefix}_` });
  const paid = new Map<string, () => void>();
  const about = (kind: string, id: string) => ({
    source: `${source}-x`,
    id: `${kind}-${id}`,
    order: { source, id },
  });
  const now = () => new Date().toISOString();
  const post = (path: string, message: object) => send(`${url}/hooks${path}`, JSON.stringify(message));
  const lines = [{ sku, quantity: '1' }];
  const react: Record<string, (event: OrderEvent) => unknown> = {
    'order.confirmed.v1': ({ order: { id } }) =>
      post('/warehouse/shipments', { ...about('s', id), shippedAt: now(), lines }),
    'invoice.posted.v1': ({ order: { id }, document: { total: amount } }) =>
      post('/payments', { ...about('p', id), amount, currency: 'USD' }),
    'payment.booked.v1': ({ order: { id } }) => paid.get(id)?.(),
  };
  const consumer = await broker.consume({
    queue: watching,
    types: Object.keys(react),
    concurrency: 64,
    async handle({ message }) {
      await react[message.type]!(message.data as OrderEvent);
      return { do: 'settle' };
    },
  });
  const order = async (number: number): Promise<void> => {
    const id = String(number);
    const amount = price.toFixed(2);
    const done = new Promise<void>((resolve) => paid.set(id, resolve));
    await post('/partners/orders', {
      source,
      id,
      number: `${source}-${id}`,
      placedAt: now(),
      currency: 'USD',
      customer: { id: 'c1', name: 'Bench customer' },
      pricesIncludeTax: false,
      lines: [{ id: '1', sku, name: 'Bench', quantity: '1', unitPrice: amount, taxes: [] }],
      totals: { net: amount, tax: '0.00', gross: amount },
    });
    await done;
  };
  return {
    async orders(numbers) {
      const late = sleep(300_000, undefined, { ref: false }).then(() => {
        throw new Error('Orders were not paid within five minutes');
      });
      await Promise.race([Promise.all(numbers.map(order)), late]);
    },
    async close() {
      await consumer.stop();
      await broker.close();
    },
  };
}

async function send(url: string, body: string): Promise<void> {
  for (;;) {
    const { headers } = sign('standard-webhooks', {}, partner, body);
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    await answer.arrayBuffer();
    if (answer.status === 202) return;
    if (![409, 429, 503].includes(answer.status)) throw new Error(`${url} answered ${answer.status}`);
    await sleep(50);
  }
}

/** Shipment and invoice of each order, all orders at once. */
async function byWriters(odoo: Odoo, { source, sku }: Shared, numbers: readonly number[]): Promise<void> {
  const known = resolver(odoo, () => undefined, 60_000);
  const [stock, invoices] = [stockWriter(odoo, known), invoiceWriter(odoo, known)];
  await Promise.all(
    numbers.map(async (number) => {
      const about = { source: `${source}-w`, id: String(number), order: { source, id: String(number) } };
      const shipment = { ...about, lines: [{ sku, quantity: '1' }] };
      await untilAnswered(() => stock.move('shipment', shipment));
      await untilAnswered(() => invoices.invoice(about));
    }),
  );
}

/** Once more when Odoo ended a worker amid a call: a message as it is, a script with orders of its own. */
async function untilAnswered<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CodedError) || !codes[error.code].retryable || tries === 5) throw error;
    }
  }
}

/** Of the flows, as their consumers name them, and the bench's own. */
function queues(): string[] {
  return [
    watching,
    ...flows.flatMap((flow) => {
      const text = readFileSync(join('flows', `${flow}.yaml`), 'utf8');
      return [flow, ...[...text.matchAll(/^ {4}queue: (.+)$/gm)].map(([, queue]) => queue!)];
    }),
  ];
}
