/** Explains to the person who has to decide why Odoo computes another total than the partner. */
import Big from 'big.js';
import type { Arithmetic, OdooTax } from '../arithmetic.ts';
import type { CanonicalOrder } from '../canonical-order.ts';

/** What determines how Odoo computes the order. */
export interface Terms {
  taxes: Map<string, OdooTax>;
  arithmetic: Arithmetic;
}

/**
 * Returns at least one reason, one clause each. `apart`: how much higher Odoo's total is. `most`: the largest
 * difference that counts as rounding.
 */
export function reasonsOf(order: CanonicalOrder, terms: Terms, apart: Big, most: Big): string[] {
  const known = [...ownSum(order, most), ...taxRates(order, terms), ...taxBasis(order, terms)];
  const reasons = [...known, ...priceDecimals(order, terms)];
  // Rounding adds up to no more than a few of the smallest units for each line.
  if (reasons.length === 0 && apart.abs().gt(roundingAtMost(order)))
    return ['prices, discounts or quantities are not the same, or a charge is missing'];
  return [...reasons, rounding(order, terms, most)];
}

function positions({ lines, shipping = [] }: CanonicalOrder) {
  const goods = lines.map((line) => ({ ...line, price: line.unitPrice }));
  return [...goods, ...shipping.map((charge) => ({ ...charge, quantity: '1' }))];
}

/** The lines of a message may not add up to its own total. */
function ownSum(order: CanonicalOrder, most: Big): string[] {
  const sum = positions(order).reduce(
    (all, { quantity, price, discount = '0' }) => all.plus(Big(quantity).times(price)).minus(discount),
    Big(0),
  );
  const [said, what] = order.pricesIncludeTax
    ? [order.totals.gross, 'total']
    : [order.totals.net, 'total without tax'];
  const isSame = sum.minus(said).abs().lte(most);
  return isSame ? [] : [`its own lines come to ${sum.toFixed()} and not to its ${what}`];
}

function taxRates(order: CanonicalOrder, { taxes }: Terms): string[] {
  const said = new Set<string>();
  for (const { code, rate } of positions(order).flatMap((one) => one.taxes)) {
    const { percent, name } = taxes.get(code) ?? {};
    const theirs = Big(rate).times(100);
    // Some partners send only amounts, and the rate is computed from them.
    if (percent && theirs.minus(percent).abs().gt('0.05'))
      said.add(
        `the tax ${code} is ${theirs.round(4).toFixed()} % there and ${percent.toFixed()} % in Odoo ('${name}'; value map tax)`,
      );
  }
  return [...said];
}

function taxBasis(order: CanonicalOrder, { taxes }: Terms): string[] {
  const codes = new Set(positions(order).flatMap((one) => one.taxes.map(({ code }) => code)));
  const others = [...codes].filter((code) => taxes.get(code)?.included !== order.pricesIncludeTax);
  if (others.length === 0) return [];
  const names = others.map((code) => `'${taxes.get(code)?.name ?? code}'`).join(', ');
  return order.pricesIncludeTax
    ? [`its prices include tax, and those of ${names} in Odoo do not, so that prices were converted`]
    : [`its prices are without tax, and those of ${names} in Odoo include it, so that prices were converted`];
}

function priceDecimals(order: CanonicalOrder, { arithmetic }: Terms): string[] {
  const { price: decimals } = arithmetic;
  if (decimals === undefined) return [];
  const finer = positions(order).filter(({ price }) => !Big(price).round(decimals).eq(price));
  return finer.length === 0
    ? []
    : [
        `${finer.length} of its prices have more than the ${decimals} decimals that Odoo keeps (Decimal Accuracy, Product Price)`,
      ];
}

function roundingAtMost(order: CanonicalOrder): Big {
  const decimals = order.totals.gross.split('.')[1]?.length ?? 0;
  return Big(3).times(positions(order).length).times(Big(10).pow(-decimals));
}

function rounding({ source }: CanonicalOrder, { arithmetic }: Terms, most: Big): string {
  const [method, other] = arithmetic.perLine
    ? ['each line', 'Round Globally']
    : ['each tax once for the order', 'Round per Line'];
  return `Odoo rounds ${method} (Settings, Invoicing, Taxes, Rounding Method; the other choice is ${other}), and rounding of ${source} may differ by ${most.toFixed()} for this order (tolerance in its partner file)`;
}
