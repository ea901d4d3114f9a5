/** A thousand orders through the hub into a real Odoo, faults of every kind planted there, and what a reconciliation finds. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openJournal, profileOf } from '../../runtime/stores/profile.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { situations } from '../../runtime/reconcile/situations.ts';
import type { SealedRun } from '../../runtime/reconcile/run.ts';
import { crossdock, type Run } from './order-to-cash.ts';
import { partners } from './partners.ts';
import { mix, planted, type Life } from './reconciliation-faults.ts';

export interface Found {
  orders: number;
  /** Breaks before anything was planted. */
  before: number;
  kinds: number;
  found: number;
  rightClass: number;
  /** Breaks that nobody planted. */
  false: number;
  seconds: number;
  /** 1: run again, it is the same to the byte. */
  identical: number;
  verified: number;
  differences: number;
}

export async function reconciliation(run: Run): Promise<{ found: Found; differing: string[] }> {
  const { hub, odoo, source, orders, log } = run;
  allowNothing(hub.definitionsDir);
  const journal = await openJournal({ profile: profileOf(hub.env), dataDir: hub.dataDir, env: hub.env });
  const lives = await live(run, journal);
  await journal.close();
  log(`${orders} orders live`);
  const before = await reconcile(run, 'before.json');
  const faults = await planted({ odoo, source, lives, log });
  log(`${faults.length} faults are planted`);
  await sleep(2000);
  const cutOff = new Date().toISOString();
  const after = await reconcile(run, 'after.json', cutOff);
  const again = await reconcile(run, 'again.json', cutOff);
  const verified = await crossdock(hub, 'reconcile', 'verify', join(hub.dataDir, 'after.json'), '--json');
  const { breaks } = after.sealed.run;
  const isOf = ({ order, situation }: (typeof faults)[number]) =>
    breaks.filter((one) => one.order === order && one.situation === situation);
  const found = faults.filter((fault) => isOf(fault).length === 1);
  const wanted = new Set(faults.map(({ order, situation }) => `${order} ${situation}`));
  const extra = breaks.filter(({ order, situation }) => !wanted.has(`${order} ${situation}`));
  const classOf = ({ situation, timing }: (typeof faults)[number]) =>
    timing ? 'timing' : situations[situation].class;
  const right = found.filter((fault) => isOf(fault)[0]!.class === classOf(fault));
  const differing = [
    ...before.sealed.run.breaks.map((one) => `before: ${one.id}: ${one.left.amount}, ${one.right.amount}`),
    ...faults.filter((one) => !found.includes(one)).map((one) => `not found: ${one.order} ${one.situation}`),
    ...found.filter((one) => !right.includes(one)).map((one) => `wrong class: ${one.order} ${one.situation}`),
    ...extra.map((one) => `nobody planted ${one.id}: ${one.left.amount}, ${one.right.amount}`),
    ...(after.text === again.text ? [] : ['run again, it is another']),
  ];
  return {
    found: {
      orders: after.sealed.run.orders.hub,
      before: before.sealed.run.breaks.length,
      kinds: faults.length,
      found: found.length,
      rightClass: right.length,
      false: extra.length,
      seconds: Math.round(after.ms / 100) / 10,
      identical: after.text === again.text ? 1 : 0,
      verified: JSON.parse(verified).digest === after.sealed.digest ? 1 : 0,
      differences: differing.length,
    },
    differing,
  };
}

/** Nothing is still in its time, for all of this happens within minutes. */
function allowNothing(definitionsDir: string): void {
  const file = join(definitionsDir, 'reconciliation.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/^( {2}(?:order|invoice|credit|posting|payment): )\d+[hd]/gm, '$11s'));
  // What runs is what stands there.
  appendFileSync(file, '\n');
}

/** As its users run it. */
async function reconcile({ hub, log }: Run, name: string, cutOff = new Date().toISOString()) {
  const file = join(hub.dataDir, name);
  const started = performance.now();
  await crossdock(hub, 'reconcile', '--cut-off', cutOff, '--out', file).catch(
    (error: Error & { code?: number }) => {
      if (error.code !== 1) throw error;
    },
  );
  const ms = performance.now() - started;
  const text = readFileSync(file, 'utf8');
  log(`reconciled in ${(ms / 1000).toFixed(1)} s`);
  return { text, ms, sealed: JSON.parse(text) as SealedRun };
}

/** Each through the hub, by events alone; the numbers by life. */
async function live(run: Run, journal: Journal): Promise<Map<Life, string[]>> {
  const { odoo, source, orders, log } = run;
  const skus = ['A', 'B'].map((name) => `${source}-${name}`) as [string, string];
  await odoo.call('product.product', 'create', {
    vals_list: skus.map((sku) => ({
      name: `Article ${sku}`,
      default_code: sku,
      type: 'consu',
      invoice_policy: 'delivery',
      taxes_id: [],
    })),
  });
  const tell = partners(run.hub.url, source);
  const watch = watching(journal, run.withinMs);
  const of = (a: number, b: number) =>
    [
      { sku: skus[0], quantity: a, price: '10.00' },
      { sku: skus[1], quantity: b, price: '7.40' },
    ].filter(({ quantity }) => quantity > 0);
  const world = { tell, of, number: (id: string) => `${source}-${id}`, until: watch.until };
  const each = Array.from({ length: orders }, (_, at) => ({ id: String(at + 1), life: lifeOf(at, orders) }));
  let done = 0;
  const outcomes = await Promise.allSettled(
    each.map(async ({ id, life }, at) => {
      await sleep(at * 30);
      await ways[life](world, id);
      if (++done % 100 === 0) log(`${done} orders`);
    }),
  );
  await watch.stop();
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  const lives = Map.groupBy(each, ({ life }) => life);
  return new Map([...lives].map(([life, all]) => [life, all.map(({ id }) => `${source}-${id}`)]));
}

/** Spread over all of them, so that a small run has each as well. */
function lifeOf(at: number, orders: number): Life {
  const place = orders < 100 ? Math.floor((at / orders) * 100) : at % 100;
  let until = 0;
  for (const [life, count] of Object.entries(mix)) if (place < (until += count)) return life as Life;
  return 'complete';
}

type Until = (number: string, what: string, fits: (one: Instance) => boolean) => Promise<Instance>;

/** What the hub knows of its orders, looked at once a second for all. */
function watching(journal: Journal, withinMs: number): { until: Until; stop(): Promise<void> } {
  let known = new Map<string, Instance>();
  const ended = new AbortController();
  const looking = (async () => {
    while (!ended.signal.aborted) {
      const rows = await journal.processes.list({ process: 'order-to-cash', limit: 100_000 });
      known = new Map(rows.map(({ number, body }) => [number, JSON.parse(body) as Instance]));
      await sleep(1000);
    }
  })();
  const until: Until = async (number, what, fits) => {
    for (const end = Date.now() + withinMs; Date.now() < end; await sleep(250)) {
      const one = known.get(number);
      if (one && fits(one)) return one;
    }
    throw new Error(`${number} is not ${what} in time: ${JSON.stringify(known.get(number)?.history.at(-1))}`);
  };
  return {
    until,
    async stop() {
      ended.abort();
      await looking;
    },
  };
}

interface World {
  tell: ReturnType<typeof partners>;
  /** Pieces of the two articles. */
  of(a: number, b: number): { sku: string; quantity: number; price: string }[];
  number(id: string): string;
  until: Until;
}

const count = (instance: Instance, step: string): number => instance.steps[step]?.done.length ?? 0;
const totalOf = (instance: Instance, step: string, at: number): number =>
  Number((instance.steps[step]!.done[at] as { document: { total: string } }).document.total);

async function confirmed(w: World, id: string): Promise<void> {
  await w.tell.order(id, w.of(4, 2));
  await w.until(w.number(id), 'confirmed', (one) => count(one, 'order') > 0);
}

/** The so-manieth shipment, and its invoice. */
async function shipped(w: World, id: string, part: number, a: number, b: number): Promise<number> {
  await w.tell.shipment(`s${part}-${id}`, id, w.of(a, b));
  const one = await w.until(w.number(id), 'invoiced', (instance) => count(instance, 'invoice') > part);
  return totalOf(one, 'invoice', part);
}

async function paid(w: World, id: string, part: number, amount: number): Promise<void> {
  await w.tell.payment(`p${part}-${id}`, id, amount);
  await w.until(w.number(id), 'paid', (one) => count(one, 'payment') > part);
}

const ways: Record<Life, (w: World, id: string) => Promise<void>> = {
  async complete(w, id) {
    await confirmed(w, id);
    await paid(w, id, 0, await shipped(w, id, 0, 4, 2));
  },
  async unpaid(w, id) {
    await confirmed(w, id);
    await shipped(w, id, 0, 4, 2);
  },
  unshipped: confirmed,
  async partial(w, id) {
    await confirmed(w, id);
    await paid(w, id, 0, await shipped(w, id, 0, 1, 0));
    await paid(w, id, 1, await shipped(w, id, 1, 3, 2));
  },
  async returned(w, id) {
    await ways.complete(w, id);
    await w.tell.returned(`r-${id}`, id, w.of(4, 0));
    const one = await w.until(w.number(id), 'credited', (instance) => count(instance, 'credit note') > 0);
    await w.tell.payment(`p9-${id}`, id, totalOf(one, 'credit note', 0), true);
  },
  async cancelled(w, id) {
    await confirmed(w, id);
    await w.tell.cancellation(id);
    await w.until(w.number(id), 'cancelled', ({ state }) => state === 'cancelled');
  },
  async edited(w, id) {
    await confirmed(w, id);
    await w.tell.update(id, w.of(6, 1));
    await w.until(w.number(id), 'updated', (one) => (one.steps['shipment']?.also?.length ?? 0) > 0);
    await paid(w, id, 0, await shipped(w, id, 0, 6, 1));
  },
  async held(w, id) {
    await w.tell.order(id, [{ ...w.of(4, 0)[0]!, price: '3000.00' }]);
    await w.until(w.number(id), 'held', ({ state }) => state === 'held');
  },
};
