/** Compares what partners ordered with what Odoo shipped, invoiced, posted and was paid. No I/O: facts give breaks. */
import Big from 'big.js';
import type { Break, Found } from './breaks.ts';
import { text } from './decimal.ts';
import type { Facts } from './facts.ts';
import { checkGoods } from './goods-check.ts';
import { checkInvoices } from './invoice-check.ts';
import { checkMoney } from './money-check.ts';
import { checkOrder, type Checked, type OrderChecks } from './order-check.ts';
import { matchOrders, type OfOrder } from './orders.ts';
import { situations, waiting } from './situations.ts';
import { stakeOf } from './stake.ts';
import type { Tolerances } from './tolerances.ts';
import { totalsOf, type Totals } from './totals.ts';

export interface Asked {
  /** ISO 8601, UTC: what is later does not count. */
  cutOff: string;
  tolerances: Tolerances;
  /** The team of a break; by default nobody's. */
  teamOf?: (of: { code: string; partner: string; step: string }) => string | undefined;
}

export interface Reconciled {
  /** How many orders the hub knows, and how many of these were found in Odoo. */
  orders: { hub: number; matched: number };
  totals: Totals;
  breaks: Break[];
}

export function reconcile(facts: Facts, asked: Asked): Reconciled {
  const { pairs, breaks } = matchOrders(facts, asked);
  const all = [...breaks];
  for (const pair of pairs) {
    const { source: partner, number, id, heard } = pair.hub;
    for (const found of checkPair({ ...pair, ...asked }))
      all.push({ partner, order: number || id, heard, found, pair });
  }
  return {
    orders: { hub: facts.hub.length, matched: pairs.length },
    totals: totalsOf(pairs, asked.cutOff),
    breaks: finished(all, asked),
  };
}

/** With all that is told of each, by id. */
export function finished(all: readonly OfOrder[], asked: Asked): Break[] {
  return all.map((one) => finish(one, asked)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function checkPair(given: Checked): Found[] {
  const { found, ...standing } = checkOrder(given);
  return [...found, ...checkChain(given, standing)];
}

/**
 * From the goods to the money. One cause is told once: what follows from it in the next links is not told again. `ended`: the order
 * is cancelled, or waits; `priced`: lines whose price is told already.
 */
export function checkChain(given: Checked, { ended, priced }: Omit<OrderChecks, 'found'>): Found[] {
  const goods = checkGoods(given);
  const invoices = checkInvoices(given, priced);
  const unshipped = goods.some(({ situation }) => /^shipment (missing|quantity)$/.test(situation));
  const later = invoices.filter(({ situation }) =>
    // Of an order that is cancelled or waits, only what was invoiced all the same; what has not left was told.
    situation === 'invoiced more' ? !unshipped : !ended,
  );
  const copies = new Set(
    invoices
      .filter(({ situation }) => situation === 'invoice twice' || situation === 'invoice unlinked')
      .map(({ documents }) => Number(documents.at(-1)!.split('/')[1])),
  );
  return [...goods, ...later, ...checkMoney(given, copies)];
}

export function codeOf(kind: Break['class']): string {
  return `BREAK_${kind.toUpperCase().replace(' ', '_')}`;
}

function finish({ partner, order, heard, found, pair, ...of }: OfOrder, { cutOff, teamOf }: Asked): Break {
  const { situation, timing = false, about, lines = [], documents, left, right, unit, since } = found;
  const { stage, class: usual, cause, repair } = situations[situation];
  const kind = timing ? 'timing' : usual;
  const code = codeOf(kind);
  const stake = of.stake ?? stakeOf(found, pair);
  return {
    id: [partner, order, stage, situation, about].join('/'),
    partner,
    order,
    stage,
    class: kind,
    situation,
    about,
    lines,
    documents,
    left,
    right,
    difference: text(Big(right.amount).minus(left.amount)),
    unit,
    ...(stake && { stake }),
    since,
    heard,
    days: Math.max(0, Math.floor((Date.parse(cutOff) - Date.parse(since)) / 86_400_000)),
    cause,
    repair: timing ? waiting : repair,
    code,
    team: teamOf?.({ code, partner, step: stage }) ?? '',
  };
}

/** Whether somebody has to act: all but what may clear by itself. */
export function isDue({ class: kind }: Pick<Break, 'class'>): boolean {
  return kind !== 'timing';
}
