/** What is invoiced, posted and paid: invoiced = posted; posted = paid + open + written off. */
import Big from 'big.js';
import type { Found } from './breaks.ts';
import { sum, text } from './decimal.ts';
import type { LoosePayment, OdooInvoice, OdooMove, OdooOrder } from './facts.ts';
import { countedInvoices, isForeign } from './invoice-check.ts';
import type { Checked } from './order-check.ts';
import { shareOf } from './share.ts';
import { isOver } from './tolerances.ts';

/** `copies`: invoices that are told as such; nobody is to post them. */
export function checkMoney(given: Checked, copies: ReadonlySet<number>): Found[] {
  const invoices = countedInvoices(given).filter(({ id }) => !copies.has(id));
  return [
    ...invoices.flatMap((one) => notPosted(given, one)),
    ...invoices.flatMap((one) => otherPeriod(given, one)),
    ...writtenOff(given, invoices),
    ...loosePayments(given, invoices),
    ...lostPayments(given),
  ];
}

function notPosted({ odoo, cutOff, tolerances }: Checked, invoice: OdooInvoice): Found[] {
  if (invoice.state !== 'draft') return [];
  return [
    {
      situation: 'not posted',
      timing: !isOver(invoice.made, tolerances.within.posting, cutOff),
      about: `account.move/${invoice.id}`,
      documents: [`account.move/${invoice.id}`],
      left: { what: 'invoiced', amount: text(shareOf(invoice, invoice.total)) },
      right: { what: 'posted', amount: '0' },
      unit: invoice.currency ?? odoo.currency,
      since: invoice.made,
    },
  ];
}

const dayMs = 86_400_000;

/** Its goods moved in another month, and not only some days before or after. */
function otherPeriod({ odoo, tolerances, cutOff }: Checked, invoice: OdooInvoice): Found[] {
  if (invoice.state !== 'posted') return [];
  const direction: OdooMove['direction'] = invoice.type === 'invoice' ? 'out' : 'back';
  const linked = new Set(invoice.lines.map(({ line }) => line));
  const days = odoo.lines
    .filter(({ id }) => linked.has(id))
    .flatMap(({ moves }) => moves.filter((one) => one.direction === direction && one.at <= cutOff))
    .map(({ at }) => at.slice(0, 10));
  const apart = (day: string) => Math.abs(Date.parse(day) - Date.parse(invoice.date)) / dayMs;
  const nearest = days.toSorted((a, b) => apart(a) - apart(b) || (a < b ? -1 : 1))[0];
  if (nearest === undefined || nearest.slice(0, 7) === invoice.date.slice(0, 7)) return [];
  if (apart(nearest) <= tolerances.period) return [];
  return [
    {
      situation: 'other period',
      about: invoice.name,
      documents: [`account.move/${invoice.id}`],
      left: { what: `goods of ${nearest.slice(0, 7)}`, amount: text(invoice.total) },
      right: { what: `posted in ${nearest.slice(0, 7)}, not in ${invoice.date.slice(0, 7)}`, amount: '0' },
      unit: invoice.currency ?? odoo.currency,
      since: invoice.made,
    },
  ];
}

/** What of an invoice is set against something by the cut-off. */
export function settledOf({ settled }: OdooInvoice, cutOff: string, by?: string): Big {
  return sum(settled.filter((one) => one.at <= cutOff && (!by || one.by === by)).map(({ amount }) => amount));
}

function writtenOff({ odoo, cutOff, tolerances }: Checked, invoices: readonly OdooInvoice[]): Found[] {
  return invoices.flatMap((invoice): Found[] => {
    const amount = settledOf(invoice, cutOff, 'write-off');
    if (amount.lte(tolerances.writeoff)) return [];
    return [
      {
        situation: 'written off',
        about: invoice.name,
        documents: [`account.move/${invoice.id}`],
        left: { what: 'limit of a write-off', amount: text(tolerances.writeoff) },
        right: { what: 'written off', amount: text(amount) },
        unit: invoice.currency ?? odoo.currency,
        since: invoice.made,
      },
    ];
  });
}

/** Money of the order that is set against nothing. What waits for the first invoice is no break. */
function loosePayments({ hub, odoo, cutOff }: Checked, invoices: readonly OdooInvoice[]): Found[] {
  const posted = invoices.filter((one) => one.state === 'posted' && !isForeign(odoo, one));
  return odoo.loose
    .filter(({ at }) => at <= cutOff)
    .flatMap((payment): Found[] => {
      const owed = posted.filter(({ type }) => (type === 'invoice') === (payment.direction === 'in'));
      if (owed.length === 0) return [];
      const open = sum(owed.map((one) => Big(one.total).minus(settledOf(one, cutOff))));
      if (open.gt(0)) return [loose(odoo, payment, 'payment unlinked', open)];
      // That the customer and the amount fit says nothing where all is paid.
      if (payment.by !== 'memo') return [];
      const before = owed.some(({ settled }) =>
        settled.some(
          ({ by, amount, at }) => by === 'payment' && at <= cutOff && Big(amount).eq(payment.open),
        ),
      );
      const told = hub.payments.some(({ document }) => `account.payment/${document}` === payment.document);
      return [loose(odoo, payment, before && !told ? 'paid twice' : 'paid more', open)];
    });
}

function loose(
  odoo: OdooOrder,
  { document, name, open: amount, at }: LoosePayment,
  situation: Found['situation'],
  owed: Big,
): Found {
  return {
    situation,
    about: name,
    documents: [document],
    ...(situation === 'payment unlinked'
      ? {
          left: { what: 'paid', amount: text(amount) },
          right: { what: 'set against its invoices', amount: '0' },
        }
      : {
          left: { what: 'open of its invoices', amount: text(owed) },
          right: { what: 'paid and not reconciled', amount: text(amount) },
        }),
    unit: odoo.currency,
    since: at,
  };
}

function lostPayments({ hub, odoo }: Checked): Found[] {
  return hub.payments
    .filter(({ document }) => odoo.lostPayments.includes(document))
    .map(({ document, name, total, at }) => ({
      situation: 'payment missing',
      about: name,
      documents: [`account.payment/${document}`],
      left: { what: 'paid, as the hub booked it', amount: text(total) },
      right: { what: 'paid in Odoo', amount: '0' },
      unit: odoo.currency,
      since: at,
    }));
}
