/** Registers payments and refunds in Odoo, each once, on what the order has open. */
import { CodedError } from '../../errors/coded-error.ts';
import {
  amountText,
  invoicesOf,
  openReceivable,
  type AccountMove,
  type InvoiceRequest,
  type Posted,
} from './account-move.ts';
import { bind, boundBy, type Binding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { findBoth } from './find-both.ts';
import type { FoundOrder, OrderReference } from '../find-order.ts';
import type { OneByOne } from '../together/one-by-one.ts';

/** See definitions/schemas/payment.v1.json. */
export interface PaymentMessage extends Omit<InvoiceRequest, 'order'> {
  /** `payment`: the sender's id of a booked payment, whose order is meant. */
  order: OrderReference & { payment?: string };
  amount: string;
  currency: string;
  /** True for money paid to the customer, on a credit note. Default: money received. */
  refund?: boolean;
  /** Code of the journal of the bank or provider. Default: the first bank journal of the company. */
  journal?: string;
  /** True for a refund that did not reach the customer. */
  failed?: boolean;
  /** Why the refund failed, in the provider's words. */
  reason?: string;
}

const undone = ['cancel', 'canceled', 'cancelled', 'rejected'];

/** Throws as `InvoiceWriter.pay`. */
export async function pay(odoo: Odoo, payment: PaymentMessage, inOrder: OneByOne): Promise<Posted> {
  const document: Document = { ...payment, kind: 'payment', content: payment };
  const { order, before } = await findBoth(odoo, 'sale.order', document, await orderOf(odoo, payment));
  return inOrder(`sale.order ${order.id}`, () => payOrder(odoo, payment, order, { document, before }));
}

async function payOrder(
  odoo: Odoo,
  payment: PaymentMessage,
  order: FoundOrder,
  { document, before }: { document: Document; before: Binding | undefined },
): Promise<Posted> {
  const marker = `${payment.source} ${payment.id}`;
  const { paymentMemo } = await odoo.dialect();
  const known = before?.id ?? (await paymentWith(odoo, paymentMemo, marker))?.id;
  const repeated = known !== undefined;
  const id = known ?? (await register(odoo, order, payment, marker, paymentMemo));
  await bind(odoo, document, { model: 'account.payment', id });
  const [row] = await odoo.call<{ name: string; state: string; amount: number }[]>(
    'account.payment',
    'search_read',
    { domain: [['id', '=', id]], fields: ['name', 'state', 'amount'] },
  );
  if (!row) throw new CodedError('ODOO_NOT_FOUND', 'The payment was deleted in Odoo', { id });
  const { name, state, amount } = row;
  return { order: order.reference, id, name, state, total: amountText(amount), repeated };
}

/** Throws CodedError ORDER_UNKNOWN if the payment that a refund names is not booked yet. */
async function orderOf(odoo: Odoo, { source, order }: PaymentMessage): Promise<OrderReference> {
  const { payment, ...named } = order;
  if (payment === undefined) return named;
  const booked = await boundBy(odoo, { source, kind: 'payment', id: payment });
  if (booked) return booked.order;
  throw new CodedError('ORDER_UNKNOWN', `Odoo has no payment ${payment}, whose order is meant`, { payment });
}

/** Throws as `InvoiceWriter.failed`. */
export async function failed(
  odoo: Odoo,
  { source, id, amount, currency, reason }: PaymentMessage,
): Promise<void> {
  const booked = await boundBy(odoo, { source, kind: 'payment', id });
  if (!booked) return;
  const standing = await odoo.call<{ name: string }[]>('account.payment', 'search_read', {
    domain: [
      ['id', '=', booked.id],
      ['state', 'not in', [...undone, 'draft']],
    ],
    fields: ['name'],
  });
  const why = reason ? ` (${reason})` : '';
  for (const { name } of standing)
    throw new CodedError(
      'REFUND_FAILED',
      `The refund ${id} of ${amount} ${currency} failed at ${source}${why}, and is booked in Odoo as ${name}`,
      { refund: id, payment: name },
    );
}

async function register(
  odoo: Odoo,
  order: FoundOrder,
  { amount, currency, date, refund = false, journal }: PaymentMessage,
  marker: string,
  memo: string,
): Promise<number> {
  const type = refund ? 'out_refund' : 'out_invoice';
  const open = (await invoicesOf(odoo, order.id, type, 'posted')).filter((one) => one.amount_residual > 0);
  const [first] = open;
  if (!first)
    throw new CodedError(
      'INVOICE_MISSING',
      `${order.name} has no posted ${refund ? 'credit note' : 'invoice'} that is open`,
      { order: order.name },
    );
  const [unit, lines, inJournal] = await Promise.all([
    currencyOf(odoo, first, currency),
    openLines(odoo, open),
    journalOf(odoo, first.company_id[0], journal),
  ]);
  const vals = {
    line_ids: [[6, 0, lines]],
    amount: Number(amount),
    currency_id: unit,
    communication: marker,
    journal_id: inJournal,
    ...(date && { payment_date: date }),
    ...(open.length > 1 && { group_payment: true }),
  };
  // Without the invoices in the context, one call creates the wizards of many payments.
  const context = { tracking_disable: true };
  const [wizard] = await odoo.call<number[]>('account.payment.register', 'create', {
    vals_list: [vals],
    context,
  });
  const answer = await odoo.call<{ res_id?: number } | true | null>(
    'account.payment.register',
    'action_create_payments',
    { ids: [wizard!], context },
  );
  if (typeof answer === 'object' && answer?.res_id) return answer.res_id;
  const made = await paymentWith(odoo, memo, marker);
  if (made) return made.id;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a payment and it is not there', {
    order: order.name,
  });
}

async function paymentWith(odoo: Odoo, memo: string, marker: string): Promise<{ id: number } | undefined> {
  const rows = await odoo.call<{ id: number }[]>('account.payment', 'search_read', {
    domain: [
      [memo, '=', marker],
      ['state', 'not in', undone],
    ],
    fields: ['id'],
    limit: 1,
  });
  return rows[0];
}

/** Most payments are in the currency of the invoice, which needs no call. */
async function currencyOf(odoo: Odoo, { currency_id: own }: AccountMove, currency: string): Promise<number> {
  if (own[1] === currency) return own[0];
  const [unit] = await odoo.call<{ id: number }[]>('res.currency', 'search_read', {
    domain: [['name', '=', currency]],
    fields: ['id'],
  });
  if (unit) return unit.id;
  throw new CodedError('CURRENCY_UNKNOWN', `${currency} is not an active currency in Odoo`, { currency });
}

async function openLines(odoo: Odoo, moves: readonly AccountMove[]): Promise<number[]> {
  const rows = await odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
    domain: [['move_id', 'in', moves.map(({ id }) => id)], ...(await openReceivable(odoo))],
    fields: ['id'],
    order: 'id',
  });
  return rows.map(({ id }) => id);
}

async function journalOf(odoo: Odoo, company: number, code: string | undefined): Promise<number> {
  const rows = await odoo.call<{ id: number }[]>('account.journal', 'search_read', {
    domain: [
      ['company_id', '=', company],
      ['type', 'in', code ? ['bank', 'cash', 'credit'] : ['bank']],
      ...(code ? [['code', '=', code]] : []),
    ],
    fields: ['id'],
    order: 'sequence, id',
    limit: 1,
  });
  if (rows[0]) return rows[0].id;
  throw new CodedError('ODOO_VALUE_UNKNOWN', `Odoo has no bank journal '${code ?? ''}'`, {
    map: 'journal',
    value: code,
  });
}
