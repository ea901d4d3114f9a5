/**
 * Reads what orders name from Odoo and remembers it for a while. Orders that ask the same at the same time share one
 * call.
 */
import type Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import { gathered } from '../limits/gathered.ts';
import { readArithmetic, readTax, type Arithmetic, type OdooTax } from './arithmetic.ts';
import type { Odoo } from './client.ts';
import {
  findNamed,
  readCompany,
  readCurrency,
  type Company,
  type Currency,
  type ValueMap,
} from './company.ts';
import {
  pick,
  readProducts,
  type Product,
  type ProductRow,
  type ProductsBySku,
  type Wanted,
} from './products.ts';
import { readRate } from './rates.ts';
import { remembered } from './remembered.ts';
import { scaleOf, type Scale } from './units.ts';

const LINES_IN_ONE_CALL = 1000;

/** `keepMs`: how long each answer is remembered, in ms. */
export function known(odoo: Odoo, keepMs: number) {
  const products = remembered<Product>(keepMs);
  const values = remembered<number>(keepMs);
  const currencies = remembered<Currency>(keepMs);
  const scales = remembered<Scale>(keepMs);
  const companies = remembered<Company>(keepMs);
  const taxes = remembered<OdooTax>(keepMs);
  const arithmetics = remembered<Arithmetic>(keepMs);
  const rates = remembered<Big>(keepMs);

  const readUnknown = gathered<Wanted[], ProductRow[]>({
    most: LINES_IN_ONE_CALL,
    size: (lines) => lines.length,
    async run(asked) {
      const rows = await readProducts(odoo, asked.flat());
      return asked.map(() => rows);
    },
  });

  const company = (): Promise<Company> => companies.of('', () => readCompany(odoo));

  return {
    company,
    arithmetic: () => arithmetics.of('', async () => readArithmetic(odoo, (await company()).rounding)),
    tax: (id: number) => taxes.of(String(id), () => readTax(odoo, id)),
    scale: (unit: number) => scales.of(String(unit), () => scaleOf(odoo, unit)),

    /** Returns undefined unless exactly one record has this name. */
    named: (map: ValueMap, target: string) =>
      values.of(`${map}\n${target}`, async () => findNamed(odoo, map, target, await company())),

    /** Creates a price list if one is needed. Throws CURRENCY_UNKNOWN if the currency is not active in Odoo. */
    currency: (code: string) => currencies.of(code, () => readCurrency(odoo, code, company)),

    /** Value of one unit in the company's currency today. Undefined if Odoo has no rate. Throws CURRENCY_UNKNOWN. */
    rate: (code: string) => rates.of(code, async () => readRate(odoo, (await company()).currency, code)),

    /**
     * Finds products by internal reference, then by barcode. Lines that are asked for at the same time share one call.
     */
    async products(lines: Wanted[]): Promise<ProductsBySku> {
      const found: ProductsBySku = new Map();
      for (const { sku } of lines) {
        const hit = products.get(sku);
        if (hit) found.set(sku, hit);
      }
      const unknown = lines.filter(({ sku }) => !found.has(sku));
      const rows = unknown.length === 0 ? [] : await readUnknown(unknown);
      for (const line of unknown) {
        const hit = pick(rows, line);
        found.set(line.sku, hit);
        if (!(hit instanceof CodedError)) products.set(line.sku, hit);
      }
      return found;
    },

    /** Call it after Odoo refused something: a remembered value may be the reason. */
    forget() {
      for (const cache of [products, values, currencies, companies, scales, taxes, arithmetics, rates])
        cache.clear();
    },
  };
}
