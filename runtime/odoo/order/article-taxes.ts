/**
 * Adds the taxes that articles have in Odoo to an order whose partner states no taxes although its prices include them.
 */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import { sum } from '../../decimal/sum.ts';
import { gathered } from '../../limits/gathered.ts';
import { readTaxes, type OdooTax } from '../arithmetic.ts';
import type { CanonicalOrder, Tax } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { remembered } from '../remembered.ts';
import type { Resolver } from '../resolve.ts';

export interface ArticleTaxes {
  /**
   * Returns the order with the sales taxes of its articles and with totals computed from them. A charge gets the taxes
   * of the line with the highest amount. Returns the order unchanged if its partner states taxes or an article is
   * unknown, which the order writer reports.
   */
  added(order: CanonicalOrder): Promise<CanonicalOrder>;
  forget(): void;
}

/** `keepMs`: how long the taxes of an article are remembered, in ms. */
export function articleTaxes(odoo: Odoo, resolver: Resolver, keepMs: number): ArticleTaxes {
  const known = remembered<OdooTax[]>(keepMs);
  const read = gathered<number, OdooTax[]>({
    most: 1000,
    run: async (products) => {
      const found = await taxesOf(odoo, [...new Set(products)], (await resolver.company()).id);
      for (const [product, taxes] of found) known.set(String(product), taxes);
      return products.map((product) => found.get(product) ?? []);
    },
  });

  async function added(order: CanonicalOrder): Promise<CanonicalOrder> {
    if (!order.taxesUntold) return order;
    const found = await resolver.findProducts(order.lines);
    const products = order.lines.map(({ sku }) => found.get(sku)!);
    const ids = products.flatMap((one) => (one instanceof CodedError ? [] : [one.id]));
    if (ids.length < products.length) return order;
    const own = await Promise.all(ids.map((id) => known.get(String(id)) ?? read(id)));
    return withTaxes(order, own, (await resolver.currency(order.currency)).unit);
  }

  return { added, forget: () => known.clear() };
}

/** `own`: the taxes of the article of each line. */
function withTaxes(order: CanonicalOrder, own: OdooTax[][], unit: string): CanonicalOrder {
  const taxesIn = (amount: Big, taxes: OdooTax[]): Tax[] => taxesOn(amount, taxes, unit);
  const amounts = order.lines.map(({ quantity, unitPrice, discount = '0' }) =>
    Big(quantity).times(unitPrice).minus(discount),
  );
  const lines = order.lines.map((line, at) => ({
    ...line,
    taxes: taxesIn(amounts[at]!, own[at]!),
  }));
  const dearest = amounts.reduce((best, amount, at) => (amount.gt(amounts[best]!) ? at : best), 0);
  const shipping = order.shipping?.map((charge) => ({
    ...charge,
    taxes: taxesIn(Big(charge.price).minus(charge.discount ?? '0'), own[dearest]!),
  }));
  const all = [...lines, ...(shipping ?? [])].flatMap(({ taxes }) => taxes);
  const tax = sum(all.map(({ amount }) => amount));
  const totals = {
    net: Big(order.totals.gross).minus(tax).toFixed(),
    tax: tax.toFixed(),
    gross: order.totals.gross,
  };
  return { ...order, lines, totals, ...(shipping && { shipping }) };
}

/**
 * Reads the taxes of each product in this company. A product without taxes gets the company's default sales tax,
 * because its price includes one.
 */
async function taxesOf(odoo: Odoo, products: number[], company: number): Promise<Map<number, OdooTax[]>> {
  const [rows, [home]] = await Promise.all([
    odoo.call<{ id: number; taxes_id: number[] }[]>('product.product', 'search_read', {
      domain: [['id', 'in', products]],
      fields: ['taxes_id'],
    }),
    odoo.call<{ account_sale_tax_id: [number, string] | false }[]>('res.company', 'search_read', {
      domain: [['id', '=', company]],
      fields: ['account_sale_tax_id'],
    }),
  ]);
  const usual = home?.account_sale_tax_id ? [home.account_sale_tax_id[0]] : [];
  const ids = [...new Set([...usual, ...rows.flatMap(({ taxes_id: own }) => own)])];
  const known = await readTaxes(odoo, [
    ['id', 'in', ids],
    ['company_id', '=', company],
  ]);
  const ofProduct = (taxes: number[]): OdooTax[] => taxes.flatMap((tax) => known.get(tax) ?? []);
  return new Map(
    rows.map(({ id, taxes_id: own }) => {
      const taxes = ofProduct(own);
      return [id, taxes.length > 0 ? taxes : ofProduct(usual)];
    }),
  );
}

/** The tax amounts that a gross amount contains, each rounded to `unit`, the smallest amount of the currency. */
function taxesOn(amount: Big, taxes: OdooTax[], unit: string): Tax[] {
  const rateOf = ({ percent }: OdooTax): Big => (percent ?? Big(0)).div(100);
  const all = sum([1, ...taxes.map(rateOf)]);
  return taxes.map((inOdoo) => ({
    code: `${inOdoo.name} (${inOdoo.id})`,
    rate: rateOf(inOdoo).toFixed(),
    amount: amount.times(rateOf(inOdoo)).div(all).div(unit).round().times(unit).toFixed(),
    inOdoo,
  }));
}
