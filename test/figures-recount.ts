/** The figures counted once more, by plain loops over the rows as they stand: nothing here is of the product. */
import {
  add,
  countOrders,
  DAY,
  HOUR,
  isPayment,
  type Any,
  type Count,
  type Event,
  type Open,
  type Rows,
} from './figures-recount-orders.ts';

export type { Rows };

interface Tally {
  hits: number;
  count: number;
  left: number;
  median?: number;
  p90?: number;
  line: (number | null)[];
  by: Record<string, Record<string, [number, number]>>;
}

/** Monday to Friday in UTC, by walking from midnight to midnight. */
function workdays(from: number, to: number): number {
  let sum = 0;
  for (let start = from; start < to;) {
    const midnight = (Math.floor(start / DAY) + 1) * DAY;
    const end = midnight < to ? midnight : to;
    const weekday = new Date(start).getUTCDay();
    if (weekday !== 0 && weekday !== 6) sum += (end - start) / DAY;
    start = end;
  }
  return sum;
}

export function recount(rows: Rows, span: number, now: number): Record<string, Tally> {
  const today = Date.parse(`${new Date(now).toISOString().slice(0, 10)}T00:00:00.000Z`);
  const from = today - (span - 1) * DAY;
  const count: Count = { rows, now, events: {}, waits: {} };
  countOrders(count);
  countLetters(count);
  countWebhooks(count);
  countReconciliations(count);
  countStock(count);

  const lives = livesOf(rows);
  const found: Record<string, Tally> = {};
  for (const [figure, all] of Object.entries(count.events))
    found[figure] = tally(
      all.filter(({ at }) => at >= from && at <= now),
      lives,
      (day) => (event) => event.at >= day && event.at < day + DAY,
      from,
      today,
    );
  for (const [figure, all] of Object.entries(count.waits)) {
    const at = (time: number): Event[] => openAt(figure, all, time);
    const line = [];
    for (let day = from; day <= today; day += DAY) line.push(share(at(Math.min(day + DAY, now))));
    found[figure] = { ...tally(at(now), lives, () => () => false, from, today), line };
  }
  return found;
}

const limits: Record<string, (since: number, to: number) => boolean> = {
  'order-ageing': (since, to) => workdays(since, to) <= 10,
  'invoice-backlog': (since, to) => to - since <= 4 * HOUR,
};

function openAt(figure: string, all: readonly Open[], time: number): Event[] {
  const events = [];
  for (const { since, until, sides } of all)
    if (since <= time && time < until)
      events.push({ at: time, began: since, good: limits[figure]!(since, time), times: 1, sides });
  return events;
}

function countLetters(count: Count): void {
  for (const row of count.rows.dead_letter) {
    if (!isPayment(row)) continue;
    const first = Date.parse(row.first_failed);
    const good = row.state === 'discarded' ? null : false;
    add(count, 'payment-matching', {
      at: first,
      began: first,
      good,
      times: 1,
      sides: { partner: row.partner },
    });
  }
}

function countWebhooks(count: Count): void {
  for (const { bucket, flow, outcome, partner, count: times } of count.rows.rollup) {
    if (outcome !== 'accepted' && outcome !== 'refused') continue;
    const at = Math.floor(Date.parse(bucket) / HOUR) * HOUR;
    add(count, 'webhook-refusals', {
      at,
      began: at,
      good: outcome === 'refused',
      times: Number(times),
      sides: { flow, partner },
    });
  }
}

/** The last one of a day counts. */
function countReconciliations(count: Count): void {
  const ofDay: Record<string, { id: string; body: string }> = {};
  for (const row of count.rows.reconciliation) {
    const day = (JSON.parse(row.body) as Any).run.scope.cutOff.slice(0, 10);
    if (!ofDay[day] || ofDay[day].id < row.id) ofDay[day] = row;
  }
  for (const { body } of Object.values(ofDay)) {
    const { scope, orders, breaks } = (JSON.parse(body) as Any).run;
    const at = Date.parse(scope.cutOff);
    const [broken, strangers] = [new Set<string>(), new Set<string>()];
    for (const one of breaks) {
      if (one.class !== 'timing') broken.add(`${one.partner}|${one.order}`);
      if (one.situation === 'order extra') strangers.add(`${one.partner}|${one.order}`);
    }
    const all = orders.hub + strangers.size;
    for (let n = 0; n < all; n += 1)
      add(count, 'reconciliation-breaks', { at, began: at, good: n < broken.size, times: 1, sides: {} });
  }
}

function countStock(count: Count): void {
  const { rows, now } = count;
  for (const { body } of rows.taken) {
    const { time, data } = JSON.parse(body) as Any;
    const at = Date.parse(time);
    const sides = { partner: data.channel, warehouse: data.warehouse };
    if (!data.changed) add(count, 'inventory-lag', { at, began: at, good: null, times: 1, sides });
    else {
      const began = Date.parse(data.changed);
      add(count, 'inventory-lag', {
        at,
        began,
        good: at - began <= 300_000,
        times: 1,
        took: at - began,
        sides,
      });
    }
  }
  for (const { id, body } of rows.changes) {
    const began = Date.parse((JSON.parse(body) as Any).time);
    for (const row of rows.lastTaken) {
      const { data } = JSON.parse(row.body) as Any;
      if (id !== `stock.level.changed.v1/${data.warehouse}/${data.sku}`) continue;
      if (began > Date.parse(data.at) && now - began > 300_000)
        add(count, 'inventory-lag', {
          at: now,
          began,
          good: false,
          times: 1,
          sides: { partner: data.channel, warehouse: data.warehouse },
        });
    }
  }
}

function livesOf(rows: Rows): { at: number; version: string }[] {
  const lives = [];
  for (const { body } of rows.promotion) {
    const { state, version, at, approvals } = JSON.parse(body) as Any;
    if (state === 'running' || state === 'replaced')
      lives.push({
        version,
        at: Math.max(Date.parse(at), ...approvals.map((one: Any) => Date.parse(one.at))),
      });
  }
  return lives.toSorted((a, b) => a.at - b.at);
}

function share(events: Event[]): number | null {
  let [hits, count] = [0, 0];
  for (const { good, times } of events) {
    if (good !== null) count += times;
    if (good) hits += times;
  }
  return count === 0 ? null : hits / count;
}

function tally(
  events: Event[],
  lives: { at: number; version: string }[],
  ofDay: (day: number) => (event: Event) => boolean,
  from: number,
  today: number,
): Tally {
  const found: Tally = { hits: 0, count: 0, left: 0, line: [], by: {} };
  for (const { good, times, sides, began } of events) {
    if (good === null) {
      found.left += times;
      continue;
    }
    found.count += times;
    if (good) found.hits += times;
    let release = '-';
    for (const life of lives) if (life.at <= began) release = life.version;
    for (const side of ['partner', 'warehouse', 'flow', 'version', 'release']) {
      const name = side === 'release' ? release : sides[side] || '-';
      const sum = ((found.by[side] ??= {})[name] ??= [0, 0]);
      if (good) sum[0] += times;
      sum[1] += times;
    }
  }
  for (const [side, sums] of Object.entries(found.by))
    if (Object.keys(sums).every((name) => name === '-')) delete found.by[side];
  const took = events
    .flatMap((event) => (event.took === undefined || event.good === null ? [] : event.took))
    .toSorted((a, b) => a - b);
  const rank = (percent: number) => {
    for (const value of took)
      if (took.filter((one) => one <= value).length * 100 >= took.length * percent) return value / 1000;
    return undefined;
  };
  const [median, p90] = [rank(50), rank(90)];
  if (median !== undefined) found.median = median;
  if (p90 !== undefined) found.p90 = p90;
  for (let day = from; day <= today; day += DAY) found.line.push(share(events.filter(ofDay(day))));
  return found;
}
