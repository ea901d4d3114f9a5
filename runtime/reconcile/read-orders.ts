/** The sale orders of a scope in Odoo with their lines: the hub's by external id, and others of the same customers. */
import type { Odoo } from '../odoo/client.ts';
import { decodedPart, externalId } from '../odoo/external-id.ts';
import { roundingLineId } from '../odoo/order/rounding.ts';
import type { HubOrder, OdooLine, OdooOrder } from './facts.ts';
import { amountOf, odooTime, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readAll, readWhere } from './pages.ts';
import type { Scope } from './read-hub.ts';

export interface OrderRow {
  id: number;
  name: string;
  client_order_ref: Maybe<string>;
  state: string;
  partner_id: Many;
  currency_id: Many;
  amount_total: number;
  create_date: string;
}

export interface LineRow {
  id: number;
  order_id: Many;
  product_id: Maybe<Many>;
  name: string;
  product_uom_qty: number;
  /** The unit, under the name that this version has for it. */
  unit: Maybe<Many>;
  price_subtotal: number;
  price_total: number;
  qty_delivered_method: string;
  /** As Odoo counts it, now. */
  qty_delivered: number;
  of?: OdooLine['of'];
}

export interface ProductRow {
  id: number;
  default_code: Maybe<string>;
  invoice_policy: string;
}

export interface OrderBooks {
  orders: (OrderRow & { key?: NonNullable<OdooOrder['key']> })[];
  lines: LineRow[];
  products: Map<number, ProductRow>;
}

const orderFields = [
  'name',
  'client_order_ref',
  'state',
  'partner_id',
  'currency_id',
  'amount_total',
  'create_date',
];

interface NameRow {
  id: number;
  module: string;
  name: string;
  res_id: number;
}

export async function readOrders(odoo: Odoo, hub: readonly HubOrder[], scope: Scope): Promise<OrderBooks> {
  const keys = await readKeys(odoo, hub, scope);
  const read = { model: 'sale.order', fields: orderFields };
  const known = await readWhere<OrderRow>(odoo, read, 'id', keys.keys());
  const others = await readOthers(odoo, hub, known, scope);
  const named = await keysOf(odoo, others);
  const all = [...known, ...others].map((row) => {
    const key = keys.get(row.id) ?? named.get(row.id);
    return { ...row, ...(key && { key }) };
  });
  // An order that is of another partner or time is none of these books.
  const sources = new Set(hub.map(({ source }) => source));
  const orders = all.filter(({ id, key }) => !key || keys.has(id) || sources.has(key.source));
  const lines = await readLines(odoo, orders);
  const products = await readWhere<ProductRow>(
    odoo,
    { model: 'product.product', fields: ['default_code', 'invoice_policy'] },
    'id',
    lines.flatMap(({ product_id: product }) => (product ? [product[0]] : [])),
  );
  return { orders, lines, products: new Map(products.map((row) => [row.id, row])) };
}

/** Of sale orders by id: those of the hub's orders, and those that were written under its partners' names meanwhile. */
async function readKeys(odoo: Odoo, hub: readonly HubOrder[], { since, cutOff }: Scope) {
  const names = { model: 'ir.model.data', fields: ['module', 'name', 'res_id'] };
  const model = ['model', '=', 'sale.order'];
  const bySource = Map.groupBy(hub, ({ source }) => source);
  const keys = new Map<number, { source: string; id: string }>();
  for (const [source, orders] of bySource) {
    const own = new Map(
      orders.map(({ id }) => [externalId(source, 'order', id).slice(source.length + 1), id]),
    );
    const domain = [model, ['module', '=', source]];
    const ofHub = await readWhere<NameRow>(odoo, { ...names, domain }, 'name', own.keys());
    const meanwhile = await readAll<NameRow>(odoo, {
      ...names,
      domain: [...domain, ['create_date', '>=', odooTime(since)], ['create_date', '<=', odooTime(cutOff)]],
    });
    for (const { name, res_id: id } of [...ofHub, ...meanwhile])
      if (name.startsWith('order_'))
        keys.set(id, { source, id: own.get(name) ?? decodedPart(name.slice('order_'.length)) });
  }
  return keys;
}

/** Orders of the same customers or with the same numbers, of whoever made them. */
async function readOthers(
  odoo: Odoo,
  hub: readonly HubOrder[],
  known: readonly OrderRow[],
  { since, cutOff }: Scope,
): Promise<OrderRow[]> {
  const read = {
    model: 'sale.order',
    fields: orderFields,
    domain: [
      ['create_date', '>=', odooTime(since)],
      ['create_date', '<=', odooTime(cutOff)],
      ['state', '!=', 'cancel'],
    ],
  };
  const customers = known.map(({ partner_id: [id] }) => id);
  const numbers = hub.flatMap(({ number }) => number || []);
  const found = [
    ...(await readWhere<OrderRow>(odoo, read, 'partner_id', customers)),
    ...(await readWhere<OrderRow>(odoo, read, 'client_order_ref', numbers)),
  ];
  const others = new Map(found.map((row) => [row.id, row]));
  for (const { id } of known) others.delete(id);
  return [...others.values()].toSorted((a, b) => a.id - b.id);
}

/** Of those that somebody wrote under a name of their own. */
async function keysOf(odoo: Odoo, orders: readonly OrderRow[]) {
  const rows = await readWhere<NameRow>(
    odoo,
    {
      model: 'ir.model.data',
      fields: ['module', 'name', 'res_id'],
      domain: [['model', '=', 'sale.order']],
    },
    'res_id',
    orders.map(({ id }) => id),
  );
  return new Map(
    rows
      .filter(({ name }) => name.startsWith('order_'))
      .map(({ module, name, res_id: id }) => [
        id,
        { source: module, id: decodedPart(name.slice('order_'.length)) },
      ]),
  );
}

async function readLines(odoo: Odoo, orders: OrderBooks['orders']): Promise<LineRow[]> {
  const { lineUom } = await odoo.dialect();
  const rows = await readWhere<Omit<LineRow, 'unit'> & Record<string, Maybe<Many>>>(
    odoo,
    {
      model: 'sale.order.line',
      fields: [
        'order_id',
        'product_id',
        'name',
        'product_uom_qty',
        lineUom,
        'price_subtotal',
        'price_total',
        'qty_delivered_method',
        'qty_delivered',
      ],
      domain: [
        ['display_type', '=', false],
        ['is_downpayment', '=', false],
      ],
    },
    'order_id',
    orders.map(({ id }) => id),
  );
  const names = await readWhere<NameRow>(
    odoo,
    {
      model: 'ir.model.data',
      fields: ['module', 'name', 'res_id'],
      domain: [['model', '=', 'sale.order.line']],
    },
    'res_id',
    rows.map(({ id }) => id),
  );
  const bases = new Map(
    orders.flatMap(({ id, key }) => (key ? [[id, externalId(key.source, 'order', key.id)] as const] : [])),
  );
  const nameOf = new Map(names.map(({ module, name, res_id: id }) => [id, `${module}.${name}`]));
  return rows.map((row): LineRow => {
    const of = lineOf(bases.get(row.order_id[0]), nameOf.get(row.id));
    return { ...row, unit: row[lineUom] ?? false, ...(of && { of }) };
  });
}

/** Which line of the partner's order the external id of a line names. */
export function lineOf(base: string | undefined, name: string | undefined): OdooLine['of'] {
  if (base === undefined || !name?.startsWith(`${base}_`)) return undefined;
  if (name === roundingLineId(base)) return { kind: 'rounding', id: '' };
  const [, kind, id, off] =
    /^_(line|charge)_((?:[A-Za-z0-9-]|_[0-9a-f]{2})+?)(_discount)?$/.exec(name.slice(base.length)) ?? [];
  if (kind === undefined || id === undefined) return undefined;
  return { kind: kind as 'line' | 'charge', id: decodedPart(id), ...(off && { off: true as const }) };
}

export function headOf({ id, name, client_order_ref: reference, ...row }: OrderBooks['orders'][number]) {
  return {
    id,
    name,
    ...(row.key && { key: row.key }),
    reference: reference || '',
    customer: row.partner_id[0],
    state: row.state,
    made: timeOf(row.create_date),
    currency: row.currency_id[1],
    total: amountOf(row.amount_total),
  };
}
