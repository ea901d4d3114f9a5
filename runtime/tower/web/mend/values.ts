/** Data under a form: JSON that is never changed in place. */
import type { Field } from '../../form.ts';

/** Undefined: it is not there. */
export type Json = undefined | null | boolean | number | string | Json[] | { [name: string]: Json };

/** The object with another value there; without it where that is undefined. The order of its fields stays. */
export function withValue(object: Record<string, Json>, name: string, value: Json): Record<string, Json> {
  const { [name]: _old, ...others } = object;
  return value === undefined ? others : { ...object, [name]: value };
}

/** `lines/0/sku`; undefined where there is nothing. */
export function valueAt(data: Json, path: string): Json {
  const steps = path === '' ? [] : path.split('/');
  return steps.reduce<Json>(
    (at, step) => (typeof at === 'object' && at !== null ? (at as Record<string, Json>)[step] : undefined),
    data,
  );
}

/** What is new has the fields it must have. */
export function blankOf(field: Field): Json {
  if (field.kind === 'table') return [];
  if (field.kind === 'text') return '';
  if (field.kind !== 'group') return undefined;
  const needed = field.fields.filter(({ required }) => required);
  const entries = needed.map((one): [string, Json] => [one.name, blankOf(one)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

/** Names in the data that the form has no field for. */
export function rest(object: Record<string, Json>, fields: readonly Field[]): string[] {
  const known = new Set(fields.map(({ name }) => name));
  return Object.keys(object).filter((name) => !known.has(name));
}
