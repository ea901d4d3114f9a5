/** What is read of Odoo for a reconciliation: units and currencies of bills, and suppliers by the names that are shown. */
import assert from 'node:assert/strict';
import type { Odoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { readInvoices } from '../runtime/reconcile/read-invoices.ts';
import { readPurchases } from '../runtime/reconcile/read-purchases.ts';
import { purchases } from '../runtime/reconcile/trade.ts';

type Row = Record<string, unknown>;
type Condition = [field: string, operator: string, value: unknown];

const scope = { since: '2026-08-30T00:00:00.000Z', cutOff: '2026-11-28T00:00:00.000Z' };

/** Answers searches with these rows, where the conditions are of fields that they have. */
function odooWith(tables: Record<string, Row[]>): Odoo {
  const fits = (row: Row, [field, operator, value]: Condition): boolean => {
    if (!(field in row)) return true;
    const own = Array.isArray(row[field]) ? (row[field] as unknown[])[0] : row[field];
    if (operator === 'in') return (value as unknown[]).includes(own);
    if (operator === '>') return Number(own) > Number(value);
    return operator === '=' ? own === value : true;
  };
  const call = async (model: string, method: string, args: CallArgs = {}) => {
    const { domain = [] } = args as { domain?: Condition[] };
    if (method === 'search_read')
      return (tables[model] ?? []).filter((row) => domain.every((one) => fits(row, one)));
    if (method !== 'name_search') throw new Error(`${model} ${method}`);
    const { name } = args as { name: string };
    return (tables[model] ?? [])
      .filter((row) => String(row['display_name']).includes(name))
      .map((row) => [row['id'], row['display_name']]);
  };
  const dialect = { goods: [], payable: ['x', '=', 1], unitSize: 'factor', lineUom: 'product_uom_id' };
  return { call, dialect: async () => dialect } as unknown as Odoo;
}

describe('the bill of a purchase', () => {
  it('is in the unit of the purchase line, and says its currency', async () => {
    const odoo = odooWith({
      'account.move': [
        {
          id: 5,
          name: 'BILL/5',
          state: 'posted',
          move_type: 'in_invoice',
          date: '2026-11-11',
          create_date: '2026-11-11 10:00:00',
          amount_total: 24,
          currency_id: [2, 'USD'],
          invoice_origin: false,
          reversed_entry_id: false,
          commercial_partner_id: [9, 'Mill'],
        },
      ],
      'account.move.line': [31, 41, 99].map((line) => ({
        id: line + 100,
        move_id: [5, 'BILL/5'],
        product_id: [7, 'Egg'],
        product_uom_id: [1, 'Units'],
        quantity: 12,
        price_subtotal: 24,
        price_total: 24,
        purchase_line_id: [line, 'Egg'],
        partner_id: [9, 'Mill'],
      })),
      'purchase.order.line': [
        { id: 31, order_id: [3, 'P3'] },
        { id: 41, order_id: [4, 'P4'] },
      ],
      'uom.uom': [
        { id: 1, factor: 1 },
        { id: 3, factor: 12 },
      ],
    });
    const order = { id: 3, name: 'P3', currency_id: [2, 'USD'] };
    const line = { id: 31, order_id: [3, 'P3'], product_id: [7, 'Egg'], unit: [3, 'Dozens'] };
    const products = new Map([[7, { id: 7, default_code: 'EGG', invoice_policy: 'order' }]]);
    const books = { orders: [order], lines: [line], products } as unknown as Parameters<
      typeof readInvoices
    >[1];
    const [bill] = (await readInvoices(odoo, books, scope, purchases)).invoices.get(3)!;
    assert.equal(bill!.currency, 'USD');
    assert.deepEqual(bill!.lines, [
      { line: 31, sku: 'EGG', quantity: '1', subtotal: '24', total: '24' },
      // Of an order that is not compared, and of none that there is any more.
      { line: 41, other: true, sku: 'EGG', quantity: '12', subtotal: '24', total: '24' },
      { line: 99, sku: 'EGG', quantity: '12', subtotal: '24', total: '24' },
    ]);
  });
});

describe('the purchases of one supplier', () => {
  const shown = 'Mill, Ida';
  const orderOf = (id: number, supplier: [number, string]) => ({
    id,
    name: `P${id}`,
    partner_ref: false,
    state: 'purchase',
    partner_id: supplier,
    currency_id: [1, 'EUR'],
    amount_total: 0,
    date_approve: '2026-11-11 10:00:00',
    create_date: '2026-11-11 10:00:00',
  });
  const odoo = odooWith({
    'res.partner': [
      { id: 8, name: 'Mill', display_name: 'Mill' },
      { id: 9, name: 'Ida', display_name: shown },
      { id: 10, name: 'Ida', display_name: 'Weir, Ida' },
    ],
    'purchase.order': [
      { ...orderOf(1, [8, 'Mill']), 'partner_id.name': 'Mill' },
      { ...orderOf(2, [9, shown]), 'partner_id.name': 'Ida' },
      { ...orderOf(3, [10, 'Weir, Ida']), 'partner_id.name': 'Ida' },
    ],
  });
  const read = (partner: string) => readPurchases(odoo, { ...scope, partner, books: 'purchases' });

  it('are those of the name that Odoo shows, as the breaks say it', async () => {
    const of = (all: Awaited<ReturnType<typeof read>>) =>
      all.map(({ supplier, odoo: own }) => [supplier, own.name]);
    assert.deepEqual(of(await read(shown)), [[shown, 'P2']]);
    assert.deepEqual(of(await read('Mill')), [['Mill', 'P1']]);
  });

  it('are refused where Odoo knows nobody of the name', async () => {
    for (const nobody of ['Ida', 'Nobody']) await assert.rejects(read(nobody), { code: 'REQUEST_INVALID' });
  });
});
