/** What every journal does with dead letters and with the values that people propose for them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { DeadLetter, Journal } from '../../runtime/journal/journal.ts';
import type { ProposalRow } from '../../runtime/journal/tables.ts';
import { settleProposals } from '../../runtime/dead/proposals.ts';
import { valueMaps } from '../../runtime/values/value-maps.ts';
import { at, failure, ids, letter } from './rows.ts';

interface Opening {
  /** The journal of the test that runs. */
  journal(): Journal;
  /** One more instance on the same storage. */
  start(): Promise<Journal>;
}

export function letterConformance({ journal: current, start }: Opening): void {
  let journal: Journal;
  beforeEach(() => void (journal = current()));

  it('keeps a dead letter whole', async () => {
    const one = letter({
      message: {
        ...letter().message,
        replayof: 'root',
        data: { id: '9007199254740993', text: 'a\0é' },
      },
      history: [failure(1, { detail: "Größe 'é'" }), failure(2, { code: 'VALUE_UNMAPPED' })],
      state: 'parked',
      waitsFor: 'acme/order/1',
      until: at(59),
    });
    await journal.saveDeadLetter(one);
    assert.deepEqual(await journal.letters(), [one]);
  });

  it('takes the same letter again as its last failure; the first stays and the history goes on', async () => {
    const first = letter({ lastFailed: at(1), history: [failure(0), failure(1)] });
    await journal.saveDeadLetter(first);
    const decision = { time: at(2), by: 'anna', changed: ['lines'] };
    await journal.move(first.id, ['open'], 'replayed', { decision });
    const again = {
      ...first,
      flowVersion: '4',
      firstFailed: at(30),
      firstCode: 'ODOO_REFUSED',
      firstReason: 'new',
      lastFailed: at(30),
      code: 'ODOO_REFUSED',
      reason: 'new',
      attempts: 4,
      history: [failure(1), failure(30, { flowVersion: '4' })],
      facts: { field: 'tax' },
    };
    await journal.saveDeadLetter(again);
    const { firstFailed, firstCode, firstReason } = first;
    const history = [failure(0), failure(1), failure(30, { flowVersion: '4' })];
    assert.deepEqual(await journal.letters(), [{ ...again, firstFailed, firstCode, firstReason, history }]);
  });

  it('keeps the last 50 failures of a letter', async () => {
    const failures = Array.from({ length: 60 }, (_, second) => failure(second));
    const one = letter({ history: failures });
    const other = letter({ history: [failure(0)] });
    await journal.saveDeadLetter(other);
    await journal.saveDeadLetter(one);
    await journal.saveDeadLetter({ ...one, history: [failure(59, { time: '2026-03-01T11:00:00.000Z' })] });
    const [kept] = await journal.letters({ ids: [one.id] });
    assert.deepEqual(
      kept?.history.map(({ time }) => time),
      [...failures.slice(11).map(({ time }) => time), '2026-03-01T11:00:00.000Z'],
    );
    assert.equal((await journal.letters({ ids: [other.id] }))[0]?.history.length, 1);
  });

  it('holds one letter when 20 bury it at once', async () => {
    const one = letter();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        journal.saveDeadLetter({ ...one, attempts: i, history: [failure(i)] }),
      ),
    );
    const letters = await journal.letters();
    assert.deepEqual(ids(letters), [one.id]);
    assert.equal(letters[0]?.history.length, 20);
  });

  it('finds dead letters by what is asked for, the last failed first', async () => {
    await journal.saveDeadLetter(letter({ id: 'a', lastFailed: at(1) }));
    await journal.saveDeadLetter(letter({ id: 'b', lastFailed: at(3), queue: 'stock', flow: 'stock-flow' }));
    await journal.saveDeadLetter(letter({ id: 'c', lastFailed: at(2), code: 'ODOO_REFUSED' }));
    await journal.saveDeadLetter(letter({ id: 'd', lastFailed: at(4), state: 'discarded' }));
    await journal.saveDeadLetter(
      letter({ id: 'e', lastFailed: at(5), state: 'parked', waitsFor: 'r1', until: at(20) }),
    );
    await journal.saveDeadLetter(
      letter({ id: 'f', lastFailed: at(6), state: 'parked', waitsFor: 'r2', until: at(30) }),
    );
    await journal.advance('r2', '1');
    const expected: [Parameters<Journal['letters']>[0], string][] = [
      [{}, 'fedbca'],
      [{ state: 'open' }, 'bca'],
      [{ queue: 'stock' }, 'b'],
      [{ flow: 'stock-flow' }, 'b'],
      [{ code: 'ODOO_REFUSED', state: 'open' }, 'c'],
      [{ queue: 'stock', code: 'ODOO_REFUSED' }, ''],
      [{ since: at(2), until: at(4) }, 'bc'],
      [{ ids: ['a', 'd', 'unknown'] }, 'da'],
      [{ ids: [] }, ''],
      [{ waitsFor: 'r1' }, 'e'],
      [{ landed: true }, 'f'],
      [{ state: 'parked', overdueAt: at(20) }, 'e'],
      [{ overdueAt: at(19) }, ''],
      [{ limit: 2 }, 'fe'],
      [{ limit: 2, order: 'oldest' }, 'ac'],
      [{ limit: 2, order: 'oldest', after: { id: 'c', lastFailed: at(2) } }, 'bd'],
      [{ after: { id: 'c', lastFailed: at(2) } }, 'a'],
    ];
    for (const [query, found] of expected)
      assert.equal(ids(await journal.letters(query)).join(''), found, JSON.stringify(query));
  });

  it('pages through letters that failed at the same time', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await journal.saveDeadLetter(letter({ id }));
    const seen: string[] = [];
    let after: DeadLetter | undefined;
    do {
      const page: DeadLetter[] = await journal.letters({
        order: 'oldest',
        limit: 2,
        ...(after && { after }),
      });
      seen.push(...ids(page));
      after = page.at(-1);
    } while (after);
    assert.deepEqual(seen, ['a', 'b', 'c', 'd', 'e']);
  });

  it('gives 1,100 letters at once, each with its history', async () => {
    const history = [failure(1)];
    const many = Array.from({ length: 1100 }, () => letter({ history }));
    for (let from = 0; from < many.length; from += 50)
      await Promise.all(many.slice(from, from + 50).map((one) => journal.saveDeadLetter(one)));
    const letters = await journal.letters({ limit: 2000 });
    assert.equal(letters.length, 1100);
    assert.ok(letters.every((one) => one.history.length === 1));
  });

  it('counts letters by flow, queue and code', async () => {
    await journal.saveDeadLetter(
      letter({ id: 'a', firstFailed: at(1), lastFailed: at(5), reason: 'newest' }),
    );
    await journal.saveDeadLetter(letter({ id: 'b', firstFailed: at(0), lastFailed: at(4) }));
    await journal.saveDeadLetter(letter({ id: 'c', code: 'ODOO_REFUSED', reason: 'tax' }));
    await journal.saveDeadLetter(letter({ id: 'd', state: 'discarded' }));
    const group = { flow: 'order-flow', queue: 'orders', code: 'VALUE_UNMAPPED' };
    const large = { ...group, count: 2, oldest: at(0), newest: at(5), reason: 'newest' };
    const small = { ...group, code: 'ODOO_REFUSED', count: 1, oldest: at(0), newest: at(0), reason: 'tax' };
    assert.deepEqual(await journal.groups({ state: 'open' }), [large, small]);
    assert.equal((await journal.groups())[0]?.count, 3);
    assert.deepEqual(await journal.groups({ code: 'ODOO_REFUSED' }), [small]);
    assert.deepEqual(await journal.groups({ flow: 'unknown' }), []);
  });

  it('knows which replay of a letter ended well, until it fails again', async () => {
    const one = letter();
    await journal.saveDeadLetter(one);
    const settled = async () => (await journal.letters({ ids: [one.id] }))[0]?.settled;
    assert.equal(await settled(), undefined);
    await journal.settled(one.id, 'replay-1');
    assert.equal(await settled(), 'replay-1');
    await journal.saveDeadLetter({ ...one, lastFailed: '2026-03-01T11:00:00.000Z' });
    assert.equal(await settled(), undefined);
  });

  it('lets one of 20 move a letter, through two instances', async () => {
    const one = letter();
    await journal.saveDeadLetter(one);
    const other = await start();
    const moved = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 ? other : journal).move(one.id, ['open', 'parked'], 'replayed', {
          decision: { time: at(1), by: String(i) },
        }),
      ),
    );
    assert.equal(moved.filter(Boolean).length, 1);
    const [kept] = await journal.letters();
    assert.deepEqual([kept?.state, kept?.decision?.by], ['replayed', String(moved.indexOf(true))]);
  });

  it('moves a letter only from a state that was named, and that has not failed again', async () => {
    const one = letter({ lastFailed: at(2), state: 'parked', waitsFor: 'r', until: at(3) });
    await journal.saveDeadLetter(one);
    assert.equal(await journal.move('unknown', ['parked'], 'open'), false);
    assert.equal(await journal.move(one.id, ['open', 'discarded'], 'replayed'), false);
    assert.equal(await journal.move(one.id, [], 'replayed'), false);
    assert.equal(await journal.move(one.id, ['parked'], 'open', { lastFailed: at(1) }), false);
    assert.deepEqual(await journal.letters(), [one]);
    assert.equal(
      await journal.move(one.id, ['parked'], 'open', {
        lastFailed: at(2),
        reason: 'late',
        failedAt: at(4),
      }),
      true,
    );
    const { waitsFor: _record, until: _until, ...rest } = one;
    const opened = { ...rest, state: 'open', reason: 'late', lastFailed: at(4) };
    assert.deepEqual(await journal.letters({ since: at(3) }), [opened]);
  });

  it('tells of which records something parked waits', async () => {
    await journal.saveDeadLetter(letter({ state: 'parked', waitsFor: 'a', until: at(59) }));
    await journal.saveDeadLetter(letter({ state: 'parked', waitsFor: 'a', until: at(59) }));
    const moved = letter({ state: 'parked', waitsFor: 'b', until: at(59) });
    await journal.saveDeadLetter(moved);
    await journal.move(moved.id, ['parked'], 'replayed');
    const awaited = await Promise.all(['a', 'b', 'c', 'a'].map((one) => journal.awaited(one)));
    assert.deepEqual(awaited, [true, false, false, true]);
  });

  const waitingEntry = {
    source: '',
    article: '',
    target: 'T',
    factor: null,
    state: 'waiting' as const,
    made: at(1),
    made_by: 'anna',
    letter: null,
    ended: null,
    ended_by: null,
  };

  it('keeps one proposal that waits for a value, and ends it once', async () => {
    const { proposals } = journal;
    const map = `m-${randomUUID()}`;
    const wanted = (id: string, value: string, more: Partial<ProposalRow> = {}): ProposalRow => ({
      ...waitingEntry,
      id: `${map}-${id}`,
      map,
      value,
      ...more,
    });
    const first = wanted('1', 'A');
    const both = await Promise.all([proposals.add(first), proposals.add(wanted('2', 'A'))]);
    assert.deepEqual(both.toSorted(), [false, true]);
    assert.equal(await proposals.add(wanted('3', 'A', { source: 'acme', made: at(2) })), true);
    const { id } = (await proposals.waitingFor(first))!;
    const ended = await Promise.all(
      ['live', 'withdrawn'].map((to) => proposals.end(id, to as 'live', 'b', at(3))),
    );
    assert.deepEqual(ended.toSorted(), [false, true]);
    assert.equal(await proposals.waitingFor(first), undefined);
    assert.deepEqual((await proposals.get(id))?.ended_by, 'b');
    assert.equal(await proposals.add(wanted('4', 'A', { made: at(4) })), true);
    const waiting = (await proposals.list('waiting')).filter((one) => one.map === map);
    assert.deepEqual(
      waiting.map((one) => one.id),
      [`${map}-4`, `${map}-3`],
    );
    const later = (await proposals.list('waiting', waiting[0])).filter((one) => one.map === map);
    assert.deepEqual(
      later.map((one) => one.id),
      [`${map}-3`],
    );
  });

  it('ends the proposals whose value the maps have by now, and says whether it is what was proposed', async () => {
    const { proposals } = journal;
    const map = `m-${randomUUID()}`;
    const add = (value: string, target: string) =>
      proposals.add({ ...waitingEntry, id: `${map}-${value}`, map, value, source: 'acme', target });
    for (const value of ['A', 'B', 'C']) await add(value, 'T');
    const entries = [
      { from: 'A', to: 'T' },
      { from: 'B', to: 'U', source: 'acme' },
      { from: 'C', to: 'T', source: 'other' },
    ];
    await settleProposals(proposals, valueMaps([{ map, owner: 'o', summary: 's', entries }]));
    await settleProposals(proposals, valueMaps([]));
    const states = await Promise.all(
      ['A', 'B', 'C'].map(async (value) => (await proposals.get(`${map}-${value}`))?.state),
    );
    assert.deepEqual(states, ['live', 'other', 'waiting']);
  });
}
