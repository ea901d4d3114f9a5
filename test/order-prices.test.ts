/** Prices and discounts in the decimals Odoo has, whatever they are; what taxes of Odoo are read as; why totals differ. */
import assert from 'node:assert/strict';
import Big from 'big.js';
import { readArithmetic, readTax, type Arithmetic, type OdooTax } from '../runtime/odoo/arithmetic.ts';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import type { Odoo } from '../runtime/odoo/client.ts';
import { reasonsOf } from '../runtime/odoo/order/mismatch.ts';
import { basisOf, percentage, priceIn } from '../runtime/odoo/order/prices.ts';

const perLine: Arithmetic = { quantity: 2, discount: 2, perLine: true };
const globally: Arithmetic = { ...perLine, perLine: false };
const tax = (percent: string, included: boolean): OdooTax => ({
  id: 1,
  name: `${percent}%`,
  percent: Big(percent),
  included,
});
const mapped = (rate: string, inOdoo: OdooTax) => ({ rate, inOdoo });

describe('prices for Odoo', () => {
  it('a discount is a percentage where that gives it to the smallest unit', () => {
    const of = (unit: string, discount = 2) =>
      percentage('3', '10.00', '1.00', Big(1), { ...perLine, discount }, unit);
    assert.deepEqual([of('0.01'), of('0.001'), of('0.001', 4)], ['3.33', undefined, '3.3333']);
    assert.equal(percentage('2', '10.00', '10.00', Big(1), perLine, '0.01'), '50');
    assert.equal(percentage('1', '0', '1.00', Big(1), perLine, '0.01'), undefined);
    assert.equal(percentage('1', '10.00', '0.00', Big(1), perLine, '0.01'), '0');
    assert.equal(percentage('0', '0', '0', Big(1), perLine, '0.01'), '0');
    // 8.33 % leave 1.10004, which with its tax is the same in cents and not in thousandths of them.
    assert.equal(percentage('1', '1.20', '0.10', Big('1.2'), perLine, '0.01'), '8.33');
    assert.equal(percentage('1', '1.20', '0.10', Big('1.2'), perLine, '0.00001'), undefined);
    // A cent of the price is one more in what Odoo counts, or none.
    assert.equal(percentage('1', '100.04', '0.01', Big(1), { ...perLine, discount: 1 }, '0.01'), undefined);
    assert.equal(percentage('1', '100.04', '0.01', Big('0.1'), { ...perLine, discount: 1 }, '0.01'), '0');
  });

  it('a price has the decimals of the database', () => {
    assert.equal(priceIn(perLine, Big('8.39495798')), '8.394958');
    assert.equal(priceIn(perLine, Big('8.39495748')), '8.394957');
    assert.equal(priceIn({ ...perLine, price: 2 }, Big('8.39495798')), '8.39');
  });

  it('taxes are taken out of a price or put into it, each as Odoo has it', () => {
    const [into, onto] = [mapped('0.1', tax('10', true)), mapped('0.05', tax('5', false))];
    assert.equal(basisOf(true, [into]).toFixed(), '1');
    assert.equal(basisOf(true, []).toFixed(), '1');
    assert.equal(basisOf(false, [onto]).toFixed(), '1');
    assert.equal(basisOf(false, [into, onto]).toFixed(), '1.1');
    assert.equal(basisOf(true, [onto]).times('105').round(6).toFixed(), '100');
    assert.equal(basisOf(true, [into, onto]).times('115').round(6).toFixed(), '110');
    // Counted by the partner from amounts: Odoo's own rate leads back to the price.
    assert.equal(
      basisOf(true, [mapped('0.0499', onto.inOdoo)])
        .times('105')
        .round(6)
        .toFixed(),
      '100',
    );
    const fixed = mapped('0.25', { id: 1, name: 'eco', included: false });
    assert.equal(basisOf(true, [fixed]).toFixed(), '0.8');
  });

  it('reads decimals and rounding from Odoo', async () => {
    const odoo = (digits: unknown) =>
      ({
        call: async () => ({ product_uom_qty: { digits: [16, 3] }, discount: {}, price_unit: { digits } }),
      }) as unknown as Odoo;
    const quantity = { quantity: 3, discount: 2 };
    assert.deepEqual(await readArithmetic(odoo(false), 'round_globally'), {
      ...quantity,
      price: undefined,
      perLine: false,
    });
    assert.deepEqual(await readArithmetic(odoo([16, 4]), 'round_per_line'), {
      ...quantity,
      price: 4,
      perLine: true,
    });
  });

  it('a group of taxes is its members; one that is no percentage has none', async () => {
    const rows = [
      {
        id: 1,
        name: 'GST 18',
        amount: 0,
        amount_type: 'group',
        price_include: false,
        children_tax_ids: [2, 3],
      },
      { id: 2, name: 'C', amount: 9, amount_type: 'percent', price_include: true, children_tax_ids: [] },
      { id: 3, name: 'S', amount: 9, amount_type: 'percent', price_include: true, children_tax_ids: [] },
      { id: 4, name: 'Eco', amount: 1, amount_type: 'fixed', price_include: false, children_tax_ids: [] },
    ];
    const call = async (
      _model: string,
      _method: string,
      { domain }: { domain: [string, string, number[]][] },
    ) => rows.filter(({ id }) => domain[0]![2].includes(id));
    const odoo = { call } as unknown as Odoo;
    assert.deepEqual(await readTax(odoo, 1), { id: 1, name: 'GST 18', included: true, percent: Big(18) });
    assert.deepEqual(await readTax(odoo, 4), { id: 4, name: 'Eco', included: false });
  });
});

describe('why totals differ', () => {
  const order = {
    source: 'shop',
    pricesIncludeTax: true,
    lines: [
      { id: '1', quantity: '1', unitPrice: '1.0725', taxes: [{ code: 'V', rate: '0.07', amount: '0.07' }] },
    ],
    totals: { net: '1.00', tax: '0.07', gross: '1.07' },
  } as unknown as CanonicalOrder;
  const why = (arithmetic: Arithmetic, odooTax: OdooTax, apart: string) =>
    reasonsOf(order, { taxes: new Map([['V', odooTax]]), arithmetic }, Big(apart), Big('0.01')).join('; ');

  it('names the rate, the basis, the decimals and the rounding of Odoo', () => {
    assert.match(why(perLine, tax('15', false), '0.08'), /tax V is 7 % there and 15 % in Odoo \('15%'/);
    assert.match(
      why(perLine, tax('7', false), '0.02'),
      /prices include tax, and those of '7%' in Odoo do not/,
    );
    assert.match(
      why({ ...perLine, price: 2 }, tax('7', true), '0.02'),
      /1 of its prices have more than the 2/,
    );
    assert.match(
      why(perLine, tax('7', true), '0.02'),
      /^Odoo rounds each line .*other choice is Round Globally/,
    );
    assert.match(why(globally, tax('7', true), '0.02'), /Odoo rounds each tax once .* Round per Line/);
    assert.match(why(globally, tax('7', true), '5.00'), /^prices, discounts or quantities are not the same/);
  });
});
