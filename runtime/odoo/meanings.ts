/** What partners' words mean in Odoo, by the value maps of the environment. */
import { CodedError } from '../errors/coded-error.ts';
import type { LookupOptions, Meaning } from '../values/value-maps.ts';
import type { ValueMap } from './company.ts';

/** A value map of the environment: the partner's word → what it is in Odoo. Undefined when there is no entry. */
export type Lookup = (map: string, value: string, order: LookupOptions) => Meaning | undefined;

export function meanings(lookup: Lookup) {
  /** Its internal reference: what the value map `product` says, else the SKU itself. */
  function reference(sku: string, order: LookupOptions): string {
    return ifMapped('product', sku, order) ?? sku;
  }

  /** Of what is no article of the catalogue, by the value map `article`: a kind of line or the code of a charge. */
  function articleOf(called: string, order: LookupOptions): string | undefined {
    return ifMapped('article', called, order);
  }

  /** Undefined also where there is no such map. */
  function ifMapped(map: string, called: string, order: LookupOptions): string | undefined {
    try {
      return lookup(map, called, order)?.to;
    } catch (error) {
      if (error instanceof CodedError && error.code === 'MAPPING_INVALID') return undefined;
      throw error;
    }
  }

  /** Throws VALUE_UNMAPPED. */
  function meaning(map: ValueMap, partnerValue: string, order: LookupOptions): Meaning {
    const found = lookup(map, partnerValue, order);
    if (found) return found;
    const { article } = order;
    throw new CodedError('VALUE_UNMAPPED', `The value map ${map} has no entry for '${partnerValue}'`, {
      map,
      value: partnerValue,
      ...(article !== undefined && { article }),
    });
  }

  return { reference, articleOf, meaning };
}
