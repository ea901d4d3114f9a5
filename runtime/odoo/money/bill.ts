/**
 * Creates a supplier's bill in Odoo from what was received, compares it with the supplier's total and posts it once.
 */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { amountText, free, post, readMoves, type Posted } from './account-move.ts';
import { bind, findBinding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { findOrder, type FoundOrder, type OrderReference } from '../find-order.ts';
import { plain } from '../load.ts';
import type { OneByOne } from '../together/one-by-one.ts';

/** See definitions/schemas/bill.v1.json. */
export interface Bill {
  source: string;
  id: string;
  /** The purchase order. */
  order: OrderReference;
  /** The supplier's number for the bill. */
  number: string;
  /** Date of the bill, such as `2026-11-25`. */
  date: string;
  /** Due date, such as `2026-12-25`. Default: from the payment terms in Odoo. */
  due?: string;
  /** Total, including tax. */
  total: string;
}

/**
 * Creates and posts the bill after a three-way match of what was ordered, received and billed. Safe to call again.
 * Throws CodedError ORDER_UNKNOWN or ORDER_AMBIGUOUS; ORDER_NOT_OPEN if the whole order is billed; RECEIPT_MISSING
 * while everything received is billed; BILL_DIFFERS, which leaves the bill as a draft; CLAIM_CONFLICT if the message
 * came before about another order; or what a call to Odoo throws.
 */
export async function postBill(odoo: Odoo, bill: Bill, inOrder: OneByOne): Promise<Posted> {
  const order = await findOrder(odoo, 'purchase.order', bill.order);
  return inOrder(`purchase.order ${order.id}`, () => billOrder(odoo, bill, order));
}

async function billOrder(odoo: Odoo, bill: Bill, order: FoundOrder): Promise<Posted> {
  const document: Document = { ...bill, kind: 'bill', content: bill };
  const before = await findBinding(odoo, document);
  const id =
    before?.id ?? (await bind(odoo, document, { model: 'account.move', id: await draft(odoo, order) })).id;
  const [move] = await readMoves(odoo, [['id', '=', id]]);
  if (move?.state === 'draft') {
    match(order, bill, move.amount_total);
    const vals = { ref: bill.number, ...(bill.due && { invoice_date_due: bill.due }) };
    await odoo.call('account.move', 'write', { ids: [id], vals, context: plain });
  }
  return { order: order.reference, ...(await post(odoo, id, bill.date)) };
}

function match(order: FoundOrder, { number, total }: Bill, computed: number): void {
  if (Big(total).eq(Big(computed).round(6))) return;
  const facts = {
    order: order.name,
    bill: number,
    said: amountText(Number(total)),
    computed: amountText(computed),
  };
  throw new CodedError(
    'BILL_DIFFERS',
    `The bill ${number} says ${facts.said}; what was received and not yet billed comes to ${facts.computed}`,
    facts,
  );
}

/** Returns a draft bill of the order that belongs to no other message, or creates one of what was received. */
async function draft(odoo: Odoo, order: FoundOrder): Promise<number> {
  const waiting = await drafts(odoo, order.id);
  if (waiting !== undefined) return waiting;
  const [row] = await odoo.call<{ invoice_status: string }[]>('purchase.order', 'search_read', {
    domain: [['id', '=', order.id]],
    fields: ['invoice_status'],
  });
  // Odoo would create an empty bill if there is nothing to bill.
  if (row?.invoice_status === 'invoiced')
    throw new CodedError('ORDER_NOT_OPEN', `All of ${order.name} is billed`, { order: order.name });
  if (row?.invoice_status !== 'to invoice')
    throw new CodedError('RECEIPT_MISSING', `Nothing of ${order.name} is received that is not billed`, {
      order: order.name,
    });
  await odoo.call('purchase.order', 'action_create_invoice', { ids: [order.id] });
  const made = await drafts(odoo, order.id);
  if (made !== undefined) return made;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a bill and it is not there', { order: order.name });
}

async function drafts(odoo: Odoo, order: number): Promise<number | undefined> {
  const [row] = await odoo.call<{ invoice_ids: number[] }[]>('purchase.order', 'search_read', {
    domain: [['id', '=', order]],
    fields: ['invoice_ids'],
  });
  const moves = await readMoves(odoo, [
    ['id', 'in', row?.invoice_ids ?? []],
    ['move_type', '=', 'in_invoice'],
    ['state', '=', 'draft'],
  ]);
  return (await free(odoo, moves, 'bill'))[0]?.id;
}
