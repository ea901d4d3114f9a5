/** What can be wrong: where, of which class, why, and what repairs it; here in the chain from an order to its money. */
import type { Told } from './break-classes.ts';
import { purchaseSituations, type PurchaseSituation } from './purchase-situations.ts';
import { stockSituations, type StockSituation } from './stock-situations.ts';

export const saleSituations = {
  'order missing': {
    stage: 'order',
    class: 'missing',
    cause: 'The partner has the order, and Odoo has none of its identity.',
    repair:
      'Look for its exception in the work queue and replay it; where there is none, run its webhook again.',
  },
  'order by hand': {
    stage: 'order',
    class: 'unlinked',
    cause: 'Odoo has an order with this number that was not written by the hub, so nothing finds it.',
    repair: 'Cancel the one made by hand and replay the order, unless goods have left for it.',
  },
  'order extra': {
    stage: 'order',
    class: 'extra',
    cause: 'Odoo has an order of this partner that the hub never heard of.',
    repair: 'Ask the partner whether it is theirs; cancel it in Odoo where it is not.',
  },
  'order twice': {
    stage: 'order',
    class: 'duplicate',
    cause: 'A second order of the same customer says the same.',
    repair: 'Cancel the second order in Odoo before goods leave for it.',
  },
  'order waits': {
    stage: 'order',
    class: 'missing',
    cause: 'The order stands in Odoo as a quotation, though nothing holds it.',
    repair: 'Repair what its exception names and replay it, or confirm the quotation.',
  },
  'cancelled in Odoo only': {
    stage: 'order',
    class: 'extra',
    cause: 'The order was cancelled in Odoo, and the partner did not cancel it.',
    repair: 'Tell the partner, or set the order back to a quotation and confirm it.',
  },
  'cancellation missing': {
    stage: 'order',
    class: 'missing',
    cause: 'The partner cancelled the order, and in Odoo it is not cancelled.',
    repair: 'Cancel the order in Odoo; where goods have left, ask for them back.',
  },
  'line missing': {
    stage: 'order',
    class: 'missing',
    cause: "A line of the partner's order is not in the sale order.",
    repair: 'Add the line to the sale order again, or agree with the partner that it is taken off.',
  },
  'line extra': {
    stage: 'order',
    class: 'extra',
    cause: 'The sale order has a line that the partner did not order.',
    repair: 'Take the line off, or set its quantity to 0; where it was agreed, have the partner add it.',
  },
  'line quantity': {
    stage: 'order',
    class: 'quantity',
    cause: 'The sale order has another quantity of the line than the partner ordered.',
    repair: 'Ask who changed it; set it back, or have the partner change the order.',
  },
  'line price': {
    stage: 'order',
    class: 'price',
    cause: 'The line is worth something else in the sale order than the partner says.',
    repair: 'Set the price of the line back. Where it is invoiced, credit the difference.',
  },
  'order total': {
    stage: 'order',
    class: 'price',
    cause: "The lines agree, and the total of the sale order is not the partner's.",
    repair: 'Compare the taxes of both, and correct them in Odoo.',
  },
  'order rounding': {
    stage: 'order',
    class: 'tax rounding',
    cause: "The total of the sale order differs from the partner's by cents.",
    repair: 'Book the cents as rounding, or allow for them in definitions/reconciliation.yaml.',
  },
  'shipped more': {
    stage: 'shipment',
    class: 'quantity',
    cause: 'More has left than was ordered.',
    repair: 'Count with the warehouse. Ask for the goods back, or have the customer order them.',
  },
  'shipment quantity': {
    stage: 'shipment',
    class: 'quantity',
    cause: 'The transfer in Odoo has another quantity than the warehouse reported.',
    repair: 'Count with the warehouse, and correct the transfer.',
  },
  'shipment missing': {
    stage: 'shipment',
    class: 'missing',
    cause: 'The warehouse reported a shipment, and its transfer in Odoo is not done, or gone.',
    repair: 'Do the transfer in Odoo, or replay the report of the warehouse.',
  },
  'shipment extra': {
    stage: 'shipment',
    class: 'extra',
    cause: 'A transfer was done in Odoo that the warehouse of this order did not report.',
    repair: 'Ask the warehouse whether the goods have left; return the transfer in Odoo where they have not.',
  },
  'not credited': {
    stage: 'return',
    class: 'missing',
    cause: 'Goods came back, and no credit note takes them off.',
    repair: 'Make the credit note from the invoice, for what came back.',
  },
  'credited only': {
    stage: 'return',
    class: 'extra',
    cause: 'A credit note takes off what did not come back.',
    repair: 'Where it was a concession, note it. Otherwise book the return, or invoice the goods again.',
  },
  'not invoiced': {
    stage: 'invoice',
    class: 'missing',
    cause: 'Goods have left, and no invoice has them.',
    repair: 'Make the invoice in Odoo from the order, or replay its exception.',
  },
  'invoiced more': {
    stage: 'invoice',
    class: 'quantity',
    cause: 'More is invoiced than has left.',
    repair: 'Credit what is too much, or ship it.',
  },
  'invoice twice': {
    stage: 'invoice',
    class: 'duplicate',
    cause: 'Two invoices of the order say the same, and goods have left for one.',
    repair: 'Reverse the second invoice by a credit note.',
  },
  'invoice unlinked': {
    stage: 'invoice',
    class: 'unlinked',
    cause:
      'An invoice names the order and is linked to none of its lines, so the order counts as not invoiced.',
    repair: 'Cancel it and make the invoice from the order.',
  },
  'invoice price': {
    stage: 'invoice',
    class: 'price',
    cause: 'A line is invoiced at another price than it was ordered.',
    repair: 'Credit the invoice and make it again at the right price.',
  },
  'invoice total': {
    stage: 'invoice',
    class: 'price',
    cause: 'The lines of the invoice agree, and its total is another than that of the order.',
    repair: 'Compare the taxes and the added lines of the invoice with those of the order.',
  },
  'invoice currency': {
    stage: 'invoice',
    class: 'price',
    cause: 'The invoice is in another currency than the order, so their money cannot be compared.',
    repair:
      'Ask in which currency was agreed. Reverse the invoice and make it in that of the order, or accept it as it is.',
  },
  'invoice rounding': {
    stage: 'invoice',
    class: 'tax rounding',
    cause: 'The invoices of the order differ from its total by cents.',
    repair: 'Book the cents as rounding, or allow for them in definitions/reconciliation.yaml.',
  },
  'not posted': {
    stage: 'posting',
    class: 'missing',
    cause: 'The invoice is a draft: it stands in no account.',
    repair: 'Check it and post it.',
  },
  'other period': {
    stage: 'posting',
    class: 'period',
    cause: 'The invoice counts in another month than its goods.',
    repair: 'Set it back to a draft and correct its date; where the month is closed, accrue it.',
  },
  'payment unlinked': {
    stage: 'payment',
    class: 'unlinked',
    cause: 'Money of the order is booked and set against nothing, while its invoice is open.',
    repair: 'Reconcile the payment with the invoice in Odoo.',
  },
  'paid twice': {
    stage: 'payment',
    class: 'duplicate',
    cause: 'The same payment is booked a second time.',
    repair: 'Look at the statement. Cancel the second payment, or give the money back.',
  },
  'paid more': {
    stage: 'payment',
    class: 'extra',
    cause: 'More was paid than is invoiced.',
    repair: 'Give the money back, or keep it for the next invoice.',
  },
  'payment missing': {
    stage: 'payment',
    class: 'missing',
    cause: 'The hub booked a payment that Odoo has no more, or has cancelled.',
    repair: 'Look at the statement, and register the payment again where the money is there.',
  },
  'written off': {
    stage: 'payment',
    class: 'extra',
    cause: 'More of an invoice was given up than the limit allows.',
    repair: 'Have it approved, or take the write-off back.',
  },
} as const satisfies Record<string, Told>;

export type Situation = keyof typeof saleSituations | PurchaseSituation | StockSituation;
export const situations: Readonly<Record<Situation, Told>> = {
  ...saleSituations,
  ...purchaseSituations,
  ...stockSituations,
};

/** Of every break that is only a matter of time. */
export const waiting = 'Nothing yet: the next run clears it, or says that it is missing.';
