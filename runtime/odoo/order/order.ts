/**
 * Writes canonical orders to Odoo as sale orders: in batches, once each, and confirmed only if Odoo's total equals the
 * partner's to the cent. Also updates and confirms them later.
 */
import type { ByTier, Tier } from '../../limits/limits.ts';
import { batcher } from '../together/batcher.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import { creditHold, type CreditHold } from './credit-limit.ts';
import type { OrderReference } from '../find-order.ts';
import { contentOf, otherContent, type Before } from './content.ts';
import type { Job } from './job.ts';
import { orderLookups, type OrderLookupsOptions } from './lookups.ts';
import { orderExternalId } from './rows.ts';
import { confirmOrder, isQuotation, type ConfirmedOrder } from './state.ts';
import { exactly } from './totals.ts';
import { updateOrder, type PartnerSnapshot, type UpdatedOrder } from './update.ts';
import { jobsWriter } from './write-jobs.ts';

export type { CanonicalOrder };

export interface OrderWriterOptions extends OrderLookupsOptions {
  /** Options of the batcher. `atOnce` defaults to 2: one batch computes while the other waits for the database. */
  windowMs?: number;
  max?: number;
  atOnce?: number;
  weights?: ByTier<number>;
}

export interface WrittenOrder {
  /** Id of the sale.order. */
  id: number;
  /** Number of the order in Odoo, such as `S00042`. */
  name: string;
  /** `sale`; `draft` if the order was not to be confirmed; `cancel` if a person had cancelled it. */
  state: string;
  /** True when Odoo already had the order and nothing was written. */
  repeated: boolean;
  externalId: string;
  /** Why the order is a quotation, if something holds it. */
  held?: Hold;
  /** Number of transfers; 0 if there is nothing to ship. */
  transfers: number;
}

/** Why an order is held, by the partner or by the credit check. */
export type Hold = NonNullable<CanonicalOrder['hold']> | CreditHold;

export interface WriteOptions {
  /** Whether to confirm the order. Default true. */
  confirm?: boolean;
  /** An order of this total or more, in the company's currency, stays a quotation. Default: no limit. */
  limit?: string;
  /** Holds the order for a person, whatever the message says. */
  held?: Hold | undefined;
  /** How the order compares with the stored content. Default: unknown, and Odoo is asked. */
  before?: Before | undefined;
  tier?: Tier;
}

export interface OrderWriter {
  /**
   * Writes the order. Resolves when it is in Odoo, confirmed unless it is held or `confirm` is false. Safe to call
   * again after any failure: the same order is the same sale.order. Throws CodedError CLAIM_CONFLICT for other content
   * under the same id; PRODUCT_UNKNOWN, PRODUCT_AMBIGUOUS, VALUE_UNMAPPED, ODOO_VALUE_UNKNOWN, UNIT_DIFFERS,
   * CURRENCY_UNKNOWN, QUANTITY_INEXACT or SCHEMA_INVALID, with nothing written; ODOO_TOTAL_MISMATCH, with a quotation
   * left in Odoo; or what a call to Odoo throws.
   */
  write(order: CanonicalOrder, how?: WriteOptions): Promise<WrittenOrder>;
  /**
   * Changes an order in Odoo, confirmed or not, to what the message says: quantities, prices, lines, delivery address.
   * Safe to call again. `before` is the snapshot that the last update returned. Throws what `write` throws,
   * ORDER_UNKNOWN, and ORDER_NOT_OPEN if something shipped or invoiced would change.
   */
  update(order: CanonicalOrder, before?: PartnerSnapshot): Promise<UpdatedOrder>;
  /**
   * Confirms a quotation of less than `limit`, in the company's currency. Default: no limit. Safe to call again. Throws
   * what `confirmOrder` throws.
   */
  confirm(reference: OrderReference, limit?: string): Promise<ConfirmedOrder>;
  /** Resolves when all orders given so far have an outcome. */
  idle(): Promise<void>;
}

export function orderWriter(options: OrderWriterOptions): OrderWriter {
  const { odoo, windowMs, max, atOnce = 2, weights } = options;
  const lookups = orderLookups(options);
  const { known, taxes } = lookups;
  const writeJobs = jobsWriter(odoo, lookups);
  const run = (asked: Asked[]) => writeAsked(asked, writeJobs);
  const keyOf = ({ order }: Asked): string => orderExternalId(order);
  const batches = batcher({ run, windowMs, max, atOnce, keyOf, weights });

  async function write(order: CanonicalOrder, how: WriteOptions = {}): Promise<WrittenOrder> {
    const { confirm: wanted = true, limit, held: kept, before, tier } = how;
    const { currency, hold, totals } = order;
    const held =
      kept ??
      hold ??
      (wanted ? await creditHold(known, { gross: totals.gross, currency }, limit) : undefined);
    const taxed = await taxes.added(order);
    const written = await batches.add({ order: taxed, confirm: wanted && !held, before }, tier);
    return held && isQuotation(written) ? { ...written, held } : written;
  }

  return {
    write,
    confirm: (reference, limit) => confirmOrder(odoo, reference, (total) => creditHold(known, total, limit)),
    update: async (order, before) =>
      updateOrder(odoo, await taxes.added(order), lookups.referencesOf, lookups.rounding, before),
    idle: () => batches.idle(),
  };
}

interface Asked {
  order: CanonicalOrder;
  confirm: boolean;
  before?: WriteOptions['before'];
}

/** Orders with the same id are one job if their content is the same. */
async function writeAsked(
  asked: Asked[],
  writeJobs: (jobs: Job[]) => Promise<void>,
): Promise<PromiseSettledResult<WrittenOrder>[]> {
  const jobs = new Map<string, Job>();
  const outcomes = new Map<Asked, PromiseSettledResult<WrittenOrder>>();
  const others: Asked[] = [];
  const jobOf = new Map<Asked, Job>();
  for (const one of asked) {
    const { order, confirm: wanted, before } = one;
    const externalId = orderExternalId(order);
    const first = jobs.get(externalId);
    if (first && contentOf(first.order) !== contentOf(order)) {
      others.push(one);
      continue;
    }
    const job = first ?? { order, externalId, confirm: false, before, repeated: false, limits: exactly };
    job.confirm ||= wanted;
    jobs.set(externalId, job);
    jobOf.set(one, job);
  }
  await writeJobs([...jobs.values()]);
  const seen = new Set<Job>();
  for (const [one, job] of jobOf) {
    outcomes.set(one, outcomeOf(job, seen.has(job)));
    seen.add(job);
  }
  for (const one of others) {
    const { stored, error } = jobs.get(orderExternalId(one.order))!;
    // If the first was not written, the second may be its correction.
    const [outcome] = error
      ? await writeAsked([one], writeJobs)
      : [rejected(otherContent(one.order, stored?.name))];
    outcomes.set(one, outcome!);
  }
  return asked.map((one) => outcomes.get(one)!);
}

function outcomeOf(job: Job, again: boolean): PromiseSettledResult<WrittenOrder> {
  if (job.error) return rejected(job.error);
  const { id, name, state, picking_ids: transfers } = job.stored!;
  const { externalId } = job;
  const repeated = job.repeated || again;
  return {
    status: 'fulfilled',
    value: { id, name, state, repeated, externalId, transfers: transfers.length },
  };
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason };
}
