/** What can be done to a whole chain: each fault with the break it must give. */
import type { Situation } from '../runtime/reconcile/situations.ts';
import { back, creditOf, unshipped, uninvoiced, loose, copyOf, type Fault } from './reconcile-changes.ts';

/** What is done to a whole order, and the break it must give: a situation, and its class where it is only of timing. */
export const faults: [what: string, situation: Situation, fault: Fault, timing?: 'timing'][] = [
  [
    'an order that Odoo does not have',
    'order missing',
    (one) => void (one.odoo.made = '2027-01-01T00:00:00.000Z'),
  ],
  [
    'one that was just heard of',
    'order missing',
    (one) => {
      one.odoo.made = '2027-01-01T00:00:00.000Z';
      one.hub.heard = '2026-11-27T23:00:00.000Z';
      delete one.hub.confirmed;
    },
    'timing',
  ],
  ['one that was typed in', 'order by hand', (one) => void delete one.odoo.key],
  [
    'an order the hub never heard of',
    'order extra',
    (one) => [{ ...copyOf(one), key: { source: 'shop', id: 'x' } }],
  ],
  ['a copy of an order', 'order twice', (one) => [copyOf(one)]],
  [
    'the same number, weeks later',
    'order twice',
    (one) => [{ ...copyOf(one), lines: [], reference: one.hub.number, made: '2026-11-27T00:00:00.000Z' }],
  ],
  [
    'a quotation',
    'order waits',
    (one) => {
      unshipped(one);
      one.odoo.state = 'draft';
    },
  ],
  [
    'one cancelled in Odoo',
    'cancelled in Odoo only',
    (one) => {
      unshipped(one);
      one.odoo.state = 'cancel';
    },
  ],
  [
    'one not cancelled in Odoo',
    'cancellation missing',
    (one) => {
      unshipped(one);
      one.hub.cancelled = true;
    },
  ],
  [
    'a deleted line',
    'line missing',
    (one) => {
      unshipped(one);
      one.odoo.lines.pop();
      one.odoo.total = '48.00';
    },
  ],
  [
    'an added line',
    'line extra',
    (one) => {
      unshipped(one);
      const { of: _, ...line } = one.odoo.lines[0]!;
      one.odoo.lines.push({ ...line, id: 1, name: 'Gift' });
      one.odoo.total = '200.00';
    },
  ],
  [
    'another quantity',
    'line quantity',
    (one) => {
      unshipped(one);
      one.odoo.lines[0]!.quantity = '5';
    },
  ],
  [
    'a price changed after the invoice',
    'line price',
    (one) => {
      Object.assign(one.odoo.lines[0]!, { subtotal: '44.00', total: '52.80' });
      one.odoo.total = '70.80';
    },
  ],
  [
    'another total',
    'order total',
    (one) => {
      unshipped(one);
      one.odoo.total = '70.00';
    },
  ],
  [
    'a cent of an order',
    'order rounding',
    (one) => {
      unshipped(one);
      one.odoo.total = '66.01';
    },
  ],
  [
    'more shipped than ordered',
    'shipped more',
    (one) => void Object.assign(one.odoo.lines[0]!.moves[0]!, { quantity: '5', pieces: '5' }),
  ],
  [
    'more shipped than ordered, by a second transfer, and invoiced',
    'shipped more',
    (one) => {
      const line = one.odoo.lines[0]!;
      line.moves.push({
        ...line.moves[0]!,
        picking: { id: 7, name: 'WH/OUT/7' },
        quantity: '1',
        pieces: '1',
      });
      Object.assign(one.odoo.invoices[0]!.lines[0]!, { quantity: '5', subtotal: '50.00', total: '60.00' });
      one.odoo.invoices[0]!.total = '78.00';
      one.hub.invoices[0]!.total = '78.00';
    },
  ],
  [
    'less in Odoo than the warehouse reported',
    'shipment quantity',
    (one) => {
      Object.assign(one.hub.shipments[0]!.lines[0]!, { quantity: '4' });
      const line = one.odoo.lines[0]!;
      Object.assign(line.moves[0]!, { quantity: '3', pieces: '3' });
      Object.assign(one.odoo.invoices[0]!.lines[0]!, { quantity: '3', subtotal: '30.00', total: '36.00' });
      one.odoo.invoices[0]!.total = '54.00';
      one.hub.invoices[0]!.total = '54.00';
    },
  ],
  [
    'a transfer that is gone',
    'shipment missing',
    (one) => {
      for (const line of one.odoo.lines) line.moves = [];
      uninvoiced(one);
    },
  ],
  [
    'a transfer that is gone after its invoice',
    'shipment missing',
    (one) => {
      for (const line of one.odoo.lines) line.moves = [];
    },
  ],
  [
    'a transfer done after the cut-off',
    'shipment missing',
    (one) => {
      for (const line of one.odoo.lines) line.moves[0]!.at = '2026-11-28T10:00:00.000Z';
      uninvoiced(one);
    },
    'timing',
  ],
  [
    'a transfer nobody reported',
    'shipment extra',
    (one) => {
      const [line] = one.odoo.lines;
      const moves = ['1', '3'].map((quantity, at) => ({
        ...line!.moves[0]!,
        quantity,
        pieces: quantity,
        ...(at === 1 && { picking: { id: 7, name: 'WH/OUT/7' } }),
      }));
      line!.moves = moves;
      one.hub.shipments[0]!.lines[0]!.quantity = '1';
    },
  ],
  ['a return without a credit note', 'not credited', (one) => void back(one)],
  ['a part that came back', 'not credited', (one) => void back(one, '1')],
  [
    'a return of yesterday',
    'not credited',
    (one) => void back(one, '4', '2026-11-27T10:00:00.000Z'),
    'timing',
  ],
  ['a credit note without a return', 'credited only', (one) => creditOf(one)],
  ['a shipment that is not invoiced', 'not invoiced', uninvoiced],
  [
    'one of today',
    'not invoiced',
    (one) => {
      for (const line of one.odoo.lines) line.moves[0]!.at = '2026-11-27T20:00:00.000Z';
      uninvoiced(one);
    },
    'timing',
  ],
  [
    'one whose invoice is dated after the cut-off',
    'not invoiced',
    (one) => {
      one.odoo.invoices[0]!.date = '2026-11-29';
      one.hub.payments = [];
    },
    'timing',
  ],
  [
    'more invoiced than shipped',
    'invoiced more',
    (one) => {
      Object.assign(one.odoo.invoices[0]!.lines[0]!, { quantity: '6', subtotal: '60.00', total: '72.00' });
      one.odoo.invoices[0]!.total = '90.00';
    },
  ],
  [
    'an invoice twice',
    'invoice twice',
    (one) => {
      one.odoo.invoices.push({
        ...structuredClone(one.odoo.invoices[0]!),
        id: 9,
        name: 'INV/9',
        settled: [],
      });
    },
  ],
  [
    'a copied invoice, as a draft',
    'invoice twice',
    ({ odoo }) => {
      const copy = structuredClone(odoo.invoices[0]!);
      for (const line of copy.lines) delete line.line;
      odoo.invoices.push({ ...copy, id: 9, name: 'Draft 9', state: 'draft', settled: [] });
    },
  ],
  [
    'a copied invoice that names no order',
    'invoice twice',
    ({ odoo }) => {
      const copy = structuredClone(odoo.invoices[0]!);
      for (const line of copy.lines) delete line.line;
      odoo.strays.push({ ...copy, id: 9, name: 'INV/9', made: '2026-11-12T00:00:00.000Z', settled: [] });
    },
  ],
  [
    'an invoice typed in',
    'invoice unlinked',
    ({ odoo }) => {
      const line = { sku: 'X', quantity: '1', subtotal: '5.00', total: '6.00' };
      odoo.invoices.push({
        ...odoo.invoices[0]!,
        id: 9,
        name: 'INV/9',
        total: '6.00',
        lines: [line],
        settled: [],
      });
    },
  ],
  [
    'a price changed in the invoice',
    'invoice price',
    ({ odoo }) => {
      Object.assign(odoo.invoices[0]!.lines[0]!, { subtotal: '44.00', total: '52.80' });
      odoo.invoices[0]!.total = '70.80';
    },
  ],
  ['a total changed in the invoice', 'invoice total', (one) => void (one.odoo.invoices[0]!.total = '76.00')],
  [
    'an invoice in another currency',
    'invoice currency',
    (one) => void (one.odoo.invoices[0]!.currency = 'USD'),
  ],
  ['a cent of an invoice', 'invoice rounding', (one) => void (one.odoo.invoices[0]!.total = '66.01')],
  [
    'an invoice left as a draft',
    'not posted',
    ({ odoo, hub }) => {
      Object.assign(odoo.invoices[0]!, { state: 'draft', settled: [] });
      Object.assign(hub, { invoices: [], payments: [] });
    },
  ],
  ['an invoice of another month', 'other period', (one) => void (one.odoo.invoices[0]!.date = '2026-10-31')],
  [
    'a payment set against nothing',
    'payment unlinked',
    (one) => {
      one.odoo.invoices[0]!.settled = [];
      loose('memo', one);
    },
  ],
  [
    'one without a memo',
    'payment unlinked',
    (one) => {
      one.odoo.invoices[0]!.settled = [];
      loose('amount', one);
    },
  ],
  ['a payment booked twice', 'paid twice', (one) => void loose('memo', one)],
  [
    'more paid than invoiced',
    'paid more',
    (one) => {
      loose('memo', one);
      one.odoo.loose[0]!.open = '7.00';
    },
  ],
  [
    'a payment that is gone',
    'payment missing',
    (one) => {
      one.odoo.invoices[0]!.settled = [];
      one.odoo.lostPayments = [one.hub.payments[0]!.document];
    },
  ],
  [
    'too much given up',
    'written off',
    ({ odoo }) => {
      odoo.invoices[0]!.settled = [
        { by: 'payment', document: 'account.move/1', amount: '60.00', at: '2026-11-12T00:00:00.000Z' },
        { by: 'write-off', document: 'account.move/1', amount: '6.00', at: '2026-11-12T00:00:00.000Z' },
      ];
    },
  ],
];
