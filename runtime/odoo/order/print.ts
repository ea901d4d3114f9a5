/** What is kept of an order to know one like it again: its articles, and marks from which no address can be guessed. */
import { createHmac, hkdfSync } from 'node:crypto';
import Big from 'big.js';
import type { Address, CanonicalOrder } from '../canonical-order.ts';

export interface Print {
  /** ISO time: when it first came. */
  at: string;
  number: string;
  currency: string;
  /** Of partner, articles, address and total together. */
  same: string;
  /** Of the customer and its purchase order number. */
  reference?: string;
  /** By article: its number, quantity and unit price. */
  lines: [sku: string, quantity: string, price: string][];
}

/** A print is small, however many lines the order has. */
const mostLines = 100;

/** The key of marks, of a secret that all hubs of a store share, and that the store does not know. */
export function markKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'crossdock: marks of orders', 32));
}

/** Lines in another order, a name in other letters, `2` and `2.00`: these are the same. */
export function printOf(order: CanonicalOrder, now: Date, key: Buffer): Print {
  const { source, number, currency, customer, reference, lines, totals, shipTo, billTo } = order;
  const articles = lines.map(({ sku, quantity, unitPrice, uom = '' }) => [
    sku.trim().toUpperCase(),
    plain(quantity),
    plain(unitPrice),
    uom,
  ]);
  const sorted = articles.map((one) => one.join(' ')).toSorted();
  return {
    at: now.toISOString(),
    number,
    currency,
    same: mark(key, [
      source,
      sorted,
      placeOf(shipTo ?? billTo) ?? customer.id,
      plain(totals.gross),
      currency,
    ]),
    ...(reference !== undefined && { reference: mark(key, [source, customer.id, worded(reference)]) }),
    // In another unit a quantity and a price are other ones.
    lines: articles
      .filter(([, , , uom]) => uom === '')
      .slice(0, mostLines)
      .map(([sku, quantity, price]) => [sku!, quantity!, price!]),
  };
}

function placeOf(address: Address | undefined): string[] | undefined {
  if (!address?.street) return undefined;
  const { street, street2 = '', postalCode = '', city = '', country } = address;
  return [street, street2, postalCode, city, country].map(worded);
}

/** Letters and digits only. */
function worded(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}

function plain(amount: string): string {
  try {
    return Big(amount).toFixed();
  } catch {
    return amount;
  }
}

/** With a key: an address has too few possible values to be hidden by a hash alone. */
function mark(key: Buffer, of: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(of)).digest('base64url').slice(0, 24);
}
