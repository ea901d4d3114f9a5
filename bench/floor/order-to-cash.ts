/** One-line orders in Odoo from the order to its money, written by hand: the same documents as the hub's, nothing kept, nothing looked up twice. */
import { plain } from '../../runtime/odoo/load.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';

/** What all orders of a run share: database ids, and the external ids' module. */
export interface Shared {
  source: string;
  sku: string;
  product: number;
  customer: number;
  price: number;
}

/** Columns of an order with one line, as `load` takes them. */
export const orderColumns = [
  'id',
  'partner_id/.id',
  'client_order_ref',
  'order_line/id',
  'order_line/name',
  'order_line/product_id/.id',
  'order_line/product_uom_qty',
  'order_line/price_unit',
] as const;

/** `load` as the writer does, so that a message finds the order by its external id. */
export async function sell(odoo: Odoo, shared: Shared, numbers: readonly number[]): Promise<number[]> {
  const { source, product, customer, price } = shared;
  const data = numbers.map((number) => {
    const [id, called] = [`${source}.order_${number}`, `${source}-${number}`];
    return [id, String(customer), called, `${id}_line_1`, 'Bench', String(product), '1', String(price)];
  });
  const { ids } = await odoo.call<{ ids: number[] | false }>('sale.order', 'load', {
    fields: orderColumns,
    data,
    context: plain,
  });
  if (!ids) throw new Error("Odoo refused the floor's orders");
  await odoo.call('sale.order', 'action_confirm', { ids, context: plain });
  return ids;
}

/** Ships all, invoices what was shipped, one invoice an order, and posts: the invoices. */
export async function deliver(odoo: Odoo, orders: number[]): Promise<number[]> {
  const pickings = await odoo.call<{ id: number }[]>('stock.picking', 'search_read', {
    domain: [['sale_id', 'in', orders]],
    fields: ['id'],
  });
  await odoo.call('stock.picking', 'button_validate', {
    ids: pickings.map(({ id }) => id),
    context: { ...plain, skip_backorder: true, skip_sms: true },
  });
  const context = { ...plain, active_model: 'sale.order', active_ids: orders, active_id: orders[0] };
  const [wizard] = await odoo.call<number[]>('sale.advance.payment.inv', 'create', {
    vals_list: [
      {
        advance_payment_method: 'delivered',
        consolidated_billing: false,
        sale_order_ids: [[6, 0, orders]],
      },
    ],
    context,
  });
  await odoo.call('sale.advance.payment.inv', 'create_invoices', { ids: [wizard!], context });
  const rows = await odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
    domain: [['id', 'in', orders]],
    fields: ['invoice_ids'],
  });
  const invoices = rows.flatMap(({ invoice_ids: own }) => own);
  if (invoices.length !== orders.length)
    throw new Error(`${invoices.length} invoices of ${orders.length} orders`);
  await odoo.call('account.move', 'action_post', { ids: invoices, context: plain });
  return invoices;
}

/** Each invoice whole, by a payment of its own. */
export async function pay(odoo: Odoo, invoices: number[]): Promise<void> {
  const context = { ...plain, active_model: 'account.move', active_ids: invoices };
  const [wizard] = await odoo.call<number[]>('account.payment.register', 'create', {
    vals_list: [{ group_payment: false }],
    context,
  });
  await odoo.call('account.payment.register', 'action_create_payments', { ids: [wizard!], context });
  const open = await odoo.call<{ id: number }[]>('account.move', 'search_read', {
    domain: [
      ['id', 'in', invoices],
      ['amount_residual', '!=', 0],
    ],
    fields: ['id'],
  });
  if (open.length > 0) throw new Error(`${open.length} invoices of the floor are not paid`);
}

/** Batches of this many orders, some at once, each the whole way. */
export async function inBatches<Item>(
  items: readonly Item[],
  { of, atOnce }: { of: number; atOnce: number },
  work: (batch: Item[]) => Promise<void>,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / of) }, (_, at) =>
    items.slice(at * of, (at + 1) * of),
  );
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let batch = batches.shift(); batch; batch = batches.shift()) await work(batch);
    }),
  );
}
