/** What helped before: every decision counts once, under what was done, and only what landed has worked. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide, decisionOf } from '../runtime/dead/decide.ts';
import { discard } from '../runtime/dead/discard.ts';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import type { DeadLetter, Decision } from '../runtime/journal/journal.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { actOn, issueNamed } from '../runtime/tower/issue-actions.ts';
import { keepIssues } from '../runtime/tower/issue-keeping.ts';
import { liveIssues, type Issue } from '../runtime/tower/issues.ts';
import { pastOf, type Help } from '../runtime/triage/past.ts';
import { triageOf } from '../runtime/triage/triage.ts';
import { letterOf, unmapped, type Fault } from './conformance/issues.ts';
import { step } from './conformance/rows.ts';

const gst = unmapped('tax', 'GST 7%');

describe('what helped before', () => {
  let dataDir: string;
  let stores: Stores;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-past-'));
    stores = await openStores({ profile: 'embedded', dataDir, env: {} });
  });
  afterEach(async () => {
    await stores.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const acting = () => {
    const { issues } = stores.journal;
    return {
      queue: { issues, ownership: loadOwnership('definitions'), tiers: new Map(), breaks: async () => [] },
      write: issues,
    };
  };
  async function saveLetter(n: number, fault: Fault, more: Partial<DeadLetter> = {}): Promise<string> {
    const letter = { ...letterOf(n, 'acme', fault), ...more };
    await stores.journal.saveDeadLetter(letter);
    return letter.id;
  }
  async function letterNow(id: string): Promise<DeadLetter> {
    return (await stores.journal.letters({ ids: [id] }))[0]!;
  }
  async function sendAgain(id: string, decision: Omit<Decision, 'time'>): Promise<void> {
    const reference = `${id}/replay/${Math.random()}`;
    const choice = { to: 'replayed', content: reference, act: async () => {}, decision, reference } as const;
    await decide(stores, await letterNow(id), choice);
  }
  const lands = (id: string) => stores.journal.settled(id, 'sent');
  /** Later than all that was decided, by the clock that decisions have. */
  async function failsAgain(id: string, fault: Fault): Promise<void> {
    const before = Date.now();
    while (Date.now() === before);
    const time = new Date().toISOString();
    const { decision: _decision, ...letter } = await letterNow(id);
    const { code, reason, facts = {} } = fault;
    const history = [...letter.history, { time, code, detail: reason, flowVersion: '1' }];
    await stores.journal.saveDeadLetter({
      ...letter,
      code,
      reason,
      facts,
      state: 'open',
      lastFailed: time,
      history,
    });
    while (Date.now() === Date.parse(time));
  }
  async function issueOf(code: string, flow: string): Promise<Issue> {
    const all = await liveIssues(acting().queue, new Date());
    return all.find((one) => one.code === code && one.flow === flow)!;
  }
  const past = async (issue: Issue) => (await pastOf(stores.journal.upkeep.db, issue)).helps;
  const short = ({ kind, near, detail, times, worked, failed }: Help) =>
    [kind, near, detail, times, worked, failed].join(' ');

  it('says so where nothing is known', async () => {
    await saveLetter(1, gst);
    const issue = await issueOf('VALUE_UNMAPPED', 'order-capture');
    const { known, past: none } = await triageOf(stores.journal.upkeep.db, issue);
    assert.deepEqual(none, { helps: [], looked: 0 });
    assert.equal(known?.owner, 'analyst');
    assert.ok(known.steps.length > 0 && known.meaning !== '');
  });

  it('what was done to exceptions of the cause comes before what was done elsewhere', async () => {
    const [mended, edited, other, elsewhere] = [
      await saveLetter(1, gst),
      await saveLetter(2, gst),
      await saveLetter(3, unmapped('unit', 'box')),
      await saveLetter(4, { ...gst, flow: 'order-changes' }),
    ];
    await saveLetter(5, gst);
    await sendAgain(mended, { by: 'crossdock', reason: 'The value map tax has GST 7% now' });
    await lands(mended);
    await sendAgain(edited, { by: 'ann', changed: ['totals', 'lines'] });
    await failsAgain(edited, gst);
    await sendAgain(edited, { by: 'bob', changed: ['lines', 'totals'] });
    await lands(edited);
    await sendAgain(other, { by: 'ann' });
    const said = { by: 'finn', reason: 'a test order; not ours' };
    await discard(stores, [elsewhere], said);
    const helps = await past(await issueOf('VALUE_UNMAPPED', 'order-capture'));
    assert.deepEqual(helps.map(short).toSorted(), [
      'again place  1 0 0',
      'discard code a test order; not ours 1 0 0',
      'edit cause lines, totals 2 1 1',
      'map cause tax 1 1 0',
    ]);
    const nears = helps.map(({ near }) => near);
    assert.deepEqual(nears, ['cause', 'cause', 'place', 'code']);
    const edit = helps.find(({ kind }) => kind === 'edit')!;
    assert.deepEqual([edit.by, edit.letter], ['bob', edited]);
  });

  it('what was decided when it failed for something else is not counted', async () => {
    const differ: Fault = { flow: 'order-capture', code: 'TOTALS_DIFFER', reason: 'other totals' };
    const time = new Date(Date.now() - 60_000).toISOString();
    const history = [{ time, code: 'TOTALS_DIFFER', flowVersion: '1' }];
    const id = await saveLetter(1, differ, { history, lastFailed: time });
    await sendAgain(id, { by: 'ann', changed: ['totals'] });
    await failsAgain(id, gst);
    assert.deepEqual(await past(await issueOf('VALUE_UNMAPPED', 'order-capture')), []);
    await sendAgain(id, { by: 'ann' });
    await lands(id);
    await saveLetter(2, gst);
    const helps = await past(await issueOf('VALUE_UNMAPPED', 'order-capture'));
    assert.deepEqual(helps.map(short), ['again cause  1 1 0']);
  });

  it('a change of the flow, a predecessor that landed, and what is not known yet', async () => {
    const [changed, released, sent] = [
      await saveLetter(1, gst),
      await saveLetter(2, gst),
      await saveLetter(3, gst),
    ];
    await saveLetter(4, gst);
    await sendAgain(changed, { by: 'ann' });
    await lands(changed);
    const { message } = await letterNow(changed);
    const landed = step({
      time: new Date().toISOString(),
      correlationId: message.correlationid,
      flow: 'order-capture',
      flowVersion: '4',
      outcome: 'landed',
    });
    await stores.journal.append([landed]);
    await sendAgain(released, { by: 'crossdock', reason: 'acme/1 has landed' });
    await lands(released);
    await sendAgain(sent, { by: 'ann' });
    const helps = await past(await issueOf('VALUE_UNMAPPED', 'order-capture'));
    assert.deepEqual(helps.map(short).toSorted(), [
      'again cause  1 0 0',
      'before cause  1 1 0',
      'flow cause 3 → 4 1 1 0',
    ]);
  });

  it('waiting worked where the issue was resolved before its time was over', async () => {
    const id = await saveLetter(1, gst);
    const { id: issue } = await issueOf('VALUE_UNMAPPED', 'order-capture');
    const now = new Date();
    const until = new Date(now.getTime() + 3_600_000).toISOString();
    await keepIssues(acting(), now);
    const row = await issueNamed(acting().queue, issue, now);
    const act = { do: 'wait', on: 'Acme, their master data', until } as const;
    await actOn(acting(), { id: issue, revision: row.revision, by: 'ann' }, act, now);
    const before = await past(await issueNamed(acting().queue, issue, now));
    assert.deepEqual(before.map(short), ['wait cause Acme, their master data 1 0 0']);
    await sendAgain(id, { by: 'ann' });
    await lands(id);
    await keepIssues(acting(), new Date(now.getTime() + 1000));
    const after = await past(await issueNamed(acting().queue, issue, new Date()));
    assert.deepEqual(after.map(short).toSorted(), [
      'again cause  1 1 0',
      'wait cause Acme, their master data 1 1 0',
    ]);
  });

  it('reads a decision back from the trace', () => {
    const time = '2026-03-01T10:00:00.000Z';
    for (const [detail, more] of [
      ['by ann', {}],
      ['by ann; changed: a, b', { changed: ['a', 'b'] }],
      ['by ann; changed: a; said so; twice', { changed: ['a'], reason: 'said so; twice' }],
      ['by ann; because', { reason: 'because' }],
    ] as const)
      assert.deepEqual(decisionOf(time, detail), { time, by: 'ann', ...more });
  });
});
