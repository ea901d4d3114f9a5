/** The orders of the figures counted once more, by plain loops over the rows as they stand: nothing here is of the product. */

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

export interface Event {
  at: number;
  began: number;
  good: boolean | null;
  times: number;
  took?: number;
  sides: Record<string, string>;
}

/** What is open from one time to another. */
export interface Open {
  since: number;
  until: number;
  sides: Record<string, string>;
}

/** What is counted so far, by figure. */
export interface Count {
  rows: Rows;
  now: number;
  events: Record<string, Event[]>;
  waits: Record<string, Open[]>;
}

export type Any = any;
export const DAY = 86_400_000;
export const HOUR = 3_600_000;

export function add({ events }: Count, figure: string, event: Event): void {
  (events[figure] ??= []).push(event);
}

export const isPayment = ({ message }: { message: string }): boolean =>
  (JSON.parse(message) as Any).type === 'payment.received.v1';

export function countOrders(count: Count): void {
  for (const { process, body } of count.rows.process) {
    const order = process === 'order-to-cash' ? orderOf(JSON.parse(body)) : undefined;
    if (order) countOrder(count, order);
  }
}

type Order = NonNullable<ReturnType<typeof orderOf>>;

/** Undefined where it was never received. */
function orderOf(one: Any) {
  const at = (what: string): number[] => {
    const found = [];
    for (const entry of one.history) if (entry.what === what) found.push(Date.parse(entry.at));
    return found;
  };
  const received = at('order.received.v1')[0];
  if (received === undefined) return undefined;
  const sides = { partner: one.facts?.partner, warehouse: one.facts?.warehouse, version: one.version };
  const isOver = one.state === 'done' || one.state === 'cancelled' || one.state === 'undone';
  return {
    one,
    at,
    received,
    sides,
    isOver,
    over: isOver ? at(one.state).at(-1)! : undefined,
    base: { began: received, times: 1, sides },
    confirmed: at('order.confirmed.v1')[0],
    booked: at('shipment.booked.v1'),
    told: one.steps.shipment.done as Any[],
  };
}

function countOrder(count: Count, order: Order): void {
  const { one, base, over } = order;
  countAcceptance(count, order);
  (count.waits['order-ageing'] ??= []).push({
    since: order.received,
    until: over ?? Infinity,
    sides: order.sides,
  });
  const lastLeft = countShipments(count, order);
  countBacklog(count, order);
  countPayments(count, order);
  const alone = wasAlone(count, order);
  if (one.state === 'done') add(count, 'touchless', { ...base, at: over!, good: alone });
  countDelivery(count, order, lastLeft, alone);
}

function countAcceptance(count: Count, { base, received, confirmed, isOver }: Order): void {
  const { now } = count;
  if (confirmed !== undefined)
    add(count, 'order-acceptance', {
      ...base,
      at: confirmed,
      good: confirmed <= received + 4 * HOUR,
      took: confirmed - received,
    });
  else if (!isOver && now > received + 4 * HOUR)
    add(count, 'order-acceptance', { ...base, at: now, good: false });
}

/** Returns when the last shipment left. */
function countShipments(count: Count, { base, booked, told }: Order): number {
  let lastLeft = 0;
  for (let n = 0; n < booked.length; n += 1) {
    const left = told[n].shipment?.shippedAt ? Date.parse(told[n].shipment.shippedAt) : undefined;
    lastLeft = Math.max(lastLeft, left ?? booked[n]!);
    if (told[n].message.source === 'order-to-cash') continue;
    const known = left !== undefined && left <= booked[n]!;
    add(count, 'shipment-confirmation', {
      ...base,
      at: booked[n]!,
      began: known ? left : booked[n]!,
      good: known ? booked[n]! - left <= 4 * HOUR : null,
      ...(known && { took: booked[n]! - left }),
    });
  }
  return lastLeft;
}

function countBacklog({ waits }: Count, { one, at, booked, confirmed, over, sides }: Order): void {
  const needs = [...booked];
  if (one.steps.order.done[0]?.document.open === 0) needs.unshift(confirmed!);
  const invoiced = at('invoice.posted.v1');
  for (let n = 0; n < needs.length; n += 1)
    (waits['invoice-backlog'] ??= []).push({
      since: needs[n]!,
      until: invoiced[n] ?? over ?? Infinity,
      sides,
    });
}

const isOf = ({ one, sides }: Order, row: Rows['dead_letter'][number]): boolean =>
  row.subject === one.number && row.partner === sides.partner;

/** Every payment that failed and landed later takes the place of one that was booked after it. */
function countPayments(count: Count, order: Order): void {
  const { one, at, base, received } = order;
  const repaired = [];
  for (const row of count.rows.dead_letter)
    if (isOf(order, row) && isPayment(row) && row.state === 'replayed' && row.unsettled === 0)
      repaired.push(Date.parse(row.first_failed));
  repaired.sort((a, b) => a - b);
  const failedBefore = one.history.some((entry: Any) => /^payment (?!is late)/.test(entry.what));
  for (const time of at('payment.booked.v1')) {
    const instead = repaired.findIndex((first) => first <= time);
    if (instead >= 0) repaired.splice(instead, 1);
    else add(count, 'payment-matching', { ...base, began: time, at: time, good: !failedBefore });
  }
  const paid = at('payment.booked.v1').at(-1);
  if (one.steps.payment.state === 'done' && paid !== undefined)
    add(count, 'days-to-cash', {
      ...base,
      at: paid,
      good: paid - received <= 30 * DAY,
      took: paid - received,
    });
}

/** No person had to do anything. */
function wasAlone({ rows }: Count, order: Order): boolean {
  const { one, over } = order;
  const failures = [];
  for (const row of rows.dead_letter) if (isOf(order, row)) failures.push(Date.parse(row.first_failed));
  let asked = 0;
  let again = 0;
  for (const { what } of one.history) {
    if (/\.v\d+$/.test(what) || ['done', 'cancelled', 'undone'].includes(what)) continue;
    if (what.endsWith(': retry')) again += 1;
    else asked += 1;
  }
  let byItself = 0;
  for (const name of Object.keys(one.steps)) byItself += one.steps[name].retries ?? 0;
  return asked === 0 && again <= byItself && !failures.some((first) => over !== undefined && first <= over);
}

function countDelivery(count: Count, order: Order, lastLeft: number, alone: boolean): void {
  const { one, at, base, booked, told, isOver, over } = order;
  const { now } = count;
  const isWhole = booked.length > 0 && one.steps.shipment.state === 'done';
  const lastOpen = told.at(-1)?.document.open;
  const whole = lastOpen === 0 ? booked.at(-1)! : Math.max(booked.at(-1) ?? 0, ...at('order.updated.v1'));
  if (isWhole) countLines(count, order, whole);
  if (booked.length > 0)
    add(count, 'backorder-rate', { ...base, at: booked[0]!, good: told[0].document.open > 0 });

  const date = one.steps.shipment.planned ? Date.parse(one.steps.shipment.planned) : undefined;
  const onTime = date === undefined ? null : lastLeft <= date;
  if (isWhole) add(count, 'otif', { ...base, at: whole, good: onTime });
  else if (!isOver && date !== undefined && now > date) add(count, 'otif', { ...base, at: now, good: false });

  if (one.state === 'done' && booked.length > 0) {
    const perfect = onTime && told[0].document.open === 0 && at('return.booked.v1').length === 0 && alone;
    add(count, 'perfect-order', {
      ...base,
      at: over!,
      good: date === undefined || !isWhole ? null : Boolean(perfect),
    });
  }
}

function countLines(count: Count, { one, base, told }: Order, whole: number): void {
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
    add(count, 'line-fill', {
      ...base,
      at: whole,
      good: all === 0 ? null : first >= (foreign.has(sku) ? all : ordered[sku]!),
    });
  }
}
