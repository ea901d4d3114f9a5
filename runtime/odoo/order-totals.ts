/** Whether Odoo computes for a sale order what the partner's message says, and what rounding may have left between them. */
import Big from 'big.js';
import { CodedError } from '../errors/coded-error.ts';
import type { CanonicalOrder } from './canonical-order.ts';
import { reasonsOf, type Terms } from './order-mismatch.ts';

export interface StoredTotals {
  /** `S00042`. */
  name: string;
  amount_untaxed: number;
  amount_total: number;
}

/** How far rounding may lead in all: `tolerance` units of the currency for each line and charge. */
export function mostRounding({ lines, shipping = [] }: CanonicalOrder, tolerance: number, unit: string): Big {
  return Big(unit)
    .times(tolerance)
    .times(lines.length + shipping.length);
}

/** What the customer pays is the same to the cent; the tax in it may differ by what rounding may. */
export function agree(order: CanonicalOrder, stored: StoredTotals, most: Big): boolean {
  return amount(stored.amount_total).eq(order.totals.gross) && taxApart(order, stored).lte(most);
}

/**
 * What the rounding line must say so that the total is right; `now` is what it says. Undefined where more differs than
 * rounding may.
 */
export function neededRounding(
  order: CanonicalOrder,
  stored: StoredTotals,
  most: Big,
  now = Big(0),
): Big | undefined {
  const needed = Big(order.totals.gross).minus(amount(stored.amount_total)).plus(now);
  return needed.abs().lte(most) && taxApart(order, stored).lte(most) ? needed : undefined;
}

/** ODOO_TOTAL_MISMATCH. */
export function totalMismatch(
  order: CanonicalOrder,
  stored: StoredTotals,
  terms: Terms,
  most: Big,
): CodedError {
  const { totals, number, currency } = order;
  const [net, gross] = [amount(stored.amount_untaxed), amount(stored.amount_total)];
  const reasons = reasonsOf(order, terms, gross.minus(totals.gross), most);
  const theirs = `${totals.gross} ${currency} (${totals.net} and ${taxOf(order).toFixed()} tax)`;
  const ours = `${gross.toFixed()} for ${stored.name} (${net.toFixed()} and ${gross.minus(net).toFixed()} tax)`;
  return new CodedError(
    'ODOO_TOTAL_MISMATCH',
    `Order ${number} is ${theirs}; Odoo computes ${ours}: ${reasons.join('; ')}`,
    {
      order: stored.name,
      expected: totals.gross,
      actual: gross.toFixed(),
      expectedNet: totals.net,
      actualNet: net.toFixed(),
      currency,
      tolerated: most.toFixed(),
      reasons: reasons.join('; '),
    },
  );
}

function taxApart(order: CanonicalOrder, stored: StoredTotals): Big {
  const ours = amount(stored.amount_total).minus(amount(stored.amount_untaxed));
  return taxOf(order).minus(ours).abs();
}

function taxOf({ totals }: CanonicalOrder): Big {
  return Big(totals.gross).minus(totals.net);
}

/** Odoo sends amounts as binary fractions of at most a few decimals; six are more than any currency has. */
function amount(value: number): Big {
  return Big(value).round(6);
}
