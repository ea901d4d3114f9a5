/** What people call things by: numbers in the data of events, by which search finds an order or an exception. */

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
    found = found.flatMap((one) => one).flatMap((one) => fieldOf(one, name));
  const values = found.flatMap((one) => one);
  return values.filter((one) => typeof one === 'string' || typeof one === 'number').map(String);
}

function fieldOf(one: unknown, name: string): unknown[] {
  if (typeof one !== 'object' || one === null || !Object.hasOwn(one, name)) return [];
  return [(one as Record<string, unknown>)[name]];
}
