/** Whether an order that comes again is the one that stands in Odoo under its external id, or another. */
import { createHash } from 'node:crypto';
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import type { CanonicalOrder, Charge, Line } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { externalId } from '../external-id.ts';
import type { Dialect } from '../versions/dialect.ts';
import { ownLines } from './lines.ts';
import { orderRecord, type References } from './rows.ts';
import { isQuotation } from './state.ts';
import { agree, type Limits, type StoredTotals } from './totals.ts';

/** What Odoo has of the order itself. */
export interface StandingOrder {
  id: number;
  name: string;
  state: string;
  client_order_ref: string | false;
  partner_id: [number, string];
}

/** A mark of what was ordered: not of when the partner last changed it, nor of what it is held for or called. */
export function contentOf(order: CanonicalOrder): string {
  const { number, currency, customer, shipTo, billTo, lines, shipping = [], totals } = order;
  const ofLine = ({ id, sku, quantity, uom, unitPrice, discount = '0' }: Line) => [
    id,
    sku,
    plainly(quantity),
    uom,
    plainly(unitPrice),
    plainly(discount),
  ];
  const ofCharge = ({ id, price, discount = '0' }: Charge) => [id, plainly(price), plainly(discount)];
  const address = Object.entries(shipTo ?? billTo ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = [
    number,
    currency,
    customer.id,
    address,
    lines.map(ofLine),
    shipping.map(ofCharge),
    [totals.net, totals.tax, totals.gross].map(plainly),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('base64');
}

/** `2` and `2.00` are the same. What is no number is for Odoo to refuse. */
function plainly(amount: string): string {
  try {
    return Big(amount).toFixed();
  } catch {
    return amount;
  }
}

/** CLAIM_CONFLICT. */
export function otherContent({ number, source, id }: CanonicalOrder, standing?: string): CodedError {
  const where = standing === undefined ? 'came' : `stands in Odoo as ${standing}`;
  return new CodedError(
    'CLAIM_CONFLICT',
    `Order ${number} of ${source} ${where} with other content than this message has`,
    { order: standing ?? number, source, id },
  );
}

/**
 * What came under the id of an order before: the same content, other content, or other content that waited for its payment,
 * which is no conflict as long as it is a quotation.
 */
export type Before = 'same' | 'other' | 'unpaid';

/** An order that has a record in Odoo already, on its way through a batch. */
export interface StandingJob {
  order: CanonicalOrder;
  stored: StandingOrder & StoredTotals;
  before?: Before | undefined;
  /** How far rounding may lead. */
  limits: Limits;
  error?: unknown;
}

/** Those that have other content now than what stands in Odoo get CLAIM_CONFLICT as their error. */
export async function refuseOthers(
  odoo: Odoo,
  jobs: readonly StandingJob[],
  referencesOf: (jobs: readonly StandingJob[]) => Promise<PromiseSettledResult<References>[]>,
): Promise<void> {
  const refuse = (job: StandingJob) => (job.error = otherContent(job.order, job.stored.name));
  for (const job of jobs)
    if (job.before === 'other' || (job.before === 'unpaid' && !isQuotation(job.stored))) refuse(job);
  // A quotation of which nothing is kept never landed: its message may have been corrected.
  const doubtful = jobs.filter(({ before, stored }) => before === undefined && !isQuotation(stored));
  if (doubtful.length === 0) return;
  const names = await odoo.dialect();
  const references = await referencesOf(doubtful);
  for (const [index, job] of doubtful.entries()) {
    const { order, stored, limits } = job;
    const refs = references[index]!;
    const other =
      stored.client_order_ref !== order.number ||
      !agree(order, stored, limits) ||
      // An article that is archived by now says nothing about what was ordered.
      (refs.status === 'fulfilled' && (await isOther(odoo, order, stored, refs.value, names)));
    if (other) refuse(job);
  }
}

/** Where nothing is kept of what came first: by customer, articles and quantities. */
async function isOther(
  odoo: Odoo,
  order: CanonicalOrder,
  standing: StandingOrder,
  refs: References,
  names: Dialect,
): Promise<boolean> {
  if (standing.partner_id[0] !== refs.parties.customer) return true;
  const stored = await odoo.call<{ id: number; product_id: [number, string]; product_uom_qty: number }[]>(
    'sale.order.line',
    'search_read',
    { domain: [['order_id', '=', standing.id]], fields: ['product_id', 'product_uom_qty'] },
  );
  const record = orderRecord(order, refs, names);
  const ids = stored.map(({ id }) => id);
  const own = await ownLines(odoo, ids, record.externalId);
  const byId = new Map(stored.map((line) => [line.id, line]));
  const rows = new Map(record.rows.map((row) => [row['order_line/id']!, row]));
  const wanted = new Set(
    order.lines.map(({ id }) => externalId(order.source, 'order', order.id, 'line', id)),
  );
  const isGone = [...own].some(
    ([name, id]) => isOfLine(name) && !wanted.has(name) && byId.get(id)!.product_uom_qty !== 0,
  );
  const differs = [...wanted].some((name) => {
    const [row, line] = [rows.get(name)!, byId.get(own.get(name) ?? 0)];
    if (!line || String(line.product_id[0]) !== row['order_line/product_id/.id']) return true;
    // Odoo keeps quantities to its own decimals.
    return Big(row['order_line/product_uom_qty']!).minus(line.product_uom_qty).abs().gt('0.01');
  });
  return isGone || differs;
}

function isOfLine(name: string): boolean {
  return /_line_(?!.*_discount$)/.test(name);
}
