/** How an Odoo computes: the decimals of its fields, its rounding, and what its taxes add to a price. */
import assert from 'node:assert/strict';
import Big from 'big.js';
import { readArithmetic, readTax, readTaxes } from '../runtime/odoo/arithmetic.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { fakeOdoo } from './odoo-fake.ts';

type Asked = [model: string, method: string, args: CallArgs];

describe('the arithmetic of an Odoo', () => {
  it('has the decimals of its fields, and two where a field has none of its own', async () => {
    const of = async (fields: object, rounding: string) => {
      const asked: Asked[] = [];
      const odoo = fakeOdoo(19, (...call) => (asked.push(call), fields));
      const found = await readArithmetic(odoo, rounding);
      const allfields = ['product_uom_qty', 'discount', 'price_unit'];
      assert.deepEqual(asked, [['sale.order.line', 'fields_get', { allfields, attributes: ['digits'] }]]);
      return found;
    };
    const own = {
      product_uom_qty: { digits: [16, 3] },
      discount: { digits: [16, 4] },
      price_unit: { digits: [16, 5] },
    };
    const none = { product_uom_qty: {}, discount: { digits: false }, price_unit: { digits: false } };
    assert.deepEqual(await of(own, 'round_per_line'), { quantity: 3, discount: 4, price: 5, perLine: true });
    assert.deepEqual(await of(none, 'round_globally'), {
      quantity: 2,
      discount: 2,
      price: undefined,
      perLine: false,
    });
  });
});

describe('the taxes of an Odoo', () => {
  const tax = (id: number, more: object = {}) => ({
    id,
    name: `tax ${id}`,
    amount: 19,
    amount_type: 'percent',
    price_include: false,
    children_tax_ids: [],
    ...more,
  });
  const group = (id: number, ...members: number[]) =>
    tax(id, { amount: 0, amount_type: 'group', children_tax_ids: members });
  const fields = ['name', 'amount', 'amount_type', 'price_include', 'children_tax_ids'];
  /** Answers with the taxes of the domain's ids. */
  const read = async (rows: { id: number }[], domain: unknown[] = [], context?: Record<string, unknown>) => {
    const asked: Asked[] = [];
    const odoo = fakeOdoo(19, (...call) => {
      asked.push(call);
      const [[, , ids] = []] = call[2]['domain'] as [string, string, number[]][];
      return rows.filter(({ id }) => !ids || ids.includes(id));
    });
    return { found: [...(await readTaxes(odoo, domain, context)).values()], asked };
  };
  const among = (...ids: number[]) => [['id', 'in', ids]];

  it('are read with their percentage, to six decimals', async () => {
    const rows = [tax(1), tax(2, { amount: 7.0000001 }), tax(3, { amount: 5.5, price_include: true })];
    const { found, asked } = await read(rows, among(1, 2, 3), { lang: 'de_DE' });
    assert.deepEqual(found, [
      { id: 1, name: 'tax 1', included: false, percent: Big(19) },
      { id: 2, name: 'tax 2', included: false, percent: Big(7) },
      { id: 3, name: 'tax 3', included: true, percent: Big('5.5') },
    ]);
    assert.deepEqual(asked, [
      ['account.tax', 'search_read', { domain: among(1, 2, 3), fields, context: { lang: 'de_DE' } }],
    ]);
  });

  it('have no percentage where they are no percentage of a price', async () => {
    const { found } = await read([tax(1, { amount_type: 'fixed' })], among(1));
    assert.deepEqual(found, [{ id: 1, name: 'tax 1', included: false }]);
  });

  it('are as much as their members together, archived ones too', async () => {
    const members = [
      tax(4, { amount: 5, price_include: true }),
      tax(5, { amount: 2.25, price_include: true }),
    ];
    const { found, asked } = await read([group(9, 4, 5), tax(1), ...members], among(9, 1));
    assert.deepEqual(found, [
      { id: 9, name: 'tax 9', included: true, percent: Big('7.25') },
      { id: 1, name: 'tax 1', included: false, percent: Big(19) },
    ]);
    const archivedToo = { domain: among(4, 5), fields, context: { active_test: false } };
    assert.deepEqual(asked[1], ['account.tax', 'search_read', archivedToo]);
    assert.equal(asked.length, 2);
  });

  it('of several groups are each its own, and included or a percentage only where all members are', async () => {
    const members = [
      tax(4, { price_include: true }),
      tax(5),
      tax(6, { amount_type: 'fixed', price_include: true }),
    ];
    const { found } = await read([group(7, 4, 5), group(8, 4, 6), group(9), ...members], among(7, 8, 9));
    assert.deepEqual(found, [
      { id: 7, name: 'tax 7', included: false, percent: Big(38) },
      { id: 8, name: 'tax 8', included: true },
      { id: 9, name: 'tax 9', included: false, percent: Big(0) },
    ]);
  });

  it('are read one by one too, archived ones among them; one that is gone adds nothing', async () => {
    const asked: Asked[] = [];
    const odoo = (rows: unknown[]) => fakeOdoo(19, (...call) => (asked.push(call), rows));
    assert.deepEqual(await readTax(odoo([tax(3)]), 3), {
      id: 3,
      name: 'tax 3',
      included: false,
      percent: Big(19),
    });
    assert.deepEqual(await readTax(odoo([]), 4), { id: 4, name: '', included: false });
    assert.deepEqual(
      asked.map(([, , args]) => args),
      [3, 4].map((id) => ({ domain: among(id), fields, context: { active_test: false } })),
    );
  });
});
