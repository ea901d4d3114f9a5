/** The money of an order: ordered, shipped, invoiced, posted, paid. What is not known stays so. */
import { Big } from 'big.js';
import { sum } from '../../decimal/sum.ts';
import { isMap, mapOf, type Json } from '../../schema/schema.ts';
import type { DocumentKind, Told } from './documents.ts';

/** `none`: the process would have heard of it. Neither value nor `none`: not known. */
export interface Amount {
  /** Decimal. */
  value?: string;
  /** ISO 4217; missing where nothing says it. */
  currency?: string;
  none?: true;
}

export interface OrderMoney {
  ordered: Amount;
  /** Goods at the prices of the order, without its charges. */
  shipped: Amount;
  /** Whether posted or not. */
  invoiced: Amount;
  posted: Amount;
  paid: Amount;
  /** Only where there is a credit note. */
  credited?: Amount;
}

const invoices: readonly DocumentKind[] = ['invoice', 'bill'];
const payments: readonly DocumentKind[] = ['payment', 'billPayment'];

/** `ordered` and `currency`: as the process keeps them. */
export function orderMoney(
  told: readonly Told[],
  { ordered, currency }: { ordered?: string | undefined; currency?: string | undefined },
): OrderMoney {
  const of = (kinds: readonly DocumentKind[]) => told.filter(({ document }) => kinds.includes(document.kind));
  const own = currency ?? told.find(({ document }) => document.currency)?.document.currency;
  const totalOf = (some: readonly Told[]) => total(some, own);
  const credits = of(['credit']);
  return {
    ordered: ordered !== undefined && isDecimal(ordered) ? amount(new Big(ordered), own, ordered) : {},
    shipped: shipped(of(['shipment']), of(['order']).at(0)?.data, own),
    invoiced: totalOf(of(invoices)),
    posted: totalOf(of(invoices).filter(({ document }) => ['posted', 'paid'].includes(document.state))),
    paid: totalOf(of(payments)),
    ...(credits.length > 0 && { credited: totalOf(credits) }),
  };
}

/** Not known where one of them has no total, or they are of different currencies. */
function total(some: readonly Told[], own: string | undefined): Amount {
  if (some.length === 0) return { none: true };
  const currencies = new Set(some.map(({ document }) => document.currency ?? own));
  const totals = some.map(({ document }) => document.total ?? '');
  if (currencies.size > 1 || !totals.every(isDecimal)) return {};
  return amount(sum(totals), [...currencies][0], ...totals);
}

function shipped(shipments: readonly Told[], order: Json | undefined, own: string | undefined): Amount {
  if (shipments.length === 0) return { none: true };
  const prices = pricesOf(order);
  const lines = shipments.map(({ data }) => mapsOf(data['lines']));
  if (lines.some((some) => some.length === 0)) return {};
  let worth = new Big(0);
  for (const { sku, quantity } of lines.flat()) {
    const price = prices.get(String(sku));
    if (!price || !isDecimal(quantity)) return {};
    worth = worth.plus(price.times(String(quantity)));
  }
  return amount(worth.round(2), own);
}

/** Of one piece of each article, after discount. An article with two prices has none. */
function pricesOf(order: Json | undefined): Map<string, Big | undefined> {
  const prices = new Map<string, Big | undefined>();
  for (const { sku, quantity, unitPrice, discount = '0' } of mapsOf(order?.['lines'])) {
    const known = [quantity, unitPrice, discount].every(isDecimal) && !new Big(String(quantity)).eq(0);
    const off = known ? new Big(String(discount)).div(String(quantity)) : undefined;
    const price = off && new Big(String(unitPrice)).minus(off);
    const name = String(sku);
    const same = !prices.has(name) || (price && prices.get(name)?.eq(price));
    prices.set(name, same ? price : undefined);
  }
  return prices;
}

/** With as many decimals as the texts it was made from have, two at the least. */
function amount(value: Big, currency: string | undefined, ...texts: string[]): Amount {
  const decimals = Math.max(2, ...texts.map((text) => (text.split('.')[1] ?? '').length));
  return { value: value.toFixed(decimals), ...(currency !== undefined && { currency }) };
}

export function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
}

function mapsOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isMap).map(mapOf) : [];
}
