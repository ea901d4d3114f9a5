/** Whether the names of an event stand in its data, by its schema. */
import { CodedError } from '../errors/coded-error.ts';
import { isMap, mapOf, type Json } from '../schema/schema.ts';

/** Throws CodedError CONFIG_INVALID where the schema of the data knows no such field. */
export function checkNames(file: string, names: Readonly<Record<string, string>>, schema: Json): void {
  for (const [kind, path] of Object.entries(names)) {
    if (known(schema, path)) continue;
    const why = `${file}: names: ${kind}: the data has no field ${path}`;
    throw new CodedError('CONFIG_INVALID', why, { file, path });
  }
}

function known(schema: Json, path: string): boolean {
  let at: Json | undefined = itemOf(schema, schema);
  for (const name of path.split('.')) {
    const properties: Json = mapOf(at?.['properties']);
    if (!at || !Object.hasOwn(properties, name)) return false;
    at = itemOf(mapOf(properties[name]), schema);
  }
  return true;
}

/** What a field holds; of a list, what one of its entries is. */
function itemOf(field: Json, schema: Json): Json {
  const reference = field['$ref'];
  const steps = typeof reference === 'string' ? reference.split('/').slice(1) : undefined;
  const found = steps ? steps.reduce<Json>((one, step) => mapOf(one[step]), schema) : field;
  return isMap(found['items']) ? itemOf(found['items'], schema) : found;
}
