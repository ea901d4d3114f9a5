/** Invoices and credit notes of orders, linked or only named, with what was set against each. */
import Big from 'big.js';
import type { Odoo } from '../odoo/client.ts';
import { sum } from './decimal.ts';
import type { OdooInvoice, Settled } from './facts.ts';
import { invoiceContent } from './invoice-copies.ts';
import { amountOf, later, odooTime, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readWhere } from './pages.ts';
import type { Scope } from './read-hub.ts';
import type { LineRow, OrderBooks, ProductRow } from './read-orders.ts';
import type { Trade } from './trade.ts';

interface MoveRow {
  id: number;
  name: Maybe<string>;
  state: string;
  move_type: string;
  date: string;
  create_date: string;
  amount_total: number;
  invoice_origin: Maybe<string>;
  reversed_entry_id: Maybe<Many>;
  commercial_partner_id: Maybe<Many>;
}

interface ProductLineRow {
  id: number;
  move_id: Many;
  product_id: Maybe<Many>;
  quantity: number;
  price_subtotal: number;
  price_total: number;
  /** Lines of orders. */
  of: number[];
}

/** A line of the account of customers, or of suppliers. */
export interface ReceivableRow {
  id: number;
  move_id: Many;
  partner_id: Maybe<Many>;
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
  const factOf = (move: MoveRow) =>
    invoiceOf(move, trade, ofMove.get(move.id) ?? [], settled.get(move.id) ?? [], skus);
  const customers = new Map([...moves, ...others].map((row) => [row.id, customerOf(row)]));
  const invoices = new Map<number, OdooInvoice[]>();
  for (const [move, order] of ordersOf(moves, ofMove, orders, lines))
    invoices.set(order, [...(invoices.get(order) ?? []), factOf(move)]);
  return { invoices, strays: straysOf(others.map(factOf), invoices, customers), receivable, memos };
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
      fields: ['move_id', 'product_id', 'quantity', 'price_subtotal', 'price_total', lines],
      domain: goods,
    },
    'move_id',
    moves.map(({ id }) => id),
  );
  return rows.map((row) => ({ ...row, of: idsOf(row[lines]) }));
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

function invoiceOf(
  move: MoveRow,
  trade: Trade,
  lines: readonly ProductLineRow[],
  settled: readonly Settled[],
  skus: ReadonlyMap<number, string>,
): OdooInvoice {
  return {
    id: move.id,
    name: move.name && move.name !== '/' ? move.name : `account.move/${move.id}`,
    type: move.move_type === trade.invoice ? 'invoice' : 'credit',
    state: move.state === 'posted' || move.state === 'cancel' ? move.state : 'draft',
    date: move.date,
    made: timeOf(move.create_date),
    total: amountOf(move.amount_total),
    lines: lines.map(({ product_id: product, quantity, of: ids, ...one }) => ({
      ...(ids[0] !== undefined && { line: ids[0] }),
      sku: (product && skus.get(product[0])) || '',
      quantity: amountOf(quantity),
      subtotal: amountOf(one.price_subtotal),
      total: amountOf(one.price_total),
    })),
    settled,
  };
}

interface PartialRow {
  id: number;
  debit_move_id: Many;
  credit_move_id: Many;
  debit_amount_currency: number;
  credit_amount_currency: number;
  max_date: string;
  create_date: string;
}

interface OtherRow {
  id: number;
  move_id: Many;
  ref: Maybe<string>;
}

type Other = OtherRow & { type: string };

interface GivenUpRow {
  id: number;
  move_id: Many;
  amount_currency: number;
}

async function readSettled(odoo: Odoo, receivable: readonly ReceivableRow[]) {
  const moveOf = new Map(receivable.map(({ id, move_id: [move] }) => [id, move]));
  const read = {
    model: 'account.partial.reconcile',
    fields: [
      'debit_move_id',
      'credit_move_id',
      'debit_amount_currency',
      'credit_amount_currency',
      'max_date',
      'create_date',
    ],
  };
  const partials = new Map<number, PartialRow>();
  for (const side of ['debit_move_id', 'credit_move_id'])
    for (const row of await readWhere<PartialRow>(odoo, read, side, moveOf.keys())) partials.set(row.id, row);
  const sides = [...partials.values()].flatMap((row) => [
    { row, own: row.debit_move_id[0], other: row.credit_move_id[0], amount: row.debit_amount_currency },
    { row, own: row.credit_move_id[0], other: row.debit_move_id[0], amount: row.credit_amount_currency },
  ]);
  const ofInvoices = sides.filter(({ own }) => moveOf.has(own));
  const others = await readOthers(
    odoo,
    ofInvoices.map(({ other }) => other),
  );
  const settled = new Map<number, Settled[]>();
  const memos = new Map<number, string[]>();
  for (const { row, own, other, amount } of ofInvoices) {
    const move = moveOf.get(own)!;
    const { line, givenUp } = others.get(other)!;
    const at = later(timeOf(row.max_date), timeOf(row.create_date));
    settled.set(move, [...(settled.get(move) ?? []), ...settledBy(line, givenUp, amount, at)]);
    if (line.ref) memos.set(move, [...(memos.get(move) ?? []), line.ref]);
  }
  return { settled, memos };
}

/** The lines on the other side, with what share of their move is given up: booked as income or expense. */
async function readOthers(odoo: Odoo, ids: readonly number[]) {
  const lines = await readWithType(odoo, ids);
  const entries = lines.filter(({ type }) => type === 'entry');
  const moves = entries.map(({ move_id: [id] }) => id);
  const givenUp = await readWhere<GivenUpRow>(
    odoo,
    {
      model: 'account.move.line',
      fields: ['move_id', 'amount_currency'],
      domain: [['account_id.internal_group', 'in', ['income', 'expense']]],
    },
    'move_id',
    moves,
  );
  const ofMove = Map.groupBy(givenUp, ({ move_id: [id] }) => id);
  return new Map(
    lines.map((line) => {
      const amounts = (ofMove.get(line.move_id[0]) ?? []).map(({ amount_currency: one }) => Big(one));
      return [line.id, { line, givenUp: sum(amounts).abs() }];
    }),
  );
}

async function readWithType(odoo: Odoo, ids: readonly number[]): Promise<Other[]> {
  const lines = await readWhere<OtherRow>(
    odoo,
    { model: 'account.move.line', fields: ['move_id', 'ref'] },
    'id',
    ids,
  );
  const moves = await readWhere<{ id: number; move_type: string }>(
    odoo,
    { model: 'account.move', fields: ['move_type'] },
    'id',
    lines.map(({ move_id: [id] }) => id),
  );
  const typeOf = new Map(moves.map(({ id, move_type: type }) => [id, type]));
  return lines.map((line) => ({ ...line, type: typeOf.get(line.move_id[0])! }));
}

function settledBy({ type, move_id: [id] }: Other, givenUp: Big, amount: number, at: string) {
  const whole = Big(amount).round(6);
  const document = `account.move/${id}`;
  if (type !== 'entry') return [{ by: 'credit' as const, document, amount: whole.toFixed(), at }];
  const lost = givenUp.lt(whole) ? givenUp : whole;
  const paid = whole.minus(lost);
  return [
    ...(paid.gt(0) ? [{ by: 'payment' as const, document, amount: paid.toFixed(), at }] : []),
    ...(lost.gt(0) ? [{ by: 'write-off' as const, document, amount: lost.toFixed(), at }] : []),
  ];
}
