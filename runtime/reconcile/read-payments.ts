/** Payments of the customers that are set against nothing, and of which order each is; and payments that are gone. */
import Big from 'big.js';
import type { Odoo } from '../odoo/client.ts';
import { sum } from './decimal.ts';
import { keyOf, type HubOrder, type LoosePayment } from './facts.ts';
import { later, timeOf, type Many, type Maybe } from './odoo-values.ts';
import { readWhere } from './pages.ts';
import type { InvoiceBooks } from './read-invoices.ts';
import type { OrderBooks } from './read-orders.ts';
import type { Trade } from './trade.ts';

interface LooseRow {
  id: number;
  move_id: Many;
  move_name: string;
  partner_id: Maybe<Many>;
  payment_id: Maybe<Many>;
  ref: Maybe<string>;
  name: Maybe<string>;
  date: string;
  create_date: string;
  amount_residual_currency: number;
}

interface PaymentRow {
  id: number;
  state: string;
  memo: string;
}

export interface PaymentBooks {
  /** By order. */
  loose: Map<number, LoosePayment[]>;
  lost: Map<number, number[]>;
}

const undone = new Set(['cancel', 'canceled', 'cancelled', 'rejected']);

export async function readPayments(
  odoo: Odoo,
  hub: readonly HubOrder[],
  { orders }: OrderBooks,
  books: InvoiceBooks,
  trade: Trade,
): Promise<PaymentBooks> {
  const ids = new Map(orders.flatMap(({ id, key }) => (key ? [[keyOf(key), id] as const] : [])));
  const booked = hub.flatMap(({ source, id, payments }) => {
    const order = ids.get(keyOf({ source, id }));
    return order === undefined ? [] : payments.map(({ document }) => ({ document, order }));
  });
  const standing = await readBooked(
    odoo,
    booked.map(({ document }) => document),
  );
  const lost = new Map<number, number[]>();
  for (const { document, order } of booked)
    if (undone.has(standing.get(document)?.state ?? 'cancel'))
      lost.set(order, [...(lost.get(order) ?? []), document]);
  const rows = await readLoose(odoo, books, trade);
  const place = placing(
    orders,
    books,
    new Map(booked.map(({ document, order }) => [document, order])),
    standing,
  );
  const loose = new Map<number, LoosePayment[]>();
  for (const row of rows) {
    const found = place(row);
    if (found) loose.set(found.order, [...(loose.get(found.order) ?? []), looseOf(row, found.by)]);
  }
  return { loose, lost };
}

async function readBooked(odoo: Odoo, ids: readonly number[]): Promise<Map<number, PaymentRow>> {
  const { paymentMemo } = await odoo.dialect();
  const rows = await readWhere<{ id: number; state: string } & Record<string, unknown>>(
    odoo,
    { model: 'account.payment', fields: ['state', paymentMemo] },
    'id',
    ids,
  );
  return new Map(
    rows.map(({ id, state, ...row }) => [id, { id, state, memo: String(row[paymentMemo] || '') }]),
  );
}

/**
 * Of the customers or suppliers that these invoices are of: posted, and neither an invoice nor settled. What is open of them has
 * the sign of a customer's: a payment that was owed is below 0.
 */
async function readLoose(odoo: Odoo, { receivable }: InvoiceBooks, { account }: Trade): Promise<LooseRow[]> {
  const { [account]: condition } = await odoo.dialect();
  const rows = await readWhere<LooseRow>(
    odoo,
    {
      model: 'account.move.line',
      fields: [
        'move_id',
        'move_name',
        'partner_id',
        'payment_id',
        'ref',
        'name',
        'date',
        'create_date',
        'amount_residual_currency',
      ],
      domain: [
        condition,
        ['parent_state', '=', 'posted'],
        ['move_id.move_type', '=', 'entry'],
        ['amount_residual_currency', '!=', 0],
      ],
    },
    'partner_id',
    receivable.flatMap(({ partner_id: partner }) => (partner ? [partner[0]] : [])),
  );
  if (account === 'receivable') return rows;
  return rows.map((row) => ({ ...row, amount_residual_currency: -row.amount_residual_currency }));
}

interface OrderMatch {
  order: number;
  by: LoosePayment['by'];
}

/** By the hub's own payments, by what its memo names, else by the customer and the amount that is open. */
function placing(
  orders: OrderBooks['orders'],
  books: InvoiceBooks,
  booked: ReadonlyMap<number, number>,
  standing: ReadonlyMap<number, PaymentRow>,
): (row: LooseRow) => OrderMatch | undefined {
  const named = namesOfOrders(orders, books);
  for (const [payment, order] of booked) {
    const memo = standing.get(payment)?.memo;
    if (memo) named.set(memo, order);
  }
  const byAmount = openInvoices(books);
  return (row) => {
    const own = row.payment_id ? booked.get(row.payment_id[0]) : undefined;
    if (own !== undefined) return { order: own, by: 'memo' };
    const texts = [row.ref || '', row.name || ''];
    const words = texts.flatMap((text) => [text, ...text.split(/[\s,;:()]+/)]);
    const said = words.flatMap((word) => named.get(word) ?? [])[0];
    if (said !== undefined) return { order: said, by: 'memo' };
    const fits = byAmount(row);
    return fits === undefined ? undefined : { order: fits, by: 'amount' };
  };
}

/** What a memo may call an order: its numbers, those of its invoices, and the memos of payments it has. */
function namesOfOrders(orders: OrderBooks['orders'], { invoices, memos }: InvoiceBooks): Map<string, number> {
  const named = new Map<string, number>();
  for (const { id, name, client_order_ref: reference } of orders) {
    const own = invoices.get(id) ?? [];
    const texts = [name, reference || '', ...own.map((one) => one.name)];
    for (const text of [...texts, ...own.flatMap((one) => memos.get(one.id) ?? [])])
      if (text) named.set(text, id);
  }
  return named;
}

/** The first order of the customer with an invoice of which exactly this is open. */
function openInvoices({ invoices, receivable }: InvoiceBooks): (row: LooseRow) => number | undefined {
  const customerOf = new Map(receivable.map(({ move_id: [id], partner_id: one }) => [id, one ? one[0] : 0]));
  const orderOf = new Map<string, number>();
  for (const [order, own] of invoices)
    for (const { id, type, total, settled } of own) {
      const open = Big(total).minus(sum(settled.map(({ amount }) => amount)));
      const place = `${customerOf.get(id)} ${type} ${open.toFixed()}`;
      if (open.gt(0) && !orderOf.has(place)) orderOf.set(place, order);
    }
  return ({ partner_id: partner, amount_residual_currency: residual }) => {
    const amount = Big(residual).round(6);
    const type = amount.lt(0) ? 'invoice' : 'credit';
    return orderOf.get(`${partner ? partner[0] : 0} ${type} ${amount.abs().toFixed()}`);
  };
}

function looseOf(row: LooseRow, by: LoosePayment['by']): LoosePayment {
  const residual = Big(row.amount_residual_currency);
  return {
    document: row.payment_id ? `account.payment/${row.payment_id[0]}` : `account.move/${row.move_id[0]}`,
    name: row.move_name,
    by,
    direction: residual.lt(0) ? 'in' : 'out',
    open: residual.abs().round(6).toFixed(),
    at: later(timeOf(row.date), timeOf(row.create_date)),
  };
}
