/** Compares Odoo's totals of a sale order with the partner's, and decides how much of a difference may be rounding. */
import Big from 'big.js';
import { CodedError } from '../../errors/coded-error.ts';
import type { CanonicalOrder } from '../canonical-order.ts';
import { reasonsOf, type Terms } from './mismatch.ts';

export interface StoredTotals {
  /** Number of the order in Odoo, such as `S00042`. */
  name: string;
  amount_untaxed: number;
  amount_total: number;
}

export interface Limits {
  /** The smallest amount of the currency. A partner's finer amount is rounded to it. */
  unit: string;
  /** The largest difference of the whole order that counts as rounding. */
  most: Big;
}

/** The limits of an order before its currency is known. */
export const exactly: Limits = { unit: '0.01', most: Big(0) };

/** `tolerance`: smallest units of the currency for each line and charge. */
export function limitsOf({ lines, shipping = [] }: CanonicalOrder, tolerance: number, unit: string): Limits {
  const positions = lines.length + shipping.length;
  return { unit, most: Big(unit).times(tolerance).times(positions) };
}

/** True when the gross total is equal to the cent and the tax differs by no more than `limits.most`. */
export function agree(order: CanonicalOrder, stored: StoredTotals, limits: Limits): boolean {
  return apartOf(order, stored, limits).eq(0) && taxApart(order, stored, limits).lte(limits.most);
}

/**
 * The amount that the rounding line must have for the total to be right. `now` is its current amount. Undefined if the
 * difference is too large for rounding.
 */
export function neededRounding(
  order: CanonicalOrder,
  stored: StoredTotals,
  limits: Limits,
  now = Big(0),
): Big | undefined {
  const needed = apartOf(order, stored, limits).plus(now);
  return needed.abs().lte(limits.most) && taxApart(order, stored, limits).lte(limits.most)
    ? needed
    : undefined;
}

/** How much higher the partner's total is. */
function apartOf({ totals }: CanonicalOrder, stored: StoredTotals, { unit }: Limits): Big {
  return inUnits(Big(totals.gross), unit).minus(amount(stored.amount_total));
}

function inUnits(said: Big, unit: string): Big {
  return said.div(unit).round().times(unit);
}

/** Returns ODOO_TOTAL_MISMATCH with the reasons. */
export function totalMismatch(
  order: CanonicalOrder,
  stored: StoredTotals,
  terms: Terms,
  { most }: Limits,
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

function taxApart(order: CanonicalOrder, stored: StoredTotals, { unit }: Limits): Big {
  const ours = amount(stored.amount_total).minus(amount(stored.amount_untaxed));
  return inUnits(taxOf(order), unit).minus(ours).abs();
}

function taxOf({ totals }: CanonicalOrder): Big {
  return Big(totals.gross).minus(totals.net);
}

/** Odoo sends amounts as binary fractions of a few decimals. Six decimals are more than any currency has. */
function amount(value: number): Big {
  return Big(value).round(6);
}
