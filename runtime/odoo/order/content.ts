/** Checks whether an order that comes again has the same content as the order in Odoo under its external id. */
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

/** The fields of a sale.order that the comparison reads. */
export interface StandingOrder {
  id: number;
  name: string;
  state: string;
  client_order_ref: string | false;
  partner_id: [number, string];
}

/**
 * A SHA-256 digest of what was ordered. It does not cover holds, names of lines or the time of the partner's last
 * change.
 */
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

/**
 * Normalizes an amount: `2` and `2.00` are the same. Text that is not a number is returned as it is; Odoo refuses it.
 */
function plainly(amount: string): string {
  try {
    return Big(amount).toFixed();
  } catch {
    return amount;
  }
}

/** Returns CLAIM_CONFLICT. `standing`: the number of the order in Odoo. */
export function otherContent({ number, source, id }: CanonicalOrder, standing?: string): CodedError {
  const where = standing === undefined ? 'came' : `stands in Odoo as ${standing}`;
  return new CodedError(
    'CLAIM_CONFLICT',
    `Order ${number} of ${source} ${where} with other content than this message has`,
    { order: standing ?? number, source, id },
  );
}

/**
 * How an order compares with what came before under its id. `unpaid`: other content, while the earlier order waited for
 * its payment. That is no conflict as long as the order is a quotation.
 */
export type Before = 'same' | 'other' | 'unpaid';

/** An order of a batch that already has a record in Odoo. */
export interface StandingJob {
  order: CanonicalOrder;
  stored: StandingOrder & StoredTotals;
  before?: Before | undefined;
  limits: Limits;
  error?: unknown;
}

/** Sets CLAIM_CONFLICT as the error of each job whose content differs from its order in Odoo. */
export async function refuseOthers(
  odoo: Odoo,
  jobs: readonly StandingJob[],
  referencesOf: (jobs: readonly StandingJob[]) => Promise<PromiseSettledResult<References>[]>,
): Promise<void> {
  const refuse = (job: StandingJob) => (job.error = otherContent(job.order, job.stored.name));
  for (const job of jobs)
    if (job.before === 'other' || (job.before === 'unpaid' && !isQuotation(job.stored))) refuse(job);
  // A quotation with no stored content never landed, so its message may have been corrected.
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
      // Lines are compared only if all references are found: an article may be archived by now.
      (refs.status === 'fulfilled' && (await isOther(odoo, order, stored, refs.value, names)));
    if (other) refuse(job);
  }
}

/** Compares customer, articles and quantities. Used where the hub has no stored content of the order. */
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
    // Odoo rounds quantities to its own decimals.
    return Big(row['order_line/product_uom_qty']!).minus(line.product_uom_qty).abs().gt('0.01');
  });
  return isGone || differs;
}

function isOfLine(name: string): boolean {
  return /_line_(?!.*_discount$)/.test(name);
}
