/** An expression as a mapping, with one value map. */
import { resolve } from 'node:path';
import { compileMapping } from '../runtime/map/mapping.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

export const definitions = resolve(import.meta.dirname, '../definitions');

export const values = valueMaps([
  { map: 'uom', owner: 'master-data', summary: 'Units', entries: [{ from: 'EA', to: 'Units' }] },
]);

export function map(
  inline: string,
  input: unknown = {},
  bindings?: Record<string, unknown>,
): Promise<unknown> {
  const variables = Object.keys(bindings ?? {});
  return compileMapping({ dir: definitions, inline, values, variables }).run(input, bindings);
}
