/** What Odoo does with a sale order by itself: number, defaults, totals, confirmation. */
import Big from 'big.js';
import { userError } from './fault.ts';
import { cancelPickings, existing, makePicking, reorder } from './stock.ts';
import type { Row, Tables, Value } from './tables.ts';

export function orderDefaults(values: Record<string, Value>): Record<string, Value> {
  return {
    state: 'draft',
    partner_invoice_id: values['partner_id'] ?? false,
    partner_shipping_id: values['partner_id'] ?? false,
    warehouse_id: 1,
    date_order: new Date().toISOString().slice(0, 19).replace('T', ' '),
  };
}

export function lineDefaults(
  tables: Tables,
  { product_id: id }: Record<string, Value>,
): Record<string, Value> {
  const product = tables.rows('product.product').get(id as number);
  if (!product) return { product_uom_qty: 1 };
  return {
    name: `[${product['default_code']}] ${product['name']}`,
    product_uom_id: product['uom_id']!,
    product_uom_qty: 1,
    price_unit: product['list_price']!,
  };
}

/** Per line, the tax is of the rounded amount; globally, net and each tax are rounded once for the order. */
export function orderChanged(tables: Tables, id: number): void {
  const company = tables.rows('res.company').get(1)!;
  const perLine = company['tax_calculation_rounding_method'] === 'round_per_line';
  const onLine = (amount: Big) => (perLine ? amount.round(2) : amount);
  let untaxed = Big(0);
  const taxes = new Map<number, Big>();
  for (const line of tables.linesOf(id)) {
    const share = Big(100)
      .minus(line['discount'] as number)
      .div(100);
    const quantity = line['product_uom_qty'] as number;
    const net = onLine(
      Big(line['price_unit'] as number)
        .times(quantity)
        .times(share),
    );
    untaxed = untaxed.plus(net);
    let ofLine = Big(0);
    for (const tax of line['tax_ids'] as number[]) {
      const rate = tables.rows('account.tax').get(tax)!['amount'] as number;
      const amount = onLine(net.times(rate).div(100));
      taxes.set(tax, (taxes.get(tax) ?? Big(0)).plus(amount));
      ofLine = ofLine.plus(amount);
    }
    line['price_subtotal'] = net.round(2).toNumber();
    line['price_total'] = net.plus(ofLine).round(2).toNumber();
  }
  const tax = [...taxes.values()].reduce((sum, amount) => sum.plus(amount.round(2)), Big(0));
  const order = tables.rows('sale.order').get(id)!;
  order['name'] ||= `S${String(id).padStart(5, '0')}`;
  order['amount_untaxed'] = untaxed.round(2).toNumber();
  order['amount_tax'] = tax.toNumber();
  order['amount_total'] = untaxed.round(2).plus(tax).toNumber();
}

/** All or none of them. */
export function confirmOrders(tables: Tables, ids: number[]): true {
  const orders = ids.map((id) => order(tables, id));
  if (orders.some(({ state }) => state !== 'draft' && state !== 'sent')) {
    throw userError('Some orders are not in a state requiring confirmation.');
  }
  for (const one of orders) {
    one['state'] = 'sale';
    makePicking(tables, one.id);
    one['date_order'] = new Date().toISOString().slice(0, 19).replace('T', ' ');
  }
  return true;
}

/** Its totals are the caller's to compute. What is open of its transfers follows, as long as the order is confirmed. */
export function changeLine(tables: Tables, id: number, values: Record<string, Value>): void {
  const line = existing(tables, 'sale.order.line', id);
  const before = line['product_uom_qty'] as number;
  const after = (values['product_uom_qty'] ?? before) as number;
  if (after < (line['qty_delivered'] as number))
    throw userError(
      'The ordered quantity of a sale order line cannot be decreased below the amount already delivered. Instead, create a return in your inventory.',
    );
  Object.assign(line, values);
  if (isConfirmed(tables, line)) reorder(tables, line, Big(after).minus(before).toNumber());
}

export function lineAdded(tables: Tables, id: number): void {
  const line = existing(tables, 'sale.order.line', id);
  if (isConfirmed(tables, line)) reorder(tables, line, line['product_uom_qty'] as number);
}

function isConfirmed(tables: Tables, line: Row): boolean {
  return tables.rows('sale.order').get(line['order_id'] as number)?.['state'] === 'sale';
}

export function writeLines(tables: Tables, ids: number[], vals: Record<string, Value>): true {
  for (const id of ids) {
    changeLine(tables, id, vals);
    orderChanged(tables, existing(tables, 'sale.order.line', id)['order_id'] as number);
  }
  return true;
}

export function writeOrders(tables: Tables, ids: number[], vals: Record<string, Value>): true {
  for (const id of ids) Object.assign(order(tables, id), vals);
  return true;
}

export function cancelOrders(tables: Tables, ids: number[]): true {
  for (const id of ids) {
    order(tables, id)['state'] = 'cancel';
    cancelPickings(tables, id);
  }
  return true;
}

export function deleteLines(tables: Tables, ids: number[]): true {
  const lines = ids.map((id) => existing(tables, 'sale.order.line', id));
  const orders = new Set(lines.map((line) => line['order_id'] as number));
  if ([...orders].some((id) => order(tables, id)['state'] === 'sale')) {
    throw userError('Once a sales order is confirmed, you can’t remove one of its lines.');
  }
  for (const { id } of lines) tables.remove('sale.order.line', id);
  for (const id of orders) orderChanged(tables, id);
  return true;
}

function order(tables: Tables, id: number): Row {
  return existing(tables, 'sale.order', id);
}
