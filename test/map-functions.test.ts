/** The functions that mappings have, called as they are: amounts of few digits and of many, rounding, and what each refuses. */
import assert from 'node:assert/strict';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

const values = valueMaps([
  {
    map: 'tax',
    owner: 'x',
    summary: 'x',
    entries: [
      { from: '19', to: 'all' },
      { from: '7', to: 'of shop', source: 'shop' },
      { from: '5', to: 'then', until: '2026-06-30' },
    ],
  },
]);
const partners = { rules: (source: string) => (source === 'shop' ? { tip: 'charge' } : undefined) };
const functions = mappingFunctions(values, partners as never) as Record<
  string,
  (...args: unknown[]) => unknown
>;

/** `[function, arguments, result]`. */
type Row = readonly [name: string, args: readonly unknown[], expected: unknown];
const give = (rows: readonly Row[]): void => {
  for (const [name, args, expected] of rows)
    assert.deepEqual(functions[name]!(...args), expected, `${name}(${args.map(String).join()})`);
};
const refuse = (rows: readonly Row[], code = 'MAPPING_FAILED'): void => {
  for (const [name, args, message] of rows)
    assert.throws(
      () => functions[name]!(...args),
      { code, message } as CodedError,
      `${name}(${args.map(String).join()})`,
    );
};
/** Too many digits for whole numbers, which leaves it to big.js. */
const many = '12345678901234567890';

describe('functions of mappings', () => {
  it('a half is rounded away from zero, whichever way it is calculated', () =>
    give([
      ['money', ['0.0000005'], '0.000001'],
      ['money', ['-0.0000005'], '-0.000001'],
      ['money', ['0.0000004'], '0.00'],
      ['money', [`${many}.0000005`], `${many}.000001`],
      ['money', [`-${many}.0000005`], `-${many}.000001`],
      ['money', [`${many}.0000004`], `${many}.00`],
      ['money', [`${many}.5`], `${many}.50`],
      ['money', ['-0'], '0.00'],
      ['money', ['+1'], '1.00'],
      ['mul', ['0.001', '0.0005'], '0.000001'],
      ['mul', [`${many}.5`, '0.000001'], '12345678901234.567891'],
      ['div', ['1', '3'], '0.333333'],
      ['div', ['2', '3'], '0.666667'],
      ['div', [`${many}`, '2'], '6172839450617283945.00'],
      ['cents', ['1.005', 'USD'], '1.01'],
      ['cents', ['-1.005', 'USD'], '-1.01'],
      ['cents', ['1.005'], '1.01'],
      ['cents', ['1.0005', 'KWD'], '1.001'],
      ['cents', ['1.5', 'JPY'], '2.00'],
    ]));

  it('what is missing counts as nothing in a sum, and gives nothing elsewhere', () =>
    give([
      ...[undefined, null, ''].flatMap((nothing): Row[] => [
        ['add', [nothing, '1'], '1.00'],
        ['add', ['1', nothing], '1.00'],
        ['sub', ['1', nothing], '1.00'],
        ['sub', [nothing, '1'], '-1.00'],
        ['add', [nothing, many], `${many}.00`],
        ['sub', [nothing, many], `-${many}.00`],
        ['sub', [many, nothing], `${many}.00`],
        ['mul', [nothing, '1'], undefined],
        ['mul', ['1', nothing], undefined],
        ['div', [nothing, '1'], undefined],
        ['div', ['1', nothing], undefined],
        ['money', [nothing], undefined],
        ['decimal', [nothing], undefined],
        ['cents', [nothing, 'USD'], undefined],
        ['minor', [nothing, 'USD'], undefined],
        ['check_total', [nothing, '1'], undefined],
        ['sum_money', [nothing], '0.00'],
        ['sum_money', [[nothing, '1', '2']], '3.00'],
        ['sum_money', [[nothing, many, '2']], '12345678901234567892.00'],
        ['text', [nothing], undefined],
      ]),
      ['sum_money', [[]], '0.00'],
      ['sum_money', ['5'], '5.00'],
      ['sum_money', [many], `${many}.00`],
    ]));

  it('amounts are added, taken away and shown to the last digit', () =>
    give([
      ['add', [many, '0.01'], `${many}.01`],
      ['sub', [many, '0.01'], '12345678901234567889.99'],
      ['sub', ['0.3', '0.1'], '0.20'],
      ['decimal', ['1.500'], '1.5'],
      ['decimal', [`${many}.500`], `${many}.5`],
      ['decimal', [' +1.5 '], '1.5'],
      ['decimal', ['+.5'], '0.5'],
      ['decimal', ['5.'], '5'],
      ['decimal', [0.1], '0.1'],
      ['money', [Number.MAX_SAFE_INTEGER], '9007199254740991.00'],
    ]));

  it('no amount is refused, by the name of the function where it has one', () => {
    refuse([
      ['money', ['x'], 'An amount is not a decimal number'],
      ['money', [true], 'An amount is not a decimal number'],
      ['money', ['1e9'], 'An amount is not a decimal number'],
      ['add', ['x', '1'], '$add is not a decimal number'],
      ['add', ['1', 'x'], '$add is not a decimal number'],
      ['sub', ['x', '1'], '$sub is not a decimal number'],
      ['sub', ['1', 'x'], '$sub is not a decimal number'],
      ['sum_money', [['1', 'x']], '$sum_money is not a decimal number'],
      ['check_total', ['1', 'x'], '$check_total is not a decimal number'],
      ['check_total', ['1', '2', 'x'], '$check_total is not a decimal number'],
      ['div', ['1', '0'], '$div by zero'],
      ['div', [many, '0'], '$div by zero'],
    ]);
    const lost = (name: string) =>
      `${name}: a number of more than 15 digits has lost digits; keep it as text`;
    refuse([
      ['text', [2 ** 53], lost('$text')],
      ['text', [Number.NaN], lost('$text')],
      ['text', [Number.POSITIVE_INFINITY], lost('$text')],
      ['add', [-(2 ** 53), 1], lost('$add')],
      ['money', [2 ** 60], lost('An amount')],
    ]);
  });

  it('texts are trimmed and put together', () => {
    give([
      ['text', ['  a b '], 'a b'],
      ['text', ['   '], undefined],
      ['text', [0.5], '0.5'],
      ['text', [false], 'false'],
      ['words', [['a', ' ', null, 'b', 3]], 'a b 3'],
      ['words', [' ab '], 'ab'],
      ['words', [[]], undefined],
      ['first_of', [['', null, ' b ', 'c']], 'b'],
      ['first_of', [' a '], 'a'],
      ['first_of', [[]], undefined],
    ]);
    refuse([['text', [{}], '$text takes a text, number or boolean']]);
  });

  it('times are ISO 8601 with a zone, of a day there is', () => {
    give([
      ['time', ['2026-11-02T09:15:00-05:00'], '2026-11-02T14:15:00.000Z'],
      ['time', ['2026-11-02 09:15Z'], '2026-11-02T09:15:00.000Z'],
      ['time', ['2026-11-02T09:15:00.123456', '+0100'], '2026-11-02T08:15:00.123Z'],
      ['time', [''], undefined],
    ]);
    for (const wrong of [
      '2026-11-02',
      '2026-11-02T09:15:00',
      '2026-02-30T09:15:00Z',
      '2026-11-02T25:15:00Z',
      'x',
    ])
      refuse([['time', [wrong], '$time takes an ISO 8601 time with its zone']]);
  });

  it('a rate has the fewest digits that come to the tax within a cent', () =>
    give([
      ['rate', ['19', '100'], '0.19'],
      ['rate', ['0.20', '1'], '0.2'],
      ['rate', ['20.01', '100'], '0.2'],
      ['rate', ['20.02', '100'], '0.2002'],
      ['rate', ['12.344', '100'], '0.1234'],
      ['rate', ['0.125', '1'], '0.13'],
      ['rate', ['12500', '100000'], '0.125'],
      ['rate', ['0.55', '9.99'], '0.055'],
      ['rate', ['123456.78', '1000000'], '0.123457'],
      ['rate', ['-19', '-100'], '0.19'],
      ['rate', ['1', undefined], undefined],
      ['rate', [undefined, '1'], undefined],
    ]));

  it('the smallest amount and the smallest unit are those of the currency, or of the provider', () => {
    give([
      ['coin', [undefined], undefined],
      ['coin', ['USD'], '0.01'],
      ['coin', ['JPY'], '1'],
      ['coin', ['KWD'], '0.001'],
      ['coin', ['CLF'], '0.0001'],
      ['minor', ['150', 'usd'], '1.50'],
      ['minor', ['150', 'USD', 'stripe'], '1.50'],
      ['minor', ['150', 'ISK', 'stripe'], '1.50'],
      ['minor', ['150', 'UGX', 'stripe'], '1.50'],
      ['minor', ['150', 'MGA', 'stripe'], '150.00'],
      ['minor', ['150', 'CLP', 'adyen'], '1.50'],
      ['minor', ['150', 'ISK', 'adyen'], '1.50'],
      ['minor', ['150', 'IDR', 'adyen'], '150.00'],
      ['minor', ['150', 'CVE', 'adyen'], '150.00'],
      ['minor', ['-1', 'KWD'], '-0.001'],
    ]);
    refuse([
      ['minor', ['1', 'US'], '$minor takes the ISO 4217 code of a currency'],
      ['minor', ['1', 'USDX'], '$minor takes the ISO 4217 code of a currency'],
      ['minor', ['1.5', 'USD'], '$minor takes a whole number of the smallest unit'],
      ['minor', ['1', 'USD', 'paypal'], '$minor does not know how this provider counts'],
      ['minor', ['1', {}], '$minor takes a text'],
      ['minor', ['1', 'USD', () => 1], '$minor takes a text'],
    ]);
  });

  it('a total is that of the message where the computed one is within the tolerance', () => {
    give([
      ['check_total', ['10', '10.01', '0.01'], '10.00'],
      ['check_total', ['10', '9.99', '0.01'], '10.00'],
      ['check_total', ['10', '10'], '10.00'],
      ['check_total', ['0', undefined], '0.00'],
      ['check_total', [many, many], `${many}.00`],
      ['check_total', [many, `${many}.01`, '0.01'], `${many}.00`],
    ]);
    const message = 'Lines, charges and taxes come to 10.02, the message says 10.00';
    refuse([['check_total', ['10', '10.02', '0.01'], message]], 'TOTALS_DIFFER');
    refuse(
      [['check_total', ['10', '10.02', '0.01', 'BIG 7'], 'BIG 7 says 10.00, the document comes to 10.02']],
      'TOTALS_DIFFER',
    );
    assert.throws(() => functions['check_total']!(many, `${many}.02`, '0.01'), {
      code: 'TOTALS_DIFFER',
      facts: { said: `${many}.00`, computed: `${many}.02` },
    });
    const other = 'Lines, charges and taxes come to 5.00, the message says 0.00';
    refuse([['check_total', ['0', '5'], other]], 'TOTALS_DIFFER');
    refuse([['check_total', ['10', '11', '0', {}], '$check_total takes a text']]);
  });

  it('values are those of a map, by source and day', () => {
    give([
      ['value', ['tax', 19], 'all'],
      ['value', ['tax', '7', 'shop'], 'of shop'],
      ['value', ['tax', '5', undefined, '2026-06-01T00:00:00Z'], 'then'],
      ['value', ['tax', ''], undefined],
      ['mapped', ['tax', '19'], 'all'],
      ['mapped', ['tax', '7', 'other'], undefined],
      ['mapped', ['tax', '7', 'shop'], 'of shop'],
      ['mapped', ['tax', '5', undefined, '2026-08-01T00:00:00Z'], undefined],
      ['mapped', ['tax', ''], undefined],
    ]);
    assert.throws(() => functions['value']!('tax', '7', 'other'), { code: 'VALUE_UNMAPPED' });
    refuse([
      ['value', [{}, '1'], '$value takes a text'],
      ['mapped', [{}, '1'], '$mapped takes a text'],
    ]);
  });

  it('rules are those of the partner, and what is not supported says so', () => {
    give([
      ['rules', ['shop'], { tip: 'charge' }],
      ['rules', ['other'], {}],
    ]);
    assert.deepEqual(mappingFunctions(values)['rules']!('shop' as never), {});
    refuse([['rules', [{}], '$rules takes a text']]);
    refuse([['unsupported', ['a gift'], 'a gift']], 'UNSUPPORTED');
    refuse([
      ['unsupported', [{}], '$unsupported takes a text'],
      ['understood', [{ standard: 'x12', type: '850' }], '$understood is not available here'],
    ]);
  });
});
