/** Reads the company of the hub in Odoo, and looks up currencies and the targets of value maps in it. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';
import { externalId, findExternal } from './external-id.ts';
import { ensure, plain } from './load.ts';

export interface Currency {
  /**
   * Id of the price list that gives an order this currency. Undefined for the company's own currency, if no list is
   * needed.
   */
  pricelist?: number;
  /** The smallest amount of the currency, such as `0.01`. */
  unit: string;
}

/** Where the target of a value map is looked up. An external id is tried first. */
const targets = {
  tax: { model: 'account.tax', names: ['name'], domain: [['type_tax_use', '=', 'sale']], ofCompany: true },
  uom: { model: 'uom.uom', names: ['name'], domain: [], ofCompany: false },
  warehouse: { model: 'stock.warehouse', names: ['code', 'name'], domain: [], ofCompany: true },
  'payment-terms': { model: 'account.payment.term', names: ['name'], domain: [], ofCompany: true },
} as const;

export type ValueMap = keyof typeof targets;

export interface Company {
  id: number;
  currency: number;
  /** `round_per_line` or `round_globally`. */
  rounding: string;
}

/** Reads the company of the user that the key belongs to. Orders are created in it. */
export async function readCompany(odoo: Odoo): Promise<Company> {
  const read = async <Row>(model: string, id: number, ...fields: string[]) =>
    (await odoo.call<Row[]>(model, 'search_read', { domain: [['id', '=', id]], fields }))[0]!;
  const user = await read<{ company_id: [number, string] }>('res.users', await odoo.user(), 'company_id');
  const id = user.company_id[0];
  const rounding = 'tax_calculation_rounding_method';
  const company = await read<{ currency_id: [number, string]; [rounding]: string }>(
    'res.company',
    id,
    'currency_id',
    rounding,
  );
  return { id, currency: company.currency_id[0], rounding: company[rounding] };
}

/** Returns the id, or undefined unless exactly one record has this name. */
export async function findNamed(odoo: Odoo, map: ValueMap, target: string, company: Company) {
  const { model, names, domain, ofCompany } = targets[map];
  if (/^[\w-]+\.[\w.-]+$/.test(target)) {
    const id = (await findExternal(odoo, model, [target])).get(target);
    if (id !== undefined) return id;
  }
  const own = ofCompany ? [['company_id', 'in', [company.id, false]]] : [];
  for (const name of names) {
    const rows = await odoo.call<{ id: number }[]>(model, 'search_read', {
      domain: [[name, '=', target], ...domain, ...own],
      fields: ['id'],
      limit: 2,
      context: plain,
    });
    if (rows.length > 0) return rows.length === 1 ? rows[0]!.id : undefined;
  }
  return undefined;
}

/**
 * Reads a currency, and creates a price list for it if one is needed. Throws CURRENCY_UNKNOWN if it is not active in
 * Odoo.
 */
export async function readCurrency(
  odoo: Odoo,
  code: string,
  company: () => Promise<Company>,
): Promise<Currency> {
  const [row] = await odoo.call<{ id: number; rounding: number }[]>('res.currency', 'search_read', {
    domain: [['name', '=', code]],
    fields: ['rounding'],
  });
  if (!row)
    throw new CodedError('CURRENCY_UNKNOWN', `${code} is not an active currency in Odoo`, {
      currency: code,
    });
  return {
    pricelist: await pricelistOf(odoo, code, row.id, await company()),
    unit: Big(row.rounding).round(6).toFixed(),
  };
}

/** Returns undefined for the company's own currency if it needs no price list. */
async function pricelistOf(odoo: Odoo, code: string, currency: number, company: Company) {
  const domain = [
    ['currency_id', '=', currency],
    ['company_id', 'in', [company.id, false]],
  ];
  const query = { domain, fields: ['id'], order: 'sequence, id', limit: 1 };
  const [row] = await odoo.call<{ id: number }[]>('product.pricelist', 'search_read', query);
  if (row) return row.id;
  if (currency === company.currency && !(await odoo.dialect()).needsPricelist) return undefined;
  // Each company has its own price list; a hub of another company cannot use it.
  const id = externalId('crossdock', 'pricelist', code.toLowerCase(), String(company.id));
  const name = `${code} (prices of the order)`;
  const of = { 'currency_id/.id': String(currency), 'company_id/.id': String(company.id) };
  const rows = [{ id, name, ...of }];
  const [outcome] = await ensure(odoo, 'product.pricelist', [{ externalId: id, rows }]);
  if (outcome!.status === 'rejected') throw outcome!.reason;
  return outcome!.value;
}
