/** Numbers in an expression: no digit is lost in silence, and no time is made up. */
import assert from 'node:assert/strict';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { arithmetic, isDay } from '../runtime/map/exact.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { sum } from '../runtime/decimal/sum.ts';
import { definitions } from './map-kit.ts';

const max = Number.MAX_SAFE_INTEGER;
const many = (name: string, help: string): string =>
  `${name}: the number has more digits than a number keeps; ${help}`;
const calculate = 'use $add, $sub, $mul and $sum_money';
const decimal = 'use $decimal and $add, $sub, $mul, or keep it as text';
const text = 'keep it as text';

const run = (inline: string, input: unknown = {}): Promise<unknown> =>
  compileMapping({ dir: definitions, inline }).run({ of: input });

/** `[expression of `of`, what `of` is, result]`. */
type Row = readonly [expression: string, input: unknown, expected: unknown];
const give = async (rows: readonly Row[]): Promise<void> => {
  for (const [expression, input, expected] of rows)
    assert.deepEqual(await run(expression, input), expected, `${expression} of ${String(input)}`);
};
/** The last is the message. */
const refuse = async (rows: readonly Row[]): Promise<void> => {
  for (const [expression, input, said] of rows)
    await assert.rejects(
      run(expression, input),
      ({ code, message }: CodedError) => {
        assert.deepEqual([code, message], ['MAPPING_FAILED', said], expression);
        return true;
      },
      `${expression} of ${String(input)}`,
    );
};

describe('numbers of an expression', () => {
  it('are calculated as the decimals they are written as', () => {
    const rows: [operator: string, a: number, b: number, expected: number][] = [
      ['+', 1, 2, 3],
      ['-', 5, 3, 2],
      ['*', 4, 3, 12],
      ['%', 7, 4, 3],
      ['/', 6, 4, 1.5],
      ['+', 0.1, 0.2, 0.3],
      ['-', 1, 0.9, 0.1],
      ['*', 1.1, 3, 3.3],
      ['%', 0.3, 0.1, 0],
      ['/', 0.3, 0.1, 3],
      ['/', 0.7, 0.1, 7],
      ['/', 1, 3, 1 / 3],
      ['/', 1, 0, Infinity],
      ['%', 5, 0, NaN],
      ['%', 5.5, 0, NaN],
      ['*', 1e308, 10, Infinity],
      // A whole number that a number can be, and the nearest to a fraction.
      ['+', max, 1, max + 1],
      ['+', max, 0.4, max],
      ['*', 0.1234567890123456, 0.1234567890123456, 0.015241578753238817],
    ];
    for (const [operator, a, b, expected] of rows)
      assert.equal(arithmetic(operator, a, b), expected, `${a} ${operator} ${b}`);
    for (const [operator, a, b] of [
      ['+', max, 2],
      ['-', -max, 2],
      ['*', max, 3],
    ] as const)
      assert.throws(
        () => arithmetic(operator, a, b),
        { code: 'MAPPING_FAILED', message: many(operator, calculate) },
        `${a} ${operator} ${b}`,
      );
    assert.equal(sum(['0.1', 0.2, '-5']).toFixed(), '-4.7');
    assert.equal(sum([]).toFixed(), '0');
  });

  it('are summed and averaged so too', () =>
    give([
      ['$sum(of)', [1, 2], 3],
      ['$sum(of)', [0.1, 0.2], 0.3],
      ['$sum(of)', [max - 1, 0.5, 0.5], max],
      ['$sum(of)', [], 0],
      ['$sum(none)', 1, undefined],
      ['$average(of)', [0.1, 0.2, 0.3], 0.2],
      ['$average(of)', [1, 2], 1.5],
      ['$average(of)', [5], 5],
      ['$average(of)', [], undefined],
      ['$average(none)', 1, undefined],
    ]));

  it('are read and written whole, or not at all', async () => {
    await give([
      ['$number(of)', '0.1', 0.1],
      ['$number(of)', '-5', -5],
      ['$number(of)', '1e3', 1000],
      ['$number(of)', '0x10', 16],
      ['$number(of)', '0XfF', 255],
      ['$number(of)', '0o17', 15],
      ['$number(of)', '0O17', 15],
      ['$number(of)', '0b11', 3],
      ['$number(of)', '0B11', 3],
      ['$number(of)', 0.5, 0.5],
      ['$number(of)', true, 1],
      ['$number(none)', 1, undefined],
      ["$parseInteger(of, '#,##0')", '12,345', 12345],
      ["$parseInteger(none, '#,##0')", 1, undefined],
      ['$string(of * 3)', 0.1, '0.3'],
      ['$string(of)', 0.1 + 0.2, '0.3'],
      ['$string(of)', 12, '12'],
      ["of & ''", 0.1 + 0.2, '0.3'],
    ]);
    await refuse([
      ['$sum(of)', [max, 2], many('$sum', calculate)],
      ['$average(of)', [max, 2], many('$average', calculate)],
      ['$number(of)', '9007199254740993', many('$number', decimal)],
      ['$number(of)', '-0.12345678901234567890', many('$number', decimal)],
      ['$number(of)', '0x20000000000001', many('$number', decimal)],
      ["$parseInteger(of, '#,##0')", '9,007,199,254,740,993', many('$parseInteger', text)],
      ['$string(of)', 2 ** 53, many('$string', text)],
    ]);
  });
});

describe('times of an expression', () => {
  const years = '$fromMillis takes milliseconds of the years 1 to 9999';
  const zone = '$fromMillis takes a zone such as +0200';
  const none = '$toMillis was given a time that does not exist';

  it('are those of the years 1 to 9999, in zones that can be', async () => {
    const picture = "$fromMillis(of.ms, '[H01]:[m01]', of.zone)";
    await give([
      ['$fromMillis(of)', 0, '1970-01-01T00:00:00.000Z'],
      ['$fromMillis(of)', Date.parse('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00.000Z'],
      ['$fromMillis(of)', Date.parse('9999-12-31T23:59:59.999Z'), '9999-12-31T23:59:59.999Z'],
      ['$fromMillis(none)', 1, undefined],
      [picture, { ms: 0, zone: '+0200' }, '02:00'],
      [picture, { ms: 0, zone: '-1430' }, '09:30'],
      [picture, { ms: 0, zone: '0000' }, '00:00'],
    ]);
    await refuse([
      ['$fromMillis(of)', Date.parse('0001-01-01T00:00:00Z') - 1, years],
      ['$fromMillis(of)', Date.parse('9999-12-31T23:59:59.999Z') + 1, years],
      ...['Z', '+2', '+1500', '+0260', '+02000', 'x+0200'].map((wrong): Row => [
        picture,
        { ms: 0, zone: wrong },
        zone,
      ]),
    ]);
  });

  it('are read only where their day is in the calendar', async () => {
    await give([
      ['$toMillis(of)', '2026-02-28', Date.parse('2026-02-28')],
      ['$toMillis(of)', '2024-02-29T10:00:00Z', Date.parse('2024-02-29T10:00:00Z')],
      ['$toMillis(none)', 1, undefined],
      ["$toMillis(of, '[D01].[M01].[Y0001]')", '28.02.2026', Date.parse('2026-02-28')],
    ]);
    await refuse([
      ['$toMillis(of)', '2026-02-29', none],
      ['$toMillis(of)', '2026-04-31T00:00:00Z', none],
      ['$toMillis(of)', '2026-19-01', none],
    ]);
    for (const [day, there] of [
      ['2026-01-31', true],
      ['2026-04-30T23:00', true],
      ['2026-04-31', false],
      ['2000-02-29', true],
      ['1900-02-29', false],
      ['x 1900-02-29', true],
      ['tomorrow', true],
    ] as const)
      assert.equal(isDay(day), there, day);
  });
});
