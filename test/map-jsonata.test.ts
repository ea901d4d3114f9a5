import assert from 'node:assert/strict';
import original from 'jsonata';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { builtins, jsonata } from '../runtime/map/jsonata.ts';
import { unknownName } from '../runtime/map/names.ts';

const input = {
  id: 17,
  name: 'Robin',
  note: null,
  tags: ['new', 'b2b', 'b2b'],
  lines: [
    { sku: 'A', quantity: 2, price: 10.5, taxes: [{ code: 'x', rate: 0.2 }, { code: 'y' }] },
    { sku: 'B', quantity: 1, price: 3, taxes: [] },
    { sku: 'C', quantity: 5, price: 7.25 },
  ],
  orders: [
    { no: 1, items: [{ p: 'hat' }, { p: 'cap' }] },
    { no: 2, items: [{ p: 'hat' }] },
  ],
};

/** Every kind of step, and every function that calls another. */
const expressions = [
  'id',
  '$string(id)',
  'name & "/" & id',
  'missing.deep',
  'lines.sku',
  'lines[1].sku',
  'lines[-1]',
  'lines[price > 5].sku',
  'lines[$contains(sku, /[AB]/)]',
  'lines.(quantity * price)',
  '$sum(lines.(quantity * price))',
  'lines.taxes.code',
  '[lines.taxes.code]',
  'lines.{"sku": sku, "tax": [taxes.rate]}',
  'lines{sku: price}',
  'lines{$string(quantity > 1): $sum(price)}',
  'lines^(price).sku',
  'lines^(>quantity, sku).sku',
  'lines#$i.{"at": $i, "sku": sku}',
  'lines@$l.taxes@$t.{"sku": $l.sku, "code": $t.code}',
  'orders.items.{"p": p, "no": %.no}',
  '*',
  '**.code',
  '$.name',
  '$$.lines.($$.id)',
  'id = 17 and (name = "no" or tags[0] = "new")',
  'id in [1..20]',
  '[1..4].($ * $)',
  'id > 3 ? "big" : "small"',
  'missing ? 1',
  'missing ?? "default"',
  'name ?: "none"',
  '($x := 3; $y := $x + 1; $x * $y)',
  '($f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f(6))',
  '($f := λ($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + $n) }; $f(300, 0))',
  '($add := function($a) { function($b) { $a + $b } }; $add(2)(3))',
  '($half := $substring(?, 0, 2); $half(name))',
  'name ~> $uppercase ~> $substring(1)',
  '($up := $trim ~> $uppercase; $up("  a "))',
  '$map(lines, function($l, $i) { $l.sku & $i })',
  '$filter(lines, function($l) { $l.price > 5 })',
  '$single(lines, function($l) { $l.sku = "B" })',
  '$reduce(lines.price, function($a, $b) { $a + $b }, 100)',
  '$sift(lines[0], function($v, $k) { $k != "sku" })',
  '$each(lines[0], function($v, $k) { $k })',
  '$sort(lines, function($a, $b) { $a.price > $b.price }).sku',
  '$sort(tags)',
  '$distinct(tags)',
  '$zip(tags, [1, 2, 3])',
  '$replace(name, /o(b)/, function($m) { $uppercase($m.match) })',
  '$match("a1b22", /[a-z](\\d+)/)',
  '$split("a, b", /, */)',
  '$join(tags, "|")',
  '$merge([{"a": 1}, {"b": 2}])',
  '$spread({"a": 1, "b": 2})',
  '$lookup(lines[0], "sku")',
  '$keys(lines)',
  '$count(lines[taxes])',
  '$append(tags, "x")',
  '$boolean(note)',
  '$type(note)',
  '$exists(missing)',
  '$ ~> |lines|{"total": price * quantity}, "taxes"|',
  '$formatNumber(1234.5, "#,##0.00")',
  '$fromMillis(0)',
  '$toMillis("2026-11-02T14:00:00Z")',
  '$eval("1 + 2")',
  '$twice(id)',
  'lines.$twice(price)',
  '/* nothing */ ()',
  '{}',
  '[]',
  '[[1, 2], 3][0]',
  // errors
  '"a" + 1',
  '$number("x")',
  'id()',
  '$error("told")',
  '$assert(false, "not so")',
  'lines^(taxes)',
  'lines{price: 1}',
  '$single(lines, function($l) { true })',
  '$sum("a")',
  '$substring(1, 2)',
  '$fail()',
  '($f := function($n) { 1 + $f($n) }; $f(1))',
  '[1..200000]',
];

const guardrails = { timeout: 2000, stack: 500, sequence: 100_000 } as original.JsonataOptions;

function functions() {
  return {
    twice: (x: number) => 2 * x,
    fail: () => {
      throw new TypeError('failed');
    },
  };
}

/** What comes of it, as JSON, or the error that people are told. */
async function outcome(evaluate: () => Promise<unknown>): Promise<unknown> {
  try {
    return JSON.stringify(await evaluate()) ?? 'nothing';
  } catch (error) {
    const { code, message, position, token, value } = error as Record<string, unknown>;
    return { code, message, position, token, value };
  }
}

describe('JSONata without awaits', () => {
  for (const text of expressions)
    it(`gives what the package gives: ${text}`, async () => {
      const expected = await outcome(() => original(text, guardrails).evaluate(input, functions()));
      const found = await outcome(() => jsonata(text, guardrails).evaluate(input, functions()));
      assert.deepEqual(found, expected);
    });

  it('sorts many, and leaves what is equal in its order', async () => {
    const many = Array.from({ length: 3000 }, (_, at) => ({ at, key: (at * 7919) % 100 }));
    const expected = many.toSorted((a, b) => a.key - b.key);
    const sorted = await jsonata('$^(key)', guardrails).evaluate(many, {});
    assert.deepEqual(Array.from(sorted as typeof many), expected);
    const again = jsonata('$sort($, function($a, $b) { $a.key > $b.key }).at', guardrails);
    const few = many.slice(0, 1000);
    assert.deepEqual(
      Array.from((await again.evaluate(few, {})) as number[]),
      few.toSorted((a, b) => a.key - b.key).map(({ at }) => at),
    );
  });

  it('sorts more than its stack holds', async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => (at * 7919) % 20_000);
    const since = performance.now();
    const sorted = await jsonata('$sort($)', guardrails).evaluate(many, {});
    assert.deepEqual(
      Array.from(sorted as number[]),
      many.toSorted((a, b) => a - b),
    );
    // The package takes four seconds.
    assert.ok(performance.now() - since < 2000);
  });

  it('waits for nothing: it is done when evaluate returns', async () => {
    let done = false;
    const waiting = jsonata('$map([1..50], function($x) { $note($x) })', guardrails).evaluate(input, {
      note: (x: number) => void (done = x === 50),
    });
    assert.ok(done);
    await waiting;
  });
});

describe("JSONata's own test suite", () => {
  const groups = resolve(import.meta.dirname, '../../shared/material/jsonata-suite/groups');
  interface Case {
    expr?: string;
    bindings?: object;
    result?: unknown;
  }

  before(function () {
    if (existsSync(groups)) return;
    console.warn(`SKIPPED: ${groups} is not on this machine`);
    this.skip();
  });

  it('has no expression with a result in which a name is taken for unknown', () => {
    const cases = readdirSync(groups, { recursive: true })
      .filter((file) => String(file).endsWith('.json'))
      .flatMap((file) => [JSON.parse(readFileSync(join(groups, String(file)), 'utf8')) as Case].flat())
      .filter(({ expr, result }) => expr !== undefined && result !== undefined);
    const told = cases.flatMap(({ expr = '', bindings = {} }) => {
      const known = new Set([...builtins, ...Object.keys(bindings)]);
      return unknownName(jsonata(expr, guardrails).ast(), known)?.why ?? [];
    });
    assert.ok(cases.length > 900, `${cases.length} expressions`);
    assert.deepEqual(told, []);
  });
});
