/** Eight weeks of several partners with the rhythm of days and weeks and ordinary noise, and ten oddities planted in the last four. */
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import type { PrintedOrder } from '../runtime/suspicions/duplicates.ts';
import type { Failure } from '../runtime/suspicions/error-share.ts';
import type { Kind, Metric } from '../runtime/suspicions/finding.ts';
import { markKey, printOf } from '../runtime/odoo/order/print.ts';
import { HOUR_MS, seriesOf, type HourCount, type Series } from '../runtime/suspicions/series.ts';

const DAY = 24;
const key = markKey('secret');
/** A Monday, in hours since 1970. */
export const FIRST = Date.parse('2026-01-05T00:00:00.000Z') / HOUR_MS;
export const WATCHED_FROM = FIRST + 28 * DAY;
export const END = FIRST + 56 * DAY;

export interface Planted {
  what: string;
  kinds: Kind[];
  partner: string;
  /** Hours since 1970: from when to when it may be told. */
  from: number;
  to: number;
  /** Of one order. */
  key?: string;
}

export interface Weeks {
  series: Series[];
  failures: Failure[];
  orders: PrintedOrder[];
  planted: Planted[];
}

/** From 0 to 1, the same row of numbers for a seed (mulberry32). */
export function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Chance = () => number;

const shop = [1, 1, 0.5, 0.5, 0.5, 1, 2, 4, 6, 8, 9, 9, 9, 8, 8, 8, 9, 9, 10, 10, 9, 7, 4, 2];
const office = [0, 0, 0, 0, 0, 0, 1, 6, 10, 10, 9, 8, 5, 8, 9, 9, 7, 3, 1, 0, 0, 0, 0, 0];
const night = [0, 6, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const shopWeek = [1, 1, 1, 1, 1.1, 1.3, 1.2];
const workWeek = [1, 1, 0.95, 1, 0.85, 0, 0];

/** `peak`: orders in the busiest hour. */
const partners = [
  { partner: 'shopify', peak: 75, day: shop, week: shopWeek, business: false },
  { partner: 'woocommerce', peak: 40, day: shop, week: shopWeek, business: false },
  { partner: 'midmart', peak: 11, day: office, week: workWeek, business: true },
  { partner: 'brookfield', peak: 40, day: night, week: workWeek, business: true },
  { partner: 'lakeside', peak: 2, day: shop, week: shopWeek, business: false },
  { partner: 'acme', peak: 0.7, day: office, week: workWeek, business: true },
];
type Partner = (typeof partners)[number];

const codes = [
  ['ODOO_REFUSED', 0.45],
  ['VALUE_UNKNOWN', 0.3],
  ['SCHEMA_INVALID', 0.15],
  ['TOTALS_DIFFER', 0.1],
] as const;

function normal(chance: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
}

function poisson(mean: number, chance: Chance): number {
  let [count, product] = [-1, 1];
  const end = Math.exp(-mean);
  do {
    count += 1;
    product *= chance();
  } while (product > end);
  return count;
}

/** Days and hours are better or worse than usual, and the business grows or shrinks a little from week to week. */
function around(size: number, chance: Chance): number {
  return Math.exp(size * normal(chance) - size ** 2 / 2);
}

export function eightWeeks(seed: number): Weeks {
  const chance = chances(seed);
  const planted = plan(chance);
  const counted: HourCount[] = [];
  const failures: Failure[] = [];
  const orders: PrintedOrder[] = [];
  for (const one of partners) {
    const customers = customersOf(one, chance);
    let trend = 1;
    for (let day = 0; day < 56; day += 1) {
      if (day % 7 === 0) trend *= around(0.02, chance);
      const ofDay = trend * around(0.05, chance);
      for (let hour = 0; hour < DAY; hour += 1) {
        const at = FIRST + day * DAY + hour;
        const usual = (one.peak * one.day[hour]! * one.week[day % 7]!) / 10;
        const mean = usual * ofDay * around(0.1, chance) * factorAt(planted, one.partner, at);
        const count = mean > 0 ? poisson(mean, chance) : 0;
        const refused = poisson(mean * 0.015, chance);
        const failed = failuresOf(one, at, count, planted, chance);
        failures.push(...failed);
        const tell = (metric: Metric, count: number, totalMs = 0) => {
          if (count > 0) counted.push({ hour: at, metric, partner: one.partner, count, totalMs });
        };
        tell('received', count);
        tell('refused', refused);
        tell('failed', failed.length);
        tell('landing-time', count, count * 400 * around(0.12, chance));
        for (let n = 0; n < count; n += 1) orders.push(customers.order(at * HOUR_MS + chance() * HOUR_MS));
      }
    }
  }
  orders.sort((a, b) => a.at - b.at);
  failures.sort((a, b) => a.at - b.at);
  plantOrders(planted, orders, chance);
  return { series: seriesOf(counted, END), failures, orders, planted };
}

function failuresOf(
  { partner }: Partner,
  at: number,
  count: number,
  planted: readonly Planted[],
  chance: Chance,
): Failure[] {
  const found: Failure[] = [];
  const fail = (code: string): void => {
    found.push({ at: (at + chance()) * HOUR_MS, partner, code });
  };
  const isNew = planted.some(
    ({ what, from, to, ...one }) => what === 'code' && one.partner === partner && at >= from && at < to,
  );
  for (let n = 0; n < count; n += 1) {
    if (chance() >= 0.04) continue;
    let left = chance();
    const code = codes.find(([, share]) => (left -= share) < 0)?.[0] ?? codes[0][0];
    fail(isNew && chance() < 0.2 ? 'CREDIT_LIMIT' : code);
    // What fails one sometimes fails a few.
    if (chance() < 0.05) for (let more = poisson(1.5, chance); more > 0; more -= 1) fail(code);
  }
  return found;
}

/** When, drawn from the seed; counts of one partner are not planted over each other. */
function plan(chance: Chance): Planted[] {
  const dayFrom = (from: number, days: number) => FIRST + (from + Math.floor(chance() * days)) * DAY;
  const weekday = (day: number): number => (((day - FIRST) / DAY) % 7 > 4 ? day + 2 * DAY : day);
  const one = (what: string, kinds: Kind[], partner: string, from: number, hours: number): Planted => ({
    what,
    kinds,
    partner,
    from,
    to: from + hours,
  });
  const busy = (day: number) => day + 9 + Math.floor(chance() * 9);
  const less: Kind[] = ['volume', 'silence'];
  return [
    one('halved', less, 'shopify', busy(dayFrom(28, 24)), 3),
    one('halved', less, 'woocommerce', busy(dayFrom(28, 16)), 3),
    one('silent', less, 'lakeside', busy(dayFrom(30, 22)), 24),
    one('silent', less, 'brookfield', weekday(dayFrom(29, 22)), 24),
    one('drift', ['drift', 'volume'], 'woocommerce', dayFrom(46, 2), 8 * DAY),
    one('code', ['error-share'], 'shopify', dayFrom(30, 20) + Math.floor(chance() * DAY), 24),
    one('quantity', ['quantity'], 'midmart', weekday(dayFrom(30, 22)), 24),
    one('price', ['price'], 'woocommerce', dayFrom(30, 22), 24),
    one('again', ['duplicate-order'], 'shopify', dayFrom(30, 20), 24),
    one('reference', ['reused-reference'], 'midmart', weekday(dayFrom(32, 12)), 24),
  ];
}

function factorAt(planted: readonly Planted[], partner: string, at: number): number {
  let factor = 1;
  for (const { what, from, to, ...one } of planted) {
    if (one.partner !== partner || at < from) continue;
    if (what === 'halved' && at < to) factor *= 0.5;
    if (what === 'silent' && at < to) factor = 0;
    // 30 % less within a week, and so from then on.
    if (what === 'drift') factor *= 1 - 0.3 * Math.min(1, (at - from) / (7 * DAY));
  }
  return factor;
}

/** Those who order again, articles some of which are bought far more often, promotions, and quantities with a long tail. */
function customersOf({ partner, business, peak }: Partner, chance: Chance) {
  const articles = Array.from({ length: business ? 120 : 300 }, (_, at) => ({
    sku: `${partner.slice(0, 3).toUpperCase()}-${at}`,
    price: Math.round(Math.exp(2.5 + 0.9 * normal(chance)) * 100) / 100 + 1,
    quantity: business ? Math.exp(2 + 0.5 * normal(chance)) : 1,
  }));
  // In a shop a person orders once in a quarter.
  const people = business ? 60 : peak * 1000;
  let number = 1000;
  let before: CanonicalOrder | undefined;
  const order = (at: number): PrintedOrder => {
    number += 1;
    const person = Math.floor(chance() * people);
    const isBefore = before !== undefined && chance() < 1 / 5000;
    const lines = Array.from({ length: 1 + Math.floor(chance() ** 2 * 4) }, (_, line) => {
      const article = articles[Math.floor(articles.length * chance() ** 2)]!;
      const promoted = chance() < 0.08 ? 0.85 : 1;
      const quantity = Math.max(
        1,
        Math.round(article.quantity * Math.exp((business ? 0.6 : 0.45) * normal(chance))),
      );
      return {
        id: String(line),
        sku: article.sku,
        name: article.sku,
        quantity: String(quantity),
        unitPrice: (article.price * promoted).toFixed(2),
        taxes: [],
      };
    });
    const own: CanonicalOrder = {
      source: partner,
      id: `i${number}`,
      number: `N${number}`,
      // Some write the same one again, on purpose.
      ...(business && { reference: chance() < 1 / 3000 ? 'PO' : `PO-${partner}-${number}` }),
      placedAt: new Date(at).toISOString(),
      currency: 'EUR',
      customer: { id: `c${person}`, name: 'N' },
      shipTo: { street: `Street ${person}`, city: 'Town', postalCode: String(person), country: 'DE' },
      pricesIncludeTax: true,
      lines,
      totals: {
        net: '0',
        tax: '0',
        gross: lines
          .reduce((sum, { quantity, unitPrice }) => sum + Number(quantity) * Number(unitPrice), 0)
          .toFixed(2),
      },
    };
    before = isBefore ? { ...before!, id: own.id, number: own.number } : own;
    return printed(before, at);
  };
  return { order };
}

function printed(order: CanonicalOrder, at: number): PrintedOrder {
  const { source, id } = order;
  return { ...printOf(order, new Date(at), key), at, partner: source, key: `${source}/${id}` };
}

/** In orders that came that day. */
function plantOrders(planted: readonly Planted[], orders: PrintedOrder[], chance: Chance): void {
  for (const one of planted) {
    const within = orders.filter(
      ({ partner, at }) => partner === one.partner && at >= one.from * HOUR_MS && at < one.to * HOUR_MS,
    );
    const chosen = within[Math.floor(chance() * within.length)]!;
    const [first] = chosen ? chosen.lines : [];
    const hours = (from: number, to: number) => Math.round((from + (to - from) * chance()) * HOUR_MS);
    const again = (more: Partial<PrintedOrder>, after: number) => {
      orders.push({
        ...chosen,
        key: `${chosen.key}-2`,
        number: `${chosen.number}-2`,
        at: chosen.at + after,
        ...more,
      });
      one.to += Math.ceil(after / HOUR_MS);
    };
    if (!['quantity', 'price', 'again', 'reference'].includes(one.what)) continue;
    one.key = chosen.key;
    // 1000 instead of 10; a point in a price too far to the right.
    if (one.what === 'quantity') chosen.lines[0] = [first![0], String(Number(first![1]) * 100), first![2]];
    if (one.what === 'price') chosen.lines[0] = [first![0], first![1], (Number(first![2]) * 10).toFixed(2)];
    if (one.what === 'again') again({}, hours(0.2, 48));
    if (one.what === 'reference') again({ same: 'other', lines: [] }, hours(24, 200));
  }
  orders.sort((a, b) => a.at - b.at);
}
