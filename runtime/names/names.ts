/** What people call things by: numbers in the data of events, by which search finds an order or an exception. */
import { CodedError } from '../errors/coded-error.ts';
import { isMap, mapOf, type Json } from '../schema/schema.ts';

export interface Name {
  /** As people say it: order, tracking number. */
  kind: string;
  value: string;
}

/** Longer ones nobody types. */
const longest = 200;
/** Of one message. */
const most = 50;

/** As it is searched: small letters, and no spaces around. */
export function folded(text: string): string {
  return text.replaceAll('\0', '').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** `names`: kind → path in the data, `lines.sku`; a list on the way is gone through. Each once. */
export function namesIn(data: unknown, names: Readonly<Record<string, string>> = {}): Name[] {
  const found = Object.entries(names).flatMap(([kind, path]) =>
    valuesAt(data, path).map((value) => ({ kind, value })),
  );
  return onlyNames(found);
}

/** Without what nobody can search for. */
export function onlyNames(found: readonly Name[]): Name[] {
  const short = found.filter(({ value }) => folded(value) !== '' && value.length <= longest);
  const each = new Map(short.map((one) => [`${one.kind} ${folded(one.value)}`, one]));
  return [...each.values()].slice(0, most);
}

function valuesAt(data: unknown, path: string): string[] {
  let found: unknown[] = [data];
  for (const name of path.split('.'))
    found = found.flatMap((one) => one).flatMap((one) => (isMap(one) ? [one[name]] : []));
  const values = found.flatMap((one) => one);
  return values.filter((one) => typeof one === 'string' || typeof one === 'number').map(String);
}

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
    if (!at || !(name in properties)) return false;
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
