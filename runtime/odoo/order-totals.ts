/** Whether Odoo computes for a sale order what the partner's message says, to the cent. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { CanonicalOrder } from './canonical-order.ts';

export interface StoredTotals {
  /** `S00042`. */
  name: string;
  amount_untaxed: number;
  amount_total: number;
}

type Asked = Pick<CanonicalOrder, 'number' | 'currency' | 'totals'>;

export function agree({ totals }: Asked, stored: StoredTotals): boolean {
  return amount(stored.amount_untaxed).eq(totals.net) && amount(stored.amount_total).eq(totals.gross);
}

/** ODOO_TOTAL_MISMATCH. */
export function totalMismatch({ totals, number, currency }: Asked, stored: StoredTotals): CodedError {
  const [net, gross] = [amount(stored.amount_untaxed).toFixed(), amount(stored.amount_total).toFixed()];
  return new CodedError(
    'ODOO_TOTAL_MISMATCH',
    `Order ${number} is ${totals.gross} ${currency}; Odoo computes ${gross} for ${stored.name}`,
    {
      order: stored.name,
      expected: totals.gross,
      actual: gross,
      expectedNet: totals.net,
      actualNet: net,
      currency,
    },
  );
}

/** Odoo sends amounts as binary fractions of at most a few decimals; six are more than any currency has. */
function amount(value: number): Big {
  return Big(value).round(6);
}
