/**
 * Reads how this Odoo computes: the decimals of its fields, its rounding, and what its taxes add to a price. Nothing is
 * assumed.
 */
import Big from 'big.js';
import { sum } from '../decimal/sum.ts';
import type { Odoo } from './client.ts';

export interface Arithmetic {
  /** Decimals of quantities. */
  quantity: number;
  /** Decimals of discounts in percent. */
  discount: number;
  /** Decimals of prices. Undefined if Odoo keeps all of them, as 19 does. */
  price?: number;
  /**
   * True if Odoo rounds each line and its tax, false if it rounds each tax once for the order. A setting of the
   * company.
   */
  perLine: boolean;
}

/** A tax of Odoo, an account.tax. */
export interface OdooTax {
  id: number;
  name: string;
  /** The rate in percent, such as `15`. Undefined for a tax that is not a percentage of the price. */
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

/**
 * Reads the decimals of order lines. `roundingMethod`: the setting of the company, `round_per_line` or
 * `round_globally`.
 */
export async function readArithmetic(odoo: Odoo, roundingMethod: string): Promise<Arithmetic> {
  const fields = ['product_uom_qty', 'discount', 'price_unit'] as const;
  const of = await odoo.call<Record<(typeof fields)[number], Digits>>('sale.order.line', 'fields_get', {
    allfields: fields,
    attributes: ['digits'],
  });
  const decimals = (field: (typeof fields)[number]) => (of[field].digits ? of[field].digits[1] : undefined);
  return {
    // A field without its own digits has those of an amount.
    quantity: decimals('product_uom_qty') ?? 2,
    discount: decimals('discount') ?? 2,
    price: decimals('price_unit'),
    perLine: roundingMethod === 'round_per_line',
  };
}

/** Reads a tax by its id, also an archived one. The percentage of a group is the sum of its members. */
export async function readTax(odoo: Odoo, id: number): Promise<OdooTax> {
  return (
    (await readTaxes(odoo, [['id', 'in', [id]]], archivedToo)).get(id) ?? { id, name: '', included: false }
  );
}

/** Reads the taxes of a domain, by id. Archived ones are left out, unless the context includes them. */
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
