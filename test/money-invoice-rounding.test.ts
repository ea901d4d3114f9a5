/** The last invoice of an order in parts gets what rounding left over, and nothing else. */
import assert from 'node:assert/strict';
import { closeInvoices } from '../runtime/odoo/money/invoice-rounding.ts';
import type { AccountMove, InvoicedOrder } from '../runtime/odoo/money/account-move.ts';
import type { Resolver } from '../runtime/odoo/resolve.ts';
import { fakeOdoo } from './odoo-fake.ts';

const move = (id: number, amount_total: number, more: Partial<AccountMove> = {}) =>
  ({
    id,
    state: 'posted',
    move_type: 'out_invoice',
    amount_total,
    currency_id: [1, 'EUR'],
    ...more,
  }) as AccountMove;
const draft = (id: number, amount: number) => move(id, amount, { state: 'draft' });

interface Case {
  moves: AccountMove[];
  order?: Partial<InvoicedOrder>;
  article?: string;
  unit?: string;
}

/** What was written to Odoo for draft 3 of an order of 30.00 with two lines. */
async function written({ moves, order, article, unit = '0.01' }: Case): Promise<unknown[]> {
  const calls: unknown[] = [];
  const known = {
    currency: async (name: string) => (assert.equal(name, 'EUR'), { unit }),
    articleOf: (kind: string, { source }: { source?: string }) => (
      assert.deepEqual([kind, source], ['rounding', 'shop']),
      article
    ),
    service: async (code: string, kind: string) => (calls.push([code, kind]), { id: 77 }),
  } as unknown as Resolver;
  const odoo = fakeOdoo(19, (...call) => calls.push(call));
  const invoiced = {
    invoice_ids: moves.map(({ id }) => id),
    invoice_status: 'invoiced',
    amount_total: 30,
    order_line: [1, 2],
    ...order,
  };
  await closeInvoices(odoo, known, { source: 'shop', invoiced, moves }, 3);
  return calls;
}

const line = (price_unit: number, article = 'ROUNDING') => [
  [article, 'rounding'],
  [
    'account.move',
    'write',
    {
      ids: [3],
      vals: {
        invoice_line_ids: [
          [0, 0, { product_id: 77, name: 'Rounding', quantity: 1, price_unit, tax_ids: [[6, 0, []]] }],
        ],
      },
      context: { lang: 'en_US', tz: 'UTC', noupdate: true, tracking_disable: true },
    },
  ],
];

describe('the invoices of an order in parts', () => {
  it('add up to the order by a line of a cent for each line and invoice at most', async () => {
    assert.deepEqual(await written({ moves: [move(1, 9.99), draft(3, 20)] }), line(0.01));
    assert.deepEqual(await written({ moves: [move(1, 10.01), draft(3, 20)] }), line(-0.01));
    assert.deepEqual(await written({ moves: [move(1, 9.96), draft(3, 20)] }), line(0.04));
    assert.deepEqual(await written({ moves: [move(1, 10.04), draft(3, 20)] }), line(-0.04));
    assert.deepEqual(await written({ moves: [move(1, 6), draft(3, 20)], unit: '1' }), line(4));
    assert.deepEqual(await written({ moves: [move(1, 9.99), draft(3, 20)], article: 'R' }), line(0.01, 'R'));
  });

  it('have no such line where nothing is apart, or more than rounding is', async () => {
    for (const moves of [
      [move(1, 10), draft(3, 20)],
      // A binary fraction of nothing.
      [move(1, 10.0000001), draft(3, 20)],
      [move(1, 9.95), draft(3, 20)],
      [move(1, 10.05), draft(3, 20)],
    ])
      assert.deepEqual(await written({ moves }), []);
    const order = { amount_total: 30.0000001 };
    assert.deepEqual(await written({ moves: [move(1, 10), draft(3, 20)], order }), []);
  });

  it('have none before all is invoiced, for one invoice, beside a credit note, and once it is posted', async () => {
    const parts = [move(1, 9.99), draft(3, 20)];
    assert.deepEqual(await written({ moves: parts, order: { invoice_status: 'to invoice' } }), []);
    assert.deepEqual(await written({ moves: [draft(3, 29.99)] }), []);
    assert.deepEqual(await written({ moves: [...parts, move(4, 0, { move_type: 'out_refund' })] }), []);
    assert.deepEqual(await written({ moves: [move(1, 9.99), move(3, 20)] }), []);
    assert.deepEqual(await written({ moves: [move(1, 9.99), move(2, 20)] }), []);
  });

  it('do not count what is cancelled', async () => {
    const moves = [move(1, 9.99), draft(3, 20), move(5, 9, { state: 'cancel' })];
    assert.deepEqual(await written({ moves }), line(0.01));
    const refund = move(5, 9, { state: 'cancel', move_type: 'out_refund' });
    assert.deepEqual(await written({ moves: [move(1, 9.99), draft(3, 20), refund] }), line(0.01));
    assert.deepEqual(await written({ moves: [move(1, 10), move(3, 20, { state: 'cancel' })] }), []);
  });
});
