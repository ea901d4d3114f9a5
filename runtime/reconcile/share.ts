/** An invoice may be of several orders, and have lines of none: what of it is of one order. */
import Big from 'big.js';
import { sum } from './decimal.ts';
import type { OdooInvoice } from './facts.ts';

/** Its lines that are of this order, down payments too. */
export function ownLines({ lines }: Pick<OdooInvoice, 'lines'>): OdooInvoice['lines'] {
  return lines.filter(({ line, other }) => line !== undefined && !other);
}

/** It has lines of this order and of others. */
export function isShared(invoice: Pick<OdooInvoice, 'lines'>): boolean {
  return ownLines(invoice).length > 0 && invoice.lines.some(({ other }) => other);
}

/**
 * Of an amount of the invoice, such as its total, what falls to this order: as its lines to all that are of orders. To the cent,
 * and together the orders have the whole amount.
 */
export function shareOf(invoice: Pick<OdooInvoice, 'lines'>, amount: Big | string): Big {
  if (!isShared(invoice)) return Big(amount);
  const own = new Set(ownLines(invoice));
  const linked = invoice.lines.filter(({ line }) => line !== undefined);
  const all = sum(linked.map(({ total }) => total));
  const weightOf = ({ total }: (typeof linked)[number]) => (all.eq(0) ? Big(1) : Big(total));
  const whole = all.eq(0) ? Big(linked.length) : all;
  const upTo = (weight: Big) => (weight.eq(whole) ? Big(amount) : weight.times(amount).div(whole).round(2));
  let [before, share] = [Big(0), Big(0)];
  for (const line of linked) {
    const after = before.plus(weightOf(line));
    if (own.has(line)) share = share.plus(upTo(after)).minus(upTo(before));
    before = after;
  }
  return share;
}
