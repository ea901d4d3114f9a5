/** The last invoice of an order that is invoiced in parts: all together they come to its total. */
import Big from 'big.js';
import { readMoves } from './account-move.ts';
import type { Odoo } from './client.ts';
import type { FoundOrder } from './find-order.ts';
import { plain } from './load.ts';
import type { Resolver } from './resolve.ts';

interface Invoiced {
  invoice_ids: number[];
  invoice_status: string;
  amount_total: number;
  order_line: number[];
}

/**
 * Gives the draft a rounding line when it invoices the rest of the order, and the cents of the parts add up to another total. More
 * than that is somebody's intention and stays. Once more is safe.
 */
export async function closeInvoices(
  odoo: Odoo,
  known: Resolver,
  { id, reference: { source } }: FoundOrder,
  draft: number,
): Promise<void> {
  const [order] = await odoo.call<Invoiced[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['invoice_ids', 'invoice_status', 'amount_total', 'order_line'],
  });
  if (!order || order.invoice_ids.length < 2 || order.invoice_status !== 'invoiced') return;
  const moves = await readMoves(odoo, [
    ['id', 'in', order.invoice_ids],
    ['state', '!=', 'cancel'],
  ]);
  const last = moves.find((move) => move.id === draft);
  if (last?.state !== 'draft' || moves.some((move) => move.move_type !== 'out_invoice')) return;
  const sum = moves.reduce((all, { amount_total: total }) => all.plus(Big(total).round(6)), Big(0));
  const apart = Big(order.amount_total).round(6).minus(sum);
  const { unit } = await known.currency(last.currency_id[1]);
  const most = Big(unit).times(order.order_line.length).times(moves.length);
  if (apart.eq(0) || apart.abs().gt(most)) return;
  const article = await known.service(known.articleOf('rounding', { source }) ?? 'ROUNDING', 'rounding');
  const line = { product_id: article.id, name: 'Rounding', quantity: 1, price_unit: apart.toNumber() };
  await odoo.call('account.move', 'write', {
    ids: [draft],
    vals: { invoice_line_ids: [[0, 0, { ...line, tax_ids: [[6, 0, []]] }]] },
    context: plain,
  });
}
