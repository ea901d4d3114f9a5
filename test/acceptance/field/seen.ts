/** What stands in the real Odoo of the orders of a run, and whether it is what must stand there. */
import type { Odoo } from '../../../runtime/odoo/client.ts';
import type { Expected, Kind } from './kinds.ts';

type Many = [number, string];

export interface Seen extends Required<Omit<Expected, 'currency' | 'warehouse'>> {
  currency: string;
  warehouse: string;
  /** Orders of this number: one. */
  count: number;
}

export async function readSeen(odoo: Odoo, numbers: readonly string[]): Promise<Map<string, Seen>> {
  const read = <Row>(model: string, domain: unknown[], fields: string[]) =>
    odoo.call<Row[]>(model, 'search_read', { domain, fields });
  const orders = await read<Record<string, any>>(
    'sale.order',
    [['client_order_ref', 'in', numbers]],
    [
      'client_order_ref',
      'state',
      'amount_total',
      'amount_untaxed',
      'currency_id',
      'partner_shipping_id',
      'partner_invoice_id',
      'warehouse_id',
      'invoice_ids',
    ],
  );
  const ids = orders.map(({ id }) => id as number);
  const lines = await read<Record<string, any>>(
    'sale.order.line',
    [['order_id', 'in', ids]],
    ['order_id', 'product_id', 'product_uom_qty', 'price_subtotal'],
  );
  const [products, moves, parties, documents] = await Promise.all([
    read<{ id: number; default_code: string }>(
      'product.product',
      [['id', 'in', lines.flatMap(({ product_id: product }) => (product ? [product[0]] : []))]],
      ['default_code'],
    ),
    read<{ sale_line_id: Many; quantity: number; product_uom_qty: number; state: string }>(
      'stock.move',
      [
        ['sale_line_id', 'in', lines.map(({ id }) => id)],
        ['state', '!=', 'cancel'],
      ],
      ['sale_line_id', 'quantity', 'product_uom_qty', 'state'],
    ),
    read<Record<string, any>>(
      'res.partner',
      [['id', 'in', orders.flatMap((one) => [one['partner_shipping_id'][0], one['partner_invoice_id'][0]])]],
      ['street', 'city', 'country_code'],
    ),
    read<Record<string, any>>(
      'account.move',
      [
        ['id', 'in', orders.flatMap(({ invoice_ids: own }) => own as number[])],
        ['state', '=', 'posted'],
      ],
      ['move_type', 'amount_total', 'amount_residual'],
    ),
  ]);
  const codes = new Map(products.map(({ id, default_code: code }) => [id, code]));
  const place = (id: number) => {
    const found = parties.find((one) => one['id'] === id);
    return {
      street: found?.['street'] || '',
      city: found?.['city'] || '',
      country: found?.['country_code'] || '',
    };
  };
  const seen = new Map<string, Seen>();
  for (const order of orders) {
    const number = order['client_order_ref'] as string;
    const own = lines.filter(({ order_id: [id] }) => id === order['id']);
    const ownMoves = moves.filter(({ sale_line_id: [id] }) => own.some((line) => line['id'] === id));
    const invoices = documents.filter(({ id }) => order['invoice_ids'].includes(id));
    const money = (of: (one: Record<string, any>) => number) =>
      sum(invoices.map((one) => (one['move_type'] === 'out_refund' ? -1 : 1) * of(one)));
    seen.set(number, {
      count: (seen.get(number)?.count ?? 0) + 1,
      state: order['state'],
      total: order['amount_total'],
      net: order['amount_untaxed'],
      currency: order['currency_id'][1],
      lines: byArticle(own, codes),
      open: sum(ownMoves.filter(({ state }) => state !== 'done').map((move) => move.product_uom_qty)),
      shipped: sum(ownMoves.filter(({ state }) => state === 'done').map((move) => move.quantity)),
      shipTo: place(order['partner_shipping_id'][0]),
      billTo: place(order['partner_invoice_id'][0]),
      warehouse: order['warehouse_id'] ? order['warehouse_id'][1] : '',
      invoiced: money((one) => one['amount_total']),
      paid: money((one) => one['amount_total'] - one['amount_residual']),
    });
  }
  return seen;
}

function byArticle(lines: Record<string, any>[], codes: Map<number, string>): Seen['lines'] {
  const found: Record<string, { quantity: number; net: number }> = {};
  for (const line of lines) {
    if (!line['product_id']) continue;
    const one = (found[codes.get(line['product_id'][0]) || '?'] ??= { quantity: 0, net: 0 });
    one.quantity += line['product_uom_qty'];
    one.net = sum([one.net, line['price_subtotal']]);
  }
  return found;
}

function sum(values: number[]): number {
  return Math.round(values.reduce((all, one) => all + one, 0) * 1000) / 1000;
}

/** Where the two part: `total: 46, must be 51`. Empty when it is as it must be. */
export function differences(expected: Expected, seen: Seen | undefined): string[] {
  if (expected.state === 'none') return seen ? [`there is an order in the state ${seen.state}`] : [];
  if (!seen) return ['there is no order'];
  const twice = seen.count > 1 ? [`there are ${seen.count} orders`] : [];
  return [...twice, ...parted('', expected, seen)];
}

function parted(path: string, expected: unknown, seen: unknown): string[] {
  if (typeof expected === 'object' && expected !== null) {
    return Object.entries(expected).flatMap(([key, value]) =>
      parted(path ? `${path}.${key}` : key, value, (seen as Record<string, unknown> | undefined)?.[key]),
    );
  }
  const same = typeof expected === 'number' ? Math.abs(expected - Number(seen)) < 0.0005 : expected === seen;
  return same ? [] : [`${path}: ${JSON.stringify(seen)}, must be ${JSON.stringify(expected)}`];
}

export type Booked = Map<string, { amount: number; currency: string; count: number }>;

export async function readBooked(odoo: Odoo, names: readonly string[]): Promise<Booked> {
  const rows = await odoo.call<{ memo: string; amount: number; currency_id: Many }[]>(
    'account.payment',
    'search_read',
    {
      domain: [
        ['memo', 'in', names],
        ['state', '!=', 'canceled'],
      ],
      fields: ['memo', 'amount', 'currency_id'],
    },
  );
  const booked: Booked = new Map();
  for (const { memo, amount, currency_id: currency } of rows)
    booked.set(memo, { amount, currency: currency[1], count: (booked.get(memo)?.count ?? 0) + 1 });
  return booked;
}

/** Of the payments of a kind. */
export function unbooked(expected: NonNullable<Kind['booked']>, booked: Booked): string[] {
  return Object.entries(expected).flatMap(([name, payment]) => {
    const found = booked.get(name);
    if (!payment) return found ? [`${name} is booked: ${found.amount}`] : [];
    if (!found) return [`${name} is not booked`];
    return parted(name, { ...payment, count: 1 }, found);
  });
}
