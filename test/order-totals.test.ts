/** The totals of an order here and there: what is equal, what is rounding, and what a person has to see. */
import assert from 'node:assert/strict';
import Big from 'big.js';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { agree, exactly, limitsOf, neededRounding, totalMismatch } from '../runtime/odoo/order/totals.ts';

const order = (gross: string, net: string, more: object = {}) =>
  ({
    number: '1001',
    currency: 'EUR',
    totals: { gross, net },
    lines: [],
    ...more,
  }) as unknown as CanonicalOrder;
const stored = (amount_total: number, amount_untaxed: number) => ({
  name: 'S1',
  amount_total,
  amount_untaxed,
});
const limits = (most: string, unit = '0.01') => ({ unit, most: Big(most) });

const terms = {
  taxes: new Map([['de-19', { id: 1, name: '19 %', percent: Big(19), included: false }]]),
  arithmetic: { quantity: 2, discount: 2, perLine: true },
};

describe('totals of an order', () => {
  it('may be apart by so many of the smallest units for each line and charge', () => {
    assert.deepEqual(exactly, limits('0'));
    const lines = [{}, {}, {}];
    assert.deepEqual(limitsOf(order('1', '1', { lines }), 2, '0.01'), limits('0.06'));
    assert.deepEqual(
      limitsOf(order('1', '1', { lines, shipping: [{}] }), 2, '0.001'),
      limits('0.008', '0.001'),
    );
  });

  it('agree where the total is equal and the tax no further apart than that', () => {
    for (const [said, found, most, expected] of [
      [order('11.90', '10.00'), stored(11.9, 10), '0', true],
      [order('11.90', '10.00'), stored(11.9, 10.01), '0.01', true],
      [order('11.90', '10.00'), stored(11.9, 9.99), '0.01', true],
      [order('11.90', '10.00'), stored(11.9, 10.02), '0.01', false],
      [order('11.90', '10.00'), stored(11.9, 9.98), '0.01', false],
      [order('11.90', '10.00'), stored(11.91, 10), '1', false],
      [order('11.90', '10.00'), stored(11.89, 10), '1', false],
      // What a partner writes finer than the currency, and what a binary fraction adds.
      [order('11.904', '10.00'), stored(11.9, 10), '0', true],
      [order('11.90', '10.00'), stored(11.9000001, 10.0000001), '0', true],
    ] as const)
      assert.equal(
        agree(said, found, limits(most)),
        expected,
        `${JSON.stringify([said.totals, found])} ${most}`,
      );
  });

  it('need a line of what they are apart, beside what it has already, as far as that is rounding', () => {
    const said = order('11.90', '10.00');
    for (const [found, most, now, expected] of [
      [stored(11.9, 10), '0', 0, '0'],
      [stored(11.88, 9.98), '0.02', 0, '0.02'],
      [stored(11.92, 10.02), '0.02', 0, '-0.02'],
      [stored(11.87, 9.97), '0.02', 0, undefined],
      [stored(11.93, 10.03), '0.02', 0, undefined],
      [stored(11.89, 9.99), '0.02', 0.01, '0.02'],
      [stored(11.89, 9.99), '0.02', 0.02, undefined],
      [stored(11.91, 10.01), '0.02', 0.03, '0.02'],
      [stored(11.9, 10.03), '0.02', 0, undefined],
      [stored(11.9, 10.02), '0.02', 0, '0'],
    ] as const)
      assert.equal(
        neededRounding(said, found, limits(most), ...(now ? [Big(now)] : []))?.toFixed(),
        expected,
        `${JSON.stringify(found)} ${most} ${now}`,
      );
  });

  it('that are not equal are told with both and why', () => {
    const line = { quantity: '1', unitPrice: '9.00', taxes: [{ code: 'de-19', rate: '0.07' }] };
    const said = order('11.90', '10.00', { lines: [line], pricesIncludeTax: false });
    const { code, message, facts } = totalMismatch(
      said,
      stored(10.7100001, 9),
      terms as never,
      limits('0.01'),
    ) as CodedError;
    const reasons = String(facts['reasons']);
    assert.equal(code, 'ODOO_TOTAL_MISMATCH');
    const first = [
      'its own lines come to 9 and not to its total without tax',
      "the tax de-19 is 7 % there and 19 % in Odoo ('19 %'; value map tax)",
    ];
    assert.ok(reasons.startsWith(first.join('; ')), reasons);
    assert.equal(
      message,
      `Order 1001 is 11.90 EUR (10.00 and 1.9 tax); Odoo computes 10.71 for S1 (9 and 1.71 tax): ${reasons}`,
    );
    assert.deepEqual(facts, {
      order: 'S1',
      expected: '11.90',
      actual: '10.71',
      expectedNet: '10.00',
      actualNet: '9',
      currency: 'EUR',
      tolerated: '0.01',
      reasons,
    });
  });

  it('that are apart by more than rounding are told so', () => {
    const line = { quantity: '1', unitPrice: '10.00', taxes: [{ code: 'de-19', rate: '0.19' }] };
    const said = order('11.90', '10.00', { lines: [line], pricesIncludeTax: false });
    const missing = /prices, discounts or quantities are not the same, or a charge is missing$/;
    for (const [found, expected] of [
      [stored(11.91, 10.01), false],
      [stored(11.89, 9.99), false],
      [stored(14.28, 12), true],
      [stored(9.52, 8), true],
    ] as const)
      assert.equal(
        missing.test(totalMismatch(said, found, terms as never, limits('0')).message),
        expected,
        `${found.amount_total}`,
      );
  });
});
