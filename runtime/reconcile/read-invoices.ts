/** Invoices and credit notes of orders, linked or only named, with what was set against each. */
import type Big from 'big.js';
import type { Odoo } from '../odoo/client.ts';
import type { OdooInvoice, Settled } from './facts.ts';
import { invoiceContent } from './invoice-copies.ts';
import { amountOf, odooTime, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readWhere } from './pages.ts';
import type { Scope } from './read-hub.ts';
import { inUnit, readSizes } from './read-goods.ts';
import type { LineRow, OrderBooks, ProductRow } from './read-orders.ts';
import { readSettled, type ReceivableRow } from './read-settled.ts';
import type { Trade } from './trade.ts';

interface MoveRow {
  id: number;
  name: Maybe<string>;
  state: string;
  move_type: string;
  date: string;
  create_date: string;
  amount_total: number;
  currency_id: Many;
  invoice_origin: Maybe<string>;
  reversed_entry_id: Maybe<Many>;
  commercial_partner_id: Maybe<Many>;
}

interface ProductLineRow {
  id: number;
  move_id: Many;
  product_id: Maybe<Many>;
  product_uom_id: Maybe<Many>;
  quantity: number;
  price_subtotal: number;
  price_total: number;
  /** Lines of orders. */
  of: number[];
}

export interface InvoiceBooks {
  /** By order. */
  invoices: Map<number, OdooInvoice[]>;
  strays: Map<number, OdooInvoice[]>;
  receivable: ReceivableRow[];
  /** What the payments say that are set against an invoice: by its id. */
  memos: Map<number, string[]>;
}

const moveFields = [
  'name',
  'state',
  'move_type',
  'date',
  'create_date',
  'amount_total',
  'currency_id',
  'invoice_origin',
  'reversed_entry_id',
  'commercial_partner_id',
];

export async function readInvoices(
  odoo: Odoo,
  { orders, lines, products }: OrderBooks,
  scope: Scope,
  trade: Trade,
): Promise<InvoiceBooks> {
  const linked = await readLinked(odoo, lines, trade);
  const moves = await readMoves(odoo, orders, linked, trade);
  const { [trade.account]: condition } = await odoo.dialect();
  const receivable = await readWhere<ReceivableRow>(
    odoo,
    { model: 'account.move.line', fields: ['move_id', 'partner_id'], domain: [condition] },
    'move_id',
    moves.map(({ id }) => id),
  );
  const others = await readStrays(odoo, receivable, moves, scope, trade);
  const ofMove = Map.groupBy(
    await readProductLines(odoo, [...moves, ...others], trade),
    ({ move_id: [id] }) => id,
  );
  const skus = await readSkus(odoo, products, [...ofMove.values()].flat());
  const { settled, memos } = await readSettled(odoo, receivable);
  const orderOf = await readOrdersOf(odoo, lines, [...ofMove.values()].flat(), trade);
  const units: Units = {
    ofLine: new Map(lines.map(({ id, unit }) => [id, unit])),
    sizes: await readSizes(odoo),
  };
  const factOf = (move: MoveRow, order?: number) =>
    invoiceOf(move, {
      order,
      orderOf,
      trade,
      lines: ofMove.get(move.id) ?? [],
      settled: settled.get(move.id) ?? [],
      skus,
      units,
    });
  const customers = new Map([...moves, ...others].map((row) => [row.id, customerOf(row)]));
  const invoices = new Map<number, OdooInvoice[]>();
  for (const [move, order] of ordersOf(moves, ofMove, orders, lines))
    invoices.set(order, [...(invoices.get(order) ?? []), factOf(move, order)]);
  return {
    invoices,
    strays: straysOf(
      others.map((one) => factOf(one)),
      invoices,
      customers,
    ),
    receivable,
    memos,
  };
}

async function readProductLines(
  odoo: Odoo,
  moves: readonly MoveRow[],
  { lines }: Trade,
): Promise<ProductLineRow[]> {
  const { goods } = await odoo.dialect();
  const rows = await readWhere<Omit<ProductLineRow, 'of'> & Record<string, unknown>>(
    odoo,
    {
      model: 'account.move.line',
      fields: ['move_id', 'product_id', 'product_uom_id', 'quantity', 'price_subtotal', 'price_total', lines],
      domain: goods,
    },
    'move_id',
    moves.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, of: idsOf(row[lines]) }));
}

/** Of lines of orders: their orders, also of those that are not compared. */
async function readOrdersOf(
  odoo: Odoo,
  known: readonly LineRow[],
  lines: readonly ProductLineRow[],
  { orderLines: model }: Trade,
): Promise<Map<number, number>> {
  const ids = new Set(lines.flatMap(({ of }) => of));
  for (const { id } of known) ids.delete(id);
  const more = await readWhere<Pick<LineRow, 'id' | 'order_id'>>(
    odoo,
    { model, fields: ['order_id'] },
    'id',
    ids,
  );
  return new Map([...known, ...more].map(({ id, order_id: [order] }) => [id, order]));
}

/** Of a field to one, or to many. */
function idsOf(value: unknown): number[] {
  if (!Array.isArray(value)) return [];
  return typeof value[1] === 'string' ? [value[0] as number] : (value as number[]);
}

/** Also of articles that were invoiced and not ordered. */
async function readSkus(
  odoo: Odoo,
  products: ReadonlyMap<number, ProductRow>,
  lines: readonly ProductLineRow[],
): Promise<Map<number, string>> {
  const missing = lines.flatMap(({ product_id: one }) => (one && !products.has(one[0]) ? [one[0]] : []));
  const more = await readWhere<ProductRow>(
    odoo,
    { model: 'product.product', fields: ['default_code'] },
    'id',
    missing,
  );
  return new Map([...products.values(), ...more].map((row) => [row.id, row.default_code || '']));
}

/** Invoices of these customers that are of no order at all. */
async function readStrays(
  odoo: Odoo,
  receivable: readonly ReceivableRow[],
  known: readonly MoveRow[],
  { since, cutOff }: Scope,
  { invoice, lines }: Trade,
): Promise<MoveRow[]> {
  const rows = await readWhere<MoveRow>(
    odoo,
    {
      model: 'account.move',
      fields: moveFields,
      domain: [
        ['move_type', '=', invoice],
        ['create_date', '>=', odooTime(since)],
        ['create_date', '<=', odooTime(cutOff)],
        [`invoice_line_ids.${lines}`, '=', false],
      ],
    },
    'commercial_partner_id',
    receivable.flatMap(({ partner_id: one }) => (one ? [one[0]] : [])),
  );
  const ids = new Set(known.map(({ id }) => id));
  return rows.filter(({ id, invoice_origin: origin }) => !ids.has(id) && !origin);
}

function customerOf({ commercial_partner_id: one }: MoveRow): number {
  return one ? one[0] : 0;
}

/** Each with the order of the nearest invoice of the customer that says the same. */
function straysOf(
  others: readonly OdooInvoice[],
  invoices: ReadonlyMap<number, readonly OdooInvoice[]>,
  customers: ReadonlyMap<number, number>,
): Map<number, OdooInvoice[]> {
  const all = [...invoices].flatMap(([order, own]) =>
    own.filter(({ type }) => type === 'invoice').map((one) => ({ order, one })),
  );
  const saying = (one: OdooInvoice) => `${customers.get(one.id)}\n${invoiceContent(one)}`;
  const same = Map.groupBy(all, ({ one }) => saying(one));
  const found = new Map<number, OdooInvoice[]>();
  for (const stray of others) {
    const apart = ({ one }: (typeof all)[number]) => Math.abs(Date.parse(one.made) - Date.parse(stray.made));
    const [nearest] = (same.get(saying(stray)) ?? []).toSorted((a, b) => apart(a) - apart(b));
    if (nearest) found.set(nearest.order, [...(found.get(nearest.order) ?? []), stray]);
  }
  return found;
}

/** Ids of moves that have a line of one of these. */
async function readLinked(odoo: Odoo, lines: readonly LineRow[], trade: Trade): Promise<number[]> {
  const ours = [trade.invoice, trade.credit];
  const rows = await readWhere<{ id: number; move_id: Many }>(
    odoo,
    { model: 'account.move.line', fields: ['move_id'], domain: [['move_id.move_type', 'in', ours]] },
    trade.lines,
    lines.map(({ id }) => id),
  );
  return rows.map(({ move_id: [id] }) => id);
}

/** Also those that only name the order, and those that reverse one of these. */
async function readMoves(
  odoo: Odoo,
  orders: OrderBooks['orders'],
  linked: readonly number[],
  { invoice, credit }: Trade,
): Promise<MoveRow[]> {
  const read = {
    model: 'account.move',
    fields: moveFields,
    domain: [['move_type', 'in', [invoice, credit]]],
  };
  const first = [
    ...(await readWhere<MoveRow>(odoo, read, 'id', linked)),
    ...(await readWhere<MoveRow>(
      odoo,
      read,
      'invoice_origin',
      orders.map(({ name }) => name),
    )),
  ];
  const reversing = await readWhere<MoveRow>(
    odoo,
    read,
    'reversed_entry_id',
    first.map(({ id }) => id),
  );
  const all = new Map([...first, ...reversing].map((row) => [row.id, row]));
  return [...all.values()].toSorted((a, b) => a.id - b.id);
}

/** Each with the order it belongs to: by its lines, else by the name it gives, else by what it reverses; linked to no line it counts once. */
function ordersOf(
  moves: readonly MoveRow[],
  ofMove: ReadonlyMap<number, ProductLineRow[]>,
  orders: OrderBooks['orders'],
  lines: readonly LineRow[],
): [MoveRow, number][] {
  const byLine = new Map(lines.map(({ id, order_id: [order] }) => [id, order]));
  const byName = new Map(orders.map(({ id, name }) => [name, id]));
  const found = new Map<number, number[]>();
  for (const move of moves) {
    const own = (ofMove.get(move.id) ?? []).flatMap(({ of: ids }) =>
      ids.flatMap((id) => byLine.get(id) ?? []),
    );
    const named = byName.get(move.invoice_origin || '');
    const reversed = move.reversed_entry_id ? found.get(move.reversed_entry_id[0]) : undefined;
    const of =
      own.length > 0 ? [...new Set(own)] : named !== undefined ? [named] : (reversed ?? []).slice(0, 1);
    found.set(move.id, of);
  }
  return moves.flatMap((move) => found.get(move.id)!.map((order): [MoveRow, number] => [move, order]));
}

/** Units of the lines of orders, and how many of the reference each unit is. */
interface Units {
  ofLine: ReadonlyMap<number, Maybe<Many>>;
  sizes: ReadonlyMap<number, Big>;
}

/** The quantities in the units of the lines of orders. */
function invoiceOf(
  move: MoveRow,
  given: {
    trade: Trade;
    order: number | undefined;
    orderOf: ReadonlyMap<number, number>;
    lines: readonly ProductLineRow[];
    settled: readonly Settled[];
    skus: ReadonlyMap<number, string>;
    units: Units;
  },
): OdooInvoice {
  const { trade, order, orderOf, lines, settled, skus, units } = given;
  const isOther = (line: number) => order !== undefined && (orderOf.get(line) ?? order) !== order;
  return {
    id: move.id,
    name: move.name && move.name !== '/' ? move.name : `account.move/${move.id}`,
    type: move.move_type === trade.invoice ? 'invoice' : 'credit',
    state: move.state === 'posted' || move.state === 'cancel' ? move.state : 'draft',
    date: move.date,
    made: timeOf(move.create_date),
    total: amountOf(move.amount_total),
    currency: move.currency_id[1],
    lines: lines.map(({ product_id: product, product_uom_id: unit, quantity, of: ids, ...one }) => {
      const line = ids.find((id) => !isOther(id)) ?? ids[0];
      return {
        ...(line !== undefined && { line }),
        ...(line !== undefined && isOther(line) && { other: true as const }),
        sku: (product && skus.get(product[0])) || '',
        quantity: inUnit(quantity, unit, units.ofLine.get(line ?? 0) ?? false, units.sizes),
        subtotal: amountOf(one.price_subtotal),
        total: amountOf(one.price_total),
      };
    }),
    settled,
  };
}
