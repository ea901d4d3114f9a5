/** The sums that the equations are about: pieces of goods, and money by currency. */
import Big from 'big.js';
import { sum, text } from './decimal.ts';
import type { OdooInvoice } from './facts.ts';
import { movedOf } from './goods-check.ts';
import { countedInvoices, invoicedOf } from './invoice-check.ts';
import { settledOf } from './money-check.ts';
import type { Matched } from './orders.ts';
import { shareOf } from './share.ts';

/** Sums by their names; of money by currency too. */
export interface Totals {
  pieces: Record<string, string>;
  money: Record<string, Record<string, string>>;
}

export interface SaleTotals extends Totals {
  pieces: Record<'ordered' | 'cancelled' | 'open' | 'shipped' | 'returned' | 'invoiced', string>;
  /** Invoiced, posted and the rest are less credit notes. */
  money: Record<string, Record<'ordered' | 'invoiced' | 'posted' | 'paid' | 'writtenOff' | 'open', string>>;
}

export function totalsOf(pairs: readonly Matched[], cutOff: string): SaleTotals {
  return { pieces: piecesOf(pairs, cutOff), money: moneyOf(pairs, cutOff) };
}

function piecesOf(pairs: readonly Matched[], cutOff: string): SaleTotals['pieces'] {
  const zero = Big(0);
  const all = { ordered: zero, cancelled: zero, open: zero, shipped: zero, returned: zero, invoiced: zero };
  for (const { odoo } of pairs) {
    const invoices = countedInvoices({ odoo, cutOff });
    for (const line of odoo.lines.filter(({ goods }) => goods)) {
      const { out, back } = movedOf(line, cutOff);
      const { invoiced, credited } = invoicedOf(line, invoices);
      const open = Big(line.quantity).minus(out).plus(back);
      all.ordered = all.ordered.plus(line.quantity);
      all.shipped = all.shipped.plus(out);
      all.returned = all.returned.plus(back);
      all.invoiced = all.invoiced.plus(invoiced).minus(credited);
      if (odoo.state === 'cancel') all.cancelled = all.cancelled.plus(line.quantity);
      else all.open = all.open.plus(open);
    }
  }
  return texts(all);
}

function moneyOf(pairs: readonly Matched[], cutOff: string): SaleTotals['money'] {
  const all = pairs.flatMap(({ odoo }) =>
    countedInvoices({ odoo, cutOff }).map((invoice) => ({ odoo, invoice })),
  );
  const orders = Map.groupBy(pairs, ({ odoo }) => odoo.currency);
  const sent = Map.groupBy(all, ({ odoo, invoice }) => invoice.currency ?? odoo.currency);
  const currencies = [...new Set([...orders.keys(), ...sent.keys()])].toSorted();
  return Object.fromEntries(
    currencies.map((currency) => {
      const [own, invoices] = [orders.get(currency) ?? [], sent.get(currency) ?? []];
      const posted = invoices.filter(({ invoice }) => invoice.state === 'posted');
      const signed = (list: typeof invoices, amount: (one: OdooInvoice) => Big) =>
        sum(
          list.map(({ invoice }) => {
            const share = shareOf(invoice, amount(invoice));
            return invoice.type === 'invoice' ? share : share.neg();
          }),
        );
      const standing = own.filter(({ odoo }) => odoo.state !== 'cancel');
      return [
        currency,
        texts({
          ordered: sum(standing.map(({ odoo }) => odoo.total)),
          invoiced: signed(invoices, ({ total }) => Big(total)),
          posted: signed(posted, ({ total }) => Big(total)),
          paid: signed(posted, (one) => settledOf(one, cutOff, 'payment')),
          writtenOff: signed(posted, (one) => settledOf(one, cutOff, 'write-off')),
          open: signed(posted, (one) => Big(one.total).minus(settledOf(one, cutOff))),
        }),
      ];
    }),
  );
}

function texts<Name extends string>(sums: Record<Name, Big>): Record<Name, string> {
  return Object.fromEntries(Object.entries<Big>(sums).map(([name, one]) => [name, text(one)])) as Record<
    Name,
    string
  >;
}
