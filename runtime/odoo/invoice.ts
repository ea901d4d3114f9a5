/** Invoices, credit notes and payments in Odoo, each posted once. */
import { CodedError } from '../errors/coded-error.ts';
import {
  amountText,
  free,
  post,
  postedOf,
  readMoves,
  type AccountMove,
  type Posted,
} from './account-move.ts';
import { postBill, type Bill } from './bill.ts';
import { bind, boundBy, findBinding, type Document } from './binding.ts';
import type { Odoo } from './client.ts';
import { adjust, creditable, type CreditLine } from './credit.ts';
import { findOrder, type FoundOrder, type OrderReference } from './find-order.ts';
import { closeInvoices } from './invoice-rounding.ts';
import { namesOf } from './model.ts';
import type { Resolver } from './resolve.ts';
import { doneLines, type StockLine } from './stock.ts';

/** A message about the money of an order; definitions/schemas/invoice-request.v1.json. */
export interface InvoiceRequest {
  source: string;
  id: string;
  order: OrderReference;
  /** `2026-11-25`; default today in Odoo. */
  date?: string;
}

/** definitions/schemas/credit-note.v1.json. */
export interface CreditRequest extends InvoiceRequest {
  /** Default the whole invoice. */
  lines?: StockLine[];
  reason?: string;
}

/** definitions/schemas/payment.v1.json. */
export interface PaymentMessage extends Omit<InvoiceRequest, 'order'> {
  /** `payment` is the sender's id of a payment that is booked. */
  order: OrderReference & { payment?: string };
  amount: string;
  currency: string;
  /** Money to the customer, for a credit note. Default to us. */
  refund?: boolean;
  /** Code of the journal of the bank or the provider. Default the first bank of the company. */
  journal?: string;
  /** A refund that did not reach the customer. */
  failed?: boolean;
  /** Why, as the provider calls it. */
  reason?: string;
}

export interface InvoiceWriter {
  /**
   * Each message is one posted document, at once or after any failure. Throws CodedError ORDER_UNKNOWN,
   * ORDER_AMBIGUOUS, ORDER_NOT_OPEN, INVOICE_MISSING, QUANTITY_EXCEEDED, CURRENCY_UNKNOWN, ODOO_VALUE_UNKNOWN (the
   * journal) or what a call to Odoo throws.
   */
  invoice(request: InvoiceRequest): Promise<Posted>;
  credit(request: CreditRequest): Promise<Posted>;
  pay(payment: PaymentMessage): Promise<Posted>;
  /** A refund that did not reach the customer. Throws REFUND_FAILED when it is booked. */
  failed(payment: PaymentMessage): Promise<void>;
  /** Of a purchase order. Throws RECEIPT_MISSING and BILL_DIFFERS beside the above. */
  bill(bill: Bill): Promise<Posted>;
}

export function invoiceWriter(odoo: Odoo, known: Resolver): InvoiceWriter {
  async function invoice(request: InvoiceRequest): Promise<Posted> {
    const document: Document = { ...request, kind: 'invoice', content: request };
    const order = await findOrder(odoo, 'sale.order', request.order);
    const before = await findBinding(odoo, document);
    const draft = before ? undefined : await draftInvoice(odoo, order);
    if (draft === 'all is invoiced') return nothingLeft(odoo, order);
    const id = before?.id ?? (await bind(odoo, document, { model: 'account.move', id: draft! })).id;
    await closeInvoices(odoo, known, order, id);
    return { order: order.reference, ...(await post(odoo, id, request.date)) };
  }

  async function credit(request: CreditRequest): Promise<Posted> {
    const document: Document = { ...request, kind: 'credit', content: request };
    const lines = request.lines && (await doneLines(known, request.lines, request.source));
    const order = await findOrder(odoo, 'sale.order', request.order);
    const before = await findBinding(odoo, document);
    const id =
      before?.id ??
      (
        await bind(odoo, document, {
          model: 'account.move',
          id: await draftCredit(odoo, order, request, lines),
        })
      ).id;
    const [move] = await readMoves(odoo, [['id', '=', id]]);
    if (lines && move?.state === 'draft') await adjust(odoo, id, lines);
    const posted = await post(odoo, id, request.date);
    await settle(odoo, id);
    return { order: order.reference, ...posted };
  }

  return {
    invoice,
    credit,
    pay: (payment) => pay(odoo, payment),
    failed: (payment) => failed(odoo, payment),
    bill: (bill) => postBill(odoo, bill),
  };
}

/** An unposted invoice of the order that is no other message's, else a new one of what can be invoiced. */
async function draftInvoice(odoo: Odoo, order: FoundOrder): Promise<number | 'all is invoiced'> {
  const waiting = await free(odoo, await invoicesOf(odoo, order.id, 'out_invoice', 'draft'), 'invoice');
  if (waiting[0]) return waiting[0].id;
  const [row] = await odoo.call<{ invoice_status: string }[]>('sale.order', 'search_read', {
    domain: [['id', '=', order.id]],
    fields: ['invoice_status'],
  });
  if (row?.invoice_status === 'invoiced') return 'all is invoiced';
  const [wizard] = await odoo.call<number[]>('sale.advance.payment.inv', 'create', {
    vals_list: [{ advance_payment_method: 'delivered', sale_order_ids: [[6, 0, [order.id]]] }],
    context: { active_model: 'sale.order', active_ids: [order.id], active_id: order.id },
  });
  try {
    await odoo.call('sale.advance.payment.inv', 'create_invoices', {
      ids: [wizard!],
      context: { active_model: 'sale.order', active_ids: [order.id], active_id: order.id },
    });
  } catch (error) {
    const refused = error instanceof CodedError && error.code === 'ODOO_REFUSED';
    if (!refused || row?.invoice_status === 'to invoice') throw error;
    throw new CodedError('ORDER_NOT_OPEN', `${order.name} has nothing to invoice now: ${error.message}`, {
      order: order.name,
    });
  }
  const made = await free(odoo, await invoicesOf(odoo, order.id, 'out_invoice', 'draft'), 'invoice');
  if (made[0]) return made[0].id;
  throw new CodedError('ORDER_NOT_OPEN', `${order.name} has nothing to invoice now`, { order: order.name });
}

/** Where ordered quantities are invoiced, an earlier message had all of it: its last invoice, with a total of nothing. */
async function nothingLeft(odoo: Odoo, order: FoundOrder): Promise<Posted> {
  const last = (await invoicesOf(odoo, order.id, 'out_invoice', 'posted')).at(-1);
  if (last) return { order: order.reference, ...postedOf(last, true), total: '0.00' };
  throw new CodedError('ORDER_NOT_OPEN', `${order.name} has nothing to invoice now`, { order: order.name });
}

/** A draft that reverses a posted invoice with these lines: one that was made before an answer was lost, else a new one. */
async function draftCredit(
  odoo: Odoo,
  order: FoundOrder,
  { reason, source, id }: CreditRequest,
  lines: readonly CreditLine[] | undefined,
): Promise<number> {
  const posted = await invoicesOf(odoo, order.id, 'out_invoice', 'posted');
  if (posted.length === 0)
    throw new CodedError('INVOICE_MISSING', `${order.name} has no posted invoice yet`, { order: order.name });
  const marker = `${reason ?? 'Credit'} (${source} ${id})`;
  const drafts = await readMoves(odoo, [
    ['reversed_entry_id', 'in', posted.map((one) => one.id)],
    ['state', '=', 'draft'],
    ['ref', 'like', `(${source} ${id})`],
  ]);
  if (drafts[0]) return drafts[0].id;
  const of = await creditable(odoo, posted, lines);
  if (of === undefined)
    throw new CodedError('QUANTITY_EXCEEDED', `No invoice of ${order.name} has all of this to credit`, {
      order: order.name,
    });
  const invoice = posted.find((one) => one.id === of)!;
  const context = { active_model: 'account.move', active_ids: [of], active_id: of };
  const [wizard] = await odoo.call<number[]>('account.move.reversal', 'create', {
    vals_list: [{ reason: marker, journal_id: invoice.journal_id[0] }],
    context,
  });
  const { reverse } = namesOf(await odoo.version());
  const answer = await odoo.call<{ res_id?: number } | null>('account.move.reversal', reverse, {
    ids: [wizard!],
    context,
  });
  if (answer?.res_id) return answer.res_id;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a credit note and did not say which', {
    invoice: invoice.name,
  });
}

/** What a credit note owes is set against what its invoice has open. */
async function settle(odoo: Odoo, credit: number): Promise<void> {
  const [note] = await readMoves(odoo, [['id', '=', credit]]);
  if (!note || note.amount_residual === 0 || !note.reversed_entry_id) return;
  const [invoice] = await readMoves(odoo, [['id', '=', note.reversed_entry_id[0]]]);
  if (!invoice || invoice.amount_residual === 0) return;
  const [line] = await odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
    domain: [
      ['move_id', '=', credit],
      ['account_id.account_type', '=', 'asset_receivable'],
      ['reconciled', '=', false],
    ],
    fields: ['id'],
    limit: 1,
  });
  if (line)
    await odoo.call('account.move', 'js_assign_outstanding_line', { ids: [invoice.id], line_id: line.id });
}

const undone = ['cancel', 'canceled', 'cancelled', 'rejected'];

async function pay(odoo: Odoo, payment: PaymentMessage): Promise<Posted> {
  const document: Document = { ...payment, kind: 'payment', content: payment };
  const marker = `${payment.source} ${payment.id}`;
  const { paymentMemo } = namesOf(await odoo.version());
  const order = await findOrder(odoo, 'sale.order', await orderOf(odoo, payment));
  const known = (await findBinding(odoo, document))?.id ?? (await paymentWith(odoo, paymentMemo, marker))?.id;
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

/** Throws CodedError ORDER_UNKNOWN when the payment it gives back is not booked, at least not yet. */
async function orderOf(odoo: Odoo, { source, order }: PaymentMessage): Promise<OrderReference> {
  const { payment, ...named } = order;
  if (payment === undefined) return named;
  const booked = await boundBy(odoo, { source, kind: 'payment', id: payment });
  if (booked) return booked.order;
  throw new CodedError('ORDER_UNKNOWN', `Odoo has no payment ${payment}, whose order is meant`, { payment });
}

async function failed(odoo: Odoo, { source, id, amount, currency, reason }: PaymentMessage): Promise<void> {
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
  const [unit] = await odoo.call<{ id: number }[]>('res.currency', 'search_read', {
    domain: [['name', '=', currency]],
    fields: ['id'],
  });
  if (!unit)
    throw new CodedError('CURRENCY_UNKNOWN', `${currency} is not an active currency in Odoo`, { currency });
  const context = { active_model: 'account.move', active_ids: open.map(({ id }) => id) };
  const vals = {
    amount: Number(amount),
    currency_id: unit.id,
    communication: marker,
    journal_id: await journalOf(odoo, first.company_id[0], journal),
    ...(date && { payment_date: date }),
    ...(open.length > 1 && { group_payment: true }),
  };
  const [wizard] = await odoo.call<number[]>('account.payment.register', 'create', {
    vals_list: [vals],
    context,
  });
  await odoo.call('account.payment.register', 'action_create_payments', { ids: [wizard!], context });
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

/** By their lines, oldest first. */
async function invoicesOf(odoo: Odoo, order: number, type: string, state: string): Promise<AccountMove[]> {
  const [row] = await odoo.call<{ invoice_ids: number[] }[]>('sale.order', 'search_read', {
    domain: [['id', '=', order]],
    fields: ['invoice_ids'],
  });
  return readMoves(odoo, [
    ['id', 'in', row?.invoice_ids ?? []],
    ['move_type', '=', type],
    ['state', '=', state],
  ]);
}
