import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../runtime/definitions/read-yaml.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import { compiled } from '../runtime/map/compile/compile.ts';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { interpreted, jsonata, type Options } from '../runtime/map/jsonata.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { ownSchema } from '../runtime/schema/schema.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';

const options = { timeout: 2000, stack: 500, sequence: 100_000 } as Options;

/** What comes of it, as JSON, or the error that people are told. */
function outcome(evaluate: () => unknown): unknown {
  try {
    const result = evaluate();
    return isFunction(result) ? 'a function' : (JSON.stringify(result) ?? 'nothing');
  } catch (error) {
    if (error instanceof CodedError) return { ...error.facts, code: error.code, message: error.message };
    const { code, message, position, token, value } = error as Record<string, unknown>;
    return { code, message, position, token, value: JSON.stringify(value) };
  }
}

function isFunction(result: unknown): boolean {
  return typeof result === 'function' || Object.hasOwn(Object(result) as object, '_jsonata_lambda');
}

/** The compiled code, which throws where it gives up. */
function alone(text: string) {
  const work = compiled(jsonata(text, options).ast(), options);
  if (typeof work === 'string') throw new Error(`${text} is not compiled: ${work}`);
  return work;
}

/** Lists of none, one and many, lists in lists, scopes, and what functions give on. */
const expressions = [
  'none',
  'none.sku',
  'none[0]',
  'none[true].(5)',
  'one.sku',
  'one[].sku',
  'one.tags[]',
  'one.sku[]',
  'many.sku',
  'many.tags',
  'many.tags[0]',
  'many.(tags[0])',
  'many[1].tags[-1]',
  'many[[0, 2]].sku',
  'many[$ = $$.many[1]].sku',
  'many[sku in ["A", "C"]].sku',
  'many[n > 1][0].sku',
  'many[5]',
  'many[n]',
  'many.tags[$ != "x"]',
  'nested',
  'nested[0]',
  'nested[1][0]',
  'nested.$',
  'nested.[$]',
  'nested.{ "a": $ }',
  '[nested]',
  '[nested, 1]',
  '[nested[0]]',
  'many.[sku, n]',
  'many.[sku][0]',
  '[sku, many.sku].$',
  '[many.sku, none, null]',
  '[none]',
  '[[none]]',
  '[[1], [2, 3]].$',
  '$[0]',
  '$.many',
  '$$.many.sku',
  'many.$$.one.sku',
  'many{ sku: n }',
  'many{ "all": n }',
  'many{ tags[0]: $sum(n) }',
  'none{ "a": 1 }',
  'many.{ sku: n, "twice": n * 2 }',
  '{ "a": none, "b": null, "c": [] }',
  '{ "2": "b", "1": "a" }',
  '{ "a": 1, "a": 2 }',
  '{ "__proto__": 1, "constructor": 2 }',
  'one.constructor',
  'one.`__proto__`',
  '$keys({ "__proto__": 1 })',
  '{ $string(1): 2 }',
  '{ 1: 2 }',
  '"a\\"b`${1}\\u2028" & one.`a "b" \\ \n c`',
  '-one.n',
  '-none',
  '-"a"',
  '1 - -1',
  '0.1 + 0.2',
  '1 / 0',
  '(1 / 0) + 1',
  '$x',
  '($x := 1; ($x := $x + 1; $x) & $x)',
  '($x := 1; ($y := $x; $x := 2; $y & $x))',
  '($x := 1; $f := function() { $x }; $x := 2; $f())',
  '($f := function() { $x }; $x := 2; $f())',
  '(one.n > 100 ? ($x := 5) : 1; $x)',
  '(one.n > 0 ? $x := 5 : 1; $x)',
  '(false and ($y := 1); $y)',
  '(false ? $z := 1; $z)',
  '(many[$last := n]; $last)',
  '$a := $b := 3',
  '($count := function($x) { "own" }; $count([1, 2]))',
  '[$count := 7, $count]',
  '($f := function($x, $x) { $x }; $f(1, 2))',
  '($f := function($x) { ($x := $x + 1; $x) }; $f(1))',
  'function($x) { $x }(3)',
  '(function($x, $y) { $y })(3)',
  '($f := function($x)<n:n> { $x }; $f("a"))',
  '($f := function($x)<s-:s> { $x }; one.sku.$f())',
  '($f := function($x)<n-:n> { $x }; one.sku.$f())',
  '($even := function($n) { $n = 0 ? true : $odd($n - 1) }; $odd := function($n) { $n = 0 ? false : $even($n - 1) }; $even(1001))',
  '($f := function($n) { $n = 0 ? many : $f($n - 1) }; $f(3).sku)',
  '($f := function($l) { $map($l, $uppercase) }; $f(many.sku))',
  '($f := function($l) { $append($l, none) }; $f(one.tags))',
  '($f := function($l) { ($append($l, 1))[0] }; $f([1, 2]))',
  '$map(many, function($m) { $filter($m.tags, function($t) { $t != "x" }) })',
  '$map(one, function($m) { $m.tags[] })',
  '($m := $map(one, function($m) { $filter($m.tags, function($t) { true }) }); $m)',
  '$map([1, 2], $string)',
  '($y := function($f) { $f($f) }; $y(function($g) { 1 }))',
  '$reduce(many.n, function($a, $b) { $a + $b })',
  '$sort(many.n, function($a, $b) { $a < $b })',
  '$filter(many, function($m, $at) { $at > 0 }).sku',
  'one.sku ~> $lowercase',
  'many.n ~> $sum',
  'many ~> $map(function($m) { $m.n }) ~> $sum()',
  '$trim ~> $uppercase',
  '($f := $trim ~> $uppercase ~> function($s) { $s & "!" }; $f(" a "))',
  '1 ~> 2',
  '[1..3].($ * 2)',
  '[3..1]',
  '[1..none]',
  '["a"..2]',
  '[1.5..2]',
  '1 in 1',
  'none in [1]',
  'one.sku in many.sku',
  'one.n = "1"',
  'none = none',
  'none != 1',
  'null = null',
  'null != none',
  'many[0] = one',
  '[1, 2] = [1, 2]',
  '{ "a": 1 } = { "a": 1 }',
  '1 < "a"',
  'null < 1',
  'none < 1',
  'true < 1',
  '"a" < "b"',
  'none and 1',
  '[] or {}',
  '[0, 0] or [0, 1]',
  'null or "a"',
  '$not(none)',
  '$not([])',
  '$exists(null)',
  '$count(none)',
  '$count(7)',
  '$count([])',
  '$count([], 1)',
  '$sum(many.n)',
  '$sum([])',
  '$sum(none)',
  '$sum("1")',
  '$max(many.n)',
  '$min([3, 1, 2])',
  '$max([])',
  '$append(1, 2)',
  '$append(none, 2)',
  '$append([1], [[2]])',
  '$append(1)',
  '$string(many)',
  '$string($string)',
  '$string({ "a": 0.1 + 0.2 })',
  '$merge(many.{ sku: n })',
  '$lookup(many, "sku")',
  '$boolean(-0)',
  '"" & none & 1 & true & [1]',
  '$length()',
  'one.sku.$length()',
  'one.$length()',
  '$substring("hello", 1)',
  '$substring("hello", "1")',
  '$pad("a", 3)',
  '$missing()',
  'one()',
  'sku()',
  'count(1)',
  '$error("x")',
  '$match("ab", /a/).match',
  '$replace("aab", /a/, "x")',
  '$split("a-b", /-/)[1]',
  '($r := /a/; $contains("cat", $r))',
  'one.n ? "y" : "n"',
  'none ? 1',
  '(none)[]',
  'one.(sku)[]',
  '(one.sku)[0]',
  '[one][0].sku',
  '$now() = $now()',
  '$toMillis("12:00", "[H]:[m]") > 0',
  '(one; none)',
  '()',
  '/* */ 1',
  'many.sku[$ = "A"] & "x"',
  'one.missing ?: 4',
  'one.missing ?? 4',
  'many.(n > 1 ? sku)',
  'many.(n > 1 and n < 3)',
  'many.("n" & n)',
  'many.$string(n)',
  'many.$sum([n, 1])',
  'many@$m.sku',
  'many^(n).sku',
];

/** Of these the package itself makes something odd, or fails. */
const leftToThePackage = new Set([
  '[one][0].sku',
  '($f := function($l) { $map($l, $uppercase) }; $f(many.sku))',
]);

const given = {
  one: { sku: 'A', n: 1, tags: ['x'], 'a "b" \\ \n c': 'odd' },
  many: [
    { sku: 'A', n: 1, tags: ['x'], 'a "b" \\ \n c': 'odd' },
    { sku: 'B', n: 2, tags: ['x', 'y'] },
    { sku: 'C', n: 3 },
  ],
  nested: [[1, 2], [3], []],
};

describe('compiled JSONata', () => {
  for (const input of [given, [given, given], [], 'text', undefined])
    it(`gives what the interpreter gives, or gives up: ${JSON.stringify(input)?.slice(0, 20)}`, () => {
      for (const text of expressions) {
        const expected = outcome(() => interpreted(text, options).evaluateNow(input, {}));
        assert.deepEqual(
          outcome(() => jsonata(text, options).evaluateNow(input, {})),
          expected,
          text,
        );
        const { notCompiled } = jsonata(text, options);
        if (typeof expected === 'string' && notCompiled === undefined && !leftToThePackage.has(text))
          assert.equal(
            outcome(() => alone(text)(input, {})),
            expected,
            `${text}, alone`,
          );
      }
    });

  it('does not compile what few mappings have', () => {
    const reasons = Object.entries({
      'a^(b)': 'the sort ^(…)',
      '$$.a.%.b': 'the parent %',
      'a.*': 'the wildcard *',
      '**.a': 'the wildcard **',
      '$ ~> |a|{"b": 1}|': 'the transform |…|…|',
      '$substring(?, 1)': 'a function with a ? for an argument',
      'a@$b.c': 'the variable @$ of a path',
      'a#$b.c': 'the variable #$ of a path',
      '$eval("1")': '$eval',
      'function($x) { ($x(1))[0] }': 'a filter on a block or condition that ends with a call',
    });
    for (const [text, reason] of reasons) assert.equal(jsonata(text, options).notCompiled, reason);
    assert.equal(jsonata('a.b', options).notCompiled, undefined);
    assert.ok(interpreted('a.b', options).notCompiled);
  });

  it('gives functions what they are called with, and their context', () => {
    const seen: unknown[] = [];
    const note = function (this: unknown, ...args: unknown[]) {
      seen.push([
        this,
        ...args.map((arg) => (typeof arg === 'function' ? (arg as (x: number) => unknown)(2) : arg)),
      ]);
    };
    alone('one.$note(sku, function($x) { $x * 2 }, none)')(given, { note });
    assert.deepEqual(seen, [[given.one, 'A', 4, undefined]]);
  });

  it('takes what looks like a mark of the package as the package does', () => {
    for (const mark of ['_jsonata_lambda', '_jsonata_function', 'outerWrapper', 'tupleStream'])
      for (const text of ['a', 'a.b', '$.a', 'a.$', '$string(a)', 'a[b = 1]', 'a{"x": b}', '$f(a)']) {
        const input = { a: { b: 1, [mark]: true }, [mark]: true };
        const bindings = { f: (x: unknown) => typeof x };
        assert.deepEqual(
          outcome(() => jsonata(text, options).evaluateNow(input, bindings)),
          outcome(() => interpreted(text, options).evaluateNow(input, bindings)),
          `${text} ${mark}`,
        );
      }
  });
});

describe('the limits of compiled JSONata', () => {
  const fails = (text: string, own: object = {}) =>
    outcome(() => jsonata(text, { ...options, ...own }).evaluateNow({}, {})) as { code: string };

  it('time', () => {
    const timeout = { timeout: 50 };
    assert.equal(fails('($f := function() { $f() }; $f())', timeout).code, 'D1012');
    assert.equal(fails('[1..100000].([1..100000].($ * 2))', timeout).code, 'D1012');
    assert.equal(
      fails('$map([1..100000], function($x) { $count([1..100000][$ > 5]) })', timeout).code,
      'D1012',
    );
  });

  it('depth, but not of calls at the end of a function', () => {
    assert.equal(fails('($f := function($n) { 1 + $f($n) }; $f(1))').code, 'D1011');
    const last = '($f := function($n, $sum) { $n = 0 ? $sum : $f($n - 1, $sum + 1) }; $f(100000, 0))';
    assert.equal(alone(last)({}, {}), 100_000);
    assert.equal(alone('$sum($map([1..1000], function($x) { $x }))')({}, {}), 500_500);
  });

  it('items of a list, and characters of a text', () => {
    assert.equal(fails('[1..100001]').code, 'D2015');
    assert.equal(fails('[1..1000].([1..1000])').code, 'D2015');
    assert.equal(fails('$append([1..60000], [1..60000])').code, 'D2015');
    assert.equal(fails('[[1..60000], [1..60000]].$').code, 'D2015');
    assert.equal(
      fails('($f := function($s, $n) { $n = 0 ? $s : $f($s & $s, $n - 1) }; $f("aaaa", 30))').code,
      'MAPPING_FAILED',
    );
  });
});

describe('the mappings, compiled and interpreted', () => {
  const folder = 'definitions/mappings';
  const documentTypes = loadDocumentTypes('definitions/edi');
  const functions = mappingFunctions(
    loadValueMaps('definitions/values'),
    loadPartners('definitions/partners'),
    () => documentTypes,
  );

  for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonata')))
    it(file, () => {
      const text = readFileSync(join(folder, file), 'utf8');
      const tests = join(folder, file.replace('.jsonata', '.test.yaml'));
      const { cases } = readYaml<{ cases: { case: string; given: unknown; bindings?: object }[] }>(
        tests,
        ownSchema({}),
      );
      assert.equal(jsonata(text, options).notCompiled, undefined);
      const interpreter = interpreted(text, options);
      const own = alone(text);
      for (const { case: name, given: message, bindings } of cases) {
        const all = { ...bindings, ...functions };
        const expected = outcome(() => interpreter.evaluateNow(message, all));
        assert.deepEqual(
          outcome(() => jsonata(text, options).evaluateNow(message, all)),
          expected,
          name,
        );
        if (typeof expected === 'string')
          assert.equal(
            outcome(() => own(message, all)),
            expected,
            name,
          );
      }
    });
});
