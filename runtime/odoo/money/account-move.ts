/** Reads invoices, credit notes and bills in Odoo, and posts each once. */
import { CodedError } from '../../errors/coded-error.ts';
import { bound } from '../binding.ts';
import type { Odoo } from '../client.ts';
import type { OrderReference } from '../find-order.ts';
import { plain } from '../load.ts';
import { isOfRecords } from '../protocol/faults.ts';

/** A message about the money of an order. See definitions/schemas/invoice-request.v1.json. */
export interface InvoiceRequest {
  source: string;
  id: string;
  order: OrderReference;
  /** Date of the document, such as `2026-11-25`. Default: today in Odoo. */
  date?: string;
}

export interface Posted {
  /** The reference that was given. */
  order: OrderReference;
  /** Id of the account.move, or of the account.payment for a payment. */
  id: number;
  /** Number of the document in Odoo, such as `INV/2026/00042`. */
  name: string;
  state: string;
  /** The amount of an invoice that is still to be paid. */
  residual?: string;
  total: string;
  repeated: boolean;
}

export interface AccountMove {
  id: number;
  name: string | false;
  state: string;
  move_type: string;
  amount_total: number;
  amount_residual: number;
  journal_id: [number, string];
  company_id: [number, string];
  currency_id: [number, string];
  reversed_entry_id: [number, string] | false;
}

const moveFields = [
  'name',
  'state',
  'move_type',
  'amount_total',
  'amount_residual',
  'journal_id',
  'company_id',
  'currency_id',
  'reversed_entry_id',
];

/**
 * Sets the date of a draft and posts it. A posted move stays as it is. `known`: the move, if it was just read. Throws
 * CodedError ODOO_NOT_FOUND, ORDER_NOT_OPEN for a cancelled move, ODOO_REFUSED, or what a call to Odoo throws.
 */
export async function post(
  odoo: Odoo,
  id: number,
  date: string | undefined,
  known?: AccountMove,
): Promise<Omit<Posted, 'order'>> {
  const before = known ?? (await readMoves(odoo, [['id', '=', id]]))[0];
  if (!before) throw new CodedError('ODOO_NOT_FOUND', 'The invoice was deleted in Odoo', { id });
  if (before.state === 'cancel')
    throw new CodedError('ORDER_NOT_OPEN', 'The invoice of this message was cancelled in Odoo', { id });
  if (before.state === 'draft') {
    if (date)
      await odoo.call('account.move', 'write', { ids: [id], vals: { invoice_date: date }, context: plain });
    await odoo.call('account.move', 'action_post', { ids: [id], context: plain }).catch(async (error) => {
      // Odoo refuses to post a document that a person posted meanwhile.
      const [since] = isOfRecords(error) ? await readMoves(odoo, [['id', '=', id]]) : [];
      if (since?.state !== 'posted') throw error;
    });
  }
  const [after] = await readMoves(odoo, [['id', '=', id]]);
  if (after?.state === 'posted') return postedOf(after, before.state === 'posted');
  throw new CodedError('ODOO_REFUSED', 'Odoo left the document unposted', { id });
}

export function postedOf(move: AccountMove, repeated: boolean): Omit<Posted, 'order'> {
  const { id, name, state, amount_total: total, amount_residual: residual } = move;
  return { id, name: name || '', state, total: amountText(total), residual: amountText(residual), repeated };
}

/** Formats an amount with two decimals, or more where it has them: a dinar has three. */
export function amountText(amount: number): string {
  return amount.toFixed(6).replace(/0{1,4}$/, '');
}

export function readMoves(odoo: Odoo, domain: unknown[]): Promise<AccountMove[]> {
  return odoo.call('account.move', 'search_read', { domain, fields: moveFields, order: 'id' });
}

/** Returns the moves that belong to no other message. */
export async function free(odoo: Odoo, moves: AccountMove[], kind: string): Promise<AccountMove[]> {
  const taken = await bound(
    odoo,
    'account.move',
    moves.map(({ id }) => id),
    kind,
  );
  return moves.filter(({ id }) => !taken.has(id));
}

/** What is invoiced of a sale order. Amounts are in the currency of the order. */
export interface InvoicedOrder {
  invoice_ids: number[];
  invoice_status: string;
  amount_total: number;
  order_line: number[];
}

/** Throws CodedError ODOO_NOT_FOUND, or what a call to Odoo throws. */
export async function readInvoiced(odoo: Odoo, order: number): Promise<InvoicedOrder> {
  const [row] = await odoo.call<InvoicedOrder[]>('sale.order', 'search_read', {
    domain: [['id', '=', order]],
    fields: ['invoice_ids', 'invoice_status', 'amount_total', 'order_line'],
  });
  if (row) return row;
  throw new CodedError('ODOO_NOT_FOUND', 'The order was deleted in Odoo', { id: order });
}

/** Reads the invoices and credit notes of an order, oldest first. */
export async function movesOf(odoo: Odoo, { invoice_ids: ids }: InvoicedOrder): Promise<AccountMove[]> {
  return ids.length === 0 ? [] : readMoves(odoo, [['id', 'in', ids]]);
}

export function only(moves: readonly AccountMove[], type: string, state: string): AccountMove[] {
  return moves.filter((move) => move.move_type === type && move.state === state);
}

/** Reads the moves of this type and state, oldest first. */
export async function invoicesOf(
  odoo: Odoo,
  order: number,
  type: string,
  state: string,
): Promise<AccountMove[]> {
  return only(await movesOf(odoo, await readInvoiced(odoo, order)), type, state);
}

/** Domain for the lines of a move that the customer owes, or is owed, and that are not settled. */
export async function openReceivable(odoo: Odoo): Promise<unknown[]> {
  const { receivable } = await odoo.dialect();
  return [receivable, ['reconciled', '=', false]];
}
