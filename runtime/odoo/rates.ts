/** Reads the value of a currency in the company's currency, by today's rate in Odoo. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';

interface Currency {
  id: number;
  name: string;
  /** How many of it equal one unit of the currency that rates are based on. */
  rate: number;
  /** Date of the newest rate; false if there is none. */
  date: string | false;
}

/**
 * Value of one unit of `code` in the currency with the id `company`. Undefined if Odoo has no rate. Throws
 * CURRENCY_UNKNOWN or what a call to Odoo throws.
 */
export async function readRate(odoo: Odoo, company: number, code: string): Promise<Big | undefined> {
  const found = await odoo.call<Currency[]>('res.currency', 'search_read', {
    domain: ['|', ['id', '=', company], ['name', '=', code]],
    fields: ['name', 'rate', 'date'],
  });
  const own = found.find(({ id }) => id === company);
  const other = found.find(({ name }) => name === code);
  if (!own || !other)
    throw new CodedError('CURRENCY_UNKNOWN', `${code} is not an active currency in Odoo`, { currency: code });
  if (other.id === own.id) return Big(1);
  // Without a rate Odoo computes with 1, which would be silently wrong.
  return other.date === false || other.rate <= 0 ? undefined : Big(own.rate).div(other.rate);
}
