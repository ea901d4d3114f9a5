/** What is kept of an order to know one like it again: its articles, and marks from which no address can be read. */
import { createHash } from 'node:crypto';
import Big from 'big.js';
import type { Address, CanonicalOrder } from '../odoo/canonical-order.ts';

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

/** Lines in another order, a name in other letters, `2` and `2.00`: these are the same. */
export function printOf(order: CanonicalOrder, now: Date): Print {
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
    same: mark([source, sorted, placeOf(shipTo ?? billTo) ?? customer.id, plain(totals.gross), currency]),
    ...(reference !== undefined && { reference: mark([source, customer.id, worded(reference)]) }),
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

function mark(of: unknown): string {
  return createHash('sha256').update(JSON.stringify(of)).digest('base64url').slice(0, 24);
}
