/** The one line of a sale order that says what rounding left between Odoo's total and the partner's. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { CanonicalOrder } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { findExternal } from './external-id.ts';
import { load, type LoadRecord } from './load.ts';
import type { Names } from './model.ts';
import { lineCells, orderExternalId, type References } from './order-rows.ts';
import { agree, mostRounding, neededRounding, totalMismatch, type StoredTotals } from './order-totals.ts';
import type { Product } from './resolve.ts';

export interface Rounding {
  /** Of a partner: units of the currency for each line and charge. */
  tolerance(source: string): number;
  /** The service that the line is of; its account is finance's to choose. */
  article(order: CanonicalOrder): Promise<Product>;
}

export function roundingLineId(orderExternalId: string): string {
  return `${orderExternalId}_rounding`;
}

/** It has no tax. One of nothing says that none is needed any more: Odoo keeps the lines of a confirmed order. */
export function roundingRecord(
  order: CanonicalOrder,
  article: Product,
  amount: Big,
  refs: References,
  names: Names,
): LoadRecord {
  const externalId = orderExternalId(order);
  const position = {
    externalId: roundingLineId(externalId),
    name: 'Rounding',
    product: article,
    uom: article.uom,
    quantity: amount.eq(0) ? '0' : '1',
    price: amount.toFixed(),
    discount: '0',
    taxes: [],
  };
  return { externalId, rows: [{ id: externalId, ...lineCells(position, refs, names) }] };
}

/**
 * Brings the total of an order whose lines are in Odoo to the partner's. Once more is safe. Throws ODOO_TOTAL_MISMATCH,
 * or ORDER_NOT_OPEN where another rounding was invoiced.
 */
export async function closeTotals(
  odoo: Odoo,
  rounding: Rounding,
  id: number,
  order: CanonicalOrder,
  refs: References,
  names: Names,
): Promise<void> {
  const most = mostRounding(order, rounding.tolerance(order.source), refs.currency.unit);
  const stored = await readTotals(odoo, id);
  if (agree(order, stored, most)) return;
  const line = await roundingLine(odoo, orderExternalId(order));
  const now = line ? Big(line.price_unit).round(6).times(line.product_uom_qty) : Big(0);
  const amount = neededRounding(order, stored, most, now);
  if (!amount) throw totalMismatch(order, stored, refs, most);
  if (line && line.qty_invoiced > 0)
    throw new CodedError(
      'ORDER_NOT_OPEN',
      `The rounding of ${stored.name} was invoiced as ${now.toFixed()} and is ${amount.toFixed()} now: it takes a credit note`,
      { order: stored.name },
    );
  const record = roundingRecord(order, await rounding.article(order), amount, refs, names);
  const [outcome] = await load(odoo, 'sale.order', [record]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  const after = await readTotals(odoo, id);
  if (!agree(order, after, most)) throw totalMismatch(order, after, refs, most);
}

async function readTotals(odoo: Odoo, id: number): Promise<StoredTotals> {
  const [stored] = await odoo.call<StoredTotals[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['name', 'amount_untaxed', 'amount_total'],
  });
  if (stored) return stored;
  throw new CodedError('ODOO_NOT_FOUND', 'The user may not see the order', { id });
}

interface RoundingLine {
  price_unit: number;
  product_uom_qty: number;
  qty_invoiced: number;
}

async function roundingLine(odoo: Odoo, orderExternalId: string): Promise<RoundingLine | undefined> {
  const externalId = roundingLineId(orderExternalId);
  const id = (await findExternal(odoo, 'sale.order.line', [externalId])).get(externalId);
  if (id === undefined) return undefined;
  const [line] = await odoo.call<RoundingLine[]>('sale.order.line', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['price_unit', 'product_uom_qty', 'qty_invoiced'],
  });
  return line;
}
