/** Flows name things as Odoo 19 does: an older one is asked in its own words, and answers in theirs. */
import assert from 'node:assert/strict';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { inVocabulary } from '../runtime/odoo/vocabulary.ts';
import { fakeOdoo } from './odoo-fake.ts';

type Row = Record<string, unknown>;

function odooOf(major: number, rows: Record<string, Row[]> = {}) {
  const calls: [string, CallArgs][] = [];
  const odoo = fakeOdoo(major, (model, method, args) => {
    calls.push([`${model}/${method}`, args]);
    return rows[model] ?? [];
  });
  return { said: inVocabulary(odoo), calls };
}

describe('the vocabulary of flows', () => {
  const read = {
    domain: [
      ['default_code', '!=', false],
      ['is_storable', '=', true],
    ],
    fields: ['default_code', 'is_storable'],
    order: 'default_code',
  };

  it('goes to 19 as it is', async () => {
    const { said, calls } = odooOf(19, {
      'product.product': [{ id: 1, default_code: 'A', is_storable: true }],
    });
    assert.deepEqual(await said.call('product.product', 'search_read', read), [
      { id: 1, default_code: 'A', is_storable: true },
    ]);
    assert.deepEqual(calls, [['product.product/search_read', read]]);
  });

  it('stocked goods are goods of a type before 18', async () => {
    const { said, calls } = odooOf(14, {
      'product.product': [{ id: 1, default_code: 'A', type: 'product' }],
    });
    assert.deepEqual(await said.call('product.product', 'search_read', read), [
      { id: 1, default_code: 'A', is_storable: true },
    ]);
    assert.deepEqual(calls[0]![1], {
      domain: [
        ['default_code', '!=', false],
        ['type', '=', 'product'],
      ],
      fields: ['default_code', 'type'],
      order: 'default_code',
    });
  });

  it('a field that was asked for by its old name too stays', async () => {
    const { said } = odooOf(14, { 'product.product': [{ id: 1, type: 'consu' }] });
    assert.deepEqual(await said.call('product.product', 'search_read', { fields: ['type', 'is_storable'] }), [
      { id: 1, type: 'consu', is_storable: false },
    ]);
  });

  it('the account of an item is its distribution before 16', async () => {
    const rows = [
      { id: 1, debit: 5, analytic_account_id: [7, 'Shop'] },
      { id: 2, debit: 0, analytic_account_id: false },
    ];
    const { said } = odooOf(15, { 'account.move.line': rows });
    const fields = ['debit', 'analytic_distribution'];
    assert.deepEqual(await said.call('account.move.line', 'search_read', { domain: [], fields }), [
      { id: 1, debit: 5, analytic_distribution: { 7: 100 } },
      { id: 2, debit: 0, analytic_distribution: false },
    ]);
  });

  for (const major of [14, 15])
    it(`${major}: stock is at the warehouse whose place is above its own`, async () => {
      const { said, calls } = odooOf(major, {
        'stock.quant': [
          { id: 1, location_id: [8, 'WH/Stock'] },
          { id: 2, location_id: [99, 'Elsewhere'] },
        ],
        'stock.location': [
          { id: 8, parent_path: '1/7/8/' },
          { id: 99, parent_path: '1/99/' },
        ],
        'stock.warehouse': [{ id: 3, name: 'Main', view_location_id: [7, 'WH'] }],
      });
      const domain = [
        ['location_id.usage', '=', 'internal'],
        ['location_id.warehouse_id', '!=', false],
      ];
      const fields = ['location_id', 'warehouse_id'];
      assert.deepEqual(await said.call('stock.quant', 'search_read', { domain, fields }), [
        { id: 1, location_id: [8, 'WH/Stock'], warehouse_id: [3, 'Main'] },
        { id: 2, location_id: [99, 'Elsewhere'], warehouse_id: false },
      ]);
      const [, asked] = calls.find(([name]) => name === 'stock.quant/search_read')!;
      assert.deepEqual(asked, {
        domain: [domain[0], ['location_id', 'child_of', [7]]],
        fields: ['location_id'],
      });
    });

  it('goods of an invoice are told from taxes by another field before 16', async () => {
    const { said, calls } = odooOf(14, {
      'account.move.line': [
        { id: 1, display_type: false, exclude_from_invoice_tab: false },
        { id: 2, display_type: 'line_note', exclude_from_invoice_tab: false },
      ],
    });
    const domain = ['|', ['display_type', '=', 'product'], ['name', '=', 'x']];
    assert.deepEqual(
      await said.call('account.move.line', 'search_read', { domain, fields: ['display_type'] }),
      [
        { id: 1, display_type: 'product' },
        { id: 2, display_type: 'line_note' },
      ],
    );
    assert.deepEqual(calls[0]![1]['domain'], [
      '|',
      '&',
      ['display_type', '=', false],
      ['exclude_from_invoice_tab', '=', false],
      ['name', '=', 'x'],
    ]);
  });

  it('what is written is written by the old name', async () => {
    const { said, calls } = odooOf(14);
    await said.call('stock.move', 'write', { ids: [1], vals: { quantity: 2, state: 'draft' } });
    await said.call('stock.lot', 'search_read', { domain: [['name', '=', 'L']], fields: ['name'] });
    assert.deepEqual(calls, [
      ['stock.move/write', { ids: [1], vals: { quantity_done: 2, state: 'draft' } }],
      ['stock.production.lot/search_read', { domain: [['name', '=', 'L']], fields: ['name'] }],
    ]);
  });
});
