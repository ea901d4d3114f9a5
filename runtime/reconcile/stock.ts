/** Stock: what Odoo has, what a warehouse counts, and what the channels were told, by article, warehouse and lot. No I/O. */
import Big from 'big.js';
import type { Found, Stake } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { OfOrder } from './orders.ts';
import { finished, type Asked, type Reconciled } from './reconcile.ts';
import type { CountedStock } from './stock-statement.ts';
import { isOver } from './tolerances.ts';

export interface OnHand {
  warehouse: string;
  sku: string;
  lot: string;
  quantity: string;
}

/** Of a warehouse: into it above 0, out of it below. */
export type MovedStock = OnHand & { at: string };

export interface Promised {
  warehouse: string;
  sku: string;
  /** On hand less what is reserved. */
  available: string;
  /** ISO 8601: when that changed last. */
  changed: string;
}

/** What a channel has taken last. */
export interface ToldStock {
  channel: string;
  warehouse: string;
  sku: string;
  told: string;
  /** When it was read in Odoo, and when the channel had it. */
  at: string;
  taken: string;
  /** Since when a newer level waits for it. */
  waits?: string;
}

export interface StockFacts {
  /** Now. */
  onHand: readonly OnHand[];
  /** All that moved after the earliest time that anything is as of. */
  moved: readonly MovedStock[];
  counted: readonly CountedStock[];
  told: readonly ToldStock[];
  promised: readonly Promised[];
  /** Of one piece, by article. */
  costs: ReadonlyMap<string, Stake>;
  /** Articles of which Odoo keeps no stock. */
  untracked: ReadonlySet<string>;
}

export function reconcileStock(facts: StockFacts, asked: Asked): Reconciled {
  const [positions, books] = [positionsOf(facts), booksOf(facts)];
  const broken = [
    ...positions.map((one) => ({ one, found: countBreak(one, books, asked) })),
    ...facts.told.map((one) => ({ one, found: channelBreak(one, books, asked) })),
  ];
  const breaks = broken.flatMap(({ one, found }): OfOrder[] => {
    if (!found) return [];
    const cost = facts.costs.get(one.sku);
    const pieces = Big(found.right.amount).minus(found.left.amount).abs();
    return [
      {
        partner: 'channel' in one ? one.channel : one.warehouse,
        order: one.sku,
        // Every run looks at all stock there is.
        heard: asked.cutOff,
        found,
        ...(cost && { stake: { ...cost, amount: text(pieces.times(cost.amount).round(2)) } }),
      },
    ];
  });
  return {
    orders: { hub: broken.length, matched: broken.filter(({ found }) => !found).length },
    totals: { pieces: totalsOf(positions, facts, books, asked), money: {} },
    breaks: finished(breaks, asked),
  };
}

const placeOf = ({ warehouse, sku }: { warehouse: string; sku: string }) => JSON.stringify([warehouse, sku]);

/** By warehouse and article. */
function booksOf({ onHand, moved, promised }: StockFacts) {
  return {
    onHand: Map.groupBy(onHand, placeOf),
    moved: Map.groupBy(moved, placeOf),
    promised: new Map(promised.map((one) => [placeOf(one), one])),
  };
}
type Books = ReturnType<typeof booksOf>;

/** What is compared: an article in a warehouse, of one lot where the warehouse tells lots of it. */
interface Position {
  warehouse: string;
  sku: string;
  /** Undefined: of all lots. */
  lot: string | undefined;
  /** Undefined: the warehouse does not count it. */
  counted?: string;
  asOf: string;
}

/** Of the warehouses that count. */
function positionsOf({ counted: all, onHand, moved, untracked }: StockFacts): Position[] {
  const counted = all.filter(({ sku }) => !untracked.has(sku));
  const found = [...Map.groupBy(counted, ({ warehouse }) => warehouse)].flatMap(([warehouse, rows]) => {
    const latest = rows
      .map(({ asOf }) => asOf)
      .toSorted()
      .at(-1)!;
    const bySku = Map.groupBy(rows, ({ sku }) => sku);
    const own = [...onHand, ...moved].filter((one) => one.warehouse === warehouse && !untracked.has(one.sku));
    const held = Map.groupBy(own, ({ sku }) => sku);
    const skus = new Set([...bySku.keys(), ...held.keys()]);
    return [...skus].flatMap((sku) =>
      ofArticle({ warehouse, sku, latest }, bySku.get(sku) ?? [], held.get(sku) ?? []),
    );
  });
  const key = ({ warehouse, sku, lot = '' }: Position) => JSON.stringify([warehouse, sku, lot]);
  return found.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function ofArticle(
  { warehouse, sku, latest }: { warehouse: string; sku: string; latest: string },
  rows: readonly CountedStock[],
  own: readonly OnHand[],
): Position[] {
  if (rows.length === 0) return [{ warehouse, sku, lot: undefined, asOf: latest }];
  // A row without a lot is of all lots, or of what has none: then only the whole can be compared.
  if (rows.some(({ lot }) => lot === '')) {
    const counted = text(sum(rows.map(({ quantity }) => quantity)));
    const asOf = rows
      .map((one) => one.asOf)
      .toSorted()
      .at(-1)!;
    return [{ warehouse, sku, lot: undefined, counted, asOf }];
  }
  const told = new Set(rows.map(({ lot }) => lot));
  const others = new Set(own.filter((one) => !told.has(one.lot)).map(({ lot }) => lot));
  return [
    ...rows.map(({ lot, quantity, asOf }) => ({ warehouse, sku, lot, counted: quantity, asOf })),
    ...[...others].map((lot) => ({ warehouse, sku, lot, asOf: latest })),
  ];
}

/** What Odoo had at this time: what it has now, less what has moved since. */
function onHandAt(position: Position, { onHand, moved }: Books, at: string): Big {
  const [place, { lot }] = [placeOf(position), position];
  const amountOf = (list: readonly OnHand[]) =>
    sum(list.filter((one) => lot === undefined || one.lot === lot).map(({ quantity }) => quantity));
  const since = (moved.get(place) ?? []).filter((one) => one.at > at);
  return amountOf(onHand.get(place) ?? []).minus(amountOf(since));
}

function countBreak(position: Position, books: Books, { cutOff }: Asked): Found | undefined {
  const { sku, lot, warehouse, asOf, counted } = position;
  const [then, atCutOff] = [onHandAt(position, books, asOf), onHandAt(position, books, cutOff)];
  const count = Big(counted ?? 0);
  const isSame = then.eq(count);
  if (isSame && atCutOff.eq(count)) return undefined;
  // It has moved since; or the count has what was booked only after it.
  const timing = isSame || atCutOff.eq(count);
  const right = isSame ? atCutOff : then;
  // Below 0 Odoo has no stock that could be missing: something was not booked.
  const isMissing = count.eq(0) && right.gt(0);
  return {
    situation: isMissing ? 'stock missing' : right.eq(0) ? 'stock extra' : 'stock quantity',
    timing,
    about: [warehouse, sku, ...(lot ? [lot] : [])].join(' '),
    lines: [],
    documents: [],
    left: { what: `counted by ${warehouse}`, amount: text(count) },
    right: { what: `in Odoo ${isSame ? 'now' : 'then'}`, amount: text(right) },
    unit: 'pieces',
    since: asOf,
  };
}

function channelBreak(
  { channel, warehouse, sku, told, taken, waits }: ToldStock,
  { promised }: Books,
  { cutOff, tolerances }: Asked,
): Found | undefined {
  const own = promised.get(placeOf({ warehouse, sku }));
  if (!own && Big(told).lte(0)) return undefined;
  const available = Big(own?.available ?? 0);
  // Of what the shop cannot sell it is told nothing: whole pieces, and never less than 0.
  if (Big(told).eq(available) || Big(told).eq(sellable(available))) return undefined;
  const changed = own && own.changed > taken ? own.changed : taken;
  const since = waits ?? changed;
  return {
    situation: own ? 'channel quantity' : 'channel extra',
    timing: own !== undefined && !isOver(since, tolerances.within.stock, cutOff),
    about: `${warehouse} ${sku}`,
    lines: [],
    documents: [],
    left: { what: 'can be promised in Odoo', amount: text(available) },
    right: { what: `told to ${channel}`, amount: text(told) },
    unit: 'pieces',
    since,
  };
}

function sellable(available: Big): Big {
  const whole = available.round(0, Big.roundDown);
  return whole.lt(0) ? Big(0) : whole;
}

function totalsOf(
  positions: readonly Position[],
  facts: StockFacts,
  books: Books,
  { cutOff }: Asked,
): Record<string, string> {
  const amounts = (list: readonly { quantity: string }[]) => text(sum(list.map(({ quantity }) => quantity)));
  return {
    counted: amounts(facts.counted),
    asOf: text(sum(positions.map((one) => onHandAt(one, books, one.asOf)))),
    now: text(sum(positions.map((one) => onHandAt(one, books, cutOff)))),
    told: text(sum(facts.told.map(({ told }) => told))),
    promised: text(sum(facts.promised.map(({ available }) => available))),
  };
}
