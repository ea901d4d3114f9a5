/** Looks up in Odoo what the orders of one writer name, and remembers it for a while. */
import { CodedError } from '../../errors/coded-error.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import type { Lookup } from '../meanings.ts';
import { resolver } from '../resolve.ts';
import { articleTaxes } from './article-taxes.ts';
import { partyFinder, type LookedUp } from './party.ts';
import { findReferences } from './references.ts';
import type { Rounding } from './rounding.ts';
import type { References } from './rows.ts';
import { exactly, limitsOf, type Limits } from './totals.ts';

export interface OrderLookupsOptions {
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
}

export type OrderLookups = ReturnType<typeof orderLookups>;

export function orderLookups(options: OrderLookupsOptions) {
  const { odoo, lookup, tolerance = () => 1, keepMs = 60_000 } = options;
  const known = resolver(odoo, lookup, keepMs);
  const partners = partyFinder(odoo, keepMs);
  const taxes = articleTaxes(odoo, known, keepMs);
  const services = {
    shipping: options.shippingProduct ?? 'SHIPPING',
    discount: options.discountProduct ?? 'DISCOUNT',
  };

  const rounding: Rounding = {
    tolerance,
    article: ({ source, placedAt: at }) =>
      known.service(known.articleOf('rounding', { source, at }) ?? 'ROUNDING', 'rounding'),
  };

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

  /** Call it after Odoo refused something: a remembered id may be the reason. */
  function forget(): void {
    for (const one of [known, partners, taxes]) one.forget();
  }

  return { known, partners, taxes, rounding, limitsFor, referencesOfAll, referencesOf, forget };
}
