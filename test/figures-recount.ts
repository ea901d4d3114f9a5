/** The figures counted once more, by plain loops over the rows as they stand: nothing here is of the product. */

export interface Rows {
  process: { process: string; body: string }[];
  dead_letter: {
    partner: string;
    subject: string;
    message: string;
    state: string;
    unsettled: number;
    first_failed: string;
  }[];
  /** Of five minutes. */
  rollup: { bucket: string; flow: string; outcome: string; partner: string; count: number | string }[];
  reconciliation: { id: string; body: string }[];
  promotion: { body: string }[];
  /** What channels took; the last of each article; and the changes there were. */
  taken: { body: string }[];
  lastTaken: { body: string }[];
  changes: { id: string; body: string }[];
}

interface Event {
  at: number;
  began: number;
  good: boolean | null;
  times: number;
  took?: number;
  sides: Record<string, string>;
}

interface Tally {
  hits: number;
  count: number;
  left: number;
  median?: number;
  p90?: number;
  line: (number | null)[];
  by: Record<string, Record<string, [number, number]>>;
}

type Any = any;
const DAY = 86_400_000;
const HOUR = 3_600_000;

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
  const events: Record<string, Event[]> = {};
  const waits: Record<string, { since: number; until: number; sides: Record<string, string> }[]> = {};
  const lives = livesOf(rows);
  const add = (figure: string, event: Event) => (events[figure] ??= []).push(event);

  for (const { process, body } of rows.process) {
    if (process !== 'order-to-cash') continue;
    const one = JSON.parse(body) as Any;
    const sides = { partner: one.facts?.partner, warehouse: one.facts?.warehouse, version: one.version };
    const at = (what: string): number[] => {
      const found = [];
      for (const entry of one.history) if (entry.what === what) found.push(Date.parse(entry.at));
      return found;
    };
    const received = at('order.received.v1')[0];
    if (received === undefined) continue;
    const isOver = one.state === 'done' || one.state === 'cancelled' || one.state === 'undone';
    const over = isOver ? at(one.state).at(-1)! : undefined;
    const base = { began: received, times: 1, sides };

    const confirmed = at('order.confirmed.v1')[0];
    if (confirmed !== undefined)
      add('order-acceptance', {
        ...base,
        at: confirmed,
        good: confirmed <= received + 4 * HOUR,
        took: confirmed - received,
      });
    else if (!isOver && now > received + 4 * HOUR) add('order-acceptance', { ...base, at: now, good: false });

    (waits['order-ageing'] ??= []).push({ since: received, until: over ?? Infinity, sides });

    const booked = at('shipment.booked.v1');
    const told = one.steps.shipment.done;
    let lastLeft = 0;
    for (let n = 0; n < booked.length; n += 1) {
      const left = told[n].shipment?.shippedAt ? Date.parse(told[n].shipment.shippedAt) : undefined;
      lastLeft = Math.max(lastLeft, left ?? booked[n]!);
      if (told[n].message.source === 'order-to-cash') continue;
      const known = left !== undefined && left <= booked[n]!;
      add('shipment-confirmation', {
        ...base,
        at: booked[n]!,
        began: known ? left : booked[n]!,
        good: known ? booked[n]! - left <= 4 * HOUR : null,
        ...(known && { took: booked[n]! - left }),
      });
    }

    const needs = [...booked];
    if (one.steps.order.done[0]?.document.open === 0) needs.unshift(confirmed!);
    const invoiced = at('invoice.posted.v1');
    for (let n = 0; n < needs.length; n += 1)
      (waits['invoice-backlog'] ??= []).push({
        since: needs[n]!,
        until: invoiced[n] ?? over ?? Infinity,
        sides,
      });

    // Every payment that failed and landed later takes the place of one that was booked after it.
    const same = (row: Rows['dead_letter'][number]) =>
      row.subject === one.number && row.partner === sides.partner;
    const repaired = [];
    for (const row of rows.dead_letter)
      if (same(row) && isPayment(row) && row.state === 'replayed' && row.unsettled === 0)
        repaired.push(Date.parse(row.first_failed));
    repaired.sort((a, b) => a - b);
    const failedBefore = one.history.some((entry: Any) => /^payment (?!is late)/.test(entry.what));
    for (const time of at('payment.booked.v1')) {
      const instead = repaired.findIndex((first) => first <= time);
      if (instead >= 0) repaired.splice(instead, 1);
      else add('payment-matching', { ...base, began: time, at: time, good: !failedBefore });
    }

    const failures = [];
    for (const row of rows.dead_letter) if (same(row)) failures.push(Date.parse(row.first_failed));
    let asked = 0;
    let again = 0;
    for (const { what } of one.history) {
      if (/\.v\d+$/.test(what) || ['done', 'cancelled', 'undone'].includes(what)) continue;
      if (what.endsWith(': retry')) again += 1;
      else asked += 1;
    }
    let byItself = 0;
    for (const name of Object.keys(one.steps)) byItself += one.steps[name].retries ?? 0;
    const alone =
      asked === 0 && again <= byItself && !failures.some((first) => over !== undefined && first <= over);
    if (one.state === 'done') add('touchless', { ...base, at: over!, good: alone });

    const isWhole = booked.length > 0 && one.steps.shipment.state === 'done';
    const lastOpen = told.at(-1)?.document.open;
    const whole = lastOpen === 0 ? booked.at(-1)! : Math.max(booked.at(-1) ?? 0, ...at('order.updated.v1'));
    if (isWhole) {
      const change = (one.steps.shipment.also ?? []).findLast((data: Any) => data.lines);
      const ordered: Record<string, number> = {};
      const foreign = new Set<string>();
      for (const { sku, quantity, uom } of (change ?? one.steps.order.done[0]).lines) {
        ordered[sku] = (ordered[sku] ?? 0) + Number(quantity);
        if (uom) foreign.add(sku);
      }
      for (const sku of Object.keys(ordered)) {
        let [first, all] = [0, 0];
        told.forEach((data: Any, n: number) => {
          for (const line of data.lines)
            if (line.sku === sku) {
              all += Number(line.quantity);
              if (n === 0) first += Number(line.quantity);
            }
        });
        add('line-fill', {
          ...base,
          at: whole,
          good: all === 0 ? null : first >= (foreign.has(sku) ? all : ordered[sku]!),
        });
      }
    }
    if (booked.length > 0)
      add('backorder-rate', { ...base, at: booked[0]!, good: told[0].document.open > 0 });

    const date = one.steps.shipment.planned ? Date.parse(one.steps.shipment.planned) : undefined;
    const onTime = date === undefined ? null : lastLeft <= date;
    if (isWhole) add('otif', { ...base, at: whole, good: onTime });
    else if (!isOver && date !== undefined && now > date) add('otif', { ...base, at: now, good: false });

    if (one.state === 'done' && booked.length > 0) {
      const perfect = onTime && told[0].document.open === 0 && at('return.booked.v1').length === 0 && alone;
      add('perfect-order', {
        ...base,
        at: over!,
        good: date === undefined || !isWhole ? null : Boolean(perfect),
      });
    }

    const paid = at('payment.booked.v1').at(-1);
    if (one.steps.payment.state === 'done' && paid !== undefined)
      add('days-to-cash', { ...base, at: paid, good: paid - received <= 30 * DAY, took: paid - received });
  }

  for (const row of rows.dead_letter) {
    if (!isPayment(row)) continue;
    const first = Date.parse(row.first_failed);
    const good = row.state === 'discarded' ? null : false;
    add('payment-matching', { at: first, began: first, good, times: 1, sides: { partner: row.partner } });
  }
  for (const { bucket, flow, outcome, partner, count } of rows.rollup) {
    if (outcome !== 'accepted' && outcome !== 'refused') continue;
    const at = Math.floor(Date.parse(bucket) / HOUR) * HOUR;
    add('webhook-refusals', {
      at,
      began: at,
      good: outcome === 'refused',
      times: Number(count),
      sides: { flow, partner },
    });
  }

  const ofDay: Record<string, { id: string; body: string }> = {};
  for (const row of rows.reconciliation) {
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
      add('reconciliation-breaks', { at, began: at, good: n < broken.size, times: 1, sides: {} });
  }

  for (const { body } of rows.taken) {
    const { time, data } = JSON.parse(body) as Any;
    const at = Date.parse(time);
    const sides = { partner: data.channel, warehouse: data.warehouse };
    if (!data.changed) add('inventory-lag', { at, began: at, good: null, times: 1, sides });
    else {
      const began = Date.parse(data.changed);
      add('inventory-lag', { at, began, good: at - began <= 300_000, times: 1, took: at - began, sides });
    }
  }
  for (const { id, body } of rows.changes) {
    const began = Date.parse((JSON.parse(body) as Any).time);
    for (const row of rows.lastTaken) {
      const { data } = JSON.parse(row.body) as Any;
      if (id !== `stock.level.changed.v1/${data.warehouse}/${data.sku}`) continue;
      if (began > Date.parse(data.at) && now - began > 300_000)
        add('inventory-lag', {
          at: now,
          began,
          good: false,
          times: 1,
          sides: { partner: data.channel, warehouse: data.warehouse },
        });
    }
  }

  const found: Record<string, Tally> = {};
  for (const [figure, all] of Object.entries(events))
    found[figure] = tally(
      all.filter(({ at }) => at >= from && at <= now),
      lives,
      (day) => (event) => event.at >= day && event.at < day + DAY,
      from,
      today,
    );
  const limits: Record<string, (since: number, to: number) => boolean> = {
    'order-ageing': (since, to) => workdays(since, to) <= 10,
    'invoice-backlog': (since, to) => to - since <= 4 * HOUR,
  };
  for (const [figure, all] of Object.entries(waits)) {
    const at = (time: number): Event[] => {
      const events = [];
      for (const { since, until, sides } of all)
        if (since <= time && time < until)
          events.push({ at: time, began: since, good: limits[figure]!(since, time), times: 1, sides });
      return events;
    };
    const line = [];
    for (let day = from; day <= today; day += DAY) line.push(share(at(Math.min(day + DAY, now))));
    found[figure] = { ...tally(at(now), lives, () => () => false, from, today), line };
  }
  return found;
}

const isPayment = ({ message }: { message: string }): boolean =>
  (JSON.parse(message) as Any).type === 'payment.received.v1';

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
