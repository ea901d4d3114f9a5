/** Cancels a sale order in Odoo, as long as nothing of it left or was invoiced; confirms one that waited. */
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { findOrder, type OrderReference } from './find-order.ts';
import { plain } from './load.ts';
import { asked } from './picking.ts';

export interface ChangedOrder {
  /** As it came in. */
  order: OrderReference;
  /** Of sale.order. */
  id: number;
  name: string;
  state: string;
  repeated: boolean;
}

/** Throws CodedError ORDER_UNKNOWN, ORDER_AMBIGUOUS, ORDER_NOT_OPEN, or what a call to Odoo throws. Once more is safe. */
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

/** Confirms a quotation. Throws as `cancelOrder` does. Once more is safe. */
export async function confirmOrder(odoo: Odoo, reference: OrderReference): Promise<ChangedOrder> {
  const { id, name, state, reference: order } = await findOrder(odoo, 'sale.order', reference);
  if (state === 'sale' || state === 'done') return { order, id, name, state, repeated: true };
  if (state === 'cancel') throw new CodedError('ORDER_NOT_OPEN', `${name} was cancelled`, { order: name });
  const answer = await odoo.call('sale.order', 'action_confirm', { ids: [id], context: plain });
  const after = await findOrder(odoo, 'sale.order', { number: name });
  if (after.state === 'sale' || after.state === 'done')
    return { order, id, name, state: after.state, repeated: false };
  throw asked(answer, name);
}
