/**
 * Writes canonical orders as confirmed sale orders: batched, once each, and confirmed only when the totals agree to the
 * cent. Updates them later.
 */
import { CodedError } from '../errors/coded-error.ts';
import type { ByTier, Tier } from '../limits/limits.ts';
import { batcher } from './batcher.ts';
import type { CanonicalOrder } from './canonical-order.ts';
import type { Odoo } from './client.ts';
import { findExternal } from './external-id.ts';
import { load, loadNew, plain } from './load.ts';
import { namesOf } from './model.ts';
import { removeStaleLines } from './order-lines.ts';
import { findReferences } from './order-references.ts';
import { orderExternalId, orderRecord, type References } from './order-rows.ts';
import { agree, totalMismatch, type StoredTotals } from './order-totals.ts';
import { updateOrder, type Said, type UpdatedOrder } from './order-update.ts';
import { resolver, type Lookup } from './resolve.ts';

export type { CanonicalOrder };

export interface OrderWriterOptions {
  odoo: Odoo;
  lookup: Lookup;
  /** Internal references of the products for charges and discounts. Made when missing. Default SHIPPING, DISCOUNT. */
  shippingProduct?: string;
  discountProduct?: string;
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
}

export interface OrderWriter {
  /**
   * Resolves when the order stands in Odoo, confirmed unless `confirm` is false. The same order again, at once or after any failure, is the same
   * sale.order. Throws CodedError: PRODUCT_UNKNOWN, PRODUCT_AMBIGUOUS, VALUE_UNMAPPED, ODOO_VALUE_UNKNOWN,
   * CURRENCY_UNKNOWN (nothing written), ODOO_TOTAL_MISMATCH (left as a quotation) or what a call to Odoo throws.
   */
  write(order: CanonicalOrder, how?: { confirm?: boolean; tier?: Tier }): Promise<WrittenOrder>;
  /**
   * Brings an order that is in Odoo, confirmed or not, to what the message says: quantities, prices, lines, delivery
   * address. `before` is what the update before it said. Throws what `write` throws, ORDER_UNKNOWN, and ORDER_NOT_OPEN
   * where what was shipped or invoiced would change.
   */
  update(order: CanonicalOrder, before?: Said): Promise<UpdatedOrder>;
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

  /** Confirmations reserve the same stock: side by side Odoo would only undo and repeat them. */
  let confirming: Promise<void> = Promise.resolve();

  async function run(asked: Asked[]): Promise<PromiseSettledResult<WrittenOrder>[]> {
    const jobs = new Map<string, Job>();
    const jobOf = asked.map(({ order, confirm: wanted }) => {
      const externalId = orderExternalId(order);
      const job = jobs.get(externalId) ?? { order, externalId, confirm: false, repeated: false };
      job.confirm ||= wanted;
      jobs.set(externalId, job);
      return job;
    });
    await writeAll([...jobs.values()]);
    return jobOf.map((job, index) => outcomeOf(job, jobOf.indexOf(job) < index));
  }

  async function writeAll(jobs: Job[]): Promise<void> {
    await findKnown(odoo, jobs);
    for (const job of jobs) job.repeated = isFinal(job) || (!job.confirm && stands(job));
    const unwritten = jobs.filter((job) => !isFinal(job) && !stands(job));
    const references = await findReferences(
      odoo,
      known,
      services,
      unwritten.map(({ order }) => order),
    );
    await loadOrders(odoo, unwritten, references);
    if (unwritten.some(({ error }) => error && isOfData(error))) known.forget();
    await readBack(odoo, unwritten);
    for (const job of jobs)
      if (isOpen(job) && !stands(job)) job.error = totalMismatch(job.order, job.stored!);
    const confirmed = confirming.then(() =>
      confirm(
        odoo,
        jobs.filter((job) => isOpen(job) && job.confirm),
      ),
    );
    confirming = confirmed.catch(() => {});
    await confirmed;
  }

  async function referencesOf(order: CanonicalOrder): Promise<References> {
    const [found] = await findReferences(odoo, known, services, [order]);
    if (found!.status === 'rejected') throw found!.reason;
    return found!.value;
  }

  const keyOf = ({ order }: Asked): string => orderExternalId(order);
  const batches = batcher({ run, windowMs, max, atOnce, keyOf, turns });
  return {
    write: (order, { confirm: wanted = true, tier } = {}) => batches.add({ order, confirm: wanted }, tier),
    update: (order, before) => updateOrder(odoo, order, referencesOf, before),
    idle: () => batches.idle(),
  };
}

interface Asked {
  order: CanonicalOrder;
  confirm: boolean;
}

/** An order on its way through one batch. */
interface Job {
  order: CanonicalOrder;
  confirm: boolean;
  externalId: string;
  id?: number;
  stored?: Stored;
  repeated: boolean;
  error?: unknown;
}

interface Stored extends StoredTotals {
  id: number;
  state: string;
}

/** Confirmed (`done` is what 14 to 16 call a locked one), or cancelled by a person. */
function isFinal({ stored }: Job): boolean {
  return stored !== undefined && ['sale', 'done', 'cancel'].includes(stored.state);
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
    fields: ['id', 'name', 'state', 'amount_untaxed', 'amount_total'],
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
    if (refs.status === 'fulfilled') return [{ job, record: orderRecord(job.order, refs.value, names) }];
    job.error = refs.reason;
    return [];
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
function stands({ order, stored }: Job): boolean {
  return stored !== undefined && agree(order, stored);
}

function outcomeOf(job: Job, again: boolean): PromiseSettledResult<WrittenOrder> {
  if (job.error) return { status: 'rejected', reason: job.error };
  const { id, name, state } = job.stored!;
  return {
    status: 'fulfilled',
    value: { id, name, state, repeated: job.repeated || again, externalId: job.externalId },
  };
}
