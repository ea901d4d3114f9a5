/** Finds in Odoo what an order names, by the value maps: products, currency, taxes, units, warehouse, payment terms. */
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

/** The unit of a partner, in Odoo. */
export interface Unit {
  /** Id of the uom.uom. */
  id: number;
  /** How many of the unit in Odoo one of the partner's unit is. */
  factor: Big;
}

export type Resolver = ReturnType<typeof resolver>;

type Known = ReturnType<typeof known>;

/** `keepMs`: how long what Odoo answered is remembered, in ms. */
export function resolver(odoo: Odoo, lookup: Lookup, keepMs: number) {
  const inOdoo = known(odoo, keepMs);
  const { reference, articleOf, meaning } = meanings(lookup);
  return {
    reference,
    articleOf,
    findProducts: inOdoo.products,
    ...articles(odoo, inOdoo),
    ...values(inOdoo, meaning),
    rate: inOdoo.rate,
    company: inOdoo.company,
    arithmetic: inOdoo.arithmetic,
    currency: inOdoo.currency,
    forget: inOdoo.forget,
  };
}

/** Articles that are not found as those of a new order are. */
function articles(odoo: Odoo, inOdoo: Known) {
  /**
   * Finds the products of an existing order. An archived product is found too, unless another one has its reference.
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

  /**
   * The product for what is not a catalogue article: found by internal reference, or a service that is created once.
   * The name of the service is that of its kind, or derived from the reference. Throws PRODUCT_AMBIGUOUS.
   */
  async function service(reference: string, kind?: Service): Promise<Product> {
    const found = (await inOdoo.products([{ sku: reference }])).get(reference)!;
    if (!(found instanceof CodedError)) return found;
    if (found.code !== 'PRODUCT_UNKNOWN') throw found;
    return makeService(odoo, reference, kind);
  }

  return { findOrdered, service };
}

/** What the value maps lead to. */
function values(inOdoo: Known, meaning: ReturnType<typeof meanings>['meaning']) {
  /**
   * Id of what a value map leads to. Throws VALUE_UNMAPPED without an entry, ODOO_VALUE_UNKNOWN if Odoo does not have
   * its target.
   */
  async function value(map: ValueMap, partnerValue: string, order: LookupOptions): Promise<number> {
    return named(map, partnerValue, meaning(map, partnerValue, order).to);
  }

  /** Throws as `value` does. */
  async function tax(code: string, order: LookupOptions): Promise<OdooTax> {
    return inOdoo.tax(await value('tax', code, order));
  }

  /**
   * `pack`: how many pieces one holds, as the partner says. Throws UNIT_DIFFERS if the value map says otherwise, and as
   * `value` does.
   */
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

  /** How many of the unit `own` one of the partner's unit is. Throws UNIT_DIFFERS, and as `value` does. */
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

  /** Throws ODOO_VALUE_UNKNOWN. */
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

  return { value, tax, unit, inUnit };
}
