/** An article at a price far from its usual one, or in a far larger quantity than usual. */
import { RECENT_ORDERS_MS, type PrintedOrder } from './duplicates.ts';
import type { Finding } from './finding.ts';
import { modifiedZ, usualOf } from './robust.ts';

/** With fewer lines of an article before it is not known what is usual. */
const LEAST_LINES = 20;
/** The last lines of an article tell what is usual. */
const MOST_LINES = 200;
/**
 * Lines are many, and quantities have long tails: further off than 3.5. `least`: a scale of logarithms below which none
 * is taken as known; `factor`: so many times what is usual, at the least; `beyond`: and so many times the most ever seen.
 */
const rules = {
  price: { limit: 5, least: Math.log(1.05), factor: 1.5, beyond: 1.1 },
  quantity: { limit: 5, least: Math.log(1.3), factor: 5, beyond: 2 },
} as const;
/** A few pieces more are no matter, whatever is usual. */
const LEAST_PIECES = 10;
/** Free of charge is told as this. */
const NOTHING = 0.01;

interface Line {
  order: PrintedOrder;
  sku: string;
  value: number;
}

/**
 * Modified z-score (Iglewicz & Hoaglin 1993) of the logarithm, over the lines of the same article, partner and currency
 * that came before, the last 200, from 5 on, where it is also beyond all of them. One finding an order and kind: of its line
 * that is furthest off.
 */
export function outliers(orders: readonly PrintedOrder[], now: number): Finding[] {
  const since = now - RECENT_ORDERS_MS;
  const known = orders.filter(({ at }) => at < now).toSorted((a, b) => a.at - b.at);
  const groups = Map.groupBy(known, ({ partner, currency }) => `${partner} ${currency}`);
  return [...groups.values()].flatMap((own) =>
    (['price', 'quantity'] as const).flatMap((kind) => {
      const odd = [...linesOf(own, kind, since).values()].flatMap((some) => oddOf(kind, some, since));
      return [...Map.groupBy(odd, ({ cause }) => cause).values()].map(furthest);
    }),
  );
}

/** By article, only of those that were ordered of late; before that no more than tell what is usual. The oldest first. */
function linesOf(
  orders: readonly PrintedOrder[],
  kind: 'price' | 'quantity',
  since: number,
): Map<string, Line[]> {
  const all = new Map<string, { lines: Line[]; older: number }>();
  for (let at = orders.length - 1; at >= 0; at -= 1) {
    const order = orders[at]!;
    const isLate = order.at >= since;
    for (const [sku, quantity, price] of order.lines) {
      const article = all.get(sku) ?? (isLate ? { lines: [], older: 0 } : undefined);
      if (!article || article.older === MOST_LINES) continue;
      const value = Number(kind === 'price' ? price : quantity);
      if (!(value >= 0) || (kind === 'quantity' && value === 0)) continue;
      all.set(sku, article);
      article.lines.push({ order, sku, value: Math.max(value, NOTHING) });
      if (!isLate) article.older += 1;
    }
  }
  return new Map([...all].map(([sku, { lines }]) => [sku, lines.toReversed()]));
}

/** Each of late is measured against those before it, also of late. */
function oddOf(kind: 'price' | 'quantity', lines: readonly Line[], since: number): Finding[] {
  const values = lines.map(({ value }) => value);
  return lines.flatMap(({ order, sku, value }, at): Finding[] => {
    if (order.at < since || at < LEAST_LINES) return [];
    const before = values.slice(Math.max(0, at - MOST_LINES), at);
    const odd = furtherThanAll(kind, value, before);
    if (!odd) return [];
    return [
      {
        kind,
        metric: 'orders',
        partner: order.partner,
        cause: `${kind}/${order.key}`,
        direction: odd.score > 0 ? 'more' : 'less',
        subject: sku,
        observed: value,
        expected: odd.expected,
        score: odd.score,
        points: before.length,
        since: order.at,
        orders: [{ key: order.key, number: order.number }],
      },
    ];
  });
}

/** Most are within what was seen, and cost no more than that. */
function furtherThanAll(kind: 'price' | 'quantity', value: number, before: readonly number[]) {
  const { limit, least, factor, beyond } = rules[kind];
  const isHigher = value >= beyond * Math.max(...before);
  if (!isHigher && (kind === 'quantity' || value * beyond > Math.min(...before))) return undefined;
  const usual = usualOf(before.map(Math.log));
  const expected = Math.exp(usual.median);
  if (Math.max(value / expected, expected / value) < factor) return undefined;
  if (kind === 'quantity' && value - expected < LEAST_PIECES) return undefined;
  const score = modifiedZ(Math.log(value), { ...usual, scale: Math.max(usual.scale, least) });
  return Math.abs(score) < limit ? undefined : { score, expected };
}

function furthest(some: readonly Finding[]): Finding {
  return some.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))[0]!;
}
