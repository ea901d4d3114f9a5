/** Prices and discounts of a partner as Odoo can hold them, without a remainder hidden in a price. */
import Big from 'big.js';
import { sum } from '../../decimal/sum.ts';
import type { Arithmetic, OdooTax } from '../arithmetic.ts';

/** More than any currency needs, and few enough for a person to read. */
const mostDecimals = 6;

/** A tax of the message: `0.19`, and what it is mapped to. */
interface MappedTax {
  rate: string;
  inOdoo: OdooTax;
}

/**
 * How much of a price of the partner is the price in Odoo: the taxes of the line may be in one, in both, in neither.
 * Counted by Odoo's percentages, so that Odoo comes back to the partner's price; that both mean the same tax is seen by
 * the totals.
 */
export function basisOf(pricesIncludeTax: boolean, taxes: MappedTax[]): Big {
  const included = taxes.filter(({ inOdoo }) => inOdoo.included);
  if (pricesIncludeTax && included.length === taxes.length) return Big(1);
  const inPrice = withTaxes(included);
  return pricesIncludeTax ? inPrice.div(withTaxes(taxes)) : inPrice;
}

function withTaxes(taxes: MappedTax[]): Big {
  return sum([1, ...taxes.map(({ rate, inOdoo }) => inOdoo.percent?.div(100) ?? rate)]);
}

export function priceIn({ price: decimals = mostDecimals }: Arithmetic, price: Big): string {
  return price.round(decimals).toFixed();
}

/**
 * A discount of a whole line in percent, as Odoo keeps it. Undefined where none gives the amount to the cent. It stays with
 * its line when a part of that is shipped, invoiced or credited; what its fractions add up to is rounding.
 */
export function percentage(
  quantity: string,
  price: string,
  discount: string,
  basis: Big,
  { discount: decimals }: Arithmetic,
  unit: string,
): string | undefined {
  if (Big(discount).eq(0)) return '0';
  const full = Big(quantity).times(price);
  if (full.eq(0)) return undefined;
  const percent = Big(discount).div(full).times(100).round(decimals);
  const left = full.minus(full.times(percent).div(100));
  const inUnits = (amount: Big) => amount.times(basis).div(unit).round();
  return inUnits(left).eq(inUnits(full.minus(discount))) ? percent.toFixed() : undefined;
}
