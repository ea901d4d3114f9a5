/** Some hundred orders with everything that happens to orders, the same each time. */
import type { Journal } from '../runtime/journal/journal.ts';
import type { Step } from '../runtime/journal/step.ts';
import type { ProcessDefinition } from '../runtime/process/definition.ts';
import { acted, applied, failed, lookedAt } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance, type Instance } from '../runtime/process/state.ts';
import type { Promotion } from '../runtime/promotion/promotion.ts';
import { remember } from '../runtime/journal/remembered.ts';
import { order as envelopeOf } from './conformance/broker.ts';
import { letter, step } from './conformance/rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From 0 to 1, the same row of numbers each time (mulberry32). */
function chances(): () => number {
  let state = 20_260_617;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Life {
  instance: Instance;
  at: Date;
  tell(type: string, data: object, afterMs: number): Promise<boolean>;
}

/** They came some hours ago and wait for their invoices. */
const isFresh = (n: number): boolean => n % 40 === 39;
const partners = ['shopify', 'acme', 'midmart'];
const warehouses = ['EAST', 'WEST', undefined];
interface Line {
  sku: string;
  quantity: string;
}

/** Until `now`. Orders that came since `slowSince` take longer to be accepted. */
export function seeding(now: Date) {
  const ago = (ms: number): Date => new Date(now.getTime() - ms);
  const slowSince = ago(12 * DAY);
  return { seed, slowSince };

  /** One order from first to last, as far as it comes until now. */
  async function lived(of: ProcessDefinition, n: number, chance: () => number): Promise<Life> {
    const [source, warehouse] = [partners[n % 3]!, warehouses[Math.floor(n / 3) % 3]];
    const order = { source, id: `o${n}`, number: `N${n}` };
    let events = 0;
    const life: Life = {
      instance: newInstance(of, `${source}/o${n}`),
      at: isFresh(n) ? ago((n % 80 === 39 ? 8 : 2) * HOUR) : ago(45 * DAY * chance() + 20 * MINUTE),
      async tell(type, data, afterMs) {
        life.at = new Date(life.at.getTime() + Math.round(afterMs));
        if (life.at >= now) return false;
        events += 1;
        life.instance = await applied(of, life.instance, { id: `${n}-${events}`, type, data }, life.at);
        return true;
      },
    };
    const lines = [
      { sku: 'A', quantity: '4' },
      { sku: 'B', quantity: '2.5', ...(n % 7 === 0 && { uom: 'DZN' }) },
      ...(n % 5 === 0 ? [{ sku: 'SERVICE', quantity: '1' }] : []),
    ];
    const facts = { ...order, warehouse, currency: 'EUR', totals: { gross: '100.00' } };
    await life.tell('order.received.v1', facts, 0);
    const slow = !isFresh(n) && chance() < (life.at >= slowSince ? 0.4 : 0.05);
    if (n % 23 === 0 && !(await life.tell('order.held.v1', { order }, MINUTE))) return life;
    if (n % 29 === 0) return life;
    if (n % 31 === 0) {
      await life.tell('order.cancelled.v1', { order, document: {} }, 2 * HOUR);
      return life;
    }
    const services = n % 13 === 0;
    const confirmed = { order, document: { open: services ? 0 : 1 }, lines };
    if (
      !(await life.tell(
        'order.confirmed.v1',
        confirmed,
        slow ? 5 * HOUR + chance() * DAY : 3 * MINUTE * (1 + chance()),
      ))
    )
      return life;
    if (!services && !(await shipped(life, n, chance, order, lines))) return life;
    // Shipped, and cancelled before it is invoiced.
    if (n % 61 === 0) {
      await life.tell('order.cancelled.v1', { order, document: {} }, MINUTE);
      return life;
    }
    if (n % 17 === 0) {
      const command = life.instance.asked.findLast(({ step }) => step === 'invoice');
      const why = { id: `f${n}`, why: 'fails with ODOO_BUSY', command };
      life.instance = await failed(of, life.instance, services ? 'services' : 'invoice', why, life.at);
    }
    const invoices = Math.max(1, n % 3 === 1 && !services ? 2 : 1);
    for (let one = 0; one < invoices; one += 1)
      if (
        !(await life.tell(
          'invoice.posted.v1',
          { order, document: { name: `I${n}`, total: '50.00' } },
          isFresh(n) || chance() < 0.1 ? DAY : 10 * MINUTE,
        ))
      )
        return life;
    if (n % 19 === 0) {
      const why = { id: `p${n}`, why: 'fails with ODOO_REFUSED', command: undefined };
      life.instance = await failed(of, life.instance, 'payment', why, life.at);
    }
    for (let one = 0; one < invoices; one += 1) {
      const wait = chance() < 0.2 ? 33 * DAY : chance() * 6 * DAY;
      if (!(await life.tell('payment.booked.v1', { order, document: { total: '50.00' } }, wait))) return life;
    }
    if (n % 11 === 0)
      await life.tell('return.booked.v1', { order, message: { source: 'wms', id: `R${n}` }, lines }, HOUR);
    return life;
  }

  async function shipped(
    life: Life,
    n: number,
    chance: () => number,
    order: object,
    lines: Line[],
  ): Promise<boolean> {
    const wait = isFresh(n) ? HOUR : chance() < 0.1 ? 12 * DAY : chance() * 3 * DAY;
    const late = chance() < 0.15 ? 9 * HOUR : 30 * MINUTE;
    const left = (before: number, after: number) =>
      new Date(life.at.getTime() + after - before).toISOString();
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

  async function seed(journal: Journal, of: ProcessDefinition, orders = 320): Promise<void> {
    const chance = chances();
    for (let n = 1; n <= orders; n += 1) {
      const { at, ...life } = await lived(of, n, chance);
      let { instance } = life;
      if (n % 6 === 0) instance = await lookedAt(of, instance, now);
      if (n % 47 === 0 && instance.state === 'running')
        instance = await acted(of, instance, 'pause', 'ann', at < now ? at : now);
      await journal.processes.add(rowOf(instance, of));
    }
    await exceptions(journal, chance);
    await webhooks(journal, chance);
    await reconciliations(journal);
    await stockLevels(journal);
    await releases(journal);
    // Another process is not counted.
    const other = { ...newInstance(of, 'other'), process: 'procure-to-pay', state: 'done' as const };
    const history = [
      { at: ago(DAY).toISOString(), what: 'order.received.v1' },
      { at: ago(HOUR).toISOString(), what: 'done' },
    ];
    await journal.processes.add(rowOf({ ...other, history }, of));
  }

  async function exceptions(journal: Journal, chance: () => number): Promise<void> {
    for (let n = 1; n <= 40; n += 1) {
      const payment = n % 2 === 0;
      const of = n * 5;
      const data = { source: partners[of % 3]!, order: { source: partners[of % 3]!, id: `o${of}` } };
      const message = {
        ...envelopeOf(payment ? 'payment.received.v1' : 'shipment.received.v1', `N${of}`),
        data,
      };

      const state = (['open', 'replayed', 'discarded', 'parked'] as const)[Math.floor(n / 2) % 4]!;
      // What landed after all failed before its payment was booked.
      const landed = state === 'replayed' && n % 5 < 4;
      const first = ago(landed ? 40 * DAY : 40 * DAY * chance()).toISOString();
      const decision = { time: now.toISOString(), by: 'ann' };
      await journal.saveDeadLetter(
        letter({
          id: `l${n}`,
          message,
          state,
          firstFailed: first,
          lastFailed: first,
          ...(state !== 'open' && state !== 'parked' && { decision }),
        }),
      );
      if (landed) await journal.settled(`l${n}`, message.id);
    }
  }

  async function webhooks(journal: Journal, chance: () => number): Promise<void> {
    const steps = Array.from({ length: 900 }, (_, n): Step => {
      const refused = chance() < 0.15;
      return step({
        time: ago(44 * DAY * chance()).toISOString(),
        flow: n % 3 === 0 ? 'intake' : 'shopify-intake',
        step: 'webhook',
        outcome: refused ? 'refused' : (['accepted', 'accepted', 'duplicate'] as const)[n % 3]!,
        ...(n % 4 > 0 && { partner: partners[n % 3]! }),
      });
    });
    await journal.append(steps);
    await journal.rollups.fold(now);
  }

  /** Two on one day; one is older than what any figure shows. */
  async function reconciliations(journal: Journal): Promise<void> {
    const found = (order: string, kind: string, situation = 'order missing') => ({
      partner: 'shopify',
      order,
      class: kind,
      situation,
    });
    const run = (days: number, hour: string, orders: number, breaks: object[]) => {
      const cutOff = `${ago(days * DAY)
        .toISOString()
        .slice(0, 10)}T${hour}:00:00.000Z`;
      const body = JSON.stringify({ run: { scope: { cutOff }, orders: { hub: orders }, breaks } });
      return journal.documents.put('reconciliation', `${cutOff}/0`, body);
    };
    const twice = [found('1', 'missing'), found('1', 'price', 'order price')];
    await run(100, '01', 50, [found('1', 'missing')]);
    await run(40, '01', 30, twice);
    await run(3, '01', 20, [found('2', 'missing'), found('3', 'quantity')]);
    await run(3, '02', 25, [...twice, found('4', 'timing'), found('5', 'extra', 'order extra')]);
  }

  /** Of two channels: in time, late, without the time of the change; and one that waits. */
  async function stockLevels(journal: Journal): Promise<void> {
    const takes = async (channel: string, sku: string, at: Date, lagMs: number | undefined) => {
      const said = { channel, sku, warehouse: 'EAST', available: '3', told: '3' };
      const changed = lagMs !== undefined && { changed: new Date(at.getTime() - lagMs).toISOString() };
      const time = at.toISOString();
      const message = envelopeOf('stock.level.acknowledged.v1', `${channel}/EAST/${sku}`);
      await remember(journal.documents, { ...message, time, data: { ...said, at: time, ...changed } });
    };
    for (let n = 0; n < 60; n += 1)
      await takes(n % 2 ? 'shopify' : 'market', `S${n % 5}`, ago((n + 1) * DAY), n % 4 ? 9000 : 20 * MINUTE);
    await takes('shopify', 'S9', ago(DAY), undefined);
    const noted = (sku: string, at: Date) =>
      journal.documents.put(
        'newest-event',
        `stock.level.changed.v1/EAST/${sku}`,
        JSON.stringify({ id: sku, time: at.toISOString() }),
      );
    await noted('S9', ago(HOUR));
    await noted('S1', ago(2 * MINUTE));
    // Nobody sells it.
    await noted('S77', ago(HOUR));
  }

  async function releases(journal: Journal): Promise<void> {
    const promotion = (id: string, version: string, at: Date, state: Promotion['state']): Promotion => ({
      id,
      version,
      at: at.toISOString(),
      state,
      digest: `d${id}`,
      author: 'ann',
      promotedBy: 'ann',
      approvals: [],
    });
    const waited = { by: 'bob', at: slowSince.toISOString() };
    for (const one of [
      promotion('1', '2026.5.1', ago(60 * DAY), 'replaced'),
      promotion('2', '2026.5.2', ago(30 * DAY), 'replaced'),
      { ...promotion('3', '2026.6.1', ago(14 * DAY), 'running'), approvals: [waited] },
      promotion('4', '2026.6.2', ago(DAY), 'failed'),
    ])
      await journal.documents.put('promotion', one.id, JSON.stringify(one));
  }
}
