/** JSONata's own test suite: both engines give the same, and what the suite expects but for what differs on purpose. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isParserError, onBoth, type Outcome } from './jsonata/engines.ts';

interface Case {
  name: string;
  expr: string;
  data?: unknown;
  dataset?: string | null;
  bindings?: Record<string, unknown>;
  result?: unknown;
  undefinedResult?: true;
  code?: string;
  error?: { code: string };
}

const { datasets, groups } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'jsonata-suite/suite.json'), 'utf8'),
) as { datasets: Record<string, unknown>; groups: Record<string, Case[]> };

/** What the suite expects otherwise, and why. */
const onPurpose: Record<string, readonly string[]> = {
  'arithmetic is decimal: 45.285, not 45.285000000000004': [
    'function-average/case001',
    'function-sum/case001',
    'object-constructor/case015',
    'object-constructor/case016',
    'object-constructor/case019',
    'object-constructor/case020',
    'object-constructor/case021',
    'transform/case000',
  ],
  'a whole number that lost digits is refused': [
    'function-parseInteger/parseInteger/39',
    'function-string/case002',
    'function-string/case006',
    'function-string/case007',
    'tail-recursion/case001',
    'tail-recursion/case002',
    'tail-recursion/case004',
  ],
  'a list has at most 100,000 items': [
    'flattening/large/0',
    'flattening/large/1',
    'range-operator/case021',
    'range-operator/case024',
  ],
  'the limits are those of the engine, not of the runner of the suite': [
    'tail-recursion/case005',
    'tail-recursion/case006',
  ],
};
const differing = new Set(Object.values(onPurpose).flat());

/** Milliseconds: for what never ends, and for what takes a second where it is interpreted. */
const brief = 300;
const patient = 30_000;

describe("JSONata's own test suite, on both engines", function () {
  this.timeout(180_000);
  let compiled = 0;
  const left: string[] = [];

  for (const [group, cases] of Object.entries(groups))
    it(`${group}: ${cases.length}`, async () => {
      const wrong: object[] = [];
      for (const one of cases) {
        const name = `${group}/${one.name}`;
        const timeout = one.code === 'U1001' ? brief : patient;
        const both = await onBoth(one.expr, timeout)(inputOf(one), one.bindings);
        if (!isParserError(both.interpreted)) {
          if (both.notCompiled === undefined) compiled++;
          else left.push(both.notCompiled);
        }
        if (both.compiled.told !== both.interpreted.told) wrong.push({ name, expr: one.expr, ...both });
        if (isExpected(one, both.interpreted) === differing.has(name))
          wrong.push({ name, expr: one.expr, gives: both.interpreted, onPurpose: differing.has(name) });
      }
      assert.deepEqual(wrong, []);
    });

  it('names no case that is not there', () => {
    const names = Object.entries(groups).flatMap(([group, cases]) =>
      cases.map(({ name }) => `${group}/${name}`),
    );
    assert.deepEqual([...differing.difference(new Set(names))], []);
    assert.equal(names.length, 1686);
  });

  after(() => {
    const why = Object.entries(Object.groupBy(left, (reason) => reason))
      .map(([reason, all = []]) => `${all.length} ${reason}`)
      .join('; ');
    console.log(`      ${compiled} cases ran compiled, ${left.length} were left to the interpreter: ${why}`);
  });
});

function inputOf({ data, dataset }: Case): unknown {
  if (data !== undefined) return data;
  return typeof dataset === 'string' ? datasets[dataset] : undefined;
}

function isExpected({ result, undefinedResult, code, error }: Case, found: Outcome): boolean {
  if ('code' in found) return found.code === (code ?? error?.code);
  if (found.value === undefined) return undefinedResult === true;
  return isDeepStrictEqual(JSON.parse(JSON.stringify(found.value)), result);
}
