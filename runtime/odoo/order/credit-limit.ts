/** Whether an order is so large that a person looks at it first, whatever its currency. */
import type { Resolver } from '../resolve.ts';

/** `credit`: the limit or more. `rate`: Odoo has no rate of the currency, so nobody knows. */
export type CreditHold = 'credit' | 'rate';

export interface Total {
  gross: string | number;
  currency: string;
}

/** Why a person has to look at the order; undefined below `limit`, which is in the company's currency, or empty for none. Throws CURRENCY_UNKNOWN. */
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
