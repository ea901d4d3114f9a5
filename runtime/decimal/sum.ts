/** The sum of amounts or of quantities, exact. */
import { Big, type BigSource } from 'big.js';

export function sum(values: readonly BigSource[]): Big {
  return values.reduce<Big>((all, one) => all.plus(one), new Big(0));
}
