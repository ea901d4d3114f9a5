/** What every journal does, wherever it is kept. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { letterId, type DeadLetter, type Failure, type Journal } from '../../runtime/journal/journal.ts';
import type { Step } from '../../runtime/journal/step.ts';
import type { IssueRow, ProcessRow, ProposalRow } from '../../runtime/journal/tables.ts';
import { placeOf, placeText, type ProcessPlace } from '../../runtime/journal/processes.ts';
import { settleProposals } from '../../runtime/dead/proposals.ts';
import { valueMaps } from '../../runtime/values/value-maps.ts';
import { controlNumber } from '../../runtime/edi/interchanges/edi.ts';
import { prune } from '../../runtime/retention/prune.ts';
import { loadRetention } from '../../runtime/retention/rules.ts';
import type { CodedError } from '../../runtime/errors/coded-error.ts';
import { coded, order } from './broker.ts';

export function step(more: Partial<Step> = {}): Step {
  return {
    time: '2026-03-01T10:00:00.000Z',
    correlationId: randomUUID(),
    businessKey: 'SO-1',
    step: 'map',
    flow: 'orders',
    flowVersion: '3',
    outcome: 'published',
    ...more,
  };
}

/** An open issue that nobody has touched. */
export function issueRow(more: Partial<IssueRow> = {}): IssueRow {
  const at = '2026-03-01T10:00:00.000Z';
  return {
    id: 'i1',
    flow: 'f1',
    code: 'C1',
    partner: 'acme',
    step: '',
    asked: '',
    why: '',
    facts: '{}',
    tier: 'standard',
    state: 'open',
    team: null,
    person: null,
    waits_on: null,
    until: null,
    reason: null,
    note: null,
    first_seen: at,
    changed: at,
    revision: 1,
    ...more,
  };
}

/** What lists find a process by, of one that tells nothing. */
export const untold = {
  started: null,
  updated: null,
  partner: null,
  warehouse: null,
  amount: null,
  currency: null,
  step: null,
  planned: null,
  team: null,
};

export function letter(more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: randomUUID(),
    queue: 'orders',
    flow: 'order-flow',
    flowVersion: '3',
    message: order('order.received.v1', 'SO-1'),
    code: 'VALUE_UNMAPPED',
    reason: 'No entry for "Größe \'é\'"',
    facts: { map: 'carriers', value: 'DPD', line: 3, known: false },
    firstFailed: '2026-03-01T10:00:00.000Z',
    firstCode: 'VALUE_UNMAPPED',
    firstReason: 'No entry',
    lastFailed: '2026-03-01T10:00:00.000Z',
    attempts: 1,
    history: [],
    state: 'open',
    ...more,
  };
}

const retention = loadRetention('definitions')!;
const at = (second: number) => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
const failure = (second: number, more: Partial<Failure> = {}): Failure => ({
  time: at(second),
  code: 'ODOO_BUSY',
  flowVersion: '3',
  ...more,
});
const names = (steps: readonly Step[]) => steps.map((one) => one.step);
const ids = (letters: readonly DeadLetter[]) => letters.map((one) => one.id);

/** `open` opens one more instance on the same storage each time, empty at the start of every test. */
export function journalConformance(title: string, open: () => Promise<Journal>): void {
  describe(`journal: ${title}`, () => {
    let opened: Journal[];
    let journal: Journal;

    const start = async (): Promise<Journal> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    beforeEach(async () => {
      opened = [];
      journal = await start();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
    });

    it('keeps a document that is added, not a second one', async () => {
      const { documents } = journal;
      const id = randomUUID();
      assert.deepEqual(
        [await documents.add('test', id, 'a'), await documents.add('test', id, 'b')],
        [true, false],
      );
      assert.deepEqual(
        [await documents.swap('test', id, 'b', 'c'), await documents.swap('test', id, 'a', 'c')],
        [false, true],
      );
      assert.equal(await documents.get('test', id), 'c');
      await documents.drop('test', id);
      assert.equal(await documents.get('test', id), undefined);
      await documents.put('test', id, 'c');
      await documents.put('other', `${id}2`, 'd');
      const places = [
        ['test', id],
        ['other', `${id}2`],
        ['test', `${id}2`],
        ['other', id],
      ] as const;
      const found = await Promise.all(places.map(([kind, name]) => documents.get(kind, name)));
      assert.deepEqual(found, ['c', 'd', undefined, undefined]);
    });

    it('gives each message to an EDI partner a control number of its own, and the same one again', async () => {
      const partner = `p-${randomUUID()}`;
      const give = () =>
        Promise.all(Array.from({ length: 12 }, (_, at) => controlNumber(journal, partner, `m${at}`)));
      const first = await give();
      assert.deepEqual(
        first.toSorted((a, b) => a - b),
        Array.from({ length: 12 }, (_, at) => at + 1),
      );
      assert.deepEqual(await give(), first);
      await journal.documents.put('edi-number', partner, '999999999');
      assert.equal(await controlNumber(journal, partner, 'last'), 1);
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

    const instance = (process: string, key: string, more: Partial<ProcessRow> = {}) => ({
      process,
      key,
      number: '',
      state: 'done' as const,
      due: null,
      attention: 0 as const,
      ...untold,
      body: '{}',
      ...more,
    });
    const places = (rows: readonly ProcessRow[]) => rows.map(placeText);

    it('pages through processes, those that run before those that are done, and none twice', async () => {
      const { processes } = journal;
      for (const key of ['a/1', 'b', 'c', 'd'])
        for (const [process, state] of [
          ['sales', key < 'c' ? 'running' : 'done'],
          ['buying', 'done'],
        ] as const)
          await processes.add(instance(process, key, { state, due: state === 'running' ? at(1) : null }));
      const all = [
        'buying/done/d',
        'buying/done/c',
        'buying/done/b',
        'buying/done/a/1',
        'sales/running/b',
        'sales/running/a/1',
        'sales/done/d',
        'sales/done/c',
      ];
      assert.deepEqual(places(await processes.list()), all);
      for (const [query, expected] of [
        [{}, all],
        [{ process: 'sales' }, all.slice(4)],
        [{ state: 'done' }, [...all.slice(0, 4), ...all.slice(6)]],
        [{ process: 'sales', state: 'running' }, all.slice(4, 6)],
        [{ process: 'unknown' }, []],
      ] as const) {
        const seen: string[] = [];
        for (let after: ProcessPlace | undefined; ;) {
          const page = places(await processes.list({ ...query, limit: 3, ...(after && { after }) }));
          seen.push(...page);
          if (page.length < 3) break;
          after = placeOf(page.at(-1)!);
        }
        assert.deepEqual(seen, expected, JSON.stringify(query));
      }
    });

    it('finds processes that are due, that somebody has to look at, and by number or key', async () => {
      const { processes } = journal;
      await processes.add(instance('sales', 'a', { number: '1', due: at(3), state: 'running' }));
      await processes.add(instance('sales', 'b', { number: '2', due: at(2), attention: 1 }));
      await processes.add(instance('sales', '1', { number: '3', attention: 1, state: 'held' }));
      await processes.add(instance('buying', 'a', { number: '1', due: at(1) }));
      const keys = async (found: Promise<ProcessRow[]>) =>
        (await found).map(({ process, key }) => `${process}/${key}`);
      assert.deepEqual(await keys(processes.due('sales', at(9))), ['sales/b', 'sales/a']);
      assert.deepEqual(await keys(processes.due('sales', at(3))), ['sales/b']);
      assert.deepEqual(await keys(processes.list({ attention: true })), ['sales/1', 'sales/b']);
      assert.deepEqual(await keys(processes.list({ attention: true, state: 'done' })), ['sales/b']);
      assert.deepEqual(await keys(processes.called('1')), ['buying/a', 'sales/1', 'sales/a']);
      assert.deepEqual(await keys(processes.called('1', 'sales')), ['sales/1', 'sales/a']);
      assert.deepEqual(await keys(processes.called('b')), ['sales/b']);
      assert.deepEqual(await keys(processes.called('4')), []);
      const [row] = await processes.called('3');
      assert.equal(await processes.replace({ ...row!, attention: 0, due: at(0) }), true);
      assert.deepEqual(await keys(processes.list({ attention: true })), ['sales/b']);
      assert.deepEqual(await keys(processes.due('sales', at(1))), ['sales/1']);
    });

    it('makes room for months to come, as often as it is asked', async () => {
      const steps = ['2026-02-28', '2030-05-31', '2031-01-01', '2099-01-01'].map((day) =>
        step({ time: `${day}T23:59:59.999Z`, step: day }),
      );
      await journal.append(steps);
      for (const day of ['2030-05-01', '2030-05-01', '2030-11-30']) await journal.ahead(new Date(day));
      assert.deepEqual(await journal.trace({}), steps.toReversed());
    });

    it('is ready', () => journal.ready());

    it('keeps a step whole, with and without what may be missing', async () => {
      const bare = step({ correlationId: 'c' });
      const full = step({
        ...bare,
        time: at(1),
        code: 'ODOO_BUSY',
        detail: 'Größe "é" 😀; it\'s \\ 100 %',
        reference: 'sale.order/42',
        durationMs: 12.5,
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      });
      await journal.append([bare, full]);
      assert.deepEqual(await journal.trace({ correlationId: 'c' }), [bare, full]);
    });

    it('appends nothing', async () => {
      await journal.append([]);
      assert.deepEqual(await journal.trace({}), []);
    });

    it('finds by business key every step of its transactions, those too that did not know it yet', async () => {
      await journal.append([
        step({ step: 'in', correlationId: 'a', businessKey: '', time: at(1) }),
        step({ step: 'other', correlationId: 'b', businessKey: 'SO-2', time: at(2) }),
        step({ step: 'unknown', correlationId: 'x', businessKey: '', time: at(2) }),
      ]);
      await journal.append([step({ step: 'map', correlationId: 'a', time: at(3) })]);
      await journal.append([step({ step: 'pay', correlationId: 'c', time: at(4) })]);
      assert.deepEqual(names(await journal.trace({ businessKey: 'SO-1' })), ['in', 'map', 'pay']);
      assert.deepEqual(names(await journal.trace({ correlationId: 'a' })), ['in', 'map']);
      assert.deepEqual(names(await journal.trace({ correlationId: 'c', businessKey: 'SO-1' })), ['pay']);
      assert.deepEqual(await journal.trace({ correlationId: 'c', businessKey: 'SO-2' }), []);
      assert.deepEqual(await journal.trace({ businessKey: 'SO-%' }), []);
    });

    it('orders by time, then as appended; newest first without a key', async () => {
      const one = (name: string, second: number) =>
        step({ step: name, correlationId: 'a', time: at(second) });
      await journal.append([one('3', 5), one('1', 1)]);
      await journal.append([one('4', 5), one('2', 1)]);
      assert.deepEqual(names(await journal.trace({ correlationId: 'a' })), ['1', '2', '3', '4']);
      assert.deepEqual(names(await journal.trace({})), ['4', '3', '2', '1']);
      assert.deepEqual(names(await journal.trace({ limit: 2 })), ['4', '3']);
      assert.deepEqual(names(await journal.trace({ businessKey: 'SO-1', limit: 3 })), ['1', '2', '3']);
    });

    it('gives 200 steps unless more are asked for', async () => {
      await journal.append(Array.from({ length: 250 }, () => step()));
      assert.equal((await journal.trace({})).length, 200);
      assert.equal((await journal.trace({ limit: 1000 })).length, 250);
    });

    it('keeps what was published by its transaction, shows it in no trace, and forgets it after a time', async () => {
      const sent = letter().message;
      const message = (id: string) => ({ ...sent, id, data: { text: 'a\0b' } });
      await journal.append([
        step({ correlationId: 'c1', time: at(1), message: message('m1') }),
        step({ correlationId: 'c1', time: at(2) }),
        step({ correlationId: 'c1', time: at(3), message: message('m3') }),
        step({ correlationId: 'c2', time: at(3), message: message('m4') }),
      ]);
      assert.deepEqual(await journal.kept('c1'), [message('m1'), message('m3')]);
      assert.equal(JSON.stringify(await journal.trace({ correlationId: 'c1' })).includes('data'), false);
      const later = new Date(Date.parse(at(3)) + retention.messages * 86_400_000);
      await prune(journal, retention, { now: later, rest: 0 });
      assert.deepEqual(await journal.kept('c1'), [message('m3')]);
      assert.equal((await journal.trace({ correlationId: 'c1' })).length, 3);
      assert.deepEqual(await journal.kept('nobody'), []);
    });

    it('counts outcomes, since a time too', async () => {
      assert.deepEqual(await journal.count(''), {});
      await journal.append([
        step({ outcome: 'accepted', time: at(1) }),
        step({ outcome: 'landed', time: at(2) }),
        step({ outcome: 'landed', time: at(3) }),
      ]);
      assert.deepEqual(await journal.count(''), { accepted: 1, landed: 2 });
      assert.deepEqual(await journal.count(at(2)), { landed: 2 });
      assert.deepEqual(await journal.count(at(4)), {});
    });

    it('takes 1,000 calls at once through two instances, and one call of 1,800 steps', async () => {
      const other = await start();
      await Promise.all(
        Array.from({ length: 1000 }, (_, i) =>
          (i % 2 ? other : journal).append([step({ step: String(i), correlationId: `c${i % 10}` })]),
        ),
      );
      await journal.append(
        Array.from({ length: 1800 }, (_, i) => step({ step: String(i), correlationId: 'many' })),
      );
      assert.deepEqual(await journal.count(''), { published: 2800 });
      assert.equal(new Set(names(await journal.trace({ limit: 9999 }))).size, 1800);
      assert.equal((await journal.trace({ correlationId: 'c3' })).length, 100);
      assert.deepEqual(
        names(await journal.trace({ correlationId: 'many', limit: 1800 })),
        Array.from({ length: 1800 }, (_, i) => String(i)),
      );
    });

    it('does not let a NUL in one step fail the steps beside it', async () => {
      const good = journal.append([step({ correlationId: 'good' })]);
      await journal.append([step({ correlationId: 'bad', detail: 'a\0b', businessKey: 'SO\0-1' })]);
      await good;
      assert.equal((await journal.trace({ correlationId: 'bad' }))[0]!.detail, 'ab');
    });

    it('gives the tries of a message in a flow, oldest first', async () => {
      const tried = (second: number, more: Partial<Step> = {}) =>
        step({ time: at(second), outcome: 'retrying', reference: 'm', code: 'ODOO_BUSY', ...more });
      await journal.append([tried(3, { detail: 'Busy', flowVersion: '4' }), tried(1)]);
      await journal.append([
        tried(2, { flow: 'other' }),
        tried(2, { reference: 'n' }),
        tried(2, { outcome: 'outage' }),
        tried(2, { outcome: 'parked' }),
        tried(2, { outcome: 'exception' }),
      ]);
      assert.deepEqual(await journal.failures({ flow: 'orders', messageId: 'm' }), [
        failure(1),
        failure(3, { detail: 'Busy', flowVersion: '4' }),
      ]);
      assert.deepEqual(await journal.failures({ flow: 'orders', messageId: 'unknown' }), []);
    });

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
      await journal.saveDeadLetter(
        letter({ id: 'b', lastFailed: at(3), queue: 'stock', flow: 'stock-flow' }),
      );
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

    it('knows the newest version of a record that has landed', async () => {
      assert.equal(await journal.version('r'), undefined);
      for (const [version, newest] of [
        ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
        ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00Z'],
        ['2026-03-01T09:59:59Z', '2026-03-01T10:00:00Z'],
        ['2026-03-01T10:00:01Z', '2026-03-01T10:00:01Z'],
      ] as const) {
        await journal.advance('r', version);
        assert.equal(await journal.version('r'), newest);
      }
      assert.equal(await journal.version('R'), undefined);
    });

    it('gives each who asks at once the version of its own record', async () => {
      const records = Array.from({ length: 1200 }, (_, at) => `r${at}`);
      await Promise.all(records.filter((_, at) => at % 2).map((one, at) => journal.advance(one, `${at}`)));
      const versions = await Promise.all([...records, 'r1'].map((one) => journal.version(one)));
      const expected = records.map((_, at) => (at % 2 ? `${(at - 1) / 2}` : undefined));
      assert.deepEqual(versions, [...expected, '0']);
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

    it('compares versions by their bytes', async () => {
      for (const version of ['', '10', '9', '9a', 'B', 'a', 'é', '\u{ffee}', '😀']) {
        await journal.advance('r', version);
        assert.equal(await journal.version('r'), version, JSON.stringify(version));
      }
      await journal.advance('r', '\u{ffee}');
      assert.equal(await journal.version('r'), '😀');
    });

    it('leaves the newest version standing when 50 race', async () => {
      const versions = Array.from({ length: 50 }, (_, i) => String(i).padStart(3, '0'));
      await Promise.all(versions.toSorted(() => Math.random() - 0.5).map((one) => journal.advance('r', one)));
      assert.equal(await journal.version('r'), '049');
    });

    it('closes with calls under way, twice at once: each is done or refused, and none is afterwards', async () => {
      const racing = Array.from({ length: 50 }, (_, i) => journal.append([step({ correlationId: `c${i}` })]));
      const outcomes = Promise.allSettled(racing);
      await Promise.all([journal.close(), journal.close()]);
      opened = [];
      const settled = await outcomes;
      for (const one of settled)
        if (one.status === 'rejected') assert.equal((one.reason as CodedError).code, 'STORE_UNAVAILABLE');
      await assert.rejects(journal.append([step()]), coded('STORE_UNAVAILABLE'));
      // What was told as written is there.
      const again = await start();
      for (const [i, one] of settled.entries())
        if (one.status === 'fulfilled')
          assert.equal((await again.trace({ correlationId: `c${i}` })).length, 1);
    });

    it('keeps everything when it is opened again', async () => {
      await journal.append([step({ correlationId: 'a' })]);
      await journal.saveDeadLetter(letter({ id: 'x' }));
      await journal.advance('r', '2');
      await journal.close();
      opened = [];
      journal = await start();
      assert.equal((await journal.trace({ correlationId: 'a' })).length, 1);
      assert.deepEqual(ids(await journal.letters()), ['x']);
      assert.equal(await journal.version('r'), '2');
    });

    it('gives a message and its replays one letter in each queue', () => {
      const message = order('order.received.v1', 'SO-1');
      const replay = { ...message, id: randomUUID(), replayof: message.id };
      assert.equal(letterId('orders', replay), letterId('orders', message));
      assert.notEqual(letterId('stock', message), letterId('orders', message));
    });
  });
}
