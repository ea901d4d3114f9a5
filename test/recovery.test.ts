/** Recovery: one pure decision, and policies that are refused when they are not of the form. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { codes, type Code } from '../runtime/errors/codes.ts';
import { loadPolicies } from '../runtime/recovery/policies.ts';
import { recover, type Policy } from '../runtime/recovery/recover.ts';

const policy: Policy = {
  policy: 'test',
  summary: 'Three tries more',
  delays: [1, 5, 30],
  jitter: 0.2,
  outage: ['ODOO_UNREACHABLE'],
};

const decide = (code: Code, attempt: number, chance = 0) =>
  recover(policy, { error: new CodedError(code, 'x'), attempt }, chance);

describe('recover', () => {
  it('tries again exactly what can succeed without a change', () => {
    for (const [code, { retryable }] of Object.entries(codes)) {
      assert.equal(decide(code as Code, 1).do, retryable ? 'retry' : 'dead-letter', code);
    }
  });

  it('waits as long as the policy says, try by try, until its delays are used up', () => {
    const attempts = [1, 2, 3, 4, 5].map((attempt) => decide('ODOO_BUSY', attempt));
    assert.deepEqual(attempts, [
      { do: 'retry', afterMs: 1000 },
      { do: 'retry', afterMs: 5000 },
      { do: 'retry', afterMs: 30_000 },
      { do: 'dead-letter' },
      { do: 'dead-letter' },
    ]);
  });

  it('waits an outage out, for ever, with the last delay', () => {
    for (const attempt of [3, 4, 50, 1_000_000]) {
      assert.deepEqual(decide('ODOO_UNREACHABLE', attempt), { do: 'retry', afterMs: 30_000 });
    }
    assert.deepEqual(decide('ODOO_UNREACHABLE', 1), { do: 'retry', afterMs: 1000 });
  });

  it('never waits out what no time can heal, even where a policy calls it an outage', () => {
    const wrong = { ...policy, outage: ['PRODUCT_UNKNOWN'] };
    const error = new CodedError('PRODUCT_UNKNOWN', 'x');
    assert.deepEqual(recover(wrong, { error, attempt: 1 }, 0), { do: 'dead-letter' });
  });

  it('shortens a delay by chance, never below its share and never above the delay', () => {
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(part, part, fc.integer({ min: 1, max: 3 }), (jitter, chance, attempt) => {
        const error = new CodedError('ODOO_BUSY', 'x');
        const decision = recover({ ...policy, jitter }, { error, attempt }, chance);
        assert.ok(decision.do === 'retry');
        const full = policy.delays[attempt - 1]! * 1000;
        assert.ok(decision.afterMs <= full && decision.afterMs >= Math.floor(full * (1 - jitter)));
      }),
    );
    assert.deepEqual(decide('ODOO_BUSY', 1, 1), { do: 'retry', afterMs: 800 });
  });

  it('gives the same decision for the same facts', () => {
    assert.deepEqual(decide('ODOO_BUSY', 2, 0.37), decide('ODOO_BUSY', 2, 0.37));
  });
});

describe('files of policies', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-policies-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  const load = (lines: string[]) => {
    writeFileSync(join(dir, 'quick.yaml'), `${lines.join('\n')}\n`);
    return loadPolicies(dir);
  };
  const good = ['policy: quick', 'summary: Once more.', 'delays: [1]', 'jitter: 0', 'outage: []'];

  it('are read by name', () => {
    assert.deepEqual(load(good).get('quick')?.delays, [1]);
  });

  const refused: Record<string, string[]> = {
    'no delay at all': good.with(2, 'delays: []'),
    'a delay of nothing': good.with(2, 'delays: [0]'),
    'more jitter than delay': good.with(3, 'jitter: 1.5'),
    'an unknown field': [...good, 'tries: 3'],
    'a missing field': good.slice(0, -1),
    'an outage that is no error code': good.with(4, 'outage: [ODOO_GONE]'),
    'an outage that can not be retried': good.with(4, 'outage: [PRODUCT_UNKNOWN]'),
    'another name than its file': good.with(0, 'policy: slow'),
    'broken YAML': good.with(2, 'delays: [1'),
    'no map': ['just text'],
  };
  for (const [title, lines] of Object.entries(refused)) {
    it(`are refused, and named, for ${title}`, () => {
      assert.throws(() => load(lines), { code: 'CONFIG_INVALID', message: /quick\.yaml/ });
    });
  }

  it('of the project are all right', () => {
    const policies = loadPolicies(resolve(import.meta.dirname, '../definitions/policies'));
    assert.ok(policies.has('standard'));
  });
});
