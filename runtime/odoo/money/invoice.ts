/** Posts invoices, credit notes, payments and bills in Odoo, each once. Messages that come together share calls. */
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
  /** Whether to return the content of the document too. Default false. */
  withLines?: boolean;
  tier?: Tier;
}

export type PostedWithLines = Posted & Partial<InvoiceDetails>;

export interface InvoiceWriter {
  /**
   * Creates and posts the invoice of a message. Safe to call again after any failure: each message is one posted
   * document. Throws CodedError ORDER_UNKNOWN, ORDER_AMBIGUOUS, ORDER_NOT_OPEN, CURRENCY_UNKNOWN, CLAIM_CONFLICT if the
   * message came before about another order, or what a call to Odoo throws.
   */
  invoice(request: InvoiceRequest, more?: More): Promise<PostedWithLines>;
  /**
   * Creates and posts a credit note. Throws as `invoice`, INVOICE_MISSING, QUANTITY_EXCEEDED, and the errors of
   * products.
   */
  credit(request: CreditRequest, more?: More): Promise<PostedWithLines>;
  /** Registers a payment or refund. Throws as `invoice`, INVOICE_MISSING, and ODOO_VALUE_UNKNOWN for the journal. */
  pay(payment: PaymentMessage, tier?: Tier): Promise<Posted>;
  /** Handles a refund that did not reach the customer. Throws CodedError REFUND_FAILED if it is booked in Odoo. */
  failed(payment: PaymentMessage): Promise<void>;
  /** Creates and posts a bill of a purchase order. Throws what `postBill` throws. */
  bill(bill: Bill, tier?: Tier): Promise<Posted>;
  /** Resolves when all messages given so far have an outcome. */
  idle(): Promise<void>;
}

/** Short compared with the time that Odoo takes for an invoice, and long enough to collect many messages. */
const windowMs = 25;

/**
 * Odoo registers payments one by one, and their calls run in parallel within a batch. A second batch would only make
 * both smaller.
 */
const sizes = {
  documents: { max: 20, atOnce: 2, beside: 8, windowMs },
  payments: { max: 16, windowMs },
};

export function invoiceWriter(odoo: Odoo, known: Resolver, weights?: ByTier<number>): InvoiceWriter {
  const documents = sideBySide(odoo, { ...sizes.documents, weights });
  const payments = sideBySide(odoo, { ...sizes.payments, weights });
  /** Two messages about one order are never worked on at the same time. */
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

/** Returns a draft invoice that belongs to no other message. */
async function waitingDraft(odoo: Odoo, { moves }: Books): Promise<number | undefined> {
  return (await free(odoo, only(moves, 'out_invoice', 'draft'), 'invoice'))[0]?.id;
}

/** Invoices what can be invoiced. Orders of other messages are invoiced in the same call. */
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
 * Creates one invoice for each order, in one transaction. Odoo leaves out orders with nothing to invoice, but refuses a
 * single one.
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

/**
 * If Odoo invoices ordered quantities, an earlier message has invoiced everything. Returns its last invoice, with total
 * 0.00.
 */
function nothingLeft(order: FoundOrder, { moves }: Books): Posted {
  const last = only(moves, 'out_invoice', 'posted').at(-1);
  if (last) return { order: order.reference, ...postedOf(last, true), total: '0.00' };
  throw nothingToInvoice(order);
}
