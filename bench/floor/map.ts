/** The floors' mapping: the project's Shopify mapping in bare JSONata. */
import { readFileSync } from 'node:fs';
import jsonata from 'jsonata';
import { mappingFunctions } from '../../runtime/map/functions.ts';
import { valueMaps } from '../../runtime/values/value-maps.ts';

const expression = jsonata(readFileSync('definitions/mappings/shopify.order.jsonata', 'utf8'));
const functions = mappingFunctions(valueMaps([]));

export async function map(order: unknown): Promise<Record<string, unknown>> {
  return (await expression.evaluate(order, functions)) as Record<string, unknown>;
}
