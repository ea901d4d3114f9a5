/** What every journal does, wherever it is kept. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { DeadLetter, Journal, Step } from '../../runtime/journal/journal.ts';
import { order } from './broker.ts';

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

export function letter(more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: randomUUID(),
    queue: 'orders',
    message: order('order.received.v1', 'SO-1'),
    code: 'VALUE_UNMAPPED',
    reason: 'No entry for "Größe \'é\'"',
    facts: { map: 'carriers', value: 'DPD', line: 3, known: false },
    firstFailed: '2026-03-01T10:00:00.000Z',
    lastFailed: '2026-03-01T10:00:00.000Z',
    attempts: 1,
    state: 'open',
    ...more,
  };
}

const at = (second: number) => `2026-03-01T10:00:${String(second).padStart(2, '0')}.000Z`;
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

    it('counts outcomes, since a time too', async () => {
      assert.deepEqual(await journal.count(), {});
      await journal.append([
        step({ outcome: 'accepted', time: at(1) }),
        step({ outcome: 'landed', time: at(2) }),
        step({ outcome: 'landed', time: at(3) }),
      ]);
      assert.deepEqual(await journal.count(), { accepted: 1, landed: 2 });
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
      assert.deepEqual(await journal.count(), { published: 2800 });
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

    it('keeps a dead letter whole', async () => {
      const one = letter({
        message: { ...letter().message, data: { id: '9007199254740993', text: 'a\0é' } },
      });
      await journal.bury(one);
      assert.deepEqual(await journal.deadLetters(), [one]);
    });

    it('takes the same letter again as its last failure, and keeps the first', async () => {
      const first = letter({ lastFailed: at(1), state: 'replayed' });
      await journal.bury(first);
      const again = {
        ...first,
        firstFailed: at(30),
        lastFailed: at(30),
        code: 'ODOO_REFUSED',
        reason: 'new',
        attempts: 4,
        state: 'open' as const,
        facts: { field: 'tax' },
      };
      await journal.bury(again);
      assert.deepEqual(await journal.deadLetters(), [{ ...again, firstFailed: first.firstFailed }]);
    });

    it('holds one letter when 20 bury it at once', async () => {
      const one = letter();
      await Promise.all(Array.from({ length: 20 }, (_, i) => journal.bury({ ...one, attempts: i })));
      assert.deepEqual(ids(await journal.deadLetters()), [one.id]);
    });

    it('finds dead letters by state, queue and code, the last failed first', async () => {
      await journal.bury(letter({ id: 'a', lastFailed: at(1) }));
      await journal.bury(letter({ id: 'b', lastFailed: at(3), queue: 'stock' }));
      await journal.bury(letter({ id: 'c', lastFailed: at(2), code: 'ODOO_REFUSED' }));
      await journal.bury(letter({ id: 'd', lastFailed: at(4), state: 'discarded' }));
      assert.deepEqual(ids(await journal.deadLetters()), ['d', 'b', 'c', 'a']);
      assert.deepEqual(ids(await journal.deadLetters({ state: 'open' })), ['b', 'c', 'a']);
      assert.deepEqual(ids(await journal.deadLetters({ queue: 'stock' })), ['b']);
      assert.deepEqual(ids(await journal.deadLetters({ code: 'ODOO_REFUSED', state: 'open' })), ['c']);
      assert.deepEqual(ids(await journal.deadLetters({ queue: 'stock', code: 'ODOO_REFUSED' })), []);
      assert.deepEqual(ids(await journal.deadLetters({ limit: 2 })), ['d', 'b']);
    });

    it('keeps everything when it is opened again', async () => {
      await journal.append([step({ correlationId: 'a' })]);
      await journal.bury(letter({ id: 'x' }));
      await journal.close();
      opened = [];
      journal = await start();
      assert.equal((await journal.trace({ correlationId: 'a' })).length, 1);
      assert.deepEqual(ids(await journal.deadLetters()), ['x']);
    });
  });
}
