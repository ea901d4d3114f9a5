/** The map engine: errors with their place, guardrails that hold, exact ids and money. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { fieldCheck } from '../runtime/map/fields.ts';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { compileMapping, mappingVariables } from '../runtime/map/mapping.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';

const definitions = resolve(import.meta.dirname, '../definitions');

const values = valueMaps([
  { map: 'uom', owner: 'master-data', summary: 'Units', entries: [{ from: 'EA', to: 'Units' }] },
]);

function map(inline: string, input: unknown = {}, bindings?: Record<string, unknown>): Promise<unknown> {
  const variables = Object.keys(bindings ?? {});
  return compileMapping({ dir: definitions, inline, values, variables }).run(input, bindings);
}

function compile(inline: string): void {
  compileMapping({ dir: definitions, inline, values });
}

describe('a mapping that is wrong', () => {
  it('names the line and column of a syntax error', () => {
    assert.throws(() => compile('{\n  "a": 1,\n  "b": ]\n}'), {
      code: 'MAPPING_INVALID',
      message: /^inline mapping:3:8: /,
      facts: { mapping: 'inline mapping', line: 3, column: 8 },
    });
  });

  it('names its file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-map-'));
    try {
      mkdirSync(join(dir, 'mappings'));
      writeFileSync(join(dir, 'mappings/broken.jsonata'), '(\n  $a := 1;\n  $b := )\n)');
      assert.throws(() => compileMapping({ dir, file: 'mappings/broken.jsonata' }), {
        code: 'MAPPING_INVALID',
        message: /^mappings\/broken\.jsonata:3:9: /,
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('is not UTF-8, which is told with its line', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-map-'));
    writeFileSync(join(dir, 'latin.jsonata'), Buffer.from('(\n "caf\u00e9")', 'latin1'));
    const message = 'latin.jsonata:2:1: is not UTF-8';
    assert.throws(() => compileMapping({ dir, file: 'latin.jsonata' }), { code: 'MAPPING_INVALID', message });
    rmSync(dir, { recursive: true });
  });

  it('gives each mapping its own name, also when two have the same text', () => {
    for (const name of ['first', 'second']) {
      const dir = mkdtempSync(join(tmpdir(), 'crossdock-map-'));
      writeFileSync(join(dir, `${name}.jsonata`), '$same(');
      assert.throws(() => compileMapping({ dir, file: `${name}.jsonata` }), { message: new RegExp(name) });
      rmSync(dir, { recursive: true });
    }
  });

  for (const file of ['../settings.ts', 'mappings/../../package.json', '/etc/hostname']) {
    it(`must not read ${file}`, () => {
      const refused = { code: 'MAPPING_INVALID', message: `${file} lies outside the definitions` };
      assert.throws(() => compileMapping({ dir: definitions, file }), refused);
      assert.throws(() => compileMapping({ dir: definitions, inline: '1', schema: file }), refused);
    });
  }

  it('must not name a file, schema or value map that does not exist', () => {
    const invalid = { code: 'MAPPING_INVALID' };
    assert.throws(() => compileMapping({ dir: definitions, file: 'mappings/none.jsonata' }), invalid);
    assert.throws(
      () => compileMapping({ dir: definitions, inline: '1', schema: 'schemas/none.json' }),
      invalid,
    );
    assert.throws(() => compile("$value('none', unit)"), { ...invalid, message: /no value map none/ });
    assert.throws(() => compile("unit ~> function($u) { $value('none', $u) }"), invalid);
  });

  describe('names what nothing defines', () => {
    const wrong: [text: string, name: string, column: number][] = [
      ['$te(id)', '$te', 1],
      ['$moment()', '$moment', 1],
      ['id & $sufix', '$sufix', 6],
      ['lines ~> $cuont', '$cuont', 10],
      ['$te(?, 1)', '$te', 1],
      ['lines.(sku & $uom)', '$uom', 14],
      ['lines[price > $least]', '$least', 15],
      ['lines^(>$rank)', '$rank', 9],
      ['lines{$key: sku}', '$key', 7],
      ['$ ~> |lines|{"a": $a}|', '$a', 19],
      ['(($x := 1); $x)', '$x', 13],
      ['($y := $x; $x := 1; $y)', '$x', 8],
      ['($f := function($a) { $a + $b }; $f(1))', '$b', 28],
      ['(function($a) { $a }; $a)', '$a', 23],
      ['(lines@$l.sku; $l)', '$l', 16],
      ['lines#$i.sku & $j', '$j', 16],
      ['$event.id', '$event', 1],
      ['{"a": [1, -$n]}', '$n', 12],
    ];
    for (const [text, name, column] of wrong)
      it(`in ${text}`, () =>
        assert.throws(() => compile(text), {
          code: 'MAPPING_INVALID',
          message: `inline mapping:1:${column}: there is no ${name} here`,
          facts: { mapping: 'inline mapping', line: 1, column },
        }));

    it('in a function without its sign', () =>
      assert.throws(() => compile('\n sum(lines.price)'), {
        message: 'inline mapping:2:2: sum is no function; it is $sum',
      }));

    for (const text of [
      '$ & $$.id & $text(id) & $now() & $millis()',
      '($x := 1; $f := function($a) { $a + $x }; $f(2))',
      '($even := function($n) { $n = 0 or $odd($n - 1) }; $odd := function($n) { $n != 0 and $even($n - 1) }; $even(4))',
      'lines@$l.taxes#$i[$i > 0].{"sku": $l.sku, "at": $i}',
      'lines@$l#$i[$i = 0].($l.sku)',
      'lines@$l{$l.sku: $l.price}',
      '$map(lines, function($l, $i) { $l.sku & $i })',
      '($add := function($a) { function($b) { $a + $b } }; $add(2)(3))',
      '($half := $substring(?, 0, 2); $half(id))',
      'orders.items.{"no": %.no}',
      '(lines.(($n := sku; $n)))',
      '$rules("shopify").unpaid',
    ])
      it(`and nothing in ${text}`, () => compile(text));

    it('and lets a mapping use the variables of its place', () => {
      compileMapping({ dir: definitions, inline: '$event.id & $webhook.id', variables: mappingVariables });
    });
  });

  it('is either a file or an expression', () => {
    assert.throws(() => compileMapping({ dir: definitions }), { code: 'MAPPING_INVALID' });
  });
});

describe('guardrails of a mapping', () => {
  for (const regex of ['/(a+)+$/', '/(a|aa)*$/', '/((a?b?)*)+c/', '/(?:x*y*){2,}z/']) {
    it(`refuse ${regex} when it is compiled`, () => {
      assert.throws(() => compile(`\n $contains(text, ${regex})`), {
        code: 'MAPPING_INVALID',
        message: /^inline mapping:2:\d+: the regular expression can run away/,
      });
    });
  }

  it('stop a match that takes too long, whatever its shape', async () => {
    for (const regex of ['/a*a*a*a*a*b/', '/a?a?a?a?a?a?a?a?a*a*a*b/']) {
      await assert.rejects(map(`$contains(text, ${regex})`, { text: 'a'.repeat(5000) }), {
        code: 'MAPPING_FAILED',
        message: /took more than/,
      });
    }
  });

  it('refuse a very long text for a match', async () => {
    await assert.rejects(map('$contains(text, /x/)', { text: 'a'.repeat(10_001) }), {
      code: 'MAPPING_FAILED',
      message: /more than 10000 characters/,
    });
  });

  it('leave ordinary regular expressions alone', async () => {
    assert.equal(
      await map("$replace(phone, /[^0-9+]+/, '')", { phone: '+1 (502) 555-0143' }),
      '+15025550143',
    );
    assert.deepEqual(await map('$match(sku, /^([A-Z]+)-(\\d+)(?:-(\\d+))?$/i).groups', { sku: 'hx-8-100' }), [
      'hx',
      '8',
      '100',
    ]);
    assert.deepEqual(await map('$split(text, /\\s*[,;]\\s*/)', { text: `a ,b;  ${'c'.repeat(3000)}` }), [
      'a',
      'b',
      'c'.repeat(3000),
    ]);
  });

  it('end a recursion without end, a loop without end and a list without end', async () => {
    const failed = { code: 'MAPPING_FAILED' };
    await assert.rejects(map('($f := function($n) { 1 + $f($n + 1) }; $f(0))'), failed);
    await assert.rejects(map('($f := function($n) { $f($n + 1) }; $f(0))'), failed);
    await assert.rejects(map('[1..9999999]'), failed);
  }).timeout(15_000);

  it('go on after a run was stopped', async () => {
    const endless = map('($f := function($n) { $f($n + 1) }; $f(0))');
    const next = map('1 + 1');
    await assert.rejects(endless);
    assert.equal(await next, 2);
  });

  it('block $eval, under any name', () => {
    for (const text of ["$eval('1+1')", "($e := $eval; $e('1+1'))", "'1+1' ~> $eval", "['1+1'].$eval($)"])
      assert.throws(() => compile(text), { code: 'MAPPING_INVALID', message: /there is no \$eval here/ });
  });

  it('refuse what is too large, and name the limit', async () => {
    const long = { text: 'a,'.repeat(1_000_000) };
    const lists = { a: Array(100_000).fill(Array(11).fill(1)) };
    const cases: [string, unknown, RegExp][] = [
      ['1', { text: 'a'.repeat(10_000_001) }, /input would have more than 10000000 characters/],
      ['text & text & text', long, /text would have more than 4000000 characters/],
      ["$pad('', 100000000)", {}, /more than 4000000 characters/],
      ["$pad('', -100000000, 'ab')", {}, /more than 4000000 characters/],
      ["$replace(text, ',', '----------')", long, /more than 4000000 characters/],
      ["$split(text, ',')", long, /list would have more than 100000 items/],
      ["$split(text, '')", long, /more than 100000 items/],
      [
        "$join([1..100000].$string(), '------------------------------------------------')",
        {},
        /4000000 characters/,
      ],
      ['$encodeUrlComponent($replace(text, "a", "€"))', long, /4000000 characters/],
      ['$reduce([1..60], function($all, $n) { $all & $all }, "ab")', {}, /more than 4000000 characters/],
      ["$count([1..50].$pad('', 1000000))", {}, /All texts made would have more than 20000000 characters/],
      ['{"one": text, "all": [text, text, text, text, text]}', long, /result would have more than 10000000/],
      ['a', lists, /result would have more than 1000000 values/],
      ['$distinct(a.{"x": $random()})', lists, /took more than 2000 ms|exceeded/],
    ];
    for (const [text, input, message] of cases)
      await assert.rejects(map(text, input), { code: 'MAPPING_FAILED', message }, text);
  }).timeout(90_000);

  it('leave a large message alone', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => ({ sku: `A-${at}`, text: 'x'.repeat(40) }));
    const made = (await map("$join(lines.(sku & ';' & text), '\n')", { lines })) as string;
    assert.equal(made.split('\n').length, 20_000);
  });

  it('keep payload values out of error messages', async () => {
    const error = await map('card + 1', { card: 'secret-4111' }).then(
      () => assert.fail('it must fail'),
      (thrown: Error) => thrown,
    );
    assert.equal((error as unknown as { code: string }).code, 'MAPPING_FAILED');
    assert.doesNotMatch(`${error.message} ${JSON.stringify(error)}`, /4111/);
  });

  it('let nothing of the runtime in', async () => {
    for (const path of ['constructor', '__proto__', 'toString', '$text.constructor', 'a.constructor.name']) {
      assert.equal(await map(path, { a: 'x' }), undefined, path);
    }
    await assert.rejects(map('{"f": function($x) { $x }}'), { code: 'MAPPING_FAILED' });
  });
});

describe('runs of one mapping at the same time', () => {
  it('keep their own input and bindings', async () => {
    const mapping = compileMapping({
      dir: definitions,
      inline: "{'n': n, 'shop': $shop, 'sum': $sum([1..50].($ * $$.n)), 'again': $shop}",
      variables: ['shop'],
    });
    const numbers = Array.from({ length: 60 }, (_, n) => n);
    const results = await Promise.all(numbers.map((n) => mapping.run({ n }, { shop: `shop-${n}` })));
    const expected = numbers.map((n) => ({ n, shop: `shop-${n}`, sum: 1275 * n, again: `shop-${n}` }));
    assert.deepEqual(results, expected);
  });

  it('leave no variable behind', async () => {
    const mapping = compileMapping({ dir: definitions, inline: '$x', variables: ['x'] });
    assert.equal(await mapping.run({}, { x: 1 }), 1);
    assert.equal(await mapping.run({}), undefined);
  });

  it('use the value maps they were compiled with', async () => {
    const other = valueMaps([
      { map: 'uom', owner: 'x', summary: 'x', entries: [{ from: 'EA', to: 'Each' }] },
    ]);
    const inline = "$value('uom', 'EA')";
    const both = [values, other].map((one) => compileMapping({ dir: definitions, inline, values: one }));
    assert.deepEqual(await Promise.all(both.map((one) => one.run({}))), ['Units', 'Each']);
  });

  it('give plain data that shares nothing with the input', async () => {
    const input = { lines: [{ sku: 'A' }] };
    const result = await map('{"lines": [lines], "none": missing}', input);
    assert.deepEqual(result, { lines: [{ sku: 'A' }] });
    assert.equal(Object.getPrototypeOf(result), Object.prototype);
    (result as typeof input).lines[0]!.sku = 'B';
    assert.equal(input.lines[0]?.sku, 'A');
  });
});

describe('a result that does not fit its schema', () => {
  const refusal = async (input: object): Promise<CodedError> => {
    const mapping = compileMapping({
      dir: definitions,
      inline: '$',
      schema: 'schemas/order-reference.v1.json',
    });
    return mapping.run(input).then(
      () => assert.fail('it must fail'),
      (error: unknown) => error as CodedError,
    );
  };

  it('is told of with every field that is wrong', async () => {
    const { message, facts } = await refusal({ source: 1, extra: 1, number: 2 });
    assert.deepEqual([facts['path'], facts['violations']], ['extra', 3]);
    const each = ['source must be string', 'extra is not known here', 'number must be string'];
    assert.deepEqual(message.split('; ').toSorted(), each.toSorted());
    assert.ok(message.startsWith('extra '));
  });

  it('is told of with twenty, and how many more', async () => {
    const extra = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`f${at}`, 1]));
    const { message, facts } = await refusal(extra);
    assert.equal(facts['violations'], 30);
    assert.match(message, /; f19 is not known here; and 10 more$/);
  });
});

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
