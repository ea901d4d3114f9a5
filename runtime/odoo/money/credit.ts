/** Creates credit notes in Odoo: reverses a posted invoice, in whole or in part, and reconciles the two. */
import { CodedError } from '../../errors/coded-error.ts';
import {
  invoicesOf,
  openReceivable,
  post,
  readMoves,
  type InvoiceRequest,
  type Posted,
} from './account-move.ts';
import { bind, findBinding, type Document } from '../binding.ts';
import type { Odoo } from '../client.ts';
import { adjust, creditable, type CreditLine } from './credit-lines.ts';
import { findOrder, type FoundOrder } from '../find-order.ts';
import type { Resolver } from '../resolve.ts';
import type { OneByOne } from '../together/one-by-one.ts';
import { orderedLines } from '../stock/stock.ts';
import type { StockLine } from '../stock/line.ts';

/** See definitions/schemas/credit-note.v1.json. */
export interface CreditRequest extends InvoiceRequest {
  /** The lines to credit. Default: the whole invoice. */
  lines?: StockLine[];
  reason?: string;
}

/** Throws as `InvoiceWriter.credit`. */
export async function credit(
  odoo: Odoo,
  known: Resolver,
  request: CreditRequest,
  inOrder: OneByOne,
): Promise<Posted> {
  const lines = request.lines && (await orderedLines(known, request.lines, request.source));
  const order = await findOrder(odoo, 'sale.order', request.order);
  return inOrder(`sale.order ${order.id}`, () => creditOrder(odoo, request, order, lines));
}

async function creditOrder(
  odoo: Odoo,
  request: CreditRequest,
  order: FoundOrder,
  lines: readonly CreditLine[] | undefined,
): Promise<Posted> {
  const document: Document = { ...request, kind: 'credit', content: request };
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
  const posted = await post(odoo, id, request.date, move);
  await settle(odoo, id);
  return { order: order.reference, ...posted };
}

/** Returns a draft that reverses a posted invoice: one that an earlier attempt created, or a new one. */
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
  const { reverse } = await odoo.dialect();
  const answer = await odoo.call<{ res_id?: number } | null>('account.move.reversal', reverse, {
    ids: [wizard!],
    context,
  });
  if (answer?.res_id) return answer.res_id;
  throw new CodedError('ODOO_ANSWER_INVALID', 'Odoo made a credit note and did not say which', {
    invoice: invoice.name,
  });
}

/** Reconciles a credit note with what its invoice still has open. */
async function settle(odoo: Odoo, credit: number): Promise<void> {
  const [note] = await readMoves(odoo, [['id', '=', credit]]);
  if (!note || note.amount_residual === 0 || !note.reversed_entry_id) return;
  const [invoice] = await readMoves(odoo, [['id', '=', note.reversed_entry_id[0]]]);
  if (!invoice || invoice.amount_residual === 0) return;
  const [line] = await odoo.call<{ id: number }[]>('account.move.line', 'search_read', {
    domain: [['move_id', '=', credit], ...(await openReceivable(odoo))],
    fields: ['id'],
    limit: 1,
  });
  if (line)
    await odoo.call('account.move', 'js_assign_outstanding_line', { ids: [invoice.id], line_id: line.id });
}
