/** Codes of Odoo's answers, and of orders, goods and money there: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const odooCodes = {
  ODOO_UNREACHABLE: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo cannot be reached; nothing was sent.',
    action: 'Start Odoo, or correct its address; flows try again by themselves.',
  },
  ODOO_TIMEOUT: {
    status: 504,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo did not answer in time; whether it did the work is not known.',
    action: 'Nothing: the next attempt looks in Odoo first. If it goes on, look at the load of Odoo.',
  },
  ODOO_ANSWER_LOST: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'The connection to Odoo broke during a call; whether Odoo did the work is not known.',
    action: 'Nothing: the next attempt looks in Odoo first.',
  },
  ODOO_BUSY: {
    status: 503,
    retryable: true,
    owner: 'operations',
    meaning: 'Another transaction in Odoo holds the record, or Odoo takes no more requests now.',
    action: 'Nothing: flows try again by themselves.',
  },
  ODOO_AUTH: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'Odoo refuses the API key or login.',
    action: 'Make a new API key in Odoo (keys live at most three months) and set it in the environment.',
  },
  ODOO_ACCESS: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The user of the API key may not do this in Odoo.',
    action: 'Give that user the access right, then replay the message.',
  },
  ODOO_ADDRESS_WRONG: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'What answers at this address is not Odoo, or Odoo has no database of this name.',
    action: 'Correct the address or the database name of the Odoo connection.',
  },
  ODOO_NOT_FOUND: {
    status: 502,
    retryable: false,
    owner: 'analyst',
    meaning: 'Odoo has no such model, method or record.',
    action: 'Check that the app is installed in Odoo and that the record was not deleted.',
  },
  ODOO_REFUSED: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'Odoo refused the data; its own sentence is in the message.',
    action: 'Correct the data or the setting in Odoo, then replay the message.',
  },
  ODOO_FAILED: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo failed inside. A retry may help, or fail again for the same reason.',
    action: 'Look at the log of Odoo at this time.',
  },
  ODOO_ANSWER_INVALID: {
    status: 502,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo, or a proxy before it, answered with something that is not JSON.',
    action: 'Look at the proxy before Odoo; check the address of the Odoo connection.',
  },
  ODOO_UNCERTAIN: {
    status: 502,
    retryable: false,
    owner: 'operations',
    meaning: 'The answer of Odoo to a call was lost, and the call must not be made twice.',
    action: 'Look in Odoo whether it was done. If not, replay the message; if so, discard it.',
  },
  ODOO_TOTAL_MISMATCH: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning:
      'Odoo computes another total than the order carries, and more differs than rounding may. It stays a quotation, unconfirmed.',
    action:
      'Its sentence says what each side has and why. Correct the value map tax, the taxes or the rounding in Odoo, or the tolerance of the partner; then replay.',
  },
  ODOO_VALUE_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'A value map leads to a name or external id that Odoo does not have, or has more than once.',
    action: 'Correct the value map or the record in Odoo, then replay the message.',
  },
  ORDER_UNKNOWN: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'Odoo has no order with this identity or number, at least not yet.',
    action: 'Look whether the order waits as an exception itself; when it is in Odoo, replay the message.',
  },
  ORDER_AMBIGUOUS: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'Several orders in Odoo have this number.',
    action: 'Correct the message so that it names the order by source and id, then replay it.',
  },
  ORDER_NOT_OPEN: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning:
      'The order in Odoo has nothing left for this message: it was shipped, invoiced or cancelled before.',
    action: 'Compare the message with the order in Odoo; discard it, or correct one of them and replay it.',
  },
  SHIPMENT_MISSING: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'More comes back than the order in Odoo has shipped, at least until now.',
    action: 'Look why the shipment is not booked; when it is, replay the message.',
  },
  RECEIPT_MISSING: {
    status: 422,
    retryable: true,
    owner: 'operations',
    meaning: 'A bill came for goods of which Odoo has no receipt, at least until now.',
    action: 'Look why the receipt is not booked; when it is, replay the message.',
  },
  BILL_DIFFERS: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'A bill says another total than what was received and not yet billed. It stays a draft in Odoo.',
    action:
      'Compare quantities and prices; correct the draft in Odoo, or ask the supplier, then replay the message.',
  },
  REFUND_FAILED: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning:
      'A refund did not reach the customer: the money is back with the provider. In Odoo it is booked as paid, or would be.',
    action:
      'Pay the customer another way, or cancel the payment in Odoo so that the credit note is open again; then discard the message.',
  },
  INVOICE_MISSING: {
    status: 422,
    retryable: true,
    owner: 'finance',
    meaning:
      'The order has no posted invoice, or credit note, that this money could be for, at least not yet.',
    action: 'Look why the order is not invoiced; when it is, replay the message.',
  },
  QUANTITY_EXCEEDED: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'The message says more pieces of an article than the document in Odoo has open.',
    action: 'Ask who sent it what is right; correct the message or the document, then replay it.',
  },
  QUANTITY_INEXACT: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'A quantity of an order has more decimals than Odoo keeps, so that other goods would be sold.',
    action:
      'Give Odoo more decimals (Settings, Technical, Decimal Accuracy, Product Unit) or the unit that the partner orders in; then replay the order.',
  },
  UNIT_DIFFERS: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'The unit of the message cannot be converted into the unit the article has in Odoo.',
    action:
      'Correct the entry of the value map uom, for this article alone where it must be, or the unit of the article in Odoo; then replay the message.',
  },
  PRODUCT_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'No product in Odoo has this SKU or barcode.',
    action:
      'Create the product or correct its internal reference in Odoo, then replay the message; or map what the partner calls it in the value map product.',
  },
  PRODUCT_AMBIGUOUS: {
    status: 422,
    retryable: false,
    owner: 'analyst',
    meaning: 'More than one product in Odoo has this SKU or barcode.',
    action: 'Make the internal reference unique in Odoo, then replay the message.',
  },
  CURRENCY_UNKNOWN: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'The currency of the order does not exist or is not active in Odoo.',
    action: 'Activate the currency in Odoo, then replay the message.',
  },
  TOTALS_DIFFER: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning: 'The lines, charges and taxes of the message do not come to the total it names.',
    action: 'Find what the mapping leaves out, or ask the sender; then replay the message.',
  },
} as const satisfies Record<string, ErrorCode>;
