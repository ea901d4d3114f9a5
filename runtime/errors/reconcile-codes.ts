/** Codes of breaks that a reconciliation finds, one a class, and of its runs: a part of the one table. */
import type { ErrorCode } from './row.ts';

export const reconcileCodes = {
  BREAK_TIMING: {
    status: 409,
    retryable: true,
    owner: 'finance',
    meaning: 'A document is dated after the cut-off, or a step is still in the time it may take.',
    action: 'Do nothing: the next run clears it, or says that it is missing.',
  },
  BREAK_MISSING: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'One side has an order, a line, a shipment, an invoice or a payment that the other has not.',
    action: 'Look for its exception in the work queue and replay it, or make in Odoo what is missing.',
  },
  BREAK_EXTRA: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'Odoo has an order, a line, a transfer or a payment that nobody asked for.',
    action: 'Ask who made it; take it back, or have the partner order it.',
  },
  BREAK_QUANTITY: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'More or less was ordered, shipped or invoiced on one side than on the other.',
    action: 'Count with the warehouse, and correct the side that is wrong.',
  },
  BREAK_PRICE: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'A line or a total is worth something else than what was agreed.',
    action: 'Set the price right; credit what was invoiced, and invoice it again.',
  },
  BREAK_TAX_ROUNDING: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'Two totals differ by cents, from taxes and rounding.',
    action: 'Book the cents as rounding, or allow for them in definitions/reconciliation.yaml.',
  },
  BREAK_DUPLICATE: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'An order, an invoice or a payment stands in Odoo twice.',
    action: 'Cancel or reverse the second.',
  },
  BREAK_UNLINKED: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'A document is there and set against nothing, so what it belongs to counts as open.',
    action: 'Reconcile it in Odoo with what it belongs to.',
  },
  BREAK_PERIOD: {
    status: 409,
    retryable: false,
    owner: 'finance',
    meaning: 'An invoice counts in another month than its goods.',
    action: 'Correct its date; where the month is closed, accrue it.',
  },
  STATEMENT_INVALID: {
    status: 422,
    retryable: false,
    owner: 'operations',
    meaning: 'The file is no statement of stock: a column, a quantity or a time is missing or wrong.',
    action:
      'Correct the line that is named: a first line with sku, quantity and as-of, then a line for each article.',
  },
  RECONCILIATION_UNKNOWN: {
    status: 404,
    retryable: false,
    owner: 'finance',
    meaning: 'There is no kept reconciliation of this id, and no file of this name.',
    action: 'Run crossdock reconcile list: it shows what there is.',
  },
  RECONCILIATION_INVALID: {
    status: 422,
    retryable: false,
    owner: 'finance',
    meaning:
      'The file is no reconciliation, was changed after it was signed, or nobody this hub trusts has signed it.',
    action:
      'Take the file as the hub kept it: crossdock reconcile show ID. Of another hub, trust its key first: crossdock release trust FILE.',
  },
} satisfies Record<string, ErrorCode>;
