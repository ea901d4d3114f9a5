/** How this Odoo computes: the decimals of its fields, when it rounds, and what its taxes do to a price. Read, never assumed. */
import Big from 'big.js';
import { sum } from '../decimal/sum.ts';
import type { Odoo } from './client.ts';

export interface Arithmetic {
  /** Decimals of quantities, of discounts in percent, and of prices; undefined where Odoo keeps them all, as 19 does. */
  quantity: number;
  discount: number;
  price?: number;
  /** Whether each line and its tax is rounded, else each tax once for the whole order. A setting of the company. */
  perLine: boolean;
}

/** A tax of Odoo, an account.tax. */
export interface OdooTax {
  id: number;
  name: string;
  /** The rate in percent, `15`; undefined for a tax that is no percentage of the price. */
  percent?: Big;
  /** Whether prices in Odoo include this tax. */
  included: boolean;
}

interface TaxRow {
  id: number;
  name: string;
  amount: number;
  amount_type: string;
  price_include: boolean;
  children_tax_ids: number[];
}

type Digits = { digits?: [number, number] | false };

export async function readArithmetic(odoo: Odoo, roundingMethod: string): Promise<Arithmetic> {
  const fields = ['product_uom_qty', 'discount', 'price_unit'] as const;
  const of = await odoo.call<Record<(typeof fields)[number], Digits>>('sale.order.line', 'fields_get', {
    allfields: fields,
    attributes: ['digits'],
  });
  const decimals = (field: (typeof fields)[number]) => (of[field].digits ? of[field].digits[1] : undefined);
  return {
    // A field without digits of its own has those of an amount.
    quantity: decimals('product_uom_qty') ?? 2,
    discount: decimals('discount') ?? 2,
    price: decimals('price_unit'),
    perLine: roundingMethod === 'round_per_line',
  };
}

/** A tax as a percentage: a group of taxes is the sum of its members. */
export async function readTax(odoo: Odoo, id: number): Promise<OdooTax> {
  return (
    (await readTaxes(odoo, [['id', 'in', [id]]], archivedToo)).get(id) ?? { id, name: '', included: false }
  );
}

/** The taxes of the domain, by id: the active ones, unless the context says otherwise. */
export async function readTaxes(
  odoo: Odoo,
  domain: unknown[],
  context: Record<string, unknown> = {},
): Promise<Map<number, OdooTax>> {
  const rows = await taxRows(odoo, domain, context);
  const groups = rows.filter((tax) => tax.amount_type === 'group');
  const members = groups.flatMap((tax) => tax.children_tax_ids);
  const parts = members.length === 0 ? [] : await taxRows(odoo, [['id', 'in', members]], archivedToo);
  return new Map(
    rows.map((tax) => {
      const own = groups.includes(tax) ? parts.filter(({ id }) => tax.children_tax_ids.includes(id)) : [tax];
      return [tax.id, { id: tax.id, name: tax.name, ...together(own) }];
    }),
  );
}

function together(parts: TaxRow[]): Pick<OdooTax, 'percent' | 'included'> {
  const percent = parts.every((part) => part.amount_type === 'percent')
    ? sum(parts.map(({ amount }) => Big(amount).round(6)))
    : undefined;
  const included = parts.length > 0 && parts.every((part) => part.price_include);
  return { included, ...(percent && { percent }) };
}

const archivedToo = { active_test: false };

function taxRows(odoo: Odoo, domain: unknown[], context: Record<string, unknown>): Promise<TaxRow[]> {
  return odoo.call('account.tax', 'search_read', {
    domain,
    fields: ['name', 'amount', 'amount_type', 'price_include', 'children_tax_ids'],
    context,
  });
}
