/** Invoices, credit notes, payments and bills in Odoo, each posted once; what comes together is asked for as one. */
import { CodedError } from '../errors/coded-error.ts';
import { free, invoicesOf, post, postedOf, type InvoiceRequest, type Posted } from './account-move.ts';
import { postBill, type Bill } from './bill.ts';
import { bind, findBinding, type Document } from './binding.ts';
import type { Odoo } from './client.ts';
import { credit, type CreditRequest } from './credit.ts';
import { findOrder, type FoundOrder } from './find-order.ts';
import { invoiceDetails, type InvoiceDetails } from './invoice-lines.ts';
import { closeInvoices } from './invoice-rounding.ts';
import { namesOf } from './model.ts';
import { failed, pay, type PaymentMessage } from './payment.ts';
import type { Resolver } from './resolve.ts';
import { inTurn, sideBySide, type SideBySideOptions } from './side-by-side.ts';
import { apart, type Together } from './together.ts';

export interface More {
  /** Also what stands in it. */
  withLines?: boolean;
}

export type PostedWithLines = Posted & Partial<InvoiceDetails>;

export interface InvoiceWriter {
  /**
   * Each message is one posted document, at once or after any failure. Throws CodedError ORDER_UNKNOWN,
   * ORDER_AMBIGUOUS, ORDER_NOT_OPEN, INVOICE_MISSING, QUANTITY_EXCEEDED, CURRENCY_UNKNOWN, ODOO_VALUE_UNKNOWN (the
   * journal) or what a call to Odoo throws.
   */
  invoice(request: InvoiceRequest, more?: More): Promise<PostedWithLines>;
  credit(request: CreditRequest, more?: More): Promise<PostedWithLines>;
  pay(payment: PaymentMessage): Promise<Posted>;
  /** A refund that did not reach the customer. Throws REFUND_FAILED when it is booked. */
  failed(payment: PaymentMessage): Promise<void>;
  /** Of a purchase order. Throws RECEIPT_MISSING and BILL_DIFFERS beside the above. */
  bill(bill: Bill): Promise<Posted>;
  /** Resolves when everything has its outcome. */
  idle(): Promise<void>;
}

/** Odoo's own wizard takes most of the time of a payment, one at a time: more in one batch would only wait for each other. */
const payAtOnce = { max: 10, atOnce: 2 };

export function invoiceWriter(odoo: Odoo, known: Resolver, options: SideBySideOptions = {}): InvoiceWriter {
  const documents = sideBySide(odoo, { max: 20, atOnce: 2, ...options });
  const payments = sideBySide(odoo, { ...options, ...payAtOnce });
  /** By order: two messages about one never work on it at a time. */
  const turn = inTurn();
  const named = (kind: string, { source, id }: { source: string; id: string }) => `${kind}/${source}/${id}`;
  const withLines = async (all: Odoo, posted: Posted, more?: More): Promise<PostedWithLines> => ({
    ...posted,
    ...(more?.withLines && (await invoiceDetails(all, posted.id))),
  });

  async function invoice(all: Together, request: InvoiceRequest): Promise<Posted> {
    const order = await findOrder(all, 'sale.order', request.order);
    return turn(order.id, async () => {
      const document: Document = { ...request, kind: 'invoice', content: request };
      const before = await findBinding(all, document);
      const draft = before ? undefined : await draftInvoice(all, order);
      if (draft === 'all is invoiced') return nothingLeft(all, order);
      const id = before?.id ?? (await bind(all, document, { model: 'account.move', id: draft! })).id;
      await closeInvoices(all, known, order, id);
      return { order: order.reference, ...(await post(all, id, request.date)) };
    });
  }

  return {
    invoice: (request, more) =>
      documents.run(named('invoice', request), async (all) =>
        withLines(all, await invoice(all, request), more),
      ),
    credit: (request, more) =>
      documents.run(named('credit', request), async (all) =>
        withLines(all, await credit(all, known, request, turn), more),
      ),
    pay: (payment) => payments.run(named('payment', payment), (all) => pay(all, payment, turn)),
    failed: (payment) => failed(odoo, payment),
    bill: (bill) => documents.run(named('bill', bill), (all) => postBill(all, bill, turn)),
    idle: async () => void (await Promise.all([documents.idle(), payments.idle()])),
  };
}

/** An unposted invoice of the order that is no other message's, else a new one of what can be invoiced. */
async function draftInvoice(odoo: Together, order: FoundOrder): Promise<number | 'all is invoiced'> {
  const waiting = await free(odoo, await invoicesOf(odoo, order.id, 'out_invoice', 'draft'), 'invoice');
  if (waiting[0]) return waiting[0].id;
  const [row] = await odoo.call<{ invoice_status: string }[]>('sale.order', 'search_read', {
    domain: [['id', '=', order.id]],
    fields: ['invoice_status'],
  });
  if (row?.invoice_status === 'invoiced') return 'all is invoiced';
  try {
    await odoo.asOne('invoices of orders', order.id, createInvoices);
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

/**
 * One invoice an order, in one transaction. Of several orders Odoo leaves out those that have nothing to invoice; one alone
 * it refuses.
 */
async function createInvoices(orders: number[], odoo: Odoo): Promise<PromiseSettledResult<void>[]> {
  const { invoicesApart } = namesOf(await odoo.version());
  const make = async (some: number[]): Promise<void[]> => {
    const context = {
      active_model: 'sale.order',
      active_ids: some,
      active_id: some[0],
      tracking_disable: true,
    };
    const vals = { advance_payment_method: 'delivered', sale_order_ids: [[6, 0, some]] };
    const [wizard] = await odoo.call<number[]>('sale.advance.payment.inv', 'create', {
      vals_list: [{ ...vals, ...(invoicesApart && { consolidated_billing: false }) }],
      context,
    });
    await odoo.call('sale.advance.payment.inv', 'create_invoices', { ids: [wizard!], context });
    return some.map(() => undefined);
  };
  if (invoicesApart) return apart(orders, make);
  return Promise.all(orders.map(async (one) => (await apart([one], make))[0]!));
}

/** Where ordered quantities are invoiced, an earlier message had all of it: its last invoice, with a total of nothing. */
async function nothingLeft(odoo: Odoo, order: FoundOrder): Promise<Posted> {
  const last = (await invoicesOf(odoo, order.id, 'out_invoice', 'posted')).at(-1);
  if (last) return { order: order.reference, ...postedOf(last, true), total: '0.00' };
  throw new CodedError('ORDER_NOT_OPEN', `${order.name} has nothing to invoice now`, { order: order.name });
}
