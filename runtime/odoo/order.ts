/**
 * Writes canonical orders as confirmed sale orders: batched, once each, and confirmed only at the partner's total,
 * to the cent. Updates them later.
 */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { ByTier, Tier } from '../limits/limits.ts';
import { withArticleTaxes } from './article-taxes.ts';
import { batcher } from './batcher.ts';
import type { CanonicalOrder } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { creditHold, type CreditHold } from './credit-limit.ts';
import { findExternal } from './external-id.ts';
import type { OrderReference } from './find-order.ts';
import { load, loadNew, plain } from './load.ts';
import { namesOf } from './model.ts';
import { contentOf, otherContent, refuseOthers, type Before, type StandingOrder } from './order-content.ts';
import { removeStaleLines } from './order-lines.ts';
import { findReferences } from './order-references.ts';
import { orderExternalId, orderRecord, type References } from './order-rows.ts';
import { loadRounding, type Rounding } from './order-rounding.ts';
import { confirmOrder, isQuotation, type ConfirmedOrder } from './order-state.ts';
import { agree, limitsOf, totalMismatch, type Limits, type StoredTotals } from './order-totals.ts';
import { updateOrder, type Said, type UpdatedOrder } from './order-update.ts';
import { resolver, type Lookup } from './resolve.ts';

export type { CanonicalOrder };

export interface OrderWriterOptions {
  odoo: Odoo;
  lookup: Lookup;
  /** Internal references of the products for charges and discounts. Made when missing. Default SHIPPING, DISCOUNT. */
  shippingProduct?: string;
  discountProduct?: string;
  /** How far rounding of a partner may lead: units of the currency for each line and charge. Default 1. */
  tolerance?: (source: string) => number;
  /** How long a product or value found in Odoo is remembered. Default a minute. */
  keepMs?: number;
  /** See the batcher. Two batches at once by default: while one waits for the database, the other computes. */
  windowMs?: number;
  max?: number;
  atOnce?: number;
  turns?: ByTier<number>;
}

export interface WrittenOrder {
  /** Of sale.order. */
  id: number;
  /** `S00042`. */
  name: string;
  /** `sale`; `draft` when it was not to be confirmed; `cancel` when a person cancelled it before it came again. */
  state: string;
  /** True when Odoo had the order already and nothing was written. */
  repeated: boolean;
  externalId: string;
  /** Why it is a quotation, where it is one. */
  held?: Hold;
  /** Transfers of the order: none where there is nothing to ship. */
  transfers: number;
}

/** What a partner holds an order for, or the credit check. */
export type Hold = NonNullable<CanonicalOrder['hold']> | CreditHold;

export interface WriteOptions {
  /** Default true. */
  confirm?: boolean;
  /** In the currency of the company: an order of so much or more stays a quotation. Default none. */
  limit?: string;
  /** It waits for a person, whatever the message says. */
  held?: Hold | undefined;
  /** What is kept of it. Default: nothing; Odoo is asked. */
  before?: Before | undefined;
  tier?: Tier;
}

export interface OrderWriter {
  /**
   * Resolves when the order stands in Odoo, confirmed unless it is held or `confirm` is false. The same order again, at
   * once or after any failure, is the same sale.order; another under its id is CLAIM_CONFLICT. Throws CodedError:
   * PRODUCT_UNKNOWN, PRODUCT_AMBIGUOUS, VALUE_UNMAPPED, ODOO_VALUE_UNKNOWN, CURRENCY_UNKNOWN, QUANTITY_INEXACT,
   * SCHEMA_INVALID (nothing written), ODOO_TOTAL_MISMATCH (left as a quotation) or what a call to Odoo throws.
   */
  write(order: CanonicalOrder, how?: WriteOptions): Promise<WrittenOrder>;
  /**
   * Brings an order that is in Odoo, confirmed or not, to what the message says: quantities, prices, lines, delivery
   * address. `before` is what the update before it said. Throws what `write` throws, ORDER_UNKNOWN, and ORDER_NOT_OPEN
   * where what was shipped or invoiced would change.
   */
  update(order: CanonicalOrder, before?: Said): Promise<UpdatedOrder>;
  /** Confirms a quotation of less than `limit`, which is as for `write`. Throws what `confirmOrder` throws. */
  confirm(reference: OrderReference, limit?: string): Promise<ConfirmedOrder>;
  /** Resolves when everything given so far has its outcome. */
  idle(): Promise<void>;
}

export function orderWriter(options: OrderWriterOptions): OrderWriter {
  const { odoo, windowMs, max, atOnce = 2, turns } = options;
  const known = resolver(odoo, options.lookup, options.keepMs ?? 60_000);
  const services = {
    shipping: options.shippingProduct ?? 'SHIPPING',
    discount: options.discountProduct ?? 'DISCOUNT',
  };

  const rounding: Rounding = {
    tolerance: options.tolerance ?? (() => 1),
    article: ({ source, placedAt: at }) =>
      known.service(known.articleOf('rounding', { source, at }) ?? 'ROUNDING', 'rounding'),
  };

  /** Confirmations reserve the same stock: side by side Odoo would only undo and repeat them. */
  let confirming: Promise<void> = Promise.resolve();

  async function run(asked: Asked[]): Promise<PromiseSettledResult<WrittenOrder>[]> {
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
    await writeAll([...jobs.values()]);
    const seen = new Set<Job>();
    for (const [one, job] of jobOf) {
      outcomes.set(one, outcomeOf(job, seen.has(job)));
      seen.add(job);
    }
    for (const one of others) {
      const { stored, error } = jobs.get(orderExternalId(one.order))!;
      // Where the first did not land, the second may be its correction.
      const [outcome] = error ? await run([one]) : [rejected(otherContent(one.order, stored?.name))];
      outcomes.set(one, outcome!);
    }
    return asked.map((one) => outcomes.get(one)!);
  }

  async function writeAll(jobs: Job[]): Promise<void> {
    await findKnown(odoo, jobs);
    for (const job of jobs) job.limits = await limitsFor(job.order);
    await refuseOthers(odoo, jobs.filter(isStanding), referencesOfAll);
    const isRight = (job: Job) => stands(job) && job.before !== 'unpaid';
    for (const job of jobs) job.repeated = isFinal(job) || (!job.confirm && isRight(job));
    const unwritten = jobs.filter((job) => isOpen(job) && !isRight(job));
    const references = await referencesOfAll(unwritten);
    await loadOrders(odoo, unwritten, references);
    if (unwritten.some(({ error }) => error && isOfData(error))) known.forget();
    await readBack(odoo, unwritten);
    const off = unwritten.filter((job) => isOpen(job) && !stands(job));
    await loadRounding(odoo, rounding, off);
    await readBack(odoo, off);
    for (const job of jobs)
      if (isOpen(job) && !stands(job))
        job.error = totalMismatch(job.order, job.stored!, job.refs!, job.limits);
    const confirmed = confirming.then(() =>
      confirm(
        odoo,
        jobs.filter((job) => isOpen(job) && job.confirm),
      ),
    );
    confirming = confirmed.catch(() => {});
    await confirmed;
  }

  /** No rounding for an order whose currency Odoo does not have: its references say so. */
  async function limitsFor(order: CanonicalOrder): Promise<Limits> {
    try {
      const { unit } = await known.currency(order.currency);
      return limitsOf(order, rounding.tolerance(order.source), unit);
    } catch (error) {
      if (error instanceof CodedError && !error.row.retryable) return exactly;
      throw error;
    }
  }

  function referencesOfAll(
    jobs: readonly { order: CanonicalOrder }[],
  ): Promise<PromiseSettledResult<References>[]> {
    return findReferences(
      odoo,
      known,
      services,
      jobs.map(({ order }) => order),
    );
  }

  async function referencesOf(order: CanonicalOrder): Promise<References> {
    const [found] = await referencesOfAll([{ order }]);
    if (found!.status === 'rejected') throw found!.reason;
    return found!.value;
  }

  async function write(order: CanonicalOrder, how: WriteOptions = {}): Promise<WrittenOrder> {
    const { confirm: wanted = true, limit, held: kept, before, tier } = how;
    const { currency, hold, totals } = order;
    const held =
      kept ??
      hold ??
      (wanted ? await creditHold(known, { gross: totals.gross, currency }, limit) : undefined);
    const taxed = await withArticleTaxes(odoo, known, order);
    const written = await batches.add({ order: taxed, confirm: wanted && !held, before }, tier);
    return held && isQuotation(written) ? { ...written, held } : written;
  }

  const keyOf = ({ order }: Asked): string => orderExternalId(order);
  const batches = batcher({ run, windowMs, max, atOnce, keyOf, turns });
  return {
    write,
    confirm: (reference, limit) => confirmOrder(odoo, reference, (total) => creditHold(known, total, limit)),
    update: async (order, before) =>
      updateOrder(odoo, await withArticleTaxes(odoo, known, order), referencesOf, rounding, before),
    idle: () => batches.idle(),
  };
}

interface Asked {
  order: CanonicalOrder;
  confirm: boolean;
  before?: WriteOptions['before'];
}

/** Until the currency is known. */
const exactly: Limits = { unit: '0.01', most: Big(0) };

/** An order on its way through one batch. */
interface Job {
  order: CanonicalOrder;
  confirm: boolean;
  before?: WriteOptions['before'];
  externalId: string;
  id?: number;
  stored?: Stored;
  refs?: References;
  /** How far rounding may lead. */
  limits: Limits;
  repeated: boolean;
  error?: unknown;
}

interface Stored extends StoredTotals, StandingOrder {
  picking_ids: number[];
}

/** Confirmed (`done` is what 14 to 16 call a locked one), or cancelled by a person. */
function isFinal({ stored }: Job): boolean {
  return stored !== undefined && ['sale', 'done', 'cancel'].includes(stored.state);
}

function isStanding(job: Job): job is Job & { stored: Stored } {
  return job.stored !== undefined;
}

function isOpen(job: Job): boolean {
  return !job.error && !isFinal(job);
}

async function findKnown(odoo: Odoo, jobs: Job[]): Promise<void> {
  const found = await findExternal(
    odoo,
    'sale.order',
    jobs.map(({ externalId }) => externalId),
  );
  for (const job of jobs) job.id = found.get(job.externalId);
  await readBack(odoo, jobs);
}

async function readBack(odoo: Odoo, jobs: Job[]): Promise<void> {
  const readable = jobs.filter(({ id, error }) => id !== undefined && !error);
  if (readable.length === 0) return;
  const rows = await odoo.call<Stored[]>('sale.order', 'search_read', {
    domain: [['id', 'in', readable.map(({ id }) => id)]],
    fields: [
      'name',
      'state',
      'amount_untaxed',
      'amount_total',
      'client_order_ref',
      'partner_id',
      'picking_ids',
    ],
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const job of readable) {
    job.stored = byId.get(job.id!);
    job.error = job.stored
      ? undefined
      : new CodedError('ODOO_NOT_FOUND', 'The user may not see the order', { id: job.id });
  }
}

async function loadOrders(
  odoo: Odoo,
  jobs: Job[],
  references: PromiseSettledResult<References>[],
): Promise<void> {
  const names = namesOf(await odoo.version());
  const loadable = jobs.flatMap((job, index) => {
    const refs = references[index]!;
    if (refs.status === 'fulfilled') job.refs = refs.value;
    else job.error = refs.reason;
    try {
      return job.refs ? [{ job, record: orderRecord(job.order, job.refs, names) }] : [];
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      job.error = error;
      return [];
    }
  });
  const fresh = loadable.filter(({ job }) => job.id === undefined);
  const made = await loadNew(
    odoo,
    'sale.order',
    fresh.map(({ record }) => record),
  );
  for (const { job } of fresh) note(job, made.get(job.externalId)!);
  // Quotations whose totals differ from the message: an earlier mapping or value map was corrected since.
  const drafts = loadable.filter(({ job }) => !fresh.some((one) => one.job === job));
  const updated = await load(
    odoo,
    'sale.order',
    drafts.map(({ record }) => record),
  );
  for (const [index, { job, record }] of drafts.entries()) {
    note(job, updated[index]!);
    if (!job.error) await removeStaleLines(odoo, job.id!, record);
  }
}

function note(job: Job, outcome: PromiseSettledResult<number>): void {
  if (outcome.status === 'fulfilled') job.id = outcome.value;
  else job.error = outcome.reason;
}

/** All in one call; when Odoo refuses that, each for itself, so that one bad order does not hold the others. */
async function confirm(odoo: Odoo, jobs: Job[]): Promise<void> {
  if (jobs.length === 0) return;
  try {
    await odoo.call('sale.order', 'action_confirm', { ids: jobs.map(({ id }) => id!), context: plain });
  } catch (error) {
    if (!isOfData(error)) throw error;
    await readBack(odoo, jobs);
    for (const job of jobs.filter(isOpen)) await confirmOne(odoo, job);
  }
  await readBack(odoo, jobs);
  for (const job of jobs.filter(isOpen)) {
    job.error = new CodedError('ODOO_REFUSED', 'Odoo left the order unconfirmed', {
      order: job.stored?.name,
    });
  }
}

/** Another writer may have confirmed it in between; the state read afterwards tells. */
async function confirmOne(odoo: Odoo, job: Job): Promise<void> {
  try {
    await odoo.call('sale.order', 'action_confirm', { ids: [job.id!], context: plain });
  } catch (error) {
    if (!isOfData(error)) throw error;
    await readBack(odoo, [job]);
    if (isOpen(job)) job.error = error;
  }
}

/** Odoo's verdict on the data, as opposed to a fault of the connection, which is the whole batch's. */
function isOfData(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'ODOO_REFUSED' || error.code === 'ODOO_FAILED');
}

/** It is in Odoo with the totals of the message. */
function stands({ order, stored, limits }: Job): boolean {
  return stored !== undefined && agree(order, stored, limits);
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
