/** Why Odoo computes another total than the partner, as a person reads it. */
import assert from 'node:assert/strict';
import Big from 'big.js';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { reasonsOf, type Terms } from '../runtime/odoo/order/mismatch.ts';

const line = (unitPrice: string, more: object = {}) => ({
  quantity: '1',
  unitPrice,
  taxes: [{ code: 'de-19', rate: '0.19' }],
  ...more,
});
const order = (more: object = {}) =>
  ({
    source: 'shop',
    pricesIncludeTax: false,
    lines: [line('10.00')],
    totals: { gross: '11.90', net: '10.00' },
    ...more,
  }) as unknown as CanonicalOrder;
const tax = (percent: number, more: object = {}) => ({
  id: 1,
  name: `${percent} %`,
  percent: Big(percent),
  included: false,
  ...more,
});
const terms = (more: Partial<Terms> = {}): Terms => ({
  taxes: new Map([
    ['de-19', tax(19)],
    ['de-7', tax(7)],
  ]),
  arithmetic: { quantity: 2, discount: 2, perLine: true },
  ...more,
});

const perLine = (most = '0') =>
  `Odoo rounds each line (Settings, Invoicing, Taxes, Rounding Method; the other choice is Round Globally), and rounding of shop may differ by ${most} for this order (tolerance in its partner file)`;
const globally =
  'Odoo rounds each tax once for the order (Settings, Invoicing, Taxes, Rounding Method; the other choice is Round per Line), and rounding of shop may differ by 0 for this order (tolerance in its partner file)';
const other = 'prices, discounts or quantities are not the same, or a charge is missing';

const reasons = (given: CanonicalOrder, { apart = '0.01', most = '0', of = terms() } = {}): string[] =>
  reasonsOf(given, of, Big(apart), Big(most));

describe('the reasons for another total', () => {
  it('are how Odoo rounds, where that can be all', () => {
    assert.deepEqual(reasons(order(), { most: '0.02' }), [perLine('0.02')]);
    const of = terms({ arithmetic: { quantity: 2, discount: 2, perLine: false } });
    assert.deepEqual(reasons(order(), { of }), [globally]);
  });

  it('are no rounding from three of the smallest units for each line and charge on', () => {
    const charge = { price: '0.00', taxes: [] };
    for (const [given, apart, expected] of [
      [order(), '0.03', perLine()],
      [order(), '-0.03', perLine()],
      [order(), '0.031', other],
      [order(), '-0.031', other],
      [order({ shipping: [charge] }), '0.06', perLine()],
      [order({ shipping: [charge] }), '0.061', other],
      [order({ totals: { gross: '12', net: '10' } }), '3', perLine()],
      [order({ totals: { gross: '12', net: '10' } }), '3.1', other],
      [order({ totals: { gross: '11.900', net: '10' } }), '0.003', perLine()],
      [order({ totals: { gross: '11.900', net: '10' } }), '0.0031', other],
    ] as const)
      assert.deepEqual(reasons(given, { apart }), [expected], apart);
  });

  it('are lines that do not add up to the total of their own message', () => {
    const net = (sum: string) => `its own lines come to ${sum} and not to its total without tax`;
    for (const [given, most, first] of [
      [order({ lines: [line('9.00')] }), '0', net('9')],
      [order({ lines: [line('11.00')] }), '0', net('11')],
      [order({ lines: [line('9.00', { quantity: '2', discount: '1' })] }), '0', net('17')],
      [order({ lines: [line('9.99')] }), '0.01', undefined],
      [order({ lines: [line('9.99')] }), '0', net('9.99')],
      [order({ lines: [line('8.00')], shipping: [{ price: '2.00', taxes: [] }] }), '0', undefined],
      [order({ lines: [line('8.00')], shipping: [{ price: '3.00', taxes: [] }] }), '0', net('11')],
    ] as const)
      assert.deepEqual(reasons(given, { most }), [...(first ? [first] : []), perLine(most)]);
    const gross = order({ pricesIncludeTax: true, lines: [line('9.00')] });
    const of = terms({ taxes: new Map([['de-19', tax(19, { included: true })]]) });
    assert.deepEqual(reasons(gross, { of, apart: '5' }), [
      'its own lines come to 9 and not to its total',
      perLine(),
    ]);
  });

  it('are taxes of another rate, each said once', () => {
    const taxes = (code: string, rate: string) => ({ taxes: [{ code, rate }] });
    const seven = "the tax de-19 is 7 % there and 19 % in Odoo ('19 %'; value map tax)";
    const given = order({
      lines: [line('5.00', taxes('de-19', '0.07')), line('5.00', taxes('de-19', '0.07'))],
      shipping: [{ price: '0', ...taxes('de-7', '0.12345678') }],
    });
    assert.deepEqual(reasons(given), [
      seven,
      "the tax de-7 is 12.3457 % there and 7 % in Odoo ('7 %'; value map tax)",
      perLine(),
    ]);
    // A rate that was computed from amounts is nearly that.
    for (const [rate, differs] of [
      ['0.1905', false],
      ['0.1895', false],
      ['0.19051', true],
      ['0.18949', true],
    ] as const)
      assert.equal(
        reasons(order({ lines: [line('10.00', taxes('de-19', rate))] })).length,
        differs ? 2 : 1,
        rate,
      );
    const fixed = terms({ taxes: new Map([['de-19', { id: 1, name: 'fee', included: false }]]) });
    assert.deepEqual(
      reasons(given, { of: fixed }).filter((reason) => reason.startsWith('the tax')),
      [],
    );
  });

  it('are prices that had to be converted between with and without tax', () => {
    const lines = [
      line('10.00', {
        taxes: [
          { code: 'de-19', rate: '0.19' },
          { code: 'none', rate: '0' },
        ],
      }),
    ];
    const included = terms({ taxes: new Map([['de-19', tax(19, { included: true })]]) });
    assert.deepEqual(reasons(order(), { of: included }), [
      "its prices are without tax, and those of '19 %' in Odoo include it, so that prices were converted",
      perLine(),
    ]);
    const given = order({ lines, pricesIncludeTax: true, totals: { gross: '10.00', net: '8.40' } });
    assert.deepEqual(reasons(given), [
      "its prices include tax, and those of '19 %', 'none' in Odoo do not, so that prices were converted",
      perLine(),
    ]);
  });

  it('are prices of more decimals than Odoo keeps', () => {
    const of = terms({ arithmetic: { quantity: 2, discount: 2, price: 2, perLine: true } });
    const lines = [line('5.005'), line('4.985'), line('0.01')];
    assert.deepEqual(reasons(order({ lines }), { of }), [
      '2 of its prices have more than the 2 decimals that Odoo keeps (Decimal Accuracy, Product Price)',
      perLine(),
    ]);
    assert.deepEqual(reasons(order({ lines })), [perLine()]);
    assert.deepEqual(reasons(order(), { of }), [perLine()]);
  });
});
