/** Loads, reads back and confirms the orders of one batch of the writer. */
import { CodedError } from '../../errors/coded-error.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { load, loadNew, plain } from '../load.ts';
import type { Before, StandingOrder } from './content.ts';
import { removeStaleLines } from './lines.ts';
import { orderRecord, type References } from './rows.ts';
import { agree, type Limits, type StoredTotals } from './totals.ts';

export interface Job {
  order: CanonicalOrder;
  confirm: boolean;
  before?: Before | undefined;
  externalId: string;
  id?: number;
  stored?: Stored;
  refs?: References;
  limits: Limits;
  repeated: boolean;
  error?: unknown;
}

export interface Stored extends StoredTotals, StandingOrder {
  picking_ids: number[];
}

/** True when the order is confirmed, or cancelled by a person. Odoo 14 to 16 call a locked order `done`. */
export function isFinal({ stored }: Job): boolean {
  return stored !== undefined && ['sale', 'done', 'cancel'].includes(stored.state);
}

export function isStanding(job: Job): job is Job & { stored: Stored } {
  return job.stored !== undefined;
}

export function isOpen(job: Job): boolean {
  return !job.error && !isFinal(job);
}

/** Reads the orders from Odoo. An order that the user cannot see gets ODOO_NOT_FOUND as its error. */
export async function readBack(odoo: Odoo, jobs: Job[]): Promise<void> {
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

/**
 * Writes the orders with their references, as quotations. A rejected reference or a refusal becomes the error of the
 * order.
 */
export async function loadOrders(
  odoo: Odoo,
  jobs: Job[],
  references: PromiseSettledResult<References>[],
): Promise<void> {
  const names = await odoo.dialect();
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
  // The other quotations have totals that differ from the message: a mapping or value map was corrected since.
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

/**
 * Confirms all orders in one call. If Odoo refuses that, confirms them one by one, so that one bad order does not stop
 * the others. An order that stays unconfirmed gets ODOO_REFUSED as its error.
 */
export async function confirmOrders(odoo: Odoo, jobs: Job[]): Promise<void> {
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

/** Another writer may have confirmed the order meanwhile; its state is read again to find out. */
async function confirmOne(odoo: Odoo, job: Job): Promise<void> {
  try {
    await odoo.call('sale.order', 'action_confirm', { ids: [job.id!], context: plain });
  } catch (error) {
    if (!isOfData(error)) throw error;
    await readBack(odoo, [job]);
    if (isOpen(job)) job.error = error;
  }
}

/** True for Odoo's verdict on the data. False for a fault of the connection, which affects the whole batch. */
export function isOfData(error: unknown): boolean {
  return error instanceof CodedError && (error.code === 'ODOO_REFUSED' || error.code === 'ODOO_FAILED');
}

/** True when the order is in Odoo with the totals of the message. */
export function totalsMatch({ order, stored, limits }: Job): boolean {
  return stored !== undefined && agree(order, stored, limits);
}
