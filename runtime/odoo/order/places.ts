/** Finds countries and their regions in Odoo. */
import type { Address } from '../canonical-order.ts';
import type { Odoo } from '../client.ts';
import { remembered } from '../remembered.ts';

export interface Country {
  id: number;
  /** Ids by code and by name, both in upper case. */
  regions: Map<string, number>;
}

export interface PlaceFinder {
  /** Returns the countries of the addresses by code, without those that Odoo does not have. */
  find(addresses: readonly Address[]): Promise<Map<string, Country>>;
  forget(): void;
}

/** `keepMs`: how long a country is remembered, in ms. */
export function placeFinder(odoo: Odoo, keepMs: number): PlaceFinder {
  const known = remembered<Country>(keepMs);

  async function read(codes: string[]): Promise<Map<string, Country>> {
    const search = <Row>(model: string, by: string, values: unknown[], ...fields: string[]) =>
      odoo.call<Row[]>(model, 'search_read', { domain: [[by, 'in', values]], fields: ['id', ...fields] });
    const rows = await search<{ id: number; code: string }>('res.country', 'code', codes, 'code');
    const countries = new Map(
      rows.map(({ id, code }) => [id, { code, id, regions: new Map<string, number>() }]),
    );
    if (countries.size === 0) return new Map();
    const regions = await search<{ id: number; code: string; name: string; country_id: [number, string] }>(
      'res.country.state',
      'country_id',
      [...countries.keys()],
      'code',
      'name',
      'country_id',
    );
    for (const { id, code, name, country_id: country } of regions)
      countries.get(country[0])!.regions.set(name.toUpperCase(), id).set(code.toUpperCase(), id);
    return new Map([...countries.values()].map(({ code, ...country }) => [code, country]));
  }

  return {
    async find(addresses) {
      const found = new Map<string, Country>();
      const unknown = new Set<string>();
      for (const { country: code } of addresses) {
        const hit = known.get(code);
        if (hit) found.set(code, hit);
        else unknown.add(code);
      }
      if (unknown.size === 0) return found;
      // The result is taken from what was just read, as `forget` may be called meanwhile.
      for (const [code, country] of await read([...unknown])) {
        known.set(code, country);
        found.set(code, country);
      }
      return found;
    },
    forget: () => known.clear(),
  };
}

/** Finds a region of the country by its code, with or without the country's (`US-CA`, `ca`), or by its name. */
export function regionIn({ regions }: Country, { country, region }: Address): number | undefined {
  return region === undefined ? undefined : regions.get(region.toUpperCase().replace(`${country}-`, ''));
}
