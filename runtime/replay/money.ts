/** The money that messages are about. */
import Big from 'big.js';

/** Decimal text by currency. */
export type Sums = Record<string, string>;

export interface Money {
  amount: string;
  currency: string;
}

export function sumOf(all: readonly Money[]): Sums {
  const sums = new Map<string, Big>();
  for (const { amount, currency } of all)
    sums.set(currency, (sums.get(currency) ?? Big(0)).plus(Big(amount).abs()));
  const ordered = [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(ordered.map(([currency, sum]) => [currency, written(sum)]));
}

/** With two decimals, or with more where there are more: dinars have three. */
function written(sum: Big): string {
  const text = sum.toFixed();
  return (text.split('.')[1] ?? '').length > 2 ? text : sum.toFixed(2);
}

/** In any one currency. */
export function isAbove(sums: Sums, limit: string): boolean {
  return Object.values(sums).some((sum) => Big(sum).gt(limit));
}
