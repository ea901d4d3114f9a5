/** Text that every store keeps: PostgreSQL and Odoo take no NUL and no half of a surrogate pair, SQLite and JSON do. */
import { CodedError } from '../errors/coded-error.ts';

function isText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

/** The same text. Throws TEXT_INVALID; `what` is for people: the business key. */
export function storable(value: string, what: string): string {
  if (isText(value)) return value;
  throw new CodedError(
    'TEXT_INVALID',
    `${what} holds a character that is no text: NUL, or half of a pair`,
    {},
  );
}

/** What is written for people: nothing is found by it. */
const prose =
  /(address|city|comment|company|description|instruction|message|name|note|reason|remark|street|text|title)/i;

/**
 * The same value, where notes and names have lost what is no text. Throws TEXT_INVALID for any other text: without that
 * character an id would be another one.
 */
export function withStorable(value: unknown, what: string, key = ''): unknown {
  if (typeof value === 'string')
    return prose.test(key) ? value.toWellFormed().replaceAll('\0', '') : storable(value, what);
  if (Array.isArray(value)) return value.map((item) => withStorable(item, what, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [storable(name, what), withStorable(inside, what, name)]),
  );
}
