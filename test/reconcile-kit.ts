/** A whole order in the books of both sides, to plant one fault in. */
import type {
  Facts,
  HubOrder,
  OdooInvoice,
  OdooLine,
  OdooMove,
  OdooOrder,
} from '../runtime/reconcile/facts.ts';
import { usual, type Tolerances } from '../runtime/reconcile/tolerances.ts';

export const cutOff = '2026-11-28T00:00:00.000Z';
export const tolerances: Tolerances = usual;

/** One line of an order: article, pieces, price of one without tax. */
export type Wanted = [sku: string, quantity: number, price: number];

const day = (date: number, hour = 10) =>
  `2026-11-${String(date).padStart(2, '0')}T${String(hour).padStart(2, '0')}:00:00.000Z`;
const cents = (amount: number) => (Math.round(amount * 100) / 100).toFixed(2);

export interface Case {
  hub: HubOrder;
  odoo: OdooOrder;
}

/** Ordered, shipped, invoiced, posted and paid, with 20 % tax; ids from `at` on. */
export function chain(
  at: number,
  wanted: Wanted[] = [
    ['A', 4, 10],
    ['B', 2, 7.5],
  ],
): Case {
  const [sale, picking, invoice, payment] = [at * 100, at * 100 + 1, at * 100 + 2, at * 100 + 3];
  const priced = wanted.map(([sku, quantity, price], index) => {
    const net = cents(quantity * price);
    return {
      sku,
      quantity: String(quantity),
      price: cents(price),
      net,
      gross: cents(Number(net) * 1.2),
      index,
    };
  });
  const gross = cents(priced.reduce((all, one) => all + Number(one.gross), 0));
  const move = (quantity: string): OdooMove => ({
    picking: { id: picking, name: `WH/OUT/${picking}` },
    direction: 'out',
    credited: false,
    quantity,
    pieces: quantity,
    at: day(11),
  });
  const lines = priced.map(({ sku, quantity, net, gross: total, index }): OdooLine => ({
    id: sale * 10 + index,
    of: { kind: 'line', id: String(index + 1) },
    sku,
    name: `Article ${sku}`,
    goods: true,
    byOrder: false,
    quantity,
    subtotal: net,
    total,
    moves: [move(quantity)],
  }));
  const posted: OdooInvoice = {
    id: invoice,
    name: `INV/${invoice}`,
    type: 'invoice',
    state: 'posted',
    date: '2026-11-11',
    made: day(11, 11),
    total: gross,
    lines: lines.map(({ id, sku, quantity, subtotal, total }) => ({
      line: id,
      sku,
      quantity,
      subtotal,
      total,
    })),
    settled: [
      { by: 'payment', document: `account.move/${payment}`, amount: gross, at: '2026-11-12T00:00:00.000Z' },
    ],
  };
  return {
    hub: {
      source: 'shop',
      id: String(at),
      number: `#${at}`,
      heard: day(10),
      gross,
      currency: 'EUR',
      taxIncluded: false,
      held: false,
      cancelled: false,
      confirmed: { sale, at: day(10) },
      lines: priced.map(({ sku, quantity, price, index }) => ({
        kind: 'line',
        id: String(index + 1),
        sku,
        quantity,
        price,
        discount: '0',
      })),
      shipments: [
        {
          document: picking,
          name: `WH/OUT/${picking}`,
          at: day(11),
          lines: priced.map(({ sku, quantity }) => ({ sku, quantity })),
        },
      ],
      invoices: [{ document: invoice, name: posted.name, at: day(11, 11), total: gross }],
      payments: [{ document: payment, name: `PAY/${payment}`, at: day(12), total: gross }],
    },
    odoo: {
      id: sale,
      name: `S${sale}`,
      key: { source: 'shop', id: String(at) },
      reference: `#${at}`,
      customer: at,
      state: 'sale',
      made: day(10),
      currency: 'EUR',
      total: gross,
      lines,
      invoices: [posted],
      strays: [],
      loose: [],
      lostPayments: [],
    },
  };
}

/** A copy with this changed. */
export function changed(given: Case, change: (one: Mutable<Case>) => void): Case {
  const copy = structuredClone(given) as Mutable<Case>;
  change(copy);
  return copy as Case;
}

export type Mutable<T> = { -readonly [Name in keyof T]: Mutable<T[Name]> };

export function factsOf(cases: readonly Case[], more: readonly OdooOrder[] = []): Facts {
  return { hub: cases.map(({ hub }) => hub), odoo: [...cases.map(({ odoo }) => odoo), ...more] };
}
