/** What the hub keeps of an order to recognize a similar one: its articles, and marks that do not reveal an address. */
import { createHmac, hkdfSync } from 'node:crypto';
import Big from 'big.js';
import type { Address, CanonicalOrder } from '../canonical-order.ts';

export interface Print {
  /** ISO time of the first message. */
  at: string;
  number: string;
  currency: string;
  /** Mark of partner, articles, address and total. */
  same: string;
  /** Mark of the customer and its purchase order number. */
  reference?: string;
  /** SKU, quantity and unit price of each line. */
  lines: [sku: string, quantity: string, price: string][];
}

/** Limits the size of a print, however many lines the order has. */
const mostLines = 100;

/** Derives the key of the marks from a secret that all hubs of a store share and that is not in the store. */
export function markKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'crossdock: marks of orders', 32));
}

/** The order of lines, case and punctuation of names, and `2` or `2.00` make no difference to the marks. */
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
    // Lines with a unit of their own are left out: their quantities and prices do not compare.
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

/** Keeps only letters and digits, in lower case. */
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

/** Uses a key: an address has too few possible values to be hidden by a hash alone. */
function mark(key: Buffer, of: unknown): string {
  return createHmac('sha256', key).update(JSON.stringify(of)).digest('base64url').slice(0, 24);
}
