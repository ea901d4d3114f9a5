/**
 * Writes canonical orders to Odoo as sale orders: in batches, once each, and confirmed only if Odoo's total equals the
 * partner's to the cent. Also updates and confirms them later.
 */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import type { ByTier, Tier } from '../../limits/limits.ts';
import { articleTaxes } from './article-taxes.ts';
import { batcher } from '../together/batcher.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { creditHold, type CreditHold } from './credit-limit.ts';
import { findExternal } from '../external-id.ts';
import { isOfMissing } from '../protocol/faults.ts';
import type { OrderReference } from '../find-order.ts';
import { contentOf, otherContent, refuseOthers, type Before } from './content.ts';
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
import { findArticles, findReferences } from './references.ts';
import { orderExternalId, type References } from './rows.ts';
import { loadRounding, type Rounding } from './rounding.ts';
import { confirmOrder, isQuotation, type ConfirmedOrder } from './state.ts';
import { limitsOf, totalMismatch, type Limits } from './totals.ts';
import { updateOrder, type PartnerSnapshot, type UpdatedOrder } from './update.ts';
import { partyFinder, type LookedUp } from './party.ts';
import type { Lookup } from '../meanings.ts';
import { resolver } from '../resolve.ts';

export type { CanonicalOrder };

export interface OrderWriterOptions {
  odoo: Odoo;
  lookup: Lookup;
  /** Internal reference of the product for charges; the product is created if missing. Default SHIPPING. */
  shippingProduct?: string;
  /** Internal reference of the product for discounts; the product is created if missing. Default DISCOUNT. */
  discountProduct?: string;
  /** How far a partner's rounding may differ, in smallest units of the currency for each line and charge. Default 1. */
  tolerance?: (source: string) => number;
  /** How long products and values found in Odoo are remembered, in ms. Default 60,000. */
  keepMs?: number;
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
  const { keepMs = 60_000 } = options;
  const known = resolver(odoo, options.lookup, keepMs);
  const partners = partyFinder(odoo, keepMs);
  const taxes = articleTaxes(odoo, known, keepMs);
  const services = {
    shipping: options.shippingProduct ?? 'SHIPPING',
    discount: options.discountProduct ?? 'DISCOUNT',
  };

  const rounding: Rounding = {
    tolerance: options.tolerance ?? (() => 1),
    article: ({ source, placedAt: at }) =>
      known.service(known.articleOf('rounding', { source, at }) ?? 'ROUNDING', 'rounding'),
  };

  /**
   * Runs one confirmation after another. They reserve the same stock, and Odoo would roll back and repeat parallel
   * ones.
   */
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
      // If the first was not written, the second may be its correction.
      const [outcome] = error ? await run([one]) : [rejected(otherContent(one.order, stored?.name))];
      outcomes.set(one, outcome!);
    }
    return asked.map((one) => outcomes.get(one)!);
  }

  async function writeAll(jobs: Job[]): Promise<void> {
    const looked = await findKnown(jobs);
    for (const job of jobs) job.limits = await limitsFor(job.order);
    await refuseOthers(odoo, jobs.filter(isStanding), (some) => referencesOfAll(some, looked));
    const isRight = (job: Job) => totalsMatch(job) && job.before !== 'unpaid';
    for (const job of jobs) job.repeated = isFinal(job) || (!job.confirm && isRight(job));
    const unwritten = jobs.filter((job) => isOpen(job) && !isRight(job));
    await loadOrders(odoo, unwritten, await referencesOfAll(unwritten, looked));
    await loadRefused(unwritten);
    await readBack(odoo, unwritten);
    const off = unwritten.filter((job) => isOpen(job) && !totalsMatch(job));
    await loadRounding(odoo, rounding, off);
    await readBack(odoo, off);
    const wrong = jobs.filter((job) => isOpen(job) && !totalsMatch(job));
    for (const job of wrong) job.error = totalMismatch(job.order, job.stored!, job.refs!, job.limits);
    // When a person repairs the taxes of an article in Odoo, the next try uses them at once.
    if (wrong.length > 0) taxes.forget();
    const confirmed = confirming.then(() =>
      confirmOrders(
        odoo,
        jobs.filter((job) => isOpen(job) && job.confirm),
      ),
    );
    confirming = confirmed.catch(() => {});
    await confirmed;
  }

  /** Returns no tolerance for an order whose currency Odoo does not have; its references report that. */
  async function limitsFor(order: CanonicalOrder): Promise<Limits> {
    try {
      const { unit } = await known.currency(order.currency);
      return limitsOf(order, rounding.tolerance(order.source), unit);
    } catch (error) {
      if (error instanceof CodedError && !error.row.retryable) return exactly;
      throw error;
    }
  }

  /** Reads everything that is not remembered, in parallel. Returns the partners that Odoo was asked for. */
  async function findKnown(jobs: Job[]): Promise<LookedUp> {
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

  function forget(): void {
    for (const one of [known, partners, taxes]) one.forget();
  }

  /**
   * A remembered id may be the reason of a refusal. Forgets all, and loads orders that name a missing record once more.
   */
  async function loadRefused(jobs: Job[]): Promise<void> {
    if (jobs.some(({ error }) => error && isOfData(error))) forget();
    const again = jobs.filter(({ error }) => isOfMissing(error));
    const references = await referencesOfAll(again);
    for (const job of again) delete job.error;
    await loadOrders(odoo, again, references);
  }

  function referencesOfAll(
    jobs: readonly { order: CanonicalOrder }[],
    looked?: LookedUp,
  ): Promise<PromiseSettledResult<References>[]> {
    const orders = jobs.map(({ order }) => order);
    return findReferences(known, partners, services, orders, looked);
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
    const taxed = await taxes.added(order);
    const written = await batches.add({ order: taxed, confirm: wanted && !held, before }, tier);
    return held && isQuotation(written) ? { ...written, held } : written;
  }

  const keyOf = ({ order }: Asked): string => orderExternalId(order);
  const batches = batcher({ run, windowMs, max, atOnce, keyOf, weights });
  return {
    write,
    confirm: (reference, limit) => confirmOrder(odoo, reference, (total) => creditHold(known, total, limit)),
    update: async (order, before) =>
      updateOrder(odoo, await taxes.added(order), referencesOf, rounding, before),
    idle: () => batches.idle(),
  };
}

interface Asked {
  order: CanonicalOrder;
  confirm: boolean;
  before?: WriteOptions['before'];
}

/** The limits of an order before its currency is known. */
const exactly: Limits = { unit: '0.01', most: Big(0) };

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
