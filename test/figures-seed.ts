/** Some hundred orders with everything that happens to orders, the same each time. */
import type { Journal } from '../runtime/journal/journal.ts';
import type { Step } from '../runtime/journal/step.ts';
import type { ProcessDefinition } from '../runtime/process/definition.ts';
import { acted, lookedAt } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance } from '../runtime/process/state.ts';
import type { Promotion } from '../runtime/promotion/promotion.ts';
import { remember } from '../runtime/journal/remembered.ts';
import { order as envelopeOf } from './conformance/kit.ts';
import { letter, step } from './conformance/rows.ts';
import { before, DAY, HOUR, lived, partners } from './figures-lives.ts';

const MINUTE = 60_000;

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

/** Until `now`. Orders that came since `slowSince` take longer to be accepted. */
export function seeding(now: Date) {
  const slowSince = before(now, 12 * DAY);
  async function seed(journal: Journal, of: ProcessDefinition, orders = 320): Promise<void> {
    const chance = chances();
    for (let n = 1; n <= orders; n += 1) {
      const { at, ...life } = await lived(of, n, chance, now, slowSince);
      let { instance } = life;
      if (n % 6 === 0) instance = await lookedAt(of, instance, now);
      if (n % 47 === 0 && instance.state === 'running')
        instance = await acted(of, instance, 'pause', 'ann', at < now ? at : now);
      await journal.processes.add(rowOf(instance, of));
    }
    await exceptions(journal, now, chance);
    await webhooks(journal, now, chance);
    await reconciliations(journal, now);
    await stockLevels(journal, now);
    await releases(journal, now, slowSince);
    // Another process is not counted.
    const other = { ...newInstance(of, 'other'), process: 'procure-to-pay', state: 'done' as const };
    const history = [
      { at: before(now, DAY).toISOString(), what: 'order.received.v1' },
      { at: before(now, HOUR).toISOString(), what: 'done' },
    ];
    await journal.processes.add(rowOf({ ...other, history }, of));
  }
  return { seed, slowSince };
}

async function exceptions(journal: Journal, now: Date, chance: () => number): Promise<void> {
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
    const first = before(now, landed ? 40 * DAY : 40 * DAY * chance()).toISOString();
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

async function webhooks(journal: Journal, now: Date, chance: () => number): Promise<void> {
  const steps = Array.from({ length: 900 }, (_, n): Step => {
    const refused = chance() < 0.15;
    return step({
      time: before(now, 44 * DAY * chance()).toISOString(),
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
async function reconciliations(journal: Journal, now: Date): Promise<void> {
  const found = (order: string, kind: string, situation = 'order missing') => ({
    partner: 'shopify',
    order,
    class: kind,
    situation,
  });
  const run = (days: number, hour: string, orders: number, breaks: object[]) => {
    const cutOff = `${before(now, days * DAY)
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
async function stockLevels(journal: Journal, now: Date): Promise<void> {
  const takes = async (channel: string, sku: string, at: Date, lagMs: number | undefined) => {
    const said = { channel, sku, warehouse: 'EAST', available: '3', told: '3' };
    const changed = lagMs !== undefined && { changed: new Date(at.getTime() - lagMs).toISOString() };
    const time = at.toISOString();
    const message = envelopeOf('stock.level.acknowledged.v1', `${channel}/EAST/${sku}`);
    await remember(journal.documents, { ...message, time, data: { ...said, at: time, ...changed } });
  };
  for (let n = 0; n < 60; n += 1)
    await takes(
      n % 2 ? 'shopify' : 'market',
      `S${n % 5}`,
      before(now, (n + 1) * DAY),
      n % 4 ? 9000 : 20 * MINUTE,
    );
  await takes('shopify', 'S9', before(now, DAY), undefined);
  const noted = (sku: string, at: Date) =>
    journal.documents.put(
      'newest-event',
      `stock.level.changed.v1/EAST/${sku}`,
      JSON.stringify({ id: sku, time: at.toISOString() }),
    );
  await noted('S9', before(now, HOUR));
  await noted('S1', before(now, 2 * MINUTE));
  // Nobody sells it.
  await noted('S77', before(now, HOUR));
}

async function releases(journal: Journal, now: Date, slowSince: Date): Promise<void> {
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
    promotion('1', '2026.5.1', before(now, 60 * DAY), 'replaced'),
    promotion('2', '2026.5.2', before(now, 30 * DAY), 'replaced'),
    { ...promotion('3', '2026.6.1', before(now, 14 * DAY), 'running'), approvals: [waited] },
    promotion('4', '2026.6.2', before(now, DAY), 'failed'),
  ])
    await journal.documents.put('promotion', one.id, JSON.stringify(one));
}
