/** Writes the orders of one batch step by step: what Odoo lacks, its rounding, and its confirmation. */
import type { Odoo } from '../client.ts';
import { findExternal } from '../external-id.ts';
import { isOfMissing } from '../protocol/faults.ts';
import { refuseOthers } from './content.ts';
import {
  confirmOrders,
  isFinal,
  isOfData,
  isOpen,
  isStanding,
  loadOrders,
  readBack,
  totalsMatch,
  type Job,
} from './job.ts';
import type { OrderLookups } from './lookups.ts';
import type { LookedUp } from './party.ts';
import { findArticles } from './references.ts';
import { loadRounding } from './rounding.ts';
import { totalMismatch } from './totals.ts';

/** The outcome of each job stands in the job. Throws what affects all of them. */
export function jobsWriter(odoo: Odoo, lookups: OrderLookups): (jobs: Job[]) => Promise<void> {
  /**
   * Runs one confirmation after another. They reserve the same stock, and Odoo would roll back and repeat parallel
   * ones.
   */
  let confirming: Promise<void> = Promise.resolve();

  return async (jobs) => {
    await writeQuotations(odoo, lookups, jobs);
    const confirmed = confirming.then(() =>
      confirmOrders(
        odoo,
        jobs.filter((job) => isOpen(job) && job.confirm),
      ),
    );
    confirming = confirmed.catch(() => {});
    await confirmed;
  };
}

/** A job whose total differs from the partner's in the end has ODOO_TOTAL_MISMATCH as its error. */
async function writeQuotations(odoo: Odoo, lookups: OrderLookups, jobs: Job[]): Promise<void> {
  const looked = await findKnown(odoo, lookups, jobs);
  for (const job of jobs) job.limits = await lookups.limitsFor(job.order);
  await refuseOthers(odoo, jobs.filter(isStanding), (some) => lookups.referencesOfAll(some, looked));
  const isRight = (job: Job) => totalsMatch(job) && job.before !== 'unpaid';
  for (const job of jobs) job.repeated = isFinal(job) || (!job.confirm && isRight(job));
  const unwritten = jobs.filter((job) => isOpen(job) && !isRight(job));
  await loadOrders(odoo, unwritten, await lookups.referencesOfAll(unwritten, looked));
  await loadRefused(odoo, lookups, unwritten);
  await readBack(odoo, unwritten);
  const off = unwritten.filter((job) => isOpen(job) && !totalsMatch(job));
  await loadRounding(odoo, lookups.rounding, off);
  await readBack(odoo, off);
  const wrong = jobs.filter((job) => isOpen(job) && !totalsMatch(job));
  for (const job of wrong) job.error = totalMismatch(job.order, job.stored!, job.refs!, job.limits);
  // When a person repairs the taxes of an article in Odoo, the next try uses them at once.
  if (wrong.length > 0) lookups.taxes.forget();
}

/** Reads everything that is not remembered, in parallel. Returns the partners that Odoo was asked for. */
async function findKnown(odoo: Odoo, { known, partners }: OrderLookups, jobs: Job[]): Promise<LookedUp> {
  const orders = jobs.map(({ order }) => order);
  const names = partners.unknown(orders);
  const ids = jobs.map(({ externalId }) => externalId);
  const [found] = await Promise.all([
    findExternal(odoo, ['sale.order', 'res.partner'], [...ids, ...names]),
    findArticles(known, orders),
    partners.prepare(orders),
  ]);
  for (const job of jobs) job.id = found.get(job.externalId);
  await readBack(odoo, jobs);
  return { names, found };
}

/** A remembered id may be the reason of a refusal. Forgets all, and loads orders that name a missing record once more. */
async function loadRefused(odoo: Odoo, lookups: OrderLookups, jobs: Job[]): Promise<void> {
  if (jobs.some(({ error }) => error && isOfData(error))) lookups.forget();
  const again = jobs.filter(({ error }) => isOfMissing(error));
  const references = await lookups.referencesOfAll(again);
  for (const job of again) delete job.error;
  await loadOrders(odoo, again, references);
}
