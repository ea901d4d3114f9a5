/** The single line of a sale order that holds the rounding difference between Odoo's total and the partner's. */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { findExternal } from '../external-id.ts';
import { load, type LoadRecord } from '../load.ts';
import type { Dialect } from '../versions/dialect.ts';
import { lineCells, orderExternalId, type References } from './rows.ts';
import { agree, limitsOf, neededRounding, totalMismatch, type Limits, type StoredTotals } from './totals.ts';
import type { Product } from '../products.ts';

export interface Rounding {
  /** Tolerance of a partner, in smallest units of the currency for each line and charge. */
  tolerance(source: string): number;
  /** The service product of the line. Finance chooses its account. */
  article(order: CanonicalOrder): Promise<Product>;
}

export function roundingLineId(orderExternalId: string): string {
  return `${orderExternalId}_rounding`;
}

/** An order whose lines are in Odoo, but whose total differs. */
interface OffJob {
  order: CanonicalOrder;
  stored?: StoredTotals;
  refs?: References;
  limits: Limits;
  error?: unknown;
}

/**
 * Adds the rounding line to each order whose difference can be rounding. If Odoo refuses it, the job gets the error.
 */
export async function loadRounding(odoo: Odoo, { article }: Rounding, jobs: OffJob[]): Promise<void> {
  const names = await odoo.dialect();
  const loadable: { job: OffJob; record: LoadRecord }[] = [];
  for (const job of jobs) {
    const { order, refs, limits } = job;
    const amount = neededRounding(order, job.stored!, limits);
    if (!amount) continue;
    try {
      const record = roundingRecord(order, await article(order), amount, refs!, names);
      loadable.push({ job, record });
    } catch (error) {
      if (!(error instanceof CodedError) || error.row.retryable) throw error;
      job.error = error;
    }
  }
  const records = loadable.map(({ record }) => record);
  for (const [index, outcome] of (await load(odoo, 'sale.order', records)).entries())
    if (outcome.status === 'rejected') loadable[index]!.job.error = outcome.reason;
}

/**
 * The line has no tax. An amount of 0 cancels an earlier rounding, because Odoo keeps the lines of a confirmed order.
 */
function roundingRecord(
  order: CanonicalOrder,
  article: Product,
  amount: Big,
  refs: References,
  names: Dialect,
): LoadRecord {
  const externalId = orderExternalId(order);
  const position = {
    externalId: roundingLineId(externalId),
    name: 'Rounding',
    product: article,
    uom: article.uom,
    quantity: amount.eq(0) ? '0' : '1',
    price: amount.toFixed(),
    discount: '0',
    taxes: [],
  };
  return { externalId, rows: [{ id: externalId, ...lineCells(position, refs, names) }] };
}

/**
 * Brings the total of an order whose lines are in Odoo to the partner's. Safe to call again. Throws
 * ODOO_TOTAL_MISMATCH, ORDER_NOT_OPEN if another rounding was invoiced, or ODOO_NOT_FOUND if the user cannot see the
 * order.
 */
export async function closeTotals(
  odoo: Odoo,
  rounding: Rounding,
  id: number,
  order: CanonicalOrder,
  refs: References,
  names: Dialect,
): Promise<void> {
  const limits = limitsOf(order, rounding.tolerance(order.source), refs.currency.unit);
  const stored = await readTotals(odoo, id);
  if (agree(order, stored, limits)) return;
  const line = await roundingLine(odoo, orderExternalId(order));
  const now = line ? Big(line.price_unit).round(6).times(line.product_uom_qty) : Big(0);
  const amount = neededRounding(order, stored, limits, now);
  if (!amount) throw totalMismatch(order, stored, refs, limits);
  if (line && line.qty_invoiced > 0)
    throw new CodedError(
      'ORDER_NOT_OPEN',
      `The rounding of ${stored.name} was invoiced as ${now.toFixed()} and is ${amount.toFixed()} now: it takes a credit note`,
      { order: stored.name },
    );
  const record = roundingRecord(order, await rounding.article(order), amount, refs, names);
  const [outcome] = await load(odoo, 'sale.order', [record]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  const after = await readTotals(odoo, id);
  if (!agree(order, after, limits)) throw totalMismatch(order, after, refs, limits);
}

async function readTotals(odoo: Odoo, id: number): Promise<StoredTotals> {
  const [stored] = await odoo.call<StoredTotals[]>('sale.order', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['name', 'amount_untaxed', 'amount_total'],
  });
  if (stored) return stored;
  throw new CodedError('ODOO_NOT_FOUND', 'The user may not see the order', { id });
}

interface RoundingLine {
  price_unit: number;
  product_uom_qty: number;
  qty_invoiced: number;
}

async function roundingLine(odoo: Odoo, orderExternalId: string): Promise<RoundingLine | undefined> {
  const externalId = roundingLineId(orderExternalId);
  const id = (await findExternal(odoo, 'sale.order.line', [externalId])).get(externalId);
  if (id === undefined) return undefined;
  const [line] = await odoo.call<RoundingLine[]>('sale.order.line', 'search_read', {
    domain: [['id', '=', id]],
    fields: ['price_unit', 'product_uom_qty', 'qty_invoiced'],
  });
  return line;
}
