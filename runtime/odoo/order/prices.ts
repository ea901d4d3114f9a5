/** Converts a partner's prices and discounts to what Odoo can hold, without hiding a remainder in a price. */
import Big from 'big.js';
import { sum } from '../../decimal/sum.ts';
import type { Arithmetic, OdooTax } from '../arithmetic.ts';

/** More decimals than any currency needs, and few enough for a person to read. */
const mostDecimals = 6;

/** A tax of the message, with a rate such as `0.19`, and the tax in Odoo that it is mapped to. */
interface MappedTax {
  rate: string;
  inOdoo: OdooTax;
}

/**
 * The factor from the partner's price to Odoo's. The taxes of the line may be included in one price, in both or in
 * neither. The factor uses Odoo's percentages, so that Odoo computes back to the partner's price; the totals show
 * whether both sides mean the same tax.
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

/** Rounds a price to the decimals that Odoo keeps, or to six. */
export function priceIn({ price: decimals = mostDecimals }: Arithmetic, price: Big): string {
  return price.round(decimals).toFixed();
}

/**
 * The discount of a whole line in percent, in Odoo's decimals. Undefined if no percentage gives the amount to the cent.
 * A percentage stays with its line when a part is shipped, invoiced or credited; what is lost in fractions is rounding.
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
