/** Invoices, credit notes, payments and bills in Odoo, each posted once; what comes together is asked for as one. */
import { CodedError } from '../../errors/coded-error.ts';
import type { ByTier, Tier } from '../../limits/limits.ts';
import {
  free,
  movesOf,
  only,
  post,
  postedOf,
  readInvoiced,
  type AccountMove,
  type InvoicedOrder,
  type InvoiceRequest,
  type Posted,
} from './account-move.ts';
import { postBill, type Bill } from './bill.ts';
import { bind, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { credit, type CreditRequest } from './credit.ts';
import { findBoth } from './find-both.ts';
import type { FoundOrder } from '../find-order.ts';
import { invoiceDetails, type InvoiceDetails } from './invoice-lines.ts';
import { closeInvoices } from './invoice-rounding.ts';
import { failed, pay, type PaymentMessage } from './payment.ts';
import type { Resolver } from '../resolve.ts';
import { oneByOne } from '../together/one-by-one.ts';
import { sideBySide } from '../together/side-by-side.ts';
import { apart, type Together } from '../together/together.ts';

export interface More {
  /** Also what stands in it. */
  withLines?: boolean;
  tier?: Tier;
}

export type PostedWithLines = Posted & Partial<InvoiceDetails>;

export interface InvoiceWriter {
  /**
   * Makes and posts the document of a message; safe to call again at once or after any failure: each message is one posted
   * document. Throws CodedError ORDER_UNKNOWN,
   * ORDER_AMBIGUOUS, ORDER_NOT_OPEN, INVOICE_MISSING, QUANTITY_EXCEEDED, CURRENCY_UNKNOWN, ODOO_VALUE_UNKNOWN (the
   * journal) or what a call to Odoo throws.
   */
  invoice(request: InvoiceRequest, more?: More): Promise<PostedWithLines>;
  credit(request: CreditRequest, more?: More): Promise<PostedWithLines>;
  pay(payment: PaymentMessage, tier?: Tier): Promise<Posted>;
  /** Notes a refund that did not reach the customer. Throws CodedError REFUND_FAILED when it is booked. */
  failed(payment: PaymentMessage): Promise<void>;
  /** Makes and posts a bill of a purchase order. Throws RECEIPT_MISSING and BILL_DIFFERS besides the above. */
  bill(bill: Bill, tier?: Tier): Promise<Posted>;
  /** Resolves when every message given so far has its outcome. */
  idle(): Promise<void>;
}

/** A wait that is short beside the time Odoo takes for an invoice, and brings many together. */
const windowMs = 25;

/**
 * Payments Odoo registers one by one, whose calls go side by side within a batch: a second batch beside it would only be
 * smaller.
 */
const sizes = {
  documents: { max: 20, atOnce: 2, beside: 8, windowMs },
  payments: { max: 16, windowMs },
};

export function invoiceWriter(odoo: Odoo, known: Resolver, weights?: ByTier<number>): InvoiceWriter {
  const documents = sideBySide(odoo, { ...sizes.documents, weights });
  const payments = sideBySide(odoo, { ...sizes.payments, weights });
  /** Two messages about one order never work on it at a time. */
  const inOrder = oneByOne();
  const withLines = async (all: Odoo, posted: Posted, more?: More): Promise<PostedWithLines> => ({
    ...posted,
    ...(more?.withLines && (await invoiceDetails(all, posted.id))),
  });

  async function invoice(all: Together, request: InvoiceRequest): Promise<Posted> {
    const document: Document = { ...request, kind: 'invoice', content: request };
    const { order, before } = await findBoth(all, 'sale.order', document, request.order);
    return inOrder(`sale.order ${order.id}`, async () => {
      let books = await booksOf(all, order.id);
      let id = before?.id ?? (await waitingDraft(all, books));
      if (id === undefined) {
        if (books.invoiced.invoice_status === 'invoiced') return nothingLeft(order, books);
        await makeInvoice(all, order, books);
        books = await booksOf(all, order.id);
        id = await waitingDraft(all, books);
      }
      if (id === undefined) throw nothingToInvoice(order);
      if (!before) ({ id } = await bind(all, document, { model: 'account.move', id }));
      await closeInvoices(all, known, { source: order.reference.source, ...books }, id);
      const move = books.moves.find((one) => one.id === id);
      return { order: order.reference, ...(await post(all, id, request.date, move)) };
    });
  }

  return {
    invoice: (request, more) =>
      documents.run(
        'invoice',
        request,
        async (all) => withLines(all, await invoice(all, request), more),
        more?.tier,
      ),
    credit: (request, more) =>
      documents.run(
        'credit',
        request,
        async (all) => withLines(all, await credit(all, known, request, inOrder), more),
        more?.tier,
      ),
    pay: (payment, tier) => payments.run('payment', payment, (all) => pay(all, payment, inOrder), tier),
    failed: (payment) => failed(odoo, payment),
    bill: (bill, tier) => documents.run('bill', bill, (all) => postBill(all, bill, inOrder), tier),
    idle: async () => void (await Promise.all([documents.idle(), payments.idle()])),
  };
}

interface Books {
  invoiced: InvoicedOrder;
  moves: AccountMove[];
}

async function booksOf(odoo: Odoo, order: number): Promise<Books> {
  const invoiced = await readInvoiced(odoo, order);
  return { invoiced, moves: await movesOf(odoo, invoiced) };
}

/** An unposted invoice that is no other message's. */
async function waitingDraft(odoo: Odoo, { moves }: Books): Promise<number | undefined> {
  return (await free(odoo, only(moves, 'out_invoice', 'draft'), 'invoice'))[0]?.id;
}

/** Of what can be invoiced. Orders of other messages get theirs in the same call. */
async function makeInvoice(odoo: Together, order: FoundOrder, { invoiced }: Books): Promise<void> {
  try {
    await odoo.asOne('invoices of orders', order.id, createInvoices);
  } catch (error) {
    const refused = error instanceof CodedError && error.code === 'ODOO_REFUSED';
    if (!refused || invoiced.invoice_status === 'to invoice') throw error;
    throw nothingToInvoice(order, error);
  }
}

function nothingToInvoice({ name }: FoundOrder, said?: CodedError): CodedError {
  const why = said ? `: ${said.message}` : '';
  return new CodedError('ORDER_NOT_OPEN', `${name} has nothing to invoice now${why}`, { order: name });
}

/**
 * One invoice an order, in one transaction. Of several orders Odoo leaves out those that have nothing to invoice; one alone
 * it refuses.
 */
async function createInvoices(orders: number[], odoo: Odoo): Promise<PromiseSettledResult<void>[]> {
  const { invoicesApart, namesOrders } = await odoo.dialect();
  const make = async (some: number[]): Promise<void[]> => {
    const context = {
      active_model: 'sale.order',
      active_ids: some,
      active_id: some[0],
      tracking_disable: true,
    };
    const vals = {
      advance_payment_method: 'delivered',
      ...(namesOrders && { sale_order_ids: [[6, 0, some]] }),
      ...(invoicesApart && { consolidated_billing: false }),
    };
    const [wizard] = await odoo.call<number[]>('sale.advance.payment.inv', 'create', {
      vals_list: [vals],
      context,
    });
    await odoo.call('sale.advance.payment.inv', 'create_invoices', { ids: [wizard!], context });
    return some.map(() => undefined);
  };
  if (invoicesApart) return apart(orders, make);
  const outcomes: PromiseSettledResult<void>[] = [];
  for (const one of orders) outcomes.push(...(await apart([one], make)));
  return outcomes;
}

/** Where ordered quantities are invoiced, an earlier message had all of it: its last invoice, with a total of nothing. */
function nothingLeft(order: FoundOrder, { moves }: Books): Posted {
  const last = only(moves, 'out_invoice', 'posted').at(-1);
  if (last) return { order: order.reference, ...postedOf(last, true), total: '0.00' };
  throw nothingToInvoice(order);
}
