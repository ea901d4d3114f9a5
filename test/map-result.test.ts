/** What a mapping gives: exact ids and money, and a result that fits its schema and its test file. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { fieldCheck } from '../runtime/map/fields.ts';
import { compileMapping } from '../runtime/map/mapping.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { map } from './map-kit.ts';

describe('ids and money in a mapping', () => {
  it('stay exact', async () => {
    assert.equal(await map('$text(id)', { id: '820982911946154508' }), '820982911946154508');
    assert.equal(await map('$text(id)', { id: 1001 }), '1001');
    assert.equal(await map('$add(a, b)', { a: '0.1', b: '0.2' }), '0.30');
    assert.equal(await map('$add(a, b)', { a: '9007199254740993.01', b: '0.01' }), '9007199254740993.02');
    assert.equal(await map('$mul(a, b)', { a: '19.99', b: 3 }), '59.97');
    assert.equal(await map('$div(a, b)', { a: '10', b: '3' }), '3.333333');
    assert.equal(
      await map('$sum_money(lines.price)', { lines: [{ price: '0.10' }, { price: '0.20' }] }),
      '0.30',
    );
    assert.equal(await map("$sub('5', '5.00')"), '0.00');
    assert.equal(await map("$money('1.005')"), '1.005');
  });

  it('refuse what has lost digits or is no amount', async () => {
    const failed = { code: 'MAPPING_FAILED' };
    await assert.rejects(map('$text(id)', { id: 820982911946154500 }), failed);
    for (const amount of ['1e9', '1,50', '12 EUR', 'NaN', '--1', '1'.repeat(31)]) {
      await assert.rejects(map('$money(x)', { x: amount }), failed, amount);
    }
    await assert.rejects(map("$div('1', '0')"), failed);
  });

  it('add up to the cent, whatever the amounts', async () => {
    const cents = fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(cents, async (amounts) => {
        const lines = amounts.map((amount) => ({ price: fromCents(amount) }));
        const sum = amounts.reduce((a, b) => a + b, 0n);
        assert.equal(await map('$sum_money(lines.price)', { lines }), fromCents(sum));
      }),
      { numRuns: 50 },
    );
  });

  it('compare with the total the message names', async () => {
    assert.equal(await map("$check_total('10.00', '10.01', '0.01')"), '10.00');
    await assert.rejects(map("$check_total('10.00', '10.02', '0.01')"), {
      code: 'TOTALS_DIFFER',
      facts: { mapping: 'inline mapping', said: '10.00', computed: '10.02' },
    });
  });

  it('bring times to UTC and refuse a time without its zone', async () => {
    assert.equal(await map("$time('2026-11-02T09:15:00-05:00')"), '2026-11-02T14:15:00.000Z');
    assert.equal(await map("$time('2026-11-02T09:15:00', 'Z')"), '2026-11-02T09:15:00.000Z');
    await assert.rejects(map("$time('2026-11-02T09:15:00')"), { code: 'MAPPING_FAILED' });
    assert.equal(await map("$time('2028-02-29T23:30:00-05:00')"), '2028-03-01T04:30:00.000Z');
    for (const day of ['2026-02-30', '2026-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00'])
      await assert.rejects(map(`$time('${day}T09:15:00Z')`), { code: 'MAPPING_FAILED' }, day);
  });

  it('amounts of the smallest unit: as ISO 4217 has it, or as the provider counts', async () => {
    const minor = (amount: unknown, currency: string, provider?: string) =>
      map('$minor(amount, currency, provider)', { amount, currency, provider });
    const all: [string, string | undefined, string][] = [
      ['USD', undefined, '1234.50'],
      ['jpy', undefined, '123450.00'],
      ['KWD', undefined, '123.45'],
      ['TND', 'stripe', '123.45'],
      ['CLF', undefined, '12.345'],
      ['ISK', undefined, '123450.00'],
      ['ISK', 'stripe', '1234.50'],
      ['UGX', undefined, '123450.00'],
      ['UGX', 'stripe', '1234.50'],
      ['MGA', undefined, '1234.50'],
      ['MGA', 'stripe', '123450.00'],
      ['HUF', 'stripe', '1234.50'],
      ['TWD', 'stripe', '1234.50'],
      ['CLP', 'adyen', '1234.50'],
      ['CLP', undefined, '123450.00'],
      ['IDR', 'adyen', '123450.00'],
    ];
    for (const [currency, provider, expected] of all)
      assert.equal(await minor(123450, currency, provider), expected, `${currency} ${provider}`);
    assert.equal(await minor('18601', 'BHD'), '18.601');
    for (const [amount, currency, provider] of [
      ['1.5', 'USD', undefined],
      [1, '', undefined],
      [1, 'USD', 'nobody'],
    ] as const)
      await assert.rejects(minor(amount, currency, provider), { code: 'MAPPING_FAILED' });
  });

  it('a rate that a tax and its net amount, both rounded, come from', async () => {
    for (const [tax, net, expected] of [
      ['12.00', '80.00', '0.15'],
      ['14.69', '77.31', '0.19'],
      ['0.16', '0.83', '0.19'],
      ['0.52', '9.48', '0.055'],
      ['1.62', '20.00', '0.081'],
      ['0.00', '10.00', '0'],
    ] as const)
      assert.equal(await map('$rate(tax, net)', { tax, net }), expected, `${tax} of ${net}`);
    assert.equal(await map('$rate(tax, net)', { net: '1' }), undefined);
  });
});

function fromCents(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

describe('the result of a mapping', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-map-'));
  after(() => rmSync(dir, { recursive: true }));

  it('must fit the schema; the first wrong field is named by its path', async () => {
    const schema = {
      $id: 'urn:test:lines',
      type: 'object',
      properties: {
        lines: {
          type: 'array',
          items: { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } },
        },
      },
    };
    writeFileSync(join(dir, 'lines.json'), JSON.stringify(schema));
    const mapping = compileMapping({ dir, inline: '{"lines": [lines.{"sku": sku}]}', schema: 'lines.json' });
    assert.equal(mapping.dataschema, 'urn:test:lines');
    assert.deepEqual(await mapping.run({ lines: [{ sku: 'A' }] }), { lines: [{ sku: 'A' }] });
    const failure = (path: string, rule: string, message: string) => ({
      code: 'SCHEMA_INVALID',
      facts: { path, rule, message, violations: 1, schema: 'urn:test:lines' },
    });
    await assert.rejects(
      mapping.run({ lines: [{ sku: 'A' }, {}] }),
      failure('lines/1/sku', 'required', 'is missing'),
    );
    await assert.rejects(
      mapping.run({ lines: [{ sku: 7 }] }),
      failure('lines/0/sku', 'type', 'must be string'),
    );
  });

  it('is what its test file says, or the difference is named', async () => {
    mkdirSync(join(dir, 'mappings'));
    mkdirSync(join(dir, 'values'));
    const test = join(dir, 'mappings/one.test.yaml');
    writeFileSync(join(dir, 'mappings/one.jsonata'), "{'id': $text(id), 'sku': $text(sku)}");
    writeFileSync(
      test,
      [
        'cases:',
        '  - { case: right, given: { id: 1, sku: A }, expect: { id: "1", sku: A } }',
        '  - { case: wrong, given: { id: 1, sku: A }, expect: { id: "1", sku: B } }',
        '  - { case: no error, given: { id: 1 }, expectError: { code: MAPPING_FAILED } }',
        '  - { case: error, given: { id: { a: 1 } }, expectError: { code: MAPPING_FAILED } }',
      ].join('\n'),
    );
    assert.deepEqual(
      (await runMappingTests(test)).map(({ case: name, differences }) => [name, ...differences]),
      [
        ['right'],
        ['wrong', 'sku: expected "B", got "A"'],
        ['no error', 'expected the error MAPPING_FAILED, but it gave a result'],
        ['error'],
      ],
    );
  });
});

describe('fields of money and quantity', () => {
  const check = fieldCheck({
    reads: ['total', 'lines.price'],
    ignores: [{ fields: ['lines.*_set.**', 'discount_total'], why: 'the same again' }],
  });
  const message = {
    total: '12.00',
    discount_total: '1.00',
    lines: [{ price: '12.00', price_set: { shop: { amount: '12.00' } } }],
  };

  it('pass when each is read or ignored', () => check(message));

  for (const [what, more, field] of [
    ['a new one', { deposit_amount: '5.00' }, 'deposit_amount'],
    ['a number', { lines: [{ price: 1 }, { core_charge: 3.5 }] }, 'lines.core_charge'],
    ['one below a known name', { total: { tax: '2.00' } }, 'total.tax'],
    ['a negative one', { fees: [{ fee: '-1' }] }, 'fees.fee'],
  ] as const)
    it(`stop the message: ${what}`, () => {
      assert.throws(() => check({ ...message, ...more }), { code: 'FIELD_UNKNOWN', facts: { field } });
    });

  for (const [what, more] of [
    ['is zero', { deposit_amount: '0.00', handling_fee: 0 }],
    ['is no number', { price_list: 'B2B', tax_exempt: true, total_label: '5 pieces' }],
    ['is an id', { discount_id: 77, shippingId: '12' }],
    ['is called otherwise', { weight: 12, position: 3 }],
  ] as const)
    it(`do not matter when what is new ${what}`, () => check({ ...message, ...more }));
});

describe('numbers of a mapping', () => {
  const given: [string, unknown, unknown][] = [
    ['$sum(prices)', { prices: [0.1, 0.2] }, 0.3],
    ['$average(prices)', { prices: [0.1, 0.2, 0.6] }, 0.3],
    ['0.1 + 0.2', {}, 0.3],
    ['1.1 * 1.1', {}, 1.21],
    ['0.3 / 0.1', {}, 3],
    ['0.3 - 0.1', {}, 0.2],
    ['5.5 % 0.1', {}, 0],
    ['10 / 3', {}, 10 / 3],
    ['$sum($map(texts, $number))', { texts: ['19.99', '0.01'] }, 20],
    ["id & ''", { id: 9007199254740991 }, '9007199254740991'],
    ["$number('1234567890.12345')", {}, 1234567890.12345],
    ['$number(true)', {}, 1],
    ["$number('0x1F')", {}, 31],
  ];
  for (const [text, input, expected] of given)
    it(`are exact in ${text}`, async () => assert.equal(await map(text, input), expected));

  for (const [text, input] of [
    ["$number('12345678901234567')", {}],
    ["$number('1234567890.123456789')", {}],
    ["$number('0xFFFFFFFFFFFFFFFF')", {}],
    ["$parseInteger('12345678901234567', '0')", {}],
    ['$sum(all)', { all: [9007199254740991, 2] }],
    ['9007199254740991 + 2', {}],
    ['9007199254740991 * 3', {}],
    ["id & ''", { id: 2 ** 60 }],
    ['$string({"id": id})', { id: 2 ** 60 }],
  ] as const)
    it(`are refused where digits would be lost: ${text}`, () =>
      assert.rejects(map(text, input), {
        code: 'MAPPING_FAILED',
        message: /more digits than a number keeps/,
      }));

  for (const text of [
    '$fromMillis(1e20)',
    '$fromMillis(-62167219200001)',
    '$fromMillis(1764353775000000)',
    "$fromMillis(0, '[Y]', 'nonsense')",
    "$fromMillis(0, '[H]', '+05:30')",
    "$toMillis('2026-02-30T00:00:00Z')",
    "$toMillis('2026-02-29')",
    "$time('2026-02-30T10:00:00Z')",
    "$time('2026-04-31T10:00:00', '+02:00')",
  ])
    it(`are no times where there is none: ${text}`, () =>
      assert.rejects(map(text), { code: 'MAPPING_FAILED', message: /^\$(fromMillis|toMillis|time) / }));

  it('are times where there is one', async () => {
    assert.equal(
      await map("$fromMillis($toMillis('2028-02-29T00:00:00Z'), undefined, '-0530')"),
      '2028-02-28T18:30:00.000-05:30',
    );
  });
});
