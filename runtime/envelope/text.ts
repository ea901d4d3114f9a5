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

/** Throws TEXT_INVALID for any text in it, names too. */
export function checkStorable(value: unknown, what: string): void {
  if (typeof value === 'string') storable(value, what);
  else if (typeof value === 'object' && value !== null)
    for (const [name, inside] of Object.entries(value)) {
      storable(name, what);
      checkStorable(inside, what);
    }
}
