/** The sale or purchase order that a shipment, an invoice or a payment is about. */
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { externalId, findExternal } from './external-id.ts';

/** By the identity it came with, or by a number: Odoo's own (S00042), or the partner's. */
export interface OrderReference {
  source?: string;
  id?: string;
  number?: string;
}

export interface FoundOrder {
  id: number;
  name: string;
  state: string;
}

const numbered = {
  'sale.order': ['name', 'client_order_ref'],
  'purchase.order': ['name', 'partner_ref'],
} as const;

export type OrderModel = keyof typeof numbered;

/** Throws CodedError ORDER_UNKNOWN, or ORDER_AMBIGUOUS when a number is that of several. */
export async function findOrder(
  odoo: Odoo,
  model: OrderModel,
  reference: OrderReference,
): Promise<FoundOrder> {
  const { source, id, number } = reference;
  const called = number ?? id ?? '';
  if (source !== undefined && id !== undefined) {
    const known = externalId(source, 'order', id);
    const found = (await findExternal(odoo, model, [known])).get(known);
    if (found !== undefined) return one(await read(odoo, model, [['id', '=', found]]), called);
    if (number === undefined) throw unknown(called);
  }
  for (const field of numbered[model]) {
    const rows = number === undefined ? [] : await read(odoo, model, [[field, '=', number]]);
    if (rows.length > 0) return one(rows, called);
  }
  throw unknown(called);
}

function read(odoo: Odoo, model: OrderModel, domain: unknown[]): Promise<FoundOrder[]> {
  return odoo.call(model, 'search_read', { domain, fields: ['id', 'name', 'state'], limit: 2 });
}

function one(rows: FoundOrder[], called: string): FoundOrder {
  const [row, second] = rows;
  if (!row) throw unknown(called);
  if (!second) return row;
  throw new CodedError('ORDER_AMBIGUOUS', `Several orders in Odoo have the number ${called}`, {
    order: called,
  });
}

function unknown(called: string): CodedError {
  return new CodedError('ORDER_UNKNOWN', `Odoo has no order ${called}`, { order: called });
}
