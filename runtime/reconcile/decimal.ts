/** Sums and texts of quantities and money. */
import Big from 'big.js';

export function sum(amounts: readonly (string | Big)[]): Big {
  return amounts.reduce<Big>((all, one) => all.plus(one), Big(0));
}

/** As it is written in a break: no exponent, no zeros that say nothing. */
export function text(amount: Big | string): string {
  return Big(amount).toFixed();
}
