/** Makes the invoices of an order that is invoiced in parts add up to its total. */
import Big from 'big.js';
import { sum } from '../../decimal/sum.ts';
import type { AccountMove, InvoicedOrder } from './account-move.ts';
import type { Odoo } from '../client.ts';
import { plain } from '../load.ts';
import type { Resolver } from '../resolve.ts';

/**
 * Adds a rounding line to the draft if it invoices the rest of the order and rounding makes the sum of the invoices
 * differ from the order's total. A larger difference is intentional and stays. Safe to call again.
 */
export async function closeInvoices(
  odoo: Odoo,
  known: Resolver,
  order: { source: string | undefined; invoiced: InvoicedOrder; moves: readonly AccountMove[] },
  draft: number,
): Promise<void> {
  const { source, invoiced } = order;
  if (invoiced.invoice_ids.length < 2 || invoiced.invoice_status !== 'invoiced') return;
  const moves = order.moves.filter(({ state }) => state !== 'cancel');
  const last = moves.find((move) => move.id === draft);
  if (last?.state !== 'draft' || moves.some((move) => move.move_type !== 'out_invoice')) return;
  const total = sum(moves.map((move) => Big(move.amount_total).round(6)));
  const apart = Big(invoiced.amount_total).round(6).minus(total);
  const { unit } = await known.currency(last.currency_id[1]);
  const most = Big(unit).times(invoiced.order_line.length).times(moves.length);
  if (apart.eq(0) || apart.abs().gt(most)) return;
  const article = await known.service(known.articleOf('rounding', { source }) ?? 'ROUNDING', 'rounding');
  const line = { product_id: article.id, name: 'Rounding', quantity: 1, price_unit: apart.toNumber() };
  await odoo.call('account.move', 'write', {
    ids: [draft],
    vals: { invoice_line_ids: [[0, 0, { ...line, tax_ids: [[6, 0, []]] }]] },
    context: plain,
  });
}
