/** Checks whether an order is so large that a person has to look at it first, in any currency. */
import type { Resolver } from '../resolve.ts';

/**
 * `credit`: the total reaches the limit. `rate`: Odoo has no exchange rate for the currency, so the limit cannot be
 * checked.
 */
export type CreditHold = 'credit' | 'rate';

export interface Total {
  gross: string | number;
  currency: string;
}

/**
 * Returns why a person has to look at the order, or undefined if its total is below `limit`. `limit` is in the
 * company's currency; empty means no limit. Throws CURRENCY_UNKNOWN.
 */
export async function creditHold(
  known: Pick<Resolver, 'rate'>,
  { gross, currency }: Total,
  limit = '',
): Promise<CreditHold | undefined> {
  if (limit === '') return undefined;
  const rate = await known.rate(currency);
  if (rate === undefined) return 'rate';
  return rate.times(gross).gte(limit) ? 'credit' : undefined;
}
