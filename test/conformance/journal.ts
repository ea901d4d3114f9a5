/** What every journal does, wherever it is kept. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { letterId, type Journal } from '../../runtime/journal/journal.ts';
import type { Step } from '../../runtime/journal/step.ts';
import type { ProcessRow } from '../../runtime/journal/tables.ts';
import { placeOf, placeText, type ProcessPlace } from '../../runtime/journal/processes.ts';
import { controlNumber } from '../../runtime/edi/interchanges/edi.ts';
import { prune } from '../../runtime/retention/prune.ts';
import { loadRetention } from '../../runtime/retention/rules.ts';
import type { CodedError } from '../../runtime/errors/coded-error.ts';
import { coded, order } from './kit.ts';
import { letterConformance } from './journal-letters.ts';
import { at, failure, ids, letter, step, untold } from './rows.ts';

const retention = loadRetention('definitions')!;
const names = (steps: readonly Step[]) => steps.map((one) => one.step);

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

    letterConformance({ journal: () => journal, start });

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
