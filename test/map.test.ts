/** The map engine: errors with their place, and guardrails that hold. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { compileMapping, mappingVariables } from '../runtime/map/mapping.ts';
import { valueMaps } from '../runtime/values/value-maps.ts';
import { definitions, map, values } from './map-kit.ts';

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
