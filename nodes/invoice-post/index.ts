/** Flow node: invoices, credit notes, payments and bills in Odoo, each posted once. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import type { Hub } from '../../runtime/hub/hub.ts';
import type { Tier } from '../../runtime/limits/limits.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import type { Bill } from '../../runtime/odoo/money/bill.ts';
import type { Posted } from '../../runtime/odoo/money/account-move.ts';
import type { CreditRequest } from '../../runtime/odoo/money/credit.ts';
import type { InvoiceWriter } from '../../runtime/odoo/money/invoice.ts';
import type { PaymentMessage } from '../../runtime/odoo/money/payment.ts';
import { needsOf, type Work } from '../../runtime/odoo/rights/needs.ts';
import type { Needing } from '../../runtime/odoo/rights/watch.ts';

const operations = ['invoice', 'credit note', 'payment', 'failed refund', 'bill'] as const;

const workOf: Record<(typeof operations)[number], Work> = {
  invoice: 'invoices',
  'credit note': 'invoices',
  payment: 'payments',
  'failed refund': 'payments',
  bill: 'bills',
};

export default defineNode({
  type: 'invoice-post',
  use: 'out',
  summary: 'Posts an invoice, a credit note, a payment or a bill of an order in Odoo, once.',
  help: `What it does with \`msg.payload\`, each found by its order:

- **invoice** (invoice-request.v1): invoices what was delivered, or ordered where the product says so, and posts it;
- **credit note** (credit-note.v1): reverses a posted invoice, whole or the lines that are named, posts it, and sets it
  against what the invoice has open;
- **payment** (payment.v1): registers money on the open invoices, or with \`refund: true\` on the open credit notes;
- **failed refund** (payment.v1): nothing is booked of it, and never will be. Where it is booked already, finance is asked:
  **REFUND_FAILED**;
- **bill** (bill.v1): makes a supplier's bill of what was received of a purchase order, compares the total, and posts it
  under the supplier's number. Another total fails with **BILL_DIFFERS** and leaves a draft.

Messages that arrive together are done together: one call reads, makes or posts the documents of all. One that Odoo refuses
holds no other; two of the same order follow each other. Payments Odoo itself registers one by one.

The message is attached to its document in Odoo. The same message again, at once or after a lost answer, finds it there
and posts nothing.

**ORDER_UNKNOWN**, **INVOICE_MISSING** and **RECEIPT_MISSING** are tried again, as what they miss may still be on its way. Nothing left to
invoice fails with **ORDER_NOT_OPEN**, more than was invoiced with **QUANTITY_EXCEEDED**; both wait for a person.`,
  icon: 'fa-file-text-o',
  color: '#D7C1E0',
  config: Type.Object({
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    operation: choice(operations, {
      title: 'What to post',
      description: 'What the messages ask for.',
      default: 'invoice',
    }),
    withLines: Type.Boolean({
      when: { operation: ['invoice', 'credit note'] },
      title: 'With lines',
      description:
        'Also read what stands in the invoice or credit note, for those who get it by EDI or an API.',
      default: false,
    }),
  }),
  inputs: 1,
  accepts: {
    setting: 'operation',
    of: {
      invoice: 'invoice-request.v1',
      'credit note': 'credit-note.v1',
      payment: 'payment.v1',
      'failed refund': 'payment.v1',
      bill: 'bill.v1',
    },
  },
  writes: 'account.move',
  outputs: [
    {
      name: 'posted',
      description:
        'payload is the message as before; odoo is {order, id, name, state, total, residual, repeated}; with lines also {date, currency, net, tax, lines}.',
    },
  ],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const { invoices, need } = use<{ invoices: InvoiceWriter } & Needing>(config.connection, 'Odoo');
    need(needsOf(workOf[config.operation]));
    const { tier } = flowContext;
    const post = (payload: unknown) => {
      if (config.operation === 'payment') return pay(hub, invoices, payload as PaymentMessage, tier);
      if (config.operation === 'bill') return invoices.bill(payload as Bill, tier);
      const [request, more] = [payload as CreditRequest, { withLines: config.withLines, tier }];
      return config.operation === 'invoice'
        ? invoices.invoice(request, more)
        : invoices.credit(request, more);
    };
    const model = config.operation === 'payment' ? 'account.payment' : 'account.move';
    return {
      async input(msg) {
        const started = Date.now();
        const delivery = deliveryOf(msg);
        if (config.operation === 'failed refund') {
          await noteFailed(hub, invoices, msg.payload as PaymentMessage);
          if (delivery)
            note(delivery, flowContext, 'landed', { detail: 'A refund that failed: nothing is booked' });
          send('posted', msg);
          return;
        }
        const odoo = await post(msg.payload);
        if (delivery) {
          note(delivery, flowContext, 'landed', {
            detail: `${odoo.name} ${odoo.total} ${odoo.state}${odoo.repeated ? ', was there already' : ''}`,
            reference: `${model}/${odoo.id}`,
            durationMs: Date.now() - started,
          });
        }
        send('posted', { ...msg, odoo });
      },
    };
  },
});

const failedRefund = 'refund-failed';

/** That a refund succeeded may be booked late: after its failure was told. */
async function pay(
  { journal }: Hub,
  invoices: InvoiceWriter,
  payment: PaymentMessage,
  tier: Tier,
): Promise<Posted> {
  const { source, id, amount, currency } = payment;
  if (payment.refund && (await journal.documents.get(failedRefund, `${source}/${id}`)) !== undefined)
    throw new CodedError(
      'REFUND_FAILED',
      `The refund ${id} of ${amount} ${currency} failed at ${source} before it was booked`,
      { refund: id },
    );
  return invoices.pay(payment, tier);
}

async function noteFailed({ journal }: Hub, invoices: InvoiceWriter, payment: PaymentMessage): Promise<void> {
  await journal.documents.put(failedRefund, `${payment.source}/${payment.id}`, payment.reason ?? '');
  await invoices.failed(payment);
}
