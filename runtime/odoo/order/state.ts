/** Cancels a sale order in Odoo if nothing was shipped or invoiced, and confirms a quotation that waited. */
import { CodedError } from '../../errors/coded-error.ts';
import type { Odoo } from '../client.ts';
import type { CreditHold, Total } from './credit-limit.ts';
import { findOrder, type OrderReference } from '../find-order.ts';
import { plain } from '../load.ts';
import { isOfRecords } from '../protocol/faults.ts';
import { asked } from '../stock/picking.ts';

export interface ChangedOrder {
  /** The reference that was given. */
  order: OrderReference;
  /** Id of the sale.order. */
  id: number;
  name: string;
  state: string;
  repeated: boolean;
}

/** True when the order is neither confirmed nor cancelled. */
export function isQuotation({ state }: { state: string }): boolean {
  return state === 'draft' || state === 'sent';
}

/**
 * Cancels an order. Safe to call again. Throws CodedError ORDER_UNKNOWN, ORDER_AMBIGUOUS, ORDER_NOT_OPEN if something
 * was shipped or invoiced, or what a call to Odoo throws.
 */
export async function cancelOrder(odoo: Odoo, reference: OrderReference): Promise<ChangedOrder> {
  const { id, name, state, reference: order } = await findOrder(odoo, 'sale.order', reference);
  if (state === 'cancel') return { order, id, name, state, repeated: true };
  const count = (model: string, domain: unknown[]) => odoo.call<number>(model, 'search_count', { domain });
  const delivered = await count('sale.order.line', [
    ['order_id', '=', id],
    ['qty_delivered', '>', 0],
    ['product_id.type', '!=', 'service'],
  ]);
  if (delivered > 0)
    throw new CodedError('ORDER_NOT_OPEN', `${name} was shipped, at least a part: it takes a return`, {
      order: name,
    });
  const [row] = await odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['invoice_ids'],
  });
  const invoiced = await count('account.move', [
    ['id', 'in', row?.invoice_ids ?? []],
    ['state', '=', 'posted'],
    ['move_type', '=', 'out_invoice'],
    ['amount_residual', '>', 0],
  ]);
  if (invoiced > 0)
    throw new CodedError('ORDER_NOT_OPEN', `${name} was invoiced: it takes a credit note`, { order: name });
  const context = { ...plain, disable_cancel_warning: true };
  const answer = await odoo.call('sale.order', 'action_cancel', { ids: [id], context });
  const [after] = await odoo.call<{ state: string }[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['state'],
  });
  if (after?.state === 'cancel') return { order, id, name, state: 'cancel', repeated: false };
  throw asked(answer, name);
}

export interface ConfirmedOrder extends ChangedOrder {
  /** Why the order is still a quotation. */
  held?: CreditHold;
  /** Number of transfers; 0 if there is nothing to ship. */
  transfers: number;
}

/**
 * Confirms a quotation, unless `check` returns a hold. Safe to call again. Throws what `cancelOrder` throws
 * (ORDER_NOT_OPEN for a cancelled order), and what `check` throws.
 */
export async function confirmOrder(
  odoo: Odoo,
  reference: OrderReference,
  check: (total: Total) => Promise<CreditHold | undefined>,
): Promise<ConfirmedOrder> {
  const { id, name, state, reference: order } = await findOrder(odoo, 'sale.order', reference);
  const now = async (repeated: boolean): Promise<ConfirmedOrder> => {
    const { state: is, picking_ids: transfers } = await readTotal(odoo, id);
    return { order, id, name, state: is, repeated, transfers: transfers.length };
  };
  if (isConfirmed({ state })) return now(true);
  if (state === 'cancel') throw new CodedError('ORDER_NOT_OPEN', `${name} was cancelled`, { order: name });
  const { amount_total: gross, currency_id: currency } = await readTotal(odoo, id);
  const held = await check({ gross, currency: currency[1] });
  if (held) return { order, id, name, state, repeated: true, held, transfers: 0 };
  let answer: unknown;
  try {
    answer = await odoo.call('sale.order', 'action_confirm', { ids: [id], context: plain });
  } catch (error) {
    // Odoo refuses to confirm an order that was confirmed meanwhile, usually by the writer of the same order.
    const since = isOfRecords(error) ? await now(true) : undefined;
    if (since && isConfirmed(since)) return since;
    throw error;
  }
  const after = await now(false);
  if (isConfirmed(after)) return after;
  throw asked(answer, name);
}

/** `done` is what Odoo 14 to 16 call a locked order. */
function isConfirmed({ state }: { state: string }): boolean {
  return state === 'sale' || state === 'done';
}

interface StoredOrder {
  state: string;
  amount_total: number;
  currency_id: [number, string];
  picking_ids: number[];
}

async function readTotal(odoo: Odoo, id: number): Promise<StoredOrder> {
  const [row] = await odoo.call<StoredOrder[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['state', 'amount_total', 'currency_id', 'picking_ids'],
  });
  if (row) return row;
  throw new CodedError('ODOO_NOT_FOUND', 'The order was deleted in Odoo', { id });
}
