/** The project's Shopify mapping as the floors run it: in bare JSONata, in the hub's own engine, and by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import { mappingFunctions } from '../../runtime/map/functions.ts';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { loadValueMaps, valueMaps } from '../../runtime/values/value-maps.ts';
import { orderBody } from '../orders.ts';
import { plainMap, type ShopifyOrder } from './plain-map.ts';

const file = 'mappings/shopify.order.jsonata';
const expression = jsonata(readFileSync(`definitions/${file}`, 'utf8'));
const functions = mappingFunctions(valueMaps([]));

/** In JSONata as it is published. */
export async function map(order: unknown): Promise<Record<string, unknown>> {
  return (await expression.evaluate(order, functions)) as Record<string, unknown>;
}

type MapOrder = (order: unknown) => unknown;

/** By what they are called in the figures. */
export const mappings: Record<string, () => MapOrder> = {
  'plain JS': () => (order) => plainMap(order as ShopifyOrder),
  /** Without the schema of the result. */
  "the hub's engine": () => {
    const mapping = compileMapping({ dir: 'definitions', file, values: loadValueMaps('definitions/values') });
    return (order) => mapping.run(order);
  },
  'stock JSONata': () => map,
};

/** A floor that does something else would measure nothing. Throws when the mappings differ. */
export async function requireSame(): Promise<void> {
  const order: unknown = JSON.parse(orderBody(1001));
  const results = await Promise.all(Object.values(mappings).map((one) => one()(order)));
  const [first, ...others] = results.map((one) => JSON.parse(JSON.stringify(one)) as unknown);
  for (const other of others) assert.deepEqual(other, first, 'The mappings of the floors differ');
}
