/** Purchases: what was ordered, received, billed, posted and paid. It is the chain of sales, seen from the other side. */
import Big from 'big.js';
import type { Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { HubGoods, HubMoney, HubOrder, OdooOrder } from './facts.ts';
import { movedOf } from './goods-check.ts';
import { countedInvoices, invoicedOf } from './invoice-check.ts';
import type { Matched, OfOrder } from './orders.ts';
import { checkChain, finished, type Asked, type Reconciled } from './reconcile.ts';
import type { PurchaseSituation } from './purchase-situations.ts';
import type { Situation } from './situations.ts';
import { totalsOf, type Totals } from './totals.ts';

export interface Purchase {
  /** As Odoo calls it. */
  supplier: string;
  /** Its lines, what arrived of them (`out`) and went back, its bills (`invoices`), and payments set against nothing. */
  odoo: OdooOrder;
}

/** What the hub booked of a purchase order. */
export interface HubPurchase {
  receipts: readonly HubGoods[];
  bills: readonly HubMoney[];
}

export interface PurchaseFacts {
  purchases: readonly Purchase[];
  /** By the number of the purchase order. */
  hub: ReadonlyMap<string, HubPurchase>;
}

export function reconcilePurchases({ purchases, hub }: PurchaseFacts, asked: Asked): Reconciled {
  const { within } = asked.tolerances;
  const times = { ...within, invoice: within.bill, credit: within.refund };
  const tolerances = { ...asked.tolerances, within: times };
  const counted = purchases.filter(({ odoo }) => odoo.made <= asked.cutOff);
  const pairs = counted.map((one): Matched => ({ odoo: one.odoo, hub: knownOf(one, hub) }));
  const breaks = pairs.flatMap((pair): OfOrder[] => {
    const { source: partner, number: order, heard } = pair.hub;
    const given = { ...pair, cutOff: asked.cutOff, tolerances, bought: true as const };
    const standing = { ended: pair.odoo.state === 'cancel', priced: new Set<number>() };
    return checkChain(given, standing).map((found) => ({
      partner,
      order,
      heard,
      found: asPurchase(found),
      pair,
    }));
  });
  return {
    orders: { hub: counted.length, matched: counted.filter(({ odoo }) => hub.has(odoo.name)).length },
    totals: purchaseTotals(pairs, asked.cutOff),
    breaks: finished(breaks, asked),
  };
}

/** As an order of a partner: of its lines nobody but Odoo knows. */
function knownOf(
  { supplier: source, odoo: { name, made: heard } }: Purchase,
  hub: PurchaseFacts['hub'],
): HubOrder {
  const { receipts: shipments = [], bills: invoices = [] } = hub.get(name) ?? {};
  const none = { taxIncluded: false, held: false, cancelled: false, payments: [] };
  return { source, id: name, number: name, heard, ...none, shipments, invoices };
}

/** What each break of the chain is for who buys. */
const bought: Partial<Record<Situation, PurchaseSituation>> = {
  'shipped more': 'received more',
  'shipment quantity': 'receipt quantity',
  'shipment missing': 'receipt missing',
  'shipment extra': 'receipt extra',
  'not credited': 'not refunded',
  'credited only': 'refunded only',
  'not invoiced': 'not billed',
  'invoiced more': 'billed more',
  'invoice twice': 'bill twice',
  'invoice unlinked': 'bill unlinked',
  'invoice price': 'bill price',
  'invoice total': 'bill total',
  'invoice currency': 'bill currency',
  'invoice rounding': 'bill rounding',
  'not posted': 'bill not posted',
  'other period': 'bill of another period',
  'payment unlinked': 'bill payment unlinked',
  'paid twice': 'bill paid twice',
  'paid more': 'bill paid more',
  'written off': 'bill written off',
};

const words: readonly [RegExp, string][] = [
  [/\bshipped\b/g, 'received'],
  [/\binvoiced\b/g, 'billed'],
  [/\bcredited\b/g, 'refunded'],
  [/\binvoice/g, 'bill'],
];

function asPurchase(found: Found): Found {
  const situation = bought[found.situation];
  if (!situation) throw new Error(`${found.situation} is nothing that a purchase can have`);
  const said = ({ what, amount }: Found['left']) => ({
    what: words.reduce((all, [sale, purchase]) => all.replace(sale, purchase), what),
    amount,
  });
  const documents = found.documents.map((one) => one.replace(/^sale\.order\b/, 'purchase.order'));
  return { ...found, situation, documents, left: said(found.left), right: said(found.right) };
}

function purchaseTotals(pairs: readonly Matched[], cutOff: string): Totals {
  const { pieces, money } = totalsOf(pairs, cutOff);
  const { shipped: received, invoiced: billed, ...counts } = pieces;
  const unbilled = pairs.map(({ odoo }) => ({ currency: odoo.currency, ...unbilledOf(odoo, cutOff) }));
  return {
    pieces: { ...counts, received, billed, unbilled: text(sum(unbilled.map((one) => one.pieces))) },
    money: Object.fromEntries(
      Object.entries(money).map(([currency, { invoiced, ...one }]) => {
        const own = unbilled.filter((other) => other.currency === currency);
        return [currency, { ...one, billed: invoiced, unbilled: text(sum(own.map(({ worth }) => worth))) }];
      }),
    ),
  };
}

/** What stands open between goods received and bills received (GR/IR): below 0 where more is billed. Worth without tax. */
function unbilledOf(odoo: OdooOrder, cutOff: string): { pieces: Big; worth: Big } {
  const bills = countedInvoices({ odoo, cutOff });
  const lines = odoo.lines
    .filter(({ goods }) => goods)
    .map((line) => {
      const [{ out, back }, { invoiced, credited }] = [movedOf(line, cutOff), invoicedOf(line, bills)];
      const pieces = out.minus(back).minus(invoiced).plus(credited);
      const each = Big(line.quantity).eq(0) ? Big(0) : Big(line.subtotal).div(line.quantity);
      return { pieces, worth: pieces.times(each).round(2) };
    });
  return { pieces: sum(lines.map(({ pieces }) => pieces)), worth: sum(lines.map(({ worth }) => worth)) };
}
