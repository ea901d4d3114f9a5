/** What a currency is worth in that of the company, by Odoo's own rate of the day. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { Odoo } from './client.ts';

interface Currency {
  id: number;
  name: string;
  /** So many of it are one of what rates are kept in. */
  rate: number;
  /** Of its newest rate; false when there is none. */
  date: string | false;
}

/** `company` is the id of its currency. Undefined where Odoo has no rate. Throws CURRENCY_UNKNOWN and what a call throws. */
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
  // Without one Odoo counts with 1, which would be wrong in silence.
  return other.date === false || other.rate <= 0 ? undefined : Big(own.rate).div(other.rate);
}
