/** Translates partners' words to Odoo's with the value maps of the environment. */
import { CodedError } from '../errors/coded-error.ts';
import type { LookupOptions, Meaning } from '../values/value-maps.ts';
import type { ValueMap } from './company.ts';

/** Looks up a value map of the environment: what the partner's word is in Odoo. Undefined if there is no entry. */
export type Lookup = (map: string, value: string, order: LookupOptions) => Meaning | undefined;

export function meanings(lookup: Lookup) {
  /** Internal reference of a SKU: the entry of the value map `product`, or the SKU itself. */
  function reference(sku: string, order: LookupOptions): string {
    return ifMapped('product', sku, order) ?? sku;
  }

  /**
   * Internal reference for a kind of line or a charge code that is not a catalogue article, by the value map `article`.
   */
  function articleOf(called: string, order: LookupOptions): string | undefined {
    return ifMapped('article', called, order);
  }

  /** Returns undefined also if there is no such value map. */
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
