/** What Odoo does with a sale order itself: number, defaults, totals, confirmation. */
import Big from 'big.js';
import { userError } from './fault.ts';
import { cancelPickings, makePicking, reorder } from './stock.ts';
import { existing, type Row, type Tables, type Value } from './tables.ts';
import { totalsOf, type BaseLine, type Rounded } from './taxes.ts';

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
  if (!product) return { product_uom_qty: 1, product_updatable: true };
  return {
    product_updatable: true,
    name: `[${product['default_code']}] ${product['name']}`,
    product_uom_id: product['uom_id']!,
    product_uom_qty: 1,
    price_unit: product['list_price']!,
  };
}

/** Computes the amounts of the lines and the order, as account.tax does. */
export function orderChanged(tables: Tables, id: number): void {
  const order = tables.rows('sale.order').get(id)!;
  const how = roundedIn(tables, order);
  const lines = tables.linesOf(id).map((line) => {
    const base = baseLine(tables, line, line['product_uom_qty'] as number);
    const { untaxed, total } = totalsOf([base], how);
    Object.assign(line, { price_subtotal: untaxed, price_total: total });
    return base;
  });
  const { untaxed, tax, total } = totalsOf(lines, how);
  order['currency_id'] = currencyOf(tables, order);
  order['name'] ||= `S${String(id).padStart(5, '0')}`;
  Object.assign(order, { amount_untaxed: untaxed, amount_tax: tax, amount_total: total });
}

/** The currency of an order is that of its price list, or else the company's. */
export function currencyOf(tables: Tables, order: Row): number {
  const list = tables.rows('product.pricelist').get(order['pricelist_id'] as number);
  return (list ?? company(tables))['currency_id'] as number;
}

export function roundedIn(tables: Tables, order: Row): Rounded {
  const currency = existing(tables, 'res.currency', currencyOf(tables, order));
  const perLine = company(tables)['tax_calculation_rounding_method'] === 'round_per_line';
  return { unit: currency['rounding'] as number, perLine };
}

/** `line`: a line of an order or of an invoice. */
export function baseLine(tables: Tables, line: Row, quantity: number): BaseLine {
  const taxes = (line['tax_ids'] as number[]).toSorted((a, b) => a - b);
  return {
    quantity,
    price: line['price_unit'] as number,
    discount: line['discount'] as number,
    taxes: taxes.map((id) => {
      const tax = existing(tables, 'account.tax', id);
      return { id, percent: tax['amount'] as number, included: tax['price_include'] === true };
    }),
  };
}

function company(tables: Tables): Row {
  return existing(tables, 'res.company', 1);
}

/** Confirms all of the orders or none. */
export function confirmOrders(tables: Tables, ids: number[]): true {
  const orders = ids.map((id) => order(tables, id));
  if (orders.some(({ state }) => state !== 'draft' && state !== 'sent')) {
    throw userError('Some orders are not in a state requiring confirmation.');
  }
  for (const one of orders) {
    one['state'] = 'sale';
    for (const line of tables.linesOf(one.id)) line['product_updatable'] = false;
    makePicking(tables, one.id);
    one['date_order'] = new Date().toISOString().slice(0, 19).replace('T', ' ');
  }
  return true;
}

/** Changes a line. The caller computes the totals. If the order is confirmed, its open transfers are changed too. */
export function changeLine(tables: Tables, id: number, values: Record<string, Value>): void {
  const line = existing(tables, 'sale.order.line', id);
  const before = line['product_uom_qty'] as number;
  const after = (values['product_uom_qty'] ?? before) as number;
  if (after < (line['qty_delivered'] as number))
    throw userError(
      'The ordered quantity of a sale order line cannot be decreased below the amount already delivered. Instead, create a return in your inventory.',
    );
  const product = values['product_id'] ?? line['product_id'];
  if (isConfirmed(tables, line) && product !== line['product_id'])
    throw userError('You cannot modify the product of this order line.');
  Object.assign(line, values);
  if (isConfirmed(tables, line)) reorder(tables, line, Big(after).minus(before).toNumber());
}

export function lineAdded(tables: Tables, id: number): void {
  const line = existing(tables, 'sale.order.line', id);
  if (!isConfirmed(tables, line)) return;
  line['product_updatable'] = false;
  reorder(tables, line, line['product_uom_qty'] as number);
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
