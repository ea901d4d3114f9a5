/** Recovery: one pure decision, and policies that are refused when they are not of the form. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { codes, type Code } from '../runtime/errors/codes.ts';
import { asUncertain } from '../runtime/recovery/as-uncertain.ts';
import { loadPolicies } from '../runtime/recovery/policies.ts';
import { overtakenBy } from '../runtime/recovery/record.ts';
import { recover, type Facts, type Policy } from '../runtime/recovery/recover.ts';

const policy: Policy = {
  policy: 'test',
  summary: 'Two tries at once, then three more',
  immediate: 2,
  delays: [1, 5, 30],
  jitter: 0.2,
  outage: ['ODOO_UNREACHABLE', 'ODOO_AUTH'],
  suspect: { codes: ['ODOO_FAILED', 'ODOO_ACCESS'], messages: 3 },
  park: { codes: ['PREDECESSOR_MISSING'], forHours: 2 },
  codes: { ODOO_BUSY: { immediate: 0, delays: [0.5] }, ODOO_TIMEOUT: { delays: [9] } },
};
const now = new Date('2026-11-25T10:00:00Z');
const known = Object.keys(codes) as Code[];

const decide = (code: Code, facts: Partial<Facts> = {}, by = policy) =>
  recover(by, { error: new CodedError(code, 'x'), failed: 0, inARow: 1, chance: 0, ...facts }, now);
const waits = (code: Code, by = policy) =>
  Array.from({ length: 8 }, (_, failed) => decide(code, { failed }, by)).map((decision) =>
    decision.do === 'retry' ? decision.afterMs : decision.do,
  );

describe('recover', () => {
  it('tries at once, then as long after as the policy says, until its delays are used up', () => {
    const dead = Array<string>(3).fill('dead-letter');
    assert.deepEqual(waits('ODOO_ANSWER_LOST'), [0, 0, 1000, 5000, 30_000, ...dead]);
  });

  it('takes the tries of a code, where it has its own, and what they leave out from the policy', () => {
    assert.deepEqual(waits('ODOO_BUSY').slice(0, 2), [500, 'dead-letter']);
    assert.deepEqual(waits('ODOO_TIMEOUT').slice(0, 4), [0, 0, 9000, 'dead-letter']);
  });

  it('takes an outage for one however often it was met, and whether or not its code could pass', () => {
    for (const code of policy.outage)
      for (const failed of [0, 3, 1_000_000]) assert.deepEqual(decide(code, { failed }), { do: 'outage' });
  });

  it('waits for a person so long, then the message is kept, and never so where it can pass', () => {
    const ago = (hours: number) => ({
      unmendedSince: new Date(now.getTime() - hours * 3_600_000),
      inARow: 3,
    });
    const kept = { do: 'dead-letter', unmended: true };
    const own = { ...policy, unmendedForHours: 1 };
    for (const code of ['ODOO_AUTH', 'ODOO_ACCESS'] as const) {
      assert.deepEqual(decide(code, ago(3.99)), { do: 'outage' });
      assert.deepEqual(decide(code, ago(4)), kept);
      assert.deepEqual(decide(code, ago(0.99), own), { do: 'outage' });
      assert.deepEqual(decide(code, ago(1), own), kept);
    }
    for (const code of ['ODOO_UNREACHABLE', 'ODOO_FAILED'] as const)
      assert.deepEqual(decide(code, ago(1000)), { do: 'outage' });
  });

  it('takes a suspected failure for an outage when enough messages in a row have met it', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((inARow) => decide('ODOO_FAILED', { inARow }).do),
      ['retry', 'retry', 'outage', 'outage'],
    );
    assert.deepEqual(
      [2, 3].map((inARow) => decide('ODOO_ACCESS', { inARow }).do),
      ['dead-letter', 'outage'],
    );
    assert.equal(decide('ODOO_NOT_FOUND', { inARow: 99 }).do, 'dead-letter');
  });

  it('parks what names the record it waits for, from now on for the time of the policy', () => {
    const error = new CodedError('PREDECESSOR_MISSING', 'x', { record: 'acme/7' });
    assert.deepEqual(decide('PREDECESSOR_MISSING', { error }), {
      do: 'park',
      until: new Date('2026-11-25T12:00:00Z'),
    });
    assert.deepEqual(decide('PREDECESSOR_MISSING'), { do: 'dead-letter' });
  });

  it('needs nothing that a policy may leave out', () => {
    const { suspect: _suspect, park: _park, codes: _codes, ...least } = policy;
    const of = (code: Code) => decide(code, { inARow: 99 }, least).do;
    assert.deepEqual(
      [of('ODOO_FAILED'), of('ODOO_BUSY'), of('PREDECESSOR_MISSING'), of('ODOO_AUTH')],
      ['retry', 'retry', 'dead-letter', 'outage'],
    );
  });

  it('waits as long as another worker holds the claim', () => {
    const error = new CodedError('CLAIM_IN_FLIGHT', 'x', { retryAfterMs: 12_000 });
    for (const failed of [0, 1_000_000])
      assert.deepEqual(decide('CLAIM_IN_FLIGHT', { error, failed }), { do: 'wait', afterMs: 12_000 });
    assert.deepEqual(decide('CLAIM_IN_FLIGHT'), { do: 'wait', afterMs: 1000 });
  });

  it('shortens a delay by its share of chance, and comes back no sooner than the target says', () => {
    const after = (failed: number, chance: number, retryAfterMs?: number) =>
      decide('ODOO_BUSY', {
        failed,
        chance,
        ...(retryAfterMs !== undefined && { error: new CodedError('ODOO_BUSY', 'x', { retryAfterMs }) }),
      });
    assert.deepEqual(after(0, 0.5), { do: 'retry', afterMs: 450 });
    assert.deepEqual(after(0, 1), { do: 'retry', afterMs: 400 });
    assert.deepEqual(after(0, 0, 400), { do: 'retry', afterMs: 500 });
    assert.deepEqual(after(0, 0, 7000), { do: 'retry', afterMs: 7000 });
    assert.deepEqual(after(1, 0, 7000), { do: 'dead-letter' });
  });

  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const tries = fc.record({
    immediate: fc.integer({ min: 0, max: 5 }),
    delays: fc.array(fc.double({ min: 0.001, max: 100_000, noNaN: true }), { maxLength: 6 }),
  });
  const code = fc.constantFrom(...known);
  const policies: fc.Arbitrary<Policy> = fc
    .tuple(
      tries,
      fc.record({
        jitter: part,
        outage: fc.subarray(known),
        codes: fc.dictionary(code, tries) as fc.Arbitrary<NonNullable<Policy['codes']>>,
      }),
    )
    .map(([one, other]) => ({ ...policy, ...one, ...other }));
  const facts = fc.record({
    error: fc.tuple(code, fc.boolean()).map(([of, record]) => {
      return new CodedError(of, 'x', record ? { record: 'acme/7' } : {});
    }),
    failed: fc.nat(30),
    inARow: fc.nat(5),
    chance: part,
  });

  it('ends: whatever fails, and however mixed, a message has a bounded number of counted tries', () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(facts), (by, stream) => {
        const all = [by, ...Object.values(by.codes ?? {})];
        const most = Math.max(...all.map((own) => (own.immediate ?? 0) + (own.delays?.length ?? 0)));
        let failed = 0;
        for (const one of stream) {
          if (recover(by, { ...one, failed }, now).do !== 'retry') break;
          failed += 1;
          assert.ok(failed <= most);
        }
      }),
    );
  });

  it('never tries again what cannot pass, and counts no try of an outage', () => {
    fc.assert(
      fc.property(policies, facts, (by, one) => {
        const decision = recover(by, one, now);
        if (by.outage.includes(one.error.code) && one.error.code !== 'CLAIM_IN_FLIGHT')
          assert.equal(decision.do, 'outage');
        if (decision.do === 'retry') assert.ok(one.error.row.retryable);
      }),
    );
  });

  it('shortens a delay by chance, the more the luckier, never below its share and never above the delay', () => {
    fc.assert(
      fc.property(policies, facts, part, (by, one, other) => {
        const [less, more] = [Math.min(one.chance, other), Math.max(one.chance, other)];
        const [long, short, full] = [less, more, 0].map((chance) => recover(by, { ...one, chance }, now));
        if (long?.do !== 'retry' || short?.do !== 'retry' || full?.do !== 'retry')
          return assert.deepEqual([long, short], [full, full]);
        assert.ok(short.afterMs <= long.afterMs && long.afterMs <= full.afterMs);
        assert.ok(short.afterMs >= Math.floor(full.afterMs * (1 - by.jitter)));
      }),
    );
  });

  it('gives the same decision for the same facts, and leaves them as they are', () => {
    fc.assert(
      fc.property(policies, facts, (by, one) => {
        const before = JSON.stringify(by);
        assert.deepEqual(recover(by, one, now), recover(structuredClone(by), { ...one }, new Date(now)));
        assert.equal(JSON.stringify(by), before);
      }),
    );
  });
});

describe('changes of a record', () => {
  const change = { record: 'stock/42', version: '2026-11-25T10:00:00Z', needs: false };
  const after = (landed: string | undefined, needs = false) => overtakenBy(landed, { ...change, needs });

  it('go on when they are newer than what landed, or the same again', () => {
    for (const landed of [undefined, '', '2026-11-25T09:59:59Z', change.version])
      assert.equal(after(landed), undefined);
    assert.equal(after('2026-11-25T09:59:59Z', true), undefined);
  });

  it('come too late after a newer one, by the order of their bytes', () => {
    for (const landed of ['2026-11-25T10:00:01Z', '2026-11-25T10:00:00Z.', 'a', 'é'])
      assert.equal(after(landed), landed);
  });

  it('wait for the one they need', () => {
    assert.throws(() => after(undefined, true), {
      code: 'PREDECESSOR_MISSING',
      message: 'Nothing of stock/42 has landed yet',
      facts: { record: 'stock/42', version: change.version },
    });
  });
});

describe('a call that must not be made twice', () => {
  const lost = new CodedError('ODOO_ANSWER_LOST', 'no answer', { model: 'account.move' });
  const uncertain = (error: unknown) =>
    asUncertain(error, ['ODOO_ANSWER_LOST', 'ODOO_TIMEOUT'], 'ODOO_UNCERTAIN', 'The invoice');

  it('waits for a person where it is unknown whether it was done', () => {
    const { code, message, facts } = uncertain(lost) as CodedError;
    assert.deepEqual(
      [code, message, facts],
      ['ODOO_UNCERTAIN', 'The invoice: no answer', { model: 'account.move', failure: 'ODOO_ANSWER_LOST' }],
    );
  });

  it('fails as it did where that is known', () => {
    for (const error of [new CodedError('ODOO_BUSY', 'x'), new Error('no answer'), 'ODOO_TIMEOUT'])
      assert.equal(uncertain(error), error);
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
  const good = [
    'policy: quick',
    'summary: Once more.',
    'immediate: 1',
    'delays: [1]',
    'jitter: 0',
    'outage: [ODOO_AUTH]',
  ];

  it('are read by name, and nothing else in their folder', () => {
    writeFileSync(join(dir, 'q.yaml'), good.with(0, 'policy: q').join('\n'));
    writeFileSync(join(dir, 'notes.txt'), 'no policy');
    const policies = load(good);
    assert.deepEqual([...policies.keys()], ['q', 'quick']);
    assert.deepEqual(policies.get('quick')?.delays, [1]);
  });

  it('may be as long, as often and as far as their form allows, and no further', () => {
    const hundred = (n: number) => `delays: [${Array.from({ length: n }, () => 0.5).join()}]`;
    const suspect = (messages: number) => [...good, 'suspect:', '  codes: []', `  messages: ${messages}`];
    const taken = [
      good.with(2, 'immediate: 0'),
      good.with(2, 'immediate: 100'),
      good.with(3, 'delays: []'),
      good.with(3, hundred(100)),
      good.with(4, 'jitter: 1'),
      [...good, 'unmendedForHours: 0.5'],
      [...good, 'park: { codes: [PREDECESSOR_MISSING], forHours: 0.5 }'],
      [...good, 'codes: { ODOO_BUSY: { immediate: 2 }, ODOO_TIMEOUT: { delays: [1] }, ODOO_FAILED: {} }'],
      suspect(2),
      suspect(1000),
    ];
    for (const lines of taken) assert.equal(load(lines).size, 1, lines.join('; '));
    const refused = [
      good.with(0, 'policy: ""'),
      good.with(2, 'immediate: -1'),
      good.with(2, 'immediate: 101'),
      good.with(3, hundred(101)),
      good.with(4, 'jitter: -0.1'),
      good.with(5, 'outage: [ODOO_AUTH, ODOO_AUTH]'),
      [...good, 'unmendedForHours: 0'],
      [...good, 'park: { codes: [PREDECESSOR_MISSING], forHours: 0 }'],
      [...good, 'park: { codes: [], forHours: 1, more: 1 }'],
      [...good, 'codes: { ODOO_BUSY: { tries: 2 } }'],
      [...good, 'suspect: { codes: [], messages: 2, more: 1 }'],
      suspect(1001),
    ];
    for (const lines of refused)
      assert.throws(() => load(lines), { code: 'CONFIG_INVALID' }, lines.join('; '));
  });

  const refused: Record<string, [lines: string[], line: number]> = {
    'a delay of nothing': [good.with(3, 'delays: [0]'), 4],
    'half a try at once': [good.with(2, 'immediate: 0.5'), 3],
    'more jitter than delay': [good.with(4, 'jitter: 1.5'), 5],
    'an unknown field': [[...good, 'tries: 3'], 7],
    'a missing field': [good.slice(0, -1), 1],
    'an outage that is no error code': [good.with(5, 'outage: [ODOO_GONE]'), 6],
    'a suspicion of one message': [[...good, 'suspect:', '  codes: []', '  messages: 1'], 9],
    'parking without an end': [[...good, 'park:', '  codes: [PREDECESSOR_MISSING]'], 8],
    'tries of what cannot pass': [[...good, 'codes:', '  PRODUCT_UNKNOWN: { delays: [1] }'], 8],
    'broken YAML': [good.with(3, 'delays: [1'), 5],
    'no map': [['just text'], 1],
  };
  for (const [title, [lines, line]] of Object.entries(refused)) {
    it(`are refused, with file and line, for ${title}`, () => {
      assert.throws(
        () => load(lines),
        ({ code, message, facts }: CodedError) => {
          assert.match(message, /quick\.yaml/);
          assert.deepEqual([code, facts['line']], ['CONFIG_INVALID', line]);
          return true;
        },
      );
    });
  }
  it('are refused under another name than their file', () => {
    const lines = good.with(0, 'policy: slow');
    assert.throws(() => load(lines), { code: 'CONFIG_INVALID', message: /quick\.yaml/ });
  });

  it('of the project are all right', () => {
    const policies = loadPolicies(resolve(import.meta.dirname, '../definitions/policies'));
    assert.deepEqual([...policies.keys()].toSorted(), ['fast', 'patient', 'standard']);
  });
});
