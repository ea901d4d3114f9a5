/** Some hundred orders from first to last, the same each time: received, held, confirmed, shipped, invoiced, paid, cancelled. */
import type { ProcessDefinition } from '../runtime/process/definition.ts';
import { applied, failed } from '../runtime/process/instance.ts';
import { newInstance, type Instance } from '../runtime/process/state.ts';

const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

interface Line {
  sku: string;
  quantity: string;
}

interface Life {
  of: ProcessDefinition;
  n: number;
  chance: () => number;
  order: { source: string; id: string; number: string };
  lines: Line[];
  /** Nothing is shipped. */
  services: boolean;
  instance: Instance;
  at: Date;
  /** False where that is still to come. */
  tell(type: string, data: object, afterMs: number): Promise<boolean>;
}

/** They came some hours ago and wait for their invoices. */
const isFresh = (n: number): boolean => n % 40 === 39;
export const partners = ['shopify', 'acme', 'midmart'];
const warehouses = ['EAST', 'WEST', undefined];

export const before = (now: Date, ms: number): Date => new Date(now.getTime() - ms);

/** As far as it comes until `now`. Where it came since `slowSince` it takes longer to be accepted. */
export async function lived(
  of: ProcessDefinition,
  n: number,
  chance: () => number,
  now: Date,
  slowSince: Date,
): Promise<Life> {
  const life = newLife(of, n, chance, now);
  const { order } = life;
  const warehouse = warehouses[Math.floor(n / 3) % 3];
  const facts = { ...order, warehouse, currency: 'EUR', totals: { gross: '100.00' } };
  await life.tell('order.received.v1', facts, 0);
  const slow = !isFresh(n) && chance() < (life.at >= slowSince ? 0.4 : 0.05);
  if (n % 23 === 0 && !(await life.tell('order.held.v1', { order }, MINUTE))) return life;
  if (n % 29 === 0) return life;
  if (n % 31 === 0) {
    await life.tell('order.cancelled.v1', { order, document: {} }, 2 * HOUR);
    return life;
  }
  const confirmed = { order, document: { open: life.services ? 0 : 1 }, lines: life.lines };
  const wait = slow ? 5 * HOUR + chance() * DAY : 3 * MINUTE * (1 + chance());
  if (!(await life.tell('order.confirmed.v1', confirmed, wait))) return life;
  if (!life.services && !(await shipped(life))) return life;
  // Shipped, and cancelled before it is invoiced.
  if (n % 61 === 0) await life.tell('order.cancelled.v1', { order, document: {} }, MINUTE);
  else await paid(life);
  return life;
}

function newLife(of: ProcessDefinition, n: number, chance: () => number, now: Date): Life {
  const source = partners[n % 3]!;
  let events = 0;
  const life: Life = {
    of,
    n,
    chance,
    order: { source, id: `o${n}`, number: `N${n}` },
    lines: [
      { sku: 'A', quantity: '4' },
      { sku: 'B', quantity: '2.5', ...(n % 7 === 0 && { uom: 'DZN' }) },
      ...(n % 5 === 0 ? [{ sku: 'SERVICE', quantity: '1' }] : []),
    ],
    services: n % 13 === 0,
    instance: newInstance(of, `${source}/o${n}`),
    at: before(now, isFresh(n) ? (n % 80 === 39 ? 8 : 2) * HOUR : 45 * DAY * chance() + 20 * MINUTE),
    async tell(type, data, afterMs) {
      life.at = new Date(life.at.getTime() + Math.round(afterMs));
      if (life.at >= now) return false;
      events += 1;
      life.instance = await applied(of, life.instance, { id: `${n}-${events}`, type, data }, life.at);
      return true;
    },
  };
  return life;
}

async function shipped(life: Life): Promise<boolean> {
  const { n, chance, order, lines } = life;
  const wait = isFresh(n) ? HOUR : chance() < 0.1 ? 12 * DAY : chance() * 3 * DAY;
  const late = chance() < 0.15 ? 9 * HOUR : 30 * MINUTE;
  const left = (delay: number, after: number) => new Date(life.at.getTime() + after - delay).toISOString();
  const message = { source: n % 37 === 0 ? 'order-to-cash' : 'wms', id: `S${n}` };
  // One tells no time, and one a time to come.
  const shipment = n % 41 === 0 ? {} : { shippedAt: left(n % 43 === 0 ? -HOUR : late, wait) };
  const booked = (open: number, goods: Line[], more = {}, afterMs = wait) =>
    life.tell(
      'shipment.booked.v1',
      { order, message, shipment, document: { open }, lines: goods, ...more },
      afterMs,
    );
  const part = [
    { sku: 'A', quantity: '4' },
    { sku: 'B', quantity: '1' },
  ];
  if (n % 3 !== 1) {
    // Twelve of B are a dozen.
    const goods = lines.map((line) => ({
      ...line,
      ...(line.sku === 'B' && n % 7 === 0 && { quantity: '30' }),
    }));
    return booked(
      0,
      goods.filter(({ sku }) => sku !== 'SERVICE'),
    );
  }
  if (!(await booked(1, part))) return false;
  // The shop takes off what is left, or it comes later.
  if (n % 4 === 0) return life.tell('order.updated.v1', { order, document: { open: 0 }, lines: part }, DAY);
  const rest = { message: { source: 'wms', id: `S${n}/2` }, shipment: { shippedAt: left(late, DAY) } };
  return booked(0, [{ sku: 'B', quantity: '1.5' }], rest, DAY);
}

/** Invoiced, paid, and some of it returned. */
async function paid(life: Life): Promise<void> {
  const { of, n, chance, order, lines, services } = life;
  if (n % 17 === 0) {
    const command = life.instance.asked.findLast(({ step }) => step === 'invoice');
    const why = { id: `f${n}`, why: 'fails with ODOO_BUSY', command };
    life.instance = await failed(of, life.instance, services ? 'services' : 'invoice', why, life.at);
  }
  const invoices = Math.max(1, n % 3 === 1 && !services ? 2 : 1);
  for (let one = 0; one < invoices; one += 1) {
    const invoice = { order, document: { name: `I${n}`, total: '50.00' } };
    const wait = isFresh(n) || chance() < 0.1 ? DAY : 10 * MINUTE;
    if (!(await life.tell('invoice.posted.v1', invoice, wait))) return;
  }
  if (n % 19 === 0) {
    const why = { id: `p${n}`, why: 'fails with ODOO_REFUSED', command: undefined };
    life.instance = await failed(of, life.instance, 'payment', why, life.at);
  }
  for (let one = 0; one < invoices; one += 1) {
    const wait = chance() < 0.2 ? 33 * DAY : chance() * 6 * DAY;
    if (!(await life.tell('payment.booked.v1', { order, document: { total: '50.00' } }, wait))) return;
  }
  if (n % 11 === 0)
    await life.tell('return.booked.v1', { order, message: { source: 'wms', id: `R${n}` }, lines }, HOUR);
}
