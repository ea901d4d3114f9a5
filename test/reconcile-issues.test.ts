/** Breaks are work: one issue for one cause, with its team and its money, that ends and returns with what runs find. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { breakCalled } from '../runtime/reconcile/break-called.ts';
import { accept, explain, refOf } from '../runtime/reconcile/decisions.ts';
import { openBreaks } from '../runtime/reconcile/open-breaks.ts';
import { reconcile } from '../runtime/reconcile/reconcile.ts';
import { runOf, sealRun, type SealedRun } from '../runtime/reconcile/run.ts';
import { keepRun } from '../runtime/reconcile/kept-runs.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { actOn, issueNamed, type Acting } from '../runtime/tower/issue-actions.ts';
import { keepIssues } from '../runtime/tower/issue-keeping.ts';
import { liveIssues } from '../runtime/tower/issues.ts';
import { uninvoiced } from './reconcile-changes.ts';
import { chain, changed, cutOff, factsOf, tolerances, type Case } from './reconcile-kit.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const ownership = loadOwnership('definitions');
const now = new Date('2026-11-28T09:00:00.000Z');
const since = '2026-08-30T00:00:00.000Z';
const nextDay = '2026-11-29T00:00:00.000Z';

describe('breaks as work', () => {
  let journal: Journal;
  let acting: Acting;
  beforeEach(() => {
    journal = embeddedJournal(openStore(':memory:'));
    const breaks = () => openBreaks(journal.documents);
    acting = {
      queue: { issues: journal.issues, breaks, ownership, tiers: new Map() },
      write: journal.issues,
    };
  });
  afterEach(() => journal.close());

  function runOn(cases: readonly Case[], scope: Partial<SealedRun['run']['scope']> = {}): SealedRun {
    const of = { since, cutOff, ...scope };
    const found = reconcile(factsOf(cases), { cutOff: of.cutOff, tolerances });
    return sealRun(runOf(found, { scope: of, database: 'odoo', tolerances }), key);
  }
  const keep = (sealed: SealedRun) => keepRun(journal.documents, sealed);
  const live = () => liveIssues(acting.queue, now);
  const broken = (at: number, source = 'shop') =>
    changed(chain(at), (one) => {
      uninvoiced(one);
      one.hub.source = source;
      one.odoo.key!.source = source;
    });

  it('are one issue for one cause, however many there are, with the team and what is at stake', async () => {
    const many = Array.from({ length: 500 }, (_, at) => broken(at + 1));
    const run = await keep(runOn([...many, chain(900)]));
    const [issue, ...others] = await live();
    assert.deepEqual(others, []);
    const { of, code, partner, flow, step, team, count, orders, state, money, facts } = issue!;
    assert.deepEqual(
      [of, code, partner, flow, step, team, count, orders, state],
      ['breaks', 'BREAK_MISSING', 'shop', 'reconciliation', 'invoice', 'finance', 500, 500, 'open'],
    );
    // Of each order all of its 66.00.
    assert.deepEqual(money, [{ currency: 'EUR', amount: '33000' }]);
    assert.deepEqual(facts, { situation: 'not invoiced', run });
    assert.match(issue!.why, /no invoice has them/);
    assert.match(issue!.action, /Make the invoice/);
  });

  it('of two causes, or two partners, are two issues', async () => {
    const priced = changed(chain(3), (one) => void (one.odoo.lines[0]!.subtotal = '50'));
    await keep(runOn([broken(1), broken(2, 'mart'), priced]));
    const found = (await live()).map(({ code, partner }) => `${code} ${partner}`);
    assert.deepEqual(found.toSorted(), ['BREAK_MISSING mart', 'BREAK_MISSING shop', 'BREAK_PRICE shop']);
  });

  it("that are only a matter of time are nobody's", async () => {
    const late = changed(broken(1), (one) => {
      for (const line of one.odoo.lines) for (const move of line.moves) move.at = '2026-11-27T20:00:00.000Z';
    });
    const sealed = runOn([late]);
    assert.deepEqual(sealed.run.counts, { timing: 1 });
    await keep(sealed);
    assert.deepEqual(await live(), []);
  });

  it('end with the run that finds them no more, and are open again, as they were assigned, when one returns', async () => {
    await keep(runOn([broken(1), broken(2)]));
    await keepIssues(acting, now);
    const [issue] = await live();
    const { id } = issue!;
    await actOn(
      acting,
      { id, revision: 0, by: 'ida' },
      { do: 'assign', person: 'finn', team: 'warehouse' },
      now,
    );
    await actOn(acting, { id, revision: 1, by: 'ida' }, { do: 'note', text: 'asked Odoo' }, now);
    await keep(runOn([broken(1), chain(2)], { cutOff: nextDay }));
    assert.deepEqual(
      (await live()).map(({ count, person }) => [count, person]),
      [[1, 'finn']],
    );
    await keep(runOn([chain(1), chain(2)], { cutOff: '2026-11-30T00:00:00.000Z' }));
    assert.deepEqual(await live(), []);
    await keepIssues(acting, now);
    const over = await issueNamed(acting.queue, id, now);
    assert.deepEqual(
      [over.of, over.state, over.step, over.team],
      ['breaks', 'resolved', 'invoice', 'warehouse'],
    );
    await keep(runOn([chain(1), broken(2)], { cutOff: '2026-12-01T00:00:00.000Z' }));
    await keepIssues(acting, now);
    const [again] = await live();
    assert.deepEqual([again!.id, again!.state, again!.person, again!.count], [id, 'open', 'finn', 1]);
    const told = (await journal.issues.events(id)).map(({ what }) => what);
    assert.deepEqual(told.toSorted(), ['assign', 'note', 'reopened', 'resolved']);
  });

  it('end when all are accepted, and not before', async () => {
    const sealed = runOn([broken(1), broken(2)]);
    await keep(sealed);
    for (const [at, one] of sealed.run.breaks.entries()) {
      await explain(journal.documents, one, { by: 'ida', why: 'a concession' }, now);
      assert.deepEqual(
        (await live()).map(({ count }) => count),
        [2 - at],
      );
      await accept(journal.documents, one, 'finn', now);
    }
    assert.deepEqual(await live(), []);
    // The next run finds them as they are: they stay accepted.
    await keep(runOn([broken(1), broken(2)], { cutOff: nextDay }));
    assert.deepEqual(await live(), []);
  });

  it('stand against runs that do not look at them: of another partner, of later orders, of an earlier cut-off', async () => {
    await keep(runOn([broken(1), broken(2, 'mart')]));
    const count = async () => (await live()).length;
    await keep(runOn([chain(2)], { cutOff: nextDay, partner: 'shop' }));
    assert.equal(await count(), 1);
    await keep(runOn([], { cutOff: nextDay, since: '2026-11-20T00:00:00.000Z' }));
    assert.equal(await count(), 1);
    await keep(runOn([chain(1), broken(1)], { cutOff: '2026-11-27T00:00:00.000Z' }));
    assert.deepEqual(
      (await live()).map(({ partner }) => partner),
      ['mart'],
    );
    await keep(runOn([chain(1), chain(2)], { cutOff: nextDay }));
    assert.equal(await count(), 0);
  });

  it('that are gone and come again with the same amounts are open, whatever was accepted', async () => {
    const day = (date: number) => ({ cutOff: `2026-12-${String(date).padStart(2, '0')}T00:00:00.000Z` });
    const sealed = runOn([broken(1)], day(1));
    await keep(sealed);
    const [one] = sealed.run.breaks;
    await explain(journal.documents, one!, { by: 'ida', why: 'a concession' }, now);
    await accept(journal.documents, one!, 'finn', now);
    await keep(runOn([broken(1)], day(2)));
    // These do not look at it.
    await keep(runOn([], { ...day(3), partner: 'mart' }));
    await keep(runOn([], { ...day(3), since: '2026-11-30T00:00:00.000Z' }));
    await keep(runOn([], day(1)));
    assert.deepEqual(await live(), []);
    await keep(runOn([broken(1)], day(4)));
    assert.deepEqual(await live(), []);
    await keep(runOn([chain(1)], day(5)));
    await keep(runOn([broken(1)], day(6)));
    assert.deepEqual(
      (await live()).map(({ count, state }) => [count, state]),
      [[1, 'open']],
    );
    const [ended] = await journal.documents.list('reconciliation-decision-ended');
    assert.match(ended!.body, /a concession/);
  });

  it('that only waited when they were accepted, and cleared, are open when they come again', async () => {
    const late = changed(broken(1), (one) => {
      for (const line of one.odoo.lines) for (const move of line.moves) move.at = '2026-11-27T20:00:00.000Z';
    });
    const sealed = runOn([late]);
    await keep(sealed);
    const [one] = sealed.run.breaks;
    await explain(journal.documents, one!, { by: 'ida', why: 'a concession' }, now);
    await accept(journal.documents, one!, 'finn', now);
    await keep(runOn([chain(1)], { cutOff: nextDay }));
    await keep(runOn([late], { cutOff: '2026-12-10T00:00:00.000Z' }));
    assert.equal((await live()).length, 1);
  });

  it('are found by the name that a person types while they stand, however many runs have been since', async () => {
    const sealed = runOn([broken(1)]);
    await keep(sealed);
    const [one] = sealed.run.breaks;
    for (let at = 0; at < 101; at++)
      await keep(runOn([], { partner: 'mart', cutOff: new Date(Date.parse(nextDay) + at).toISOString() }));
    assert.deepEqual(await breakCalled(journal.documents, refOf(one!)), one);
    assert.deepEqual(await breakCalled(journal.documents, one!.id), one);
  });

  it('taken in by two at once are all there', async () => {
    const runs = ['shop', 'mart', 'kiosk'].map((partner, at) =>
      runOn([broken(at + 1, partner)], { partner }),
    );
    await Promise.all(runs.map(keep));
    assert.equal((await live()).length, 3);
  });
});
