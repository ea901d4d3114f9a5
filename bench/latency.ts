/** From the webhook's first byte to the order in Odoo at a steady rate: in the sandbox, where the hub's own time shows, and in the real Odoo. */
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import type { LoadAnswer } from './load.ts';
import { inTurn, measure, median, quantile, type Bench, type Measure, type Target } from './measure.ts';
import { firstNumber } from './orders.ts';
import { ask, startFloor, startHub, unchanged, type Running } from './processes.ts';
import { recorder, type Recorder } from './recorder.ts';
import { clean, clusterEnvironment, services } from './services.ts';

/** At both quantiles where the hub's own time shows: the real Odoo takes most of it there. */
const sandboxTarget = { atMost: 2 };

const queues = [
  'floor',
  'order-capture.shopify',
  'order-capture.woocommerce',
  'order-capture.partner',
  'order-to-odoo',
];

interface Surroundings {
  name: string;
  perSecond: number;
  orders: number;
  /** Before the first round: Node.js has compiled what is on the way when it has gone it this often. */
  warmUp: number;
  odoo: { url: string; database: string; apiKey: string };
  target?: Target;
}

export const latency: Bench = async (rounds) => {
  const sandbox = await startSandbox();
  try {
    return [
      ...(await compare(rounds, {
        name: 'sandbox',
        perSecond: 50,
        orders: 300,
        warmUp: 300,
        odoo: sandbox,
        target: sandboxTarget,
      })),
      // It confirms a few orders a second; more would only measure how they queue.
      ...(await compare(rounds, {
        name: 'real Odoo',
        perSecond: 2,
        orders: 16,
        warmUp: 6,
        odoo: services().odoo,
      })),
    ];
  } finally {
    await sandbox.close();
  }
};

async function compare(
  rounds: number,
  { name, perSecond, orders, warmUp, odoo, target }: Surroundings,
): Promise<Measure[]> {
  await clean(queues);
  const record = await recorder(odoo.url);
  const env = {
    ...clusterEnvironment(),
    ODOO_URL: record.url,
    ODOO_DATABASE: odoo.database,
    ODOO_API_KEY: odoo.apiKey,
  };
  const flow = {
    'shopify-intake.yaml': unchanged,
    'order-capture.yaml': unchanged,
    'order-to-odoo.yaml': unchanged,
  };
  const hub = await startHub({ env, flows: flow });
  const floor = await startFloor('odoo', env);
  let first = firstNumber();
  const send = async (to: Running, count: number): Promise<number[]> => {
    first += 2 * count;
    return times(record, to, { first, count, perSecond });
  };
  try {
    for (const warm of [hub, floor]) await send(warm, warmUp);
    const found = await inTurn(rounds, { hub: () => send(hub, orders), floor: () => send(floor, orders) });
    const of = (q: number) =>
      Object.fromEntries(
        Object.entries(found).map(([who, all]) => [who, median(all.map((one) => quantile(one, q)))]),
      );
    const title = `latency, ${name} at ${perSecond} a second`;
    return [
      measure(`${title}, p50`, 'ms', of(0.5), target),
      measure(`${title}, p99`, 'ms', of(0.99), target),
    ];
  } finally {
    await floor.stop();
    await hub.stop();
    record.close();
    await clean(queues);
  }
}

/** Sorted, in ms, of the orders sent at a steady rate. */
async function times(
  { landed }: Recorder,
  { url }: Running,
  { first, count, perSecond }: { first: number; count: number; perSecond: number },
): Promise<number[]> {
  const { begun } = await ask<LoadAnswer>('load', {
    url,
    connections: 64,
    requests: count,
    warmUp: 0,
    first,
    perSecond,
  });
  const numbers = Array.from({ length: count }, (_, at) => first + at);
  const late = Date.now() + 120_000;
  while (!numbers.every((number) => landed.has(number))) {
    if (Date.now() > late) throw new Error('Orders did not land within two minutes');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return numbers
    .map((number, at) => landed.get(number)! - begun - (at * 1000) / perSecond)
    .toSorted((a, b) => a - b);
}
