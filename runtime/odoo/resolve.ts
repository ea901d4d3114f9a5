/** Finds in Odoo what an order names, by the value maps: products, currency, taxes, units, warehouse. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { LookupOptions } from '../values/value-maps.ts';
import type { OdooTax } from './arithmetic.ts';
import type { Odoo } from './client.ts';
import type { ValueMap } from './company.ts';
import { known } from './known.ts';
import { meanings, type Lookup } from './meanings.ts';
import {
  isUnknown,
  makeService,
  pick,
  readProducts,
  type Product,
  type ProductsBySku,
  type Service,
  type Wanted,
} from './products.ts';

/** What a partner calls a unit. */
export interface Unit {
  /** Of uom.uom. */
  id: number;
  /** How many of it the partner's is. */
  factor: Big;
}

export type Resolver = ReturnType<typeof resolver>;

export function resolver(odoo: Odoo, lookup: Lookup, keepMs: number) {
  const inOdoo = known(odoo, keepMs);
  const { reference, articleOf, meaning } = meanings(lookup);

  /** Throws as `value` does. */
  async function tax(code: string, order: LookupOptions): Promise<OdooTax> {
    return inOdoo.tax(await value('tax', code, order));
  }

  /**
   * Of what was ordered already: an article that was archived since is found all the same, where no other took its
   * reference.
   */
  async function findOrdered(lines: Wanted[]): Promise<ProductsBySku> {
    const found = await inOdoo.products(lines);
    const gone = lines.filter(({ sku }) => isUnknown(found.get(sku)));
    const rows = gone.length === 0 ? [] : await readProducts(odoo, gone, [['active', '=', false]]);
    for (const line of gone) {
      const hit = pick(rows, line);
      if (!isUnknown(hit)) found.set(line.sku, hit);
    }
    return found;
  }

  /** Throws VALUE_UNMAPPED (no entry in the value map) or ODOO_VALUE_UNKNOWN (the entry leads nowhere). */
  async function value(map: ValueMap, partnerValue: string, order: LookupOptions): Promise<number> {
    return named(map, partnerValue, meaning(map, partnerValue, order).to);
  }

  /** `pack`: how many the partner says one holds. Throws UNIT_DIFFERS when the map says otherwise, and as `value` does. */
  async function unit(called: string, order: LookupOptions, pack?: string): Promise<Unit> {
    const { to, factor = '1' } = meaning('uom', called, order);
    if (pack !== undefined && factor !== '1' && !Big(factor).eq(pack))
      throw new CodedError(
        'UNIT_DIFFERS',
        `${called} holds ${pack} by the order, ${factor} by the value map uom`,
        { unit: called },
      );
    return { id: await named('uom', called, to), factor: Big(factor) };
  }

  /** How many of the unit `own` one of the partner's is. Throws UNIT_DIFFERS and as `value` does. */
  async function inUnit(called: string, own: number, order: LookupOptions): Promise<Big> {
    const { id, factor } = await unit(called, order);
    if (id === own) return factor;
    const [from, to] = [await inOdoo.scale(id), await inOdoo.scale(own)];
    if (from && to && from.family === to.family) return factor.times(from.size).div(to.size);
    throw new CodedError(
      'UNIT_DIFFERS',
      `${called} cannot be converted into ${to?.name ?? 'the unit'} of the article`,
      { unit: called },
    );
  }

  /** What is called so in Odoo. Throws ODOO_VALUE_UNKNOWN. */
  async function named(map: ValueMap, partnerValue: string, target: string): Promise<number> {
    const id = await inOdoo.named(map, target);
    if (id === undefined) {
      throw new CodedError('ODOO_VALUE_UNKNOWN', `Odoo does not have exactly one ${map} '${target}'`, {
        map,
        value: partnerValue,
        target,
      });
    }
    return id;
  }

  /**
   * The product for what is no article of the catalogue: by its internal reference, else a service, made once. Its name
   * is that of its kind, else made of the reference.
   */
  async function service(reference: string, kind?: Service): Promise<Product> {
    const found = (await inOdoo.products([{ sku: reference }])).get(reference)!;
    if (!(found instanceof CodedError)) return found;
    if (found.code !== 'PRODUCT_UNKNOWN') throw found;
    return makeService(odoo, reference, kind);
  }

  return {
    reference,
    articleOf,
    findOrdered,
    value,
    tax,
    unit,
    inUnit,
    service,
    rate: inOdoo.rate,
    company: inOdoo.company,
    findProducts: inOdoo.products,
    arithmetic: inOdoo.arithmetic,
    currency: inOdoo.currency,
    forget: inOdoo.forget,
  };
}
