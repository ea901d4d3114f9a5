/** Purchase orders as in Odoo: received by transfers, billed by what was received. */
import Big from 'big.js';
import { unprocessable, userError } from './fault.ts';
import { insertMove, insertPicking } from './transfers.ts';
import { existing, type Row, type Tables } from './tables.ts';

type Args = Record<string, unknown>;

interface OrderLine {
  product_id: number;
  product_qty: number;
  price_unit: number;
}

/** Creates purchase orders with lines given as `[0, 0, values]`; taxes are ignored. */
export function createPurchases(tables: Tables, { vals_list: list }: Args): number[] {
  return (list as { partner_id: number; partner_ref?: string; order_line: [0, 0, OrderLine][] }[]).map(
    (vals) => {
      const order = tables.insert('purchase.order', {
        state: 'draft',
        partner_id: vals.partner_id,
        partner_ref: vals.partner_ref ?? false,
        invoice_status: 'no',
      });
      order['name'] = `P${String(order.id).padStart(5, '0')}`;
      for (const [command, , line] of vals.order_line) {
        if (command !== 0)
          throw unprocessable('the sandbox makes lines of purchase orders, and changes none');
        const { product_id, product_qty, price_unit } = line;
        tables.insert('purchase.order.line', {
          name: 'line',
          order_id: order.id,
          product_id,
          product_qty,
          price_unit,
        });
      }
      return order.id;
    },
  );
}

export function confirmPurchases(tables: Tables, { ids }: Args): true {
  for (const id of ids as number[]) {
    const order = existing(tables, 'purchase.order', id);
    if (order['state'] !== 'draft') throw userError('The order is confirmed already.');
    order['state'] = 'purchase';
    const picking = insertPicking(tables, { purchase_id: id }, 'incoming');
    for (const line of linesOf(tables, id))
      insertMove(
        tables,
        picking,
        { purchase_line_id: line.id },
        line['product_id'] as number,
        line['product_qty'] as number,
      );
  }
  return true;
}

/** Adds a done move to the received quantity of its purchase order line. */
export function receive(tables: Tables, move: Row): void {
  const line = existing(tables, 'purchase.order.line', move['purchase_line_id'] as number);
  line['qty_received'] = Big(line['qty_received'] as number)
    .plus(move['quantity'] as number)
    .toNumber();
  status(tables, line['order_id'] as number);
}

export function createBill(tables: Tables, { ids }: Args): unknown {
  const [order] = (ids as number[]).map((id) => existing(tables, 'purchase.order', id));
  const move = tables.insert('account.move', {
    name: false,
    state: 'draft',
    move_type: 'in_invoice',
    purchase_id: order!.id,
    journal_id: 1,
    company_id: 1,
    currency_id: 1,
  });
  let total = Big(0);
  for (const line of linesOf(tables, order!.id)) {
    const quantity = left(line);
    if (quantity.lte(0)) continue;
    total = total.plus(quantity.times(line['price_unit'] as number).round(2));
    line['qty_invoiced'] = line['qty_received']!;
  }
  for (const field of ['amount_untaxed', 'amount_total', 'amount_residual']) move[field] = total.toNumber();
  status(tables, order!.id);
  return { type: 'ir.actions.act_window', res_model: 'account.move', res_id: move.id };
}

function status(tables: Tables, order: number): void {
  const lines = linesOf(tables, order);
  const billed = lines.every((line) =>
    Big(line['qty_invoiced'] as number).gte(line['product_qty'] as number),
  );
  const open = lines.some((line) => left(line).gt(0));
  const some = lines.some((line) => Big(line['qty_invoiced'] as number).gt(0));
  existing(tables, 'purchase.order', order)['invoice_status'] = open
    ? 'to invoice'
    : billed || some
      ? 'invoiced'
      : 'no';
}

function left(line: Row): Big {
  return Big(line['qty_received'] as number).minus(line['qty_invoiced'] as number);
}

function linesOf(tables: Tables, order: number): Row[] {
  return [...tables.rows('purchase.order.line').values()].filter((line) => line['order_id'] === order);
}
