/** What can be done to a whole chain and is no fault: it must give no break. */
import { back, creditOf, unshipped, loose, type Fault } from './reconcile-changes.ts';
import { cutOff } from './reconcile-kit.ts';

/** What of a chain is right, however far it has come. */
export const sound: [what: string, change: Fault][] = [
  ['not shipped', unshipped],
  ['not paid', (one) => void ((one.odoo.invoices[0]!.settled = []), (one.hub.payments = []))],
  [
    'held',
    (one) => {
      unshipped(one);
      one.odoo.state = 'draft';
      one.hub.held = true;
      delete one.hub.confirmed;
    },
  ],
  [
    'cancelled',
    (one) => {
      unshipped(one);
      one.odoo.state = 'cancel';
      one.hub.cancelled = true;
    },
  ],
  [
    'never in Odoo, and cancelled',
    (one) => {
      one.odoo.made = '2027-01-01T00:00:00.000Z';
      one.hub.cancelled = true;
    },
  ],
  [
    'returned and credited',
    (one) => {
      back(one);
      creditOf(one);
    },
  ],
  [
    'replaced: back, not credited, and shipped again',
    (one) => {
      back(one);
      const line = one.odoo.lines[0]!;
      line.moves.at(-1)!.credited = false;
      const again = { id: 7, name: 'WH/OUT/7' };
      line.moves.push({ ...line.moves[0]!, picking: again });
      one.hub.shipments.push({
        document: 7,
        name: 'WH/OUT/7',
        at: cutOff,
        lines: [{ sku: 'A', quantity: '4' }],
      });
    },
  ],
  [
    'shipped and invoiced in two equal parts',
    (one) => {
      const { odoo, hub } = one;
      const half = (quantity: string) => String(Number(quantity) / 2);
      const second = { id: 7, name: 'WH/OUT/7' };
      for (const line of odoo.lines) {
        const part = { ...line.moves[0]!, quantity: half(line.quantity), pieces: half(line.quantity) };
        line.moves = [part, { ...part, picking: second }];
      }
      const [invoice] = odoo.invoices;
      for (const line of invoice!.lines)
        Object.assign(line, {
          quantity: half(line.quantity),
          subtotal: half(line.subtotal),
          total: half(line.total),
        });
      Object.assign(invoice!, { total: half(invoice!.total), settled: [] });
      odoo.invoices.push({ ...structuredClone(invoice!), id: 9, name: 'INV/9' });
      const [report] = hub.shipments;
      for (const line of report!.lines) line.quantity = half(line.quantity);
      hub.shipments.push({ ...structuredClone(report!), document: 7 });
      Object.assign(hub, { invoices: [], payments: [] });
    },
  ],
  [
    'sold in boxes, kept in pieces',
    (one) => {
      Object.assign(one.hub.lines![0]!, { quantity: '2', uom: 'BX', price: '20.00' });
    },
  ],
  [
    'the partner changed it: a line is gone',
    (one) => {
      unshipped(one);
      one.hub.lines!.pop();
      delete one.hub.gross;
      Object.assign(one.odoo.lines[1]!, { quantity: '0', subtotal: '0', total: '0' });
    },
  ],
  [
    'one of a customer who was invoiced the same weeks later',
    ({ odoo }) => {
      const copy = structuredClone(odoo.invoices[0]!);
      for (const line of copy.lines) delete line.line;
      odoo.strays.push({ ...copy, id: 9, name: 'INV/9', made: '2026-11-25T00:00:00.000Z' });
    },
  ],
  [
    'sold at a price that does not come out even',
    (one) => {
      unshipped(one);
      one.hub.lines![0]!.price = '10.0033';
      one.hub.lines![0]!.quantity = '100';
      Object.assign(one.odoo.lines[0]!, { quantity: '100', subtotal: '1000.00', total: '1200.00' });
      const rounding = { of: { kind: 'rounding' as const, id: '' }, goods: false, quantity: '1' };
      one.odoo.lines.push({ ...one.odoo.lines[1]!, ...rounding, id: 3, subtotal: '0.33', total: '0.40' });
      Object.assign(one.odoo, { total: '1218.40' });
      one.hub.gross = '1218.40';
    },
  ],
  ['no warehouse reports', (one) => void (one.hub.shipments = [])],
  ['money of the customer for something else', (one) => void loose('amount', one)],
  [
    'money before the invoice',
    (one) => {
      unshipped(one);
      loose('memo', one);
    },
  ],
  [
    'a few cents given up',
    ({ odoo }) => {
      odoo.invoices[0]!.settled = [
        { by: 'payment', document: 'account.move/1', amount: '65.50', at: '2026-11-12T00:00:00.000Z' },
        { by: 'write-off', document: 'account.move/1', amount: '0.50', at: '2026-11-12T00:00:00.000Z' },
      ];
    },
  ],
  [
    'invoiced two days into the next month',
    (one) => {
      for (const line of one.odoo.lines) line.moves[0]!.at = '2026-10-31T10:00:00.000Z';
      one.odoo.invoices[0]!.date = '2026-11-02';
    },
  ],
];
