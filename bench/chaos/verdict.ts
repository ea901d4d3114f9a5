/** What became of every accepted order: read from the real Odoo's database, and from the dead letters. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadLetter } from '../../runtime/journal/journal.ts';
import { openStores, type OpenStores } from '../../runtime/stores/profile.ts';
import type { Stores } from '../../runtime/stores/stores.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { queues } from '../../test/e2e/hub-process.ts';
import type { Order } from './sender.ts';

export interface Verdict {
  landed: Set<string>;
  /** Order number → what is there twice. */
  duplicated: Map<string, string>;
  /** Order number → code and reason. */
  dead: Map<string, string>;
  /** Accepted, and neither landed nor dead. */
  lost: string[];
}

interface SaleOrder {
  name: string;
  client_order_ref: string;
  state: string;
  order_line: number[];
  picking_ids: number[];
}

const pollMs = 1000;
const tellMs = 10_000;
const rowsInOneCall = 500;

export async function readVerdict(
  stores: Stores,
  odoo: Odoo,
  orders: readonly Order[],
  accepted: ReadonlySet<string>,
): Promise<Verdict> {
  const found = Map.groupBy(await readOrders(odoo, orders), (one) => one.client_order_ref);
  const landed = new Set<string>();
  const duplicated = new Map<string, string>();
  for (const { number, lines } of orders) {
    const stored = found.get(number) ?? [];
    const twice = whatIsTwice(stored, lines);
    if (twice) duplicated.set(number, twice);
    if (accepted.has(number) && stored.length === 1 && stored[0]!.state === 'sale') landed.add(number);
  }
  const dead = new Map<string, string>();
  for (const { message, code, reason } of await openLetters(stores)) {
    const number = message.subject ?? '';
    if (accepted.has(number) && !landed.has(number) && code && reason) dead.set(number, `${code}: ${reason}`);
  }
  const lost = [...accepted].filter((number) => !landed.has(number) && !dead.has(number));
  return { landed, duplicated, dead, lost };
}

function whatIsTwice(stored: SaleOrder[], lines: number): string | undefined {
  if (stored.length > 1) return stored.map(({ name, state }) => `${name} ${state}`).join(', ');
  const one = stored[0];
  if (one && one.order_line.length > lines)
    return `${one.name}: ${one.order_line.length} lines instead of ${lines}`;
  if (one && one.picking_ids.length > 1) return `${one.name}: ${one.picking_ids.length} deliveries`;
  return undefined;
}

async function readOrders(odoo: Odoo, orders: readonly Order[]): Promise<SaleOrder[]> {
  const read: SaleOrder[] = [];
  for (let at = 0; at < orders.length; at += rowsInOneCall) {
    const numbers = orders.slice(at, at + rowsInOneCall).map(({ number }) => number);
    const rows = await odoo.call<SaleOrder[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', 'in', numbers]],
      fields: ['name', 'client_order_ref', 'state', 'order_line', 'picking_ids'],
    });
    read.push(...rows);
  }
  return read;
}

function openLetters(stores: Stores): Promise<DeadLetter[]> {
  return stores.journal.letters({ state: 'open', limit: 100_000 });
}

/** Messages in all queues. */
export async function inFlight(stores: Stores): Promise<number> {
  const depths = await Promise.all(queues.map((queue) => stores.broker.depth(queue)));
  return depths.reduce((sum, { ready, delayed, unsettled }) => sum + ready + delayed + unsettled, 0);
}

export interface Waiting {
  /** Asked each second. */
  read(): Promise<{ open: number; inFlight: number }>;
  say(text: string): void;
  limitMs: number;
  /** Without any change for so long, and nothing in a queue, nothing will come any more. */
  stillMs: number;
}

/** Resolves when nothing is in flight any more, or nothing moves, or the time is up. */
export async function settled({ read, say, limitMs, stillMs }: Waiting): Promise<void> {
  const end = Date.now() + limitMs;
  let last = '';
  let changed = Date.now();
  let told = 0;
  while (Date.now() < end) {
    const { open, inFlight } = await read();
    if (open === 0 && inFlight === 0) return;
    const now = `${open} orders neither landed nor dead, ${inFlight} messages in the queues`;
    if (now !== last) {
      last = now;
      changed = Date.now();
      if (changed - told > tellMs) say(now);
      told = changed - told > tellMs ? changed : told;
    } else if (inFlight === 0 && Date.now() - changed > stillMs) return;
    await sleep(pollMs);
  }
}

/** Opens the hub's stores from outside, then closes them again. */
export async function withStores<T>(at: OpenStores, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openStores(at);
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** The steps of a business transaction, for a person. */
export async function traceText(stores: Stores, number: string): Promise<string> {
  const steps = await stores.journal.trace({ businessKey: number });
  const lines = steps.map(({ time, flow, step, outcome, code = '', detail = '', reference = '' }) =>
    `    ${time} ${flow}/${step} ${outcome} ${code} ${detail} ${reference}`.trimEnd(),
  );
  return lines.length > 0 ? lines.join('\n') : '    the journal knows nothing of it';
}
