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
  const priced = wanted.map(priceOf);
  const gross = cents(priced.reduce((all, one) => all + Number(one.gross), 0));
  const documents = { sale: at * 100, picking: at * 100 + 1, invoice: at * 100 + 2, payment: at * 100 + 3 };
  return { hub: hubSide(at, documents, priced, gross), odoo: odooSide(at, documents, priced, gross) };
}

type Documents = Record<'sale' | 'picking' | 'invoice' | 'payment', number>;
type Priced = ReturnType<typeof priceOf>;

function priceOf([sku, quantity, price]: Wanted, index: number) {
  const net = cents(quantity * price);
  const gross = cents(Number(net) * 1.2);
  return { sku, quantity: String(quantity), price: cents(price), net, gross, index };
}

function hubSide(
  at: number,
  { sale, picking, invoice, payment }: Documents,
  priced: readonly Priced[],
  gross: string,
): HubOrder {
  return {
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
    invoices: [{ document: invoice, name: `INV/${invoice}`, at: day(11, 11), total: gross }],
    payments: [{ document: payment, name: `PAY/${payment}`, at: day(12), total: gross }],
  };
}

function odooSide(
  at: number,
  { sale, picking, invoice, payment }: Documents,
  priced: readonly Priced[],
  gross: string,
): OdooOrder {
  const lines = priced.map((one) => odooLine(one, sale, picking));
  return {
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
    invoices: [paidInvoice(invoice, payment, lines, gross)],
    strays: [],
    loose: [],
    lostPayments: [],
  };
}

function odooLine(
  { sku, quantity, net, gross: total, index }: Priced,
  sale: number,
  picking: number,
): OdooLine {
  const move: OdooMove = {
    picking: { id: picking, name: `WH/OUT/${picking}` },
    direction: 'out',
    credited: false,
    quantity,
    pieces: quantity,
    at: day(11),
  };
  return {
    id: sale * 10 + index,
    of: { kind: 'line', id: String(index + 1) },
    sku,
    name: `Article ${sku}`,
    goods: true,
    byOrder: false,
    quantity,
    subtotal: net,
    total,
    moves: [move],
  };
}

function paidInvoice(id: number, payment: number, lines: readonly OdooLine[], total: string): OdooInvoice {
  const document = `account.move/${payment}`;
  return {
    id,
    name: `INV/${id}`,
    type: 'invoice',
    state: 'posted',
    date: '2026-11-11',
    made: day(11, 11),
    total,
    lines: lines.map(({ id: line, sku, quantity, subtotal, total: ofLine }) => ({
      line,
      sku,
      quantity,
      subtotal,
      total: ofLine,
    })),
    settled: [{ by: 'payment', document, amount: total, at: '2026-11-12T00:00:00.000Z' }],
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
