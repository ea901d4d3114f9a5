/** Finds the sale or purchase order that a shipment, an invoice or a payment is about. */
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { externalId, findExternal, partsOf } from './external-id.ts';

/** Identifies an order by its source and id, or by a number: Odoo's (such as S00042) or the partner's. */
export interface OrderReference {
  source?: string;
  id?: string;
  number?: string;
}

export interface FoundOrder {
  id: number;
  name: string;
  state: string;
  /** Source and id of the order, with its number. Only a number for an order that was created in Odoo. */
  reference: OrderReference;
}

type Row = Pick<FoundOrder, 'id' | 'name' | 'state'> & { client_order_ref?: string | false };

const numbered = {
  'sale.order': ['name', 'client_order_ref'],
  'purchase.order': ['name', 'partner_ref'],
} as const;

export type OrderModel = keyof typeof numbered;

/**
 * Finds the order. With a source, a number never finds the order of another partner. Throws CodedError ORDER_UNKNOWN,
 * ORDER_AMBIGUOUS if several orders have the number, or what a call to Odoo throws.
 */
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
    if (found !== undefined) {
      const [row] = await read(odoo, model, [['id', '=', found]]);
      if (row) return foundOrder(row, { source, id });
    }
    if (found !== undefined || number === undefined) throw unknown(called);
  }
  for (const field of numbered[model]) {
    const rows = number === undefined ? [] : await read(odoo, model, [[field, '=', number]]);
    if (rows.length > 0) return one(odoo, model, rows, called, source);
  }
  throw unknown(called);
}

function read(odoo: Odoo, model: OrderModel, domain: unknown[]): Promise<Row[]> {
  const fields = ['id', 'name', 'state', ...(model === 'sale.order' ? ['client_order_ref'] : [])];
  return odoo.call(model, 'search_read', { domain, fields, limit: 2 });
}

async function one(
  odoo: Odoo,
  model: OrderModel,
  rows: Row[],
  called: string,
  source?: string,
): Promise<FoundOrder> {
  const [row, second] = rows;
  if (!row) throw unknown(called);
  if (!second) {
    const identity = await partsOf(odoo, model, row.id, 'order');
    // Several partners can use the same number: a message of one partner must not reach the order of another.
    if (identity && source !== undefined && identity.source !== source) throw unknown(called);
    return foundOrder(row, identity);
  }
  throw new CodedError('ORDER_AMBIGUOUS', `Several orders in Odoo have the number ${called}`, {
    order: called,
  });
}

function foundOrder(
  { id, name, state, client_order_ref: number }: Row,
  identity?: { source: string; id: string },
): FoundOrder {
  return { id, name, state, reference: { ...identity, number: number || name } };
}

function unknown(called: string): CodedError {
  return new CodedError('ORDER_UNKNOWN', `Odoo has no order ${called}`, { order: called });
}
