/** The same order under another number, and a customer's purchase order number used twice. */
import { mostOrders, type Finding } from './finding.ts';
import type { Print } from '../odoo/order/print.ts';

export interface PrintedOrder extends Omit<Print, 'at'> {
  /** Milliseconds since 1970: when it came. */
  at: number;
  partner: string;
  /** As the tower finds it: `shopify/4711`. */
  key: string;
}

const HOUR = 3_600_000;
/** Orders so young are looked at, and so far apart they can be the same. */
export const RECENT_ORDERS_MS = 72 * HOUR;
/** Orders so old are known. */
export const ORDERS_MS = 35 * 24 * HOUR;
/** What happens with more than this part of a partner's orders is usual there, and nothing to look at. */
const USUAL = { again: 0.02, reference: 0.05 };
/** Before that many it is not known. */
const LEAST_ORDERS = 50;

/** `observed` is how many came, `expected` 1. `orders`: the oldest first. */
export function duplicates(orders: readonly PrintedOrder[], now: number): Finding[] {
  const known = orders.filter(({ at }) => at < now);
  return [...Map.groupBy(known, ({ partner }) => partner).values()].flatMap((own) => {
    const same = groupsOf(own, (one) => one.same).flatMap(closeTogether);
    const again = young(same, own, USUAL.again, now).map((some) => findingOf('duplicate-order', some));
    const twice = new Set(again.flatMap(({ orders: some }) => some.map(({ key }) => key)));
    // One purchase order may be called off many times.
    const referred = own.filter(({ reference }) => reference !== undefined);
    const reused = young(
      groupsOf(referred, (one) => one.reference!),
      referred,
      USUAL.reference,
      now,
    )
      .map((some) => findingOf('reused-reference', some))
      .filter((one) => !one.orders.every(({ key }) => twice.has(key)));
    return [...again, ...reused];
  });
}

/** Those whose last is of late; none where the older ones show that it is usual. */
function young(
  groups: readonly PrintedOrder[][],
  all: readonly PrintedOrder[],
  usual: number,
  now: number,
): PrintedOrder[][] {
  const since = now - RECENT_ORDERS_MS;
  const [late, before] = [
    groups.filter((some) => some.at(-1)!.at >= since),
    groups.filter((some) => some.at(-1)!.at < since),
  ];
  const older = all.filter(({ at }) => at < since).length;
  return older >= LEAST_ORDERS && before.length / older > usual ? [] : late;
}

/** Parts of which each is at most so far from the one before. */
function closeTogether(some: readonly PrintedOrder[]): PrintedOrder[][] {
  const parts: PrintedOrder[][] = [];
  for (const one of some) {
    const last = parts.at(-1);
    if (last && one.at - last.at(-1)!.at <= RECENT_ORDERS_MS) last.push(one);
    else parts.push([one]);
  }
  return parts.filter(isSeveral);
}

/** Of more than one number, the oldest first. */
function groupsOf(
  orders: readonly PrintedOrder[],
  markOf: (order: PrintedOrder) => string,
): PrintedOrder[][] {
  return [...Map.groupBy(orders, markOf).values()]
    .filter(isSeveral)
    .map((some) => some.toSorted((a, b) => a.at - b.at));
}

function isSeveral(some: readonly PrintedOrder[]): boolean {
  return some.length > 1 && some.some(({ number }) => number !== some[0]!.number);
}

function findingOf(kind: 'duplicate-order' | 'reused-reference', some: readonly PrintedOrder[]): Finding {
  const [first] = some as [PrintedOrder];
  const count = new Set(some.map(({ number }) => number)).size;
  return {
    kind,
    metric: 'orders',
    partner: first.partner,
    cause: `${kind}/${first.partner}/${kind === 'duplicate-order' ? first.same : first.reference}`,
    direction: 'more',
    subject: '',
    observed: count,
    expected: 1,
    score: count,
    points: some.length,
    since: some[1]!.at,
    orders: some.slice(0, mostOrders).map(({ key, number }) => ({ key, number })),
  };
}
