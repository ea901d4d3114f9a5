import assert from 'node:assert/strict';
import { Big } from 'big.js';
import fc from 'fast-check';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { isWithin, moneyText, over, plus, small, times, type Small } from '../runtime/map/small.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

const functions = mappingFunctions(valueMaps([])) as Record<string, (...args: unknown[]) => unknown>;

/** As the functions say it: two decimals at least, six at most. */
function money(value: Big): string {
  const rounded = value.round(6, Big.roundHalfUp);
  const digits = Math.max(2, rounded.toFixed().split('.')[1]?.length ?? 0);
  return rounded.eq(0) ? '0.00' : rounded.toFixed(digits);
}

/** Amounts as partners write them: signs, zeros in front and behind, few digits and many, and numbers. */
const amount = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('', '', '-', '+'),
      fc.stringMatching(/^\d{1,20}$/),
      fc.option(fc.stringMatching(/^\d{0,12}$/), { nil: undefined }),
    )
    .map(([sign, whole, part]) => sign + whole + (part === undefined ? '' : `.${part}`)),
  fc.stringMatching(/^-?\d{1,4}[.]\d{2}$/),
  fc.integer({ min: -1_000_000, max: 1_000_000 }),
  fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100),
  fc.constantFrom(
    '0',
    '-0',
    '0.00',
    '-0.00',
    '.5',
    '5.',
    ' 7.25 ',
    '0.0000005',
    '-0.0000005',
    '0.0000004',
    0,
    -0,
    1e-7,
    0.1,
  ),
);

const big = (x: string | number) =>
  new Big((typeof x === 'number' ? new Big(x).toFixed() : x.trim()).replace(/^\+/, ''));

describe('amounts in whole numbers', () => {
  const same = (name: string, args: unknown[], expected: string) =>
    assert.equal(functions[name]!(...args), expected, `${name}(${JSON.stringify(args)})`);

  it('are added, multiplied, divided and compared where the digits of the result are exact', () => {
    const of = (digits: number, scale = 0): Small => ({ digits, scale });
    const max = Number.MAX_SAFE_INTEGER;
    const rows: [result: unknown, expected: unknown][] = [
      [plus(of(1), of(25, 1)), of(35, 1)],
      [plus(of(25, 1), of(1), -1), of(15, 1)],
      [plus(of(5), of(5), -1), of(0)],
      [plus(of(max), of(1)), undefined],
      [plus(of(max), of(1), -1), of(max - 1)],
      [plus(of(max), of(1, 5)), undefined],
      // Too long by itself, and no longer so as the sum.
      [plus(of(900719925474101), of(-19, 1)), of(max, 1)],
      [plus(of(1), of(1, 15)), of(1e15 + 1, 15)],
      [times(of(-5), of(0)), of(0)],
      [times(of(-5, 7), of(3, 8)), of(-15, 15)],
      [times(of(5, 8), of(3, 8)), undefined],
      [times(of(max), of(2)), undefined],
      [over(of(1), of(3)), of(333333, 6)],
      [over(of(-2), of(3)), of(-666667, 6)],
      [over(of(2), of(-3)), of(-666667, 6)],
      [over(of(-2), of(-3)), of(666667, 6)],
      [over(of(-1), of(3_000_000)), of(0, 6)],
      [over(of(1, 6), of(2)), of(1, 6)],
      [over(of(1), of(1, 9)), of(1e15, 6)],
      [over(of(1), of(1, 10)), undefined],
      [over(of(1, 7), of(1)), undefined],
      [over(of(1), of(0)), undefined],
      [over(of(max), of(10_000_000)), undefined],
      [isWithin(of(100, 2), of(101, 2), of(1, 2)), true],
      [isWithin(of(101, 2), of(100, 2), of(1, 2)), true],
      [isWithin(of(100, 2), of(102, 2), of(1, 2)), false],
      [isWithin(of(102, 2), of(100, 2), of(1, 2)), false],
      [isWithin(of(1), of(1), of(0)), true],
      [isWithin(of(max), of(-1), of(0)), false],
      [moneyText(of(-5)), '-5.00'],
      [moneyText(of(105, 1)), '10.50'],
      [moneyText(of(1005, 3)), '1.005'],
      [moneyText(of(-4, 7)), '0.00'],
      [moneyText(of(-15, 7)), '-0.000002'],
    ];
    for (const [at, [result, expected]] of rows.entries())
      assert.deepStrictEqual(result, expected, `row ${at}`);
  });

  it('are what big.js makes of them', () => {
    fc.assert(
      fc.property(amount, amount, fc.array(amount, { maxLength: 5 }), (a, b, list) => {
        const [x, y] = [big(a), big(b)];
        same('money', [a], money(x));
        same('decimal', [a], x.toFixed());
        same('add', [a, b], money(x.plus(y)));
        same('sub', [a, b], money(x.minus(y)));
        same('mul', [a, b], money(x.times(y)));
        if (!y.eq(0)) same('div', [a, b], money(x.div(y)));
        same('sum_money', [list], money(list.reduce((sum, one) => sum.plus(big(one)), new Big(0))));
        const tolerance = x.minus(y).abs();
        same('check_total', [a, b, tolerance.toFixed()], money(x));
        if (tolerance.gt('0.000001'))
          assert.throws(() => functions['check_total']!(a, b, tolerance.minus('0.000001').toFixed()), {
            code: 'TOTALS_DIFFER',
          });
      }),
      { numRuns: 2000 },
    );
  });

  it('are so for what orders hold, and not where digits would be lost', () => {
    assert.deepEqual(small('-12.50'), { digits: -1250, scale: 2 });
    assert.deepEqual(small(3), { digits: 3, scale: 0 });
    assert.deepEqual(small(0.15), { digits: 15, scale: 2 });
    assert.deepEqual(small(1.2345678901234), { digits: 12345678901234, scale: 13 });
    assert.deepEqual(small('9.0'), { digits: 90, scale: 1 });
    for (const sign of ['', '-']) {
      const digits = Number(`${sign}123456789012345`);
      assert.deepEqual(small(`${sign}123456789012345`), { digits, scale: 0 });
      assert.deepEqual(small(digits), { digits, scale: 0 });
    }
    const others = [
      '1234567890123456',
      '-1234567890123456',
      1e15,
      -1e15,
      '',
      ' 1',
      '+1',
      '1e3',
      '-',
      '.',
      '.5',
      '5.',
      '-0',
      '1.2.3',
      'x',
      -0,
      1e-7,
      NaN,
      Infinity,
    ];
    for (const other of [...others, 2 ** 53, null, undefined, {}, true])
      assert.equal(small(other), undefined);
  });

  it('leave it to others to say what is wrong', () => {
    for (const wrong of ['x', '1e3', '1,5', {}, [1], true, NaN, Infinity, 2 ** 53, '1'.repeat(31)])
      for (const [name, args] of [
        ['money', [wrong]],
        ['add', ['1', wrong]],
        ['mul', [wrong, '1']],
        ['sum_money', [['1', wrong, '2']]],
      ] as const)
        assert.throws(
          () => functions[name]!(...args),
          { code: 'MAPPING_FAILED' },
          `${name} ${String(wrong)}`,
        );
    assert.throws(() => functions['div']!('1', '0'), { code: 'MAPPING_FAILED' });
    assert.equal(functions['mul']!('', '1'), undefined);
    assert.equal(functions['add']!('', undefined), '0.00');
    assert.equal(functions['sum_money']!(undefined), '0.00');
  });
});
