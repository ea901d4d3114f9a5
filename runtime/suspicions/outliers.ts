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
/** Free of charge has a logarithm, too. */
const NOTHING = 0.01;

interface Line {
  order: PrintedOrder;
  sku: string;
  value: number;
  log: number;
}

/**
 * Modified z-score (Iglewicz & Hoaglin 1993) of the logarithm, over the lines of the same article, partner and currency
 * that came before, the last 200, from 5 on, where it is also beyond all of them. One finding an order and kind: of its line that is furthest off.
 */
export function outliers(orders: readonly PrintedOrder[], now: number): Finding[] {
  const since = now - RECENT_ORDERS_MS;
  const known = orders.filter(({ at }) => at < now).toSorted((a, b) => a.at - b.at);
  const groups = Map.groupBy(known, ({ partner, currency }) => `${partner} ${currency}`);
  return [...groups.values()].flatMap((own) => {
    // Only articles that were ordered of late are compared.
    const late = own.filter(({ at }) => at >= since);
    const articles = new Set(late.flatMap(({ lines }) => lines.map(([sku]) => sku)));
    return (['price', 'quantity'] as const).flatMap((kind) => {
      const odd = [...linesOf(own, kind, articles).values()].flatMap((some) => oddOf(kind, some, since));
      return [...Map.groupBy(odd, ({ cause }) => cause).values()].map(furthest);
    });
  });
}

function linesOf(
  orders: readonly PrintedOrder[],
  kind: 'price' | 'quantity',
  articles: ReadonlySet<string>,
): Map<string, Line[]> {
  const all = new Map<string, Line[]>([...articles].map((sku) => [sku, []]));
  for (const order of orders)
    for (const [sku, quantity, price] of order.lines) {
      const lines = all.get(sku);
      const value = Number(kind === 'price' ? price : quantity);
      if (!lines || !(value >= 0) || (kind === 'quantity' && value === 0)) continue;
      lines.push({ order, sku, value, log: Math.log(Math.max(value, NOTHING)) });
    }
  return all;
}

/** Each of late is measured against those before it, also of late. */
function oddOf(kind: 'price' | 'quantity', lines: readonly Line[], since: number): Finding[] {
  return lines.flatMap((line, at): Finding[] => {
    const { order, sku, value } = line;
    if (order.at < since || at < LEAST_LINES) return [];
    const before = lines.slice(Math.max(0, at - MOST_LINES), at).map(({ log }) => log);
    const odd = furtherThanAll(kind, line, before);
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
        expected: Math.exp(odd.median),
        score: odd.score,
        points: before.length,
        since: order.at,
        orders: [{ key: order.key, number: order.number }],
      },
    ];
  });
}

function furtherThanAll(kind: 'price' | 'quantity', { value, log }: Line, before: readonly number[]) {
  const { limit, least, factor, beyond } = rules[kind];
  const [lowest, highest] = [Math.min(...before), Math.max(...before)];
  const isHigher = log - highest >= Math.log(beyond);
  if (!isHigher && (kind === 'quantity' || lowest - log < Math.log(beyond))) return undefined;
  const usual = usualOf(before);
  if (Math.abs(log - usual.median) < Math.log(factor)) return undefined;
  if (kind === 'quantity' && value - Math.exp(usual.median) < LEAST_PIECES) return undefined;
  const score = modifiedZ(log, { ...usual, scale: Math.max(usual.scale, least) });
  return Math.abs(score) < limit ? undefined : { score, median: usual.median };
}

function furthest(some: readonly Finding[]): Finding {
  return some.toSorted((a, b) => Math.abs(b.score) - Math.abs(a.score))[0]!;
}
