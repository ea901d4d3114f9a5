/** Random expressions on random inputs: compiled, they give what the interpreter gives, or fail as it fails. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readYaml } from '../runtime/definitions/read-yaml.ts';
import { loadDocumentTypes } from '../runtime/edi/document-types.ts';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { interpreted, jsonata } from '../runtime/map/jsonata.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { ownSchema } from '../runtime/schema/schema.ts';
import { loadValueMaps, valueMaps } from '../runtime/values/value-maps.ts';
import { isUnsorted, onBoth, ranOutOfTime, told, type Both } from './jsonata/engines.ts';
import { expression } from './jsonata/grammar.ts';
import { input, spoil, spoilt } from './jsonata/inputs.ts';

/** A long run: JSONATA_RUNS=1000000 JSONATA_SEED=7 npx mocha test/jsonata-differential.test.ts */
const numRuns = Number(process.env.JSONATA_RUNS ?? 1500);
const seed = Number(process.env.JSONATA_SEED ?? 1);
const timeout = 200;

const uom = { map: 'uom', owner: 'master-data', summary: 'Units', entries: [{ from: 'EA', to: 'Units' }] };
const functions = {
  ...mappingFunctions(valueMaps([uom])),
  // Objects have a prototype in compiled code, and none in the interpreter: a function must not count on it.
  twice: (x: unknown) => (typeof x === 'number' ? 2 * x : x),
  nothing: () => undefined,
  given: (...all: unknown[]) => all,
  around(this: unknown, ...all: unknown[]): unknown {
    return all.length === 0 ? told(this) : all;
  },
  fail: () => {
    throw new TypeError('failed');
  },
};

/** New for each run: the transform of the package writes into them. */
const variables = () => ({ a: 3, b: [{ sku: 'A', price: 1.5 }, { sku: 'B' }] });

/** Of one property: long runs are as long as they are. */
const bounds = { numRuns, seed, ...(process.env.JSONATA_RUNS ? {} : { interruptAfterTimeLimit: 60_000 }) };

function same(text: string, { compiled, interpreted }: Both): void {
  if (compiled.told === interpreted.told) return;
  throw new Error(`${text}\ncompiled: ${compiled.told}\ninterpreted: ${interpreted.told}`);
}

/** With what made the engines differ once. */
const found: [text: string, input: unknown, told: string][] = [
  ['($f := function() { $string() }; tags.$f())', { tags: ['a', 'b'] }, '["a","b"]'],
  ['($g := $uppercase; $f := function() { $g() }; tags.$f())', { tags: ['a', 'b'] }, '["A","B"]'],
  ['($f := function() { function($s)<s-:s> { $s }() }; tags.$f())', { tags: ['a', 'b'] }, '["a","b"]'],
  ['$map(tags, function() { $string() })', { tags: ['a', 'b'] }, '["null","null"]'],
  ['($f := function($n) { $n > 0 ? $f($n - 1) : $string() }; tags.$f(3))', { tags: ['a'] }, '"a"'],
  ['{"B": $unsupported("b"), "0": $unsupported("0")}', {}, 'fails with UNSUPPORTED: 0'],
  ['lines{$string(id): $unsupported(id)}', { lines: [{ id: 5 }, { id: 3 }] }, 'fails with UNSUPPORTED: 3'],
  ['$unsupported({})', {}, 'fails with MAPPING_FAILED: $unsupported takes a text'],
  ['$mapped(function() { 1 }, "EUR")', {}, 'fails with MAPPING_FAILED: $mapped takes a text'],
];

describe('what made the engines differ once', () => {
  for (const [text, given, told] of found)
    it(text, async () => {
      const both = await onBoth(text)(given, functions);
      assert.equal(both.notCompiled, undefined);
      assert.deepEqual([both.compiled.told, both.interpreted.told], [told, told]);
    });

  for (const text of ['payload{"a": 1, 2: 3}', 'payload()', '($f := function($x) { $x() }; $f(payload))'])
    it(`leaves what it is given as it is: ${text}`, async () => {
      for (const engine of [jsonata, interpreted])
        for (const payload of [[], {}]) {
          const given = { payload };
          assert.throws(() => engine(text, {}).evaluateNow(given, {}));
          assert.deepEqual(Object.keys(given.payload), []);
        }
    });
});

it('a function that sorts at its end sorts, where the package fails', async () => {
  const both = await onBoth('($f := function() { $sort(n, function($a, $b) { $a > $b }) }; $f())')({
    n: [2, 1],
  });
  assert.deepEqual([both.compiled.told, isUnsorted(both)], ['[1,2]', true]);
});

describe('random expressions', function () {
  this.timeout(0);

  it(`${numRuns} of them give the same on both engines`, async () => {
    const counts = { compiled: 0, interpreted: 0, values: 0, errors: 0 };
    const property = fc.asyncProperty(expression, input, async (text, given) => {
      const both = await onBoth(text, timeout)(given, { ...functions, ...variables() });
      if (ranOutOfTime(both) || isUnsorted(both)) return;
      counts[both.notCompiled === undefined ? 'compiled' : 'interpreted']++;
      counts['code' in both.interpreted ? 'errors' : 'values']++;
      same(text, both);
    });
    await fc.assert(property, bounds);
    console.log(`      ${JSON.stringify(counts)}`);
  });
});

describe('the mappings on messages that are not as they should be', function () {
  this.timeout(0);
  const folder = 'definitions/mappings';
  const documentTypes = loadDocumentTypes('definitions/edi');
  const all = mappingFunctions(
    loadValueMaps('definitions/values'),
    loadPartners('definitions/partners'),
    () => documentTypes,
  );
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonata'));
  const runs = Math.ceil(numRuns / files.length);

  for (const file of files)
    it(`${file}: ${runs} give the same on both engines`, async () => {
      const { cases } = readYaml<{ cases: { given: unknown; bindings?: Record<string, unknown> }[] }>(
        join(folder, file.replace('.jsonata', '.test.yaml')),
        ownSchema({}),
      );
      const run = onBoth(readFileSync(join(folder, file), 'utf8'));
      const property = fc.asyncProperty(fc.constantFrom(...cases), spoilt, async (one, parts) => {
        const both = await run(spoil(one.given, parts), { ...one.bindings, ...all });
        if (!ranOutOfTime(both)) same(file, both);
      });
      await fc.assert(property, { ...bounds, numRuns: runs });
    });
});
