/** What becomes of dead letters, whatever carries the messages and keeps the books. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeadStores } from '../../runtime/dead/decide.ts';
import { discard } from '../../runtime/dead/discard.ts';
import { editOf } from '../../runtime/dead/edit.ts';
import { mappedReleases, releaseMapped } from '../../runtime/dead/mapped.ts';
import { releaseFor, sweepParked } from '../../runtime/dead/release.ts';
import { replay, replayOne } from '../../runtime/dead/replay.ts';
import type { Envelope } from '../../runtime/envelope/envelope.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { Catalogue } from '../../runtime/events/catalogue.ts';
import type { LetterResult } from '../../runtime/dead/letters.ts';
import { letterId, type DeadLetter } from '../../runtime/journal/journal.ts';
import { valueMaps, type ValueMap } from '../../runtime/values/value-maps.ts';
import { coded, order, settle, until } from './kit.ts';

export interface OpenStores extends DeadStores {
  close(): Promise<void>;
}

const quick = { by: 'anna', perSecond: 10_000 };
const codesOf = (results: readonly LetterResult[]) => results.map(({ code }) => code);
const minute = (at: number) => `2026-03-01T10:${String(at).padStart(2, '0')}:00.000Z`;

/** Of the catalogue: an order has lines. */
const catalogue: Catalogue = {
  types: ['order.received.v1'],
  get: () => assert.fail(),
  validate(_type, data) {
    if (!Array.isArray((data as { lines?: unknown }).lines))
      throw new CodedError('SCHEMA_INVALID', 'lines is missing');
  },
};

/** `open` opens one more instance on the same storage each time; queues made here have the names in `queues`. */
export function deadConformance(
  title: string,
  open: () => Promise<OpenStores>,
  queues: Set<string> = new Set(),
): void {
  describe(`dead letters: ${title}`, () => {
    let opened: OpenStores[];
    let stores: OpenStores;
    let queue: string;
    let type: string;
    let got: Envelope[];

    const start = async (): Promise<OpenStores> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    const collect = async (): Promise<void> => {
      await stores.broker.consume({
        queue,
        types: [type],
        concurrency: 8,
        async handle({ message }) {
          got.push(message);
          return settle;
        },
      });
    };
    /** Everything that was published before has been handed out after this. */
    const drained = async (count: number): Promise<void> => {
      await until(`${count} messages`, () => got.length >= count);
      await delay(150);
      assert.equal(got.length, count);
    };
    const save = async (more: Partial<DeadLetter> = {}): Promise<DeadLetter> => {
      const message = more.message ?? { ...order(type, 'SO-1'), type };
      const lastFailed = more.lastFailed ?? minute(1);
      const letter: DeadLetter = {
        id: letterId(queue, message),
        queue,
        flow: 'orders',
        flowVersion: '3',
        message,
        code: 'PRODUCT_UNKNOWN',
        reason: 'No product has the SKU X',
        facts: { sku: 'X' },
        firstFailed: lastFailed,
        firstCode: 'PRODUCT_UNKNOWN',
        firstReason: 'No product has the SKU X',
        lastFailed,
        attempts: 1,
        history: [{ time: lastFailed, code: 'PRODUCT_UNKNOWN', flowVersion: '3' }],
        state: 'open',
        ...more,
      };
      await stores.journal.saveDeadLetter(letter);
      return letter;
    };
    const letterOf = async ({ id }: { id: string }) =>
      (await stores.journal.letters({ ids: [id] }))[0] ?? assert.fail();
    const steps = async ({ message }: DeadLetter) =>
      (await stores.journal.trace({ correlationId: message.correlationid })).map(
        ({ outcome, detail }) => `${outcome} ${detail}`,
      );

    beforeEach(async () => {
      opened = [];
      got = [];
      queue = `dead-${randomUUID().slice(0, 8)}`;
      queues.add(queue);
      type = `order.t${randomUUID().slice(0, 8)}.v1`;
      stores = await start();
      const declared = await stores.broker.consume({
        queue,
        types: [type],
        concurrency: 1,
        handle: async () => settle,
      });
      await declared.stop();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
    });

    it('sends a letter again into its queue alone, as a new message of the same transaction', async () => {
      const other = `${queue}-other`;
      queues.add(other);
      const beside = await stores.broker.consume({
        queue: other,
        types: [type],
        concurrency: 1,
        handle: async () => settle,
      });
      await beside.stop();
      const letter = await save();
      assert.deepEqual(await replay(stores, [letter.id], quick), [
        { id: letter.id, subject: 'SO-1', done: true },
      ]);
      await collect();
      await drained(1);
      const { id, causationid, replayof, ...rest } = got[0]!;
      const { id: first, ...original } = letter.message;
      assert.notEqual(id, first);
      assert.deepEqual([causationid, replayof], [first, first]);
      assert.deepEqual(rest, original);
      assert.equal((await stores.broker.depth(other)).ready, 0);
      const { state, decision } = await letterOf(letter);
      assert.deepEqual([state, decision?.by], ['replayed', 'anna']);
      assert.deepEqual(await steps(letter), ['replayed by anna']);
    });

    it('sends what waited for an entry of a value map once the map has it, and nothing else', async () => {
      const article = randomUUID();
      const letters = await Promise.all(
        ['A', 'B'].map((kind, at) =>
          save({
            message: { ...order(type, `SO-${at}`), type },
            code: 'VALUE_UNMAPPED',
            facts: { map: 'uom', value: 'CS', article: `${kind}-${article}` },
          }),
        ),
      );
      const map = (entries: ValueMap['entries']) =>
        valueMaps([{ map: 'uom', owner: 'o', summary: 's', entries }]);
      assert.equal(await releaseMapped(stores, map([])), 0);
      const entry = { from: 'CS', to: 'Units', factor: '6', article: `A-${article}` };
      assert.equal(await releaseMapped(stores, map([entry])), 1);
      const states = await Promise.all(letters.map(async (letter) => (await letterOf(letter)).state));
      assert.deepEqual(states, ['replayed', 'open']);
      await collect();
      await drained(1);
      assert.equal(got[0]!.subject, 'SO-0');
    });

    it('what a value map has now is sent again by a later call where the first failed, and then no more', async () => {
      await save({ code: 'VALUE_UNMAPPED', facts: { map: 'product', value: 'A' } });
      const values = valueMaps([
        { map: 'product', summary: 'p', entries: [{ from: 'A', to: 'B' }] } as ValueMap,
      ]);
      let fails = true;
      let calls = 0;
      const failing: DeadStores = {
        ...stores,
        journal: {
          ...stores.journal,
          async letters(query) {
            calls += 1;
            if (fails) throw new CodedError('STORE_UNAVAILABLE', 'away');
            return stores.journal.letters(query);
          },
        },
      };
      const said: string[] = [];
      const log = (_facts: object, text: string) => void said.push(text);
      const release = mappedReleases(failing, { info: log, warn: log } as never);
      await release(values);
      fails = false;
      await Promise.all([release(values), release(values)]);
      const before = calls;
      await release(values);
      assert.equal(calls, before);
      assert.match(said.join(), /^What waits .*later,Messages that waited .*$/);
      await collect();
      await drained(1);
    });

    it('sends it once when ten people replay it at once', async () => {
      const letter = await save();
      const all = [stores, await start(), await start()];
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, at) => replay(all[at % 3]!, [letter.id], { ...quick, by: `p${at}` })),
      );
      const done = results.flat().filter((result) => result.done);
      assert.equal(done.length, 1);
      const refused = codesOf(results.flat().filter((result) => !result.done));
      assert.ok(
        refused.every((code) => code === 'CLAIM_IN_FLIGHT' || code === 'LETTER_NOT_OPEN'),
        refused.join(),
      );
      await collect();
      await drained(1);
      assert.equal((await steps(letter)).length, 1);
    });

    it('has one who sent it, though another comes between the sending and the move', async () => {
      const letter = await save();
      const outcomes: (string | undefined)[] = [];
      const move: typeof stores.journal.move = async (...args) => {
        outcomes.push(...codesOf(await replay(stores, [letter.id], { ...quick, by: 'bob' })));
        return stores.journal.move(...args);
      };
      const slow = { ...stores, journal: { ...stores.journal, move } };
      outcomes.push(...codesOf(await replay(slow, [letter.id], quick)));
      assert.deepEqual(outcomes, ['CLAIM_IN_FLIGHT', undefined]);
      assert.deepEqual(await steps(letter), ['replayed by anna']);
    });

    it('sends only one of two contents when two people edit it at once', async () => {
      const letter = await save();
      const edited = (n: number) =>
        replayOne(stores, letter, {
          by: `p${n}`,
          edit: editOf(letter, { ...(letter.message.data as object), n }, catalogue),
        });
      const outcomes = await Promise.allSettled([edited(7), edited(8), replayOne(stores, letter, quick)]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      await collect();
      await drained(1);
    });

    it('does not send it twice when the letter could not be moved and the replay is repeated', async () => {
      const letter = await save();
      const move = async () => {
        throw new CodedError('STORE_UNAVAILABLE', 'away');
      };
      const broken = { ...stores, journal: { ...stores.journal, move } };
      assert.deepEqual(codesOf(await replay(broken, [letter.id], quick)), ['STORE_UNAVAILABLE']);
      assert.equal((await letterOf(letter)).state, 'open');
      await collect();
      await drained(1);
      const edit = editOf(letter, {}, catalogue);
      await assert.rejects(replayOne(stores, letter, { by: 'bob', edit }), coded('CLAIM_CONFLICT'));
      assert.deepEqual(codesOf(await replay(stores, [letter.id], quick)), [undefined]);
      assert.equal((await letterOf(letter)).state, 'replayed');
      await drained(1);
    });

    it('is the same message again when the one who sent it died before it could say so', async () => {
      const letter = await save();
      const { claim } = stores.guard;
      const died = async () => {
        throw new CodedError('STORE_UNAVAILABLE', 'died');
      };
      const dying = {
        ...stores,
        guard: {
          ...stores.guard,
          claim: (request: Parameters<typeof claim>[0]) => claim({ ...request, leaseMs: 30 }),
          commit: died,
        },
        journal: { ...stores.journal, move: died },
      };
      assert.deepEqual(codesOf(await replay(dying, [letter.id], quick)), ['STORE_UNAVAILABLE']);
      await delay(60);
      assert.deepEqual(codesOf(await replay(stores, [letter.id], quick)), [undefined]);
      await collect();
      await until('a message', () => got.length > 0);
      await delay(150);
      assert.equal(new Set(got.map(({ id }) => id)).size, 1);
    });

    it('leaves a letter open that has failed again before it could be moved', async () => {
      const letter = await save();
      const publishTo = async (to: string, message: Envelope): Promise<void> => {
        await stores.broker.publishTo(to, message);
        await save({ message, lastFailed: minute(5), code: 'ODOO_REFUSED' });
      };
      const fast = { ...stores, broker: { ...stores.broker, publishTo } };
      assert.deepEqual(codesOf(await replay(fast, [letter.id], quick)), [undefined]);
      const { state, code } = await letterOf(letter);
      assert.deepEqual([state, code], ['open', 'ODOO_REFUSED']);
      assert.equal((await steps(letter)).length, 1);
    });

    it('opens the same letter when the replay fails again, and replays that as another message', async () => {
      const letter = await save();
      await replay(stores, [letter.id], quick);
      await collect();
      await drained(1);
      const again = await save({
        message: got[0]!,
        lastFailed: minute(9),
        history: [{ time: minute(9), code: 'ODOO_REFUSED', flowVersion: '4' }],
      });
      assert.equal(again.id, letter.id);
      const { state, firstFailed, history, decision } = await letterOf(letter);
      assert.deepEqual([state, firstFailed, decision], ['open', minute(1), undefined]);
      assert.deepEqual(
        history.map(({ flowVersion }) => flowVersion),
        ['3', '4'],
      );
      await replay(stores, [letter.id], quick);
      await drained(2);
      const root = letter.message.id;
      assert.deepEqual([got[1]!.replayof, got[1]!.causationid], [root, got[0]!.id]);
      assert.equal(new Set([root, got[0]!.id, got[1]!.id]).size, 3);
    });

    it('sends other data, and notes which fields were changed, never what they hold', async () => {
      const message = { ...order(type, 'SO-1'), data: { number: 'SO-1', lines: ['secret'], note: 'a' } };
      const letter = await save({ message });
      const data = { number: 'SO-1', lines: ['other'], gift: true };
      await replayOne(stores, letter, { by: 'anna', edit: editOf(letter, data, catalogue) });
      await collect();
      await drained(1);
      assert.deepEqual(got[0]!.data, data);
      assert.deepEqual((await letterOf(letter)).decision?.changed, ['lines', 'note', 'gift']);
      assert.deepEqual(await steps(letter), ['replayed by anna; changed: lines, note, gift']);
    });

    it('refuses other data that does not fit the schema of the event', async () => {
      const letter = await save({ message: order('order.received.v1', 'SO-1') });
      assert.throws(() => editOf(letter, { lines: 1 }, catalogue), coded('SCHEMA_INVALID'));
      assert.deepEqual(editOf(letter, { lines: [] }, catalogue).changed, [
        'key',
        'n',
        'money',
        'id',
        'lines',
      ]);
    });

    it('refuses what no queue takes; it stays open, and can be discarded', async () => {
      const letter = await save({ queue: `${queue}-never` });
      const [result] = await replay(stores, [letter.id], quick);
      assert.equal(result?.code, 'EVENT_UNROUTABLE');
      assert.equal((await letterOf(letter)).state, 'open');
      assert.deepEqual(await steps(letter), []);
      const [discarded] = await discard(stores, [letter.id], { by: 'anna', reason: 'by hand' });
      assert.equal(discarded?.done, true);
    });

    it('replays a group, or what failed in a time, oldest failure first', async () => {
      for (const [at, more] of [
        [3, {}],
        [1, {}],
        [2, { code: 'ODOO_REFUSED' }],
        [4, { flow: 'other' }],
        [5, { state: 'discarded' }],
        [6, {}],
      ] as const)
        await save({ ...more, message: order(type, `SO-${at}`), lastFailed: minute(at) });
      const group = { flow: 'orders', code: 'PRODUCT_UNKNOWN' };
      const results = await replay(stores, { ...group, since: minute(1), until: minute(6) }, quick);
      assert.deepEqual(
        results.map(({ subject }) => subject),
        ['SO-1', 'SO-3'],
      );
      await collect();
      await drained(2);
      const rest = await stores.journal.letters({ state: 'open', queue });
      assert.deepEqual(
        rest.map(({ message }) => message.subject),
        ['SO-6', 'SO-4', 'SO-2'],
      );
      assert.equal((await replay(stores, { flow: 'orders' }, { ...quick, limit: 1 })).length, 1);
    });

    it('replays of a group what is open by now, and later ones only where a time is given', async () => {
      const [later, last] = [600_000, 700_000].map((ms) => new Date(Date.now() + ms).toISOString());
      const [now, then] = [await save(), await save({ lastFailed: later! })];
      const idsOf = (results: readonly LetterResult[]) => results.map(({ id }) => id);
      assert.deepEqual(idsOf(await replay(stores, { flow: 'orders' }, quick)), [now.id]);
      assert.deepEqual(idsOf(await replay(stores, { flow: 'orders', until: last! }, quick)), [then.id]);
    });

    it('replays each of 250 letters once, some of which fail again meanwhile', async () => {
      for (let at = 0; at < 250; at += 1) await save({ message: order(type, `SO-${at}`) });
      let failed = 0;
      const publishTo = async (_queue: string, message: Envelope): Promise<void> => {
        if (failed++ % 3 === 0) await save({ message, lastFailed: minute(30) });
      };
      const results = await replay(
        { ...stores, broker: { ...stores.broker, publishTo } },
        { flow: 'orders' },
        quick,
      );
      assert.equal(results.length, 250);
      assert.equal(new Set(results.map(({ id }) => id)).size, 250);
      assert.equal((await stores.journal.letters({ state: 'open', limit: 999 })).length, 84);
    });

    it('sends no more in a second than it may', async () => {
      for (let at = 0; at < 4; at += 1) await save({ message: order(type, `SO-${at}`) });
      const times: number[] = [];
      const options = { by: 'anna', perSecond: 20, onResult: () => void times.push(performance.now()) };
      await replay(stores, { flow: 'orders' }, options);
      assert.equal(times.length, 4);
      assert.ok(times.at(-1)! - times[0]! > 100, times.join());
    });

    it('ends where the broker is away, and leaves the rest open', async () => {
      for (let at = 0; at < 3; at += 1) await save({ message: order(type, `SO-${at}`) });
      const publishTo = async () => {
        throw new CodedError('BROKER_UNAVAILABLE', 'away');
      };
      const away = { ...stores, broker: { ...stores.broker, publishTo } };
      assert.deepEqual(codesOf(await replay(away, { flow: 'orders' }, quick)), ['BROKER_UNAVAILABLE']);
      assert.equal((await stores.journal.letters({ state: 'open' })).length, 3);
      const results = await replay(stores, { flow: 'orders' }, quick);
      assert.deepEqual(codesOf(results), [undefined, undefined, undefined]);
    });

    it('discards with a reason, which stays; what is discarded is not replayed', async () => {
      const letter = await save();
      await assert.rejects(
        discard(stores, [letter.id], { by: 'anna', reason: '  ' }),
        coded('REQUEST_INVALID'),
      );
      const [done, unknown] = await discard(stores, [letter.id, 'unknown'], { by: 'anna', reason: 'a test' });
      assert.equal(done?.done, true);
      assert.equal(unknown?.code, 'LETTER_UNKNOWN');
      const { state, decision, reason } = await letterOf(letter);
      assert.deepEqual(
        [state, decision?.by, decision?.reason, reason],
        ['discarded', 'anna', 'a test', letter.reason],
      );
      assert.deepEqual(await steps(letter), ['discarded by anna; a test']);
      assert.deepEqual(codesOf(await replay(stores, [letter.id], quick)), ['LETTER_NOT_OPEN']);
      assert.deepEqual(codesOf(await discard(stores, [letter.id], { by: 'bob', reason: 'x' })), [
        'LETTER_NOT_OPEN',
      ]);
    });

    it('is either replayed or discarded where two people decide at once', async () => {
      const letter = await save();
      const results = await Promise.all([
        replay(stores, [letter.id], quick),
        discard(await start(), [letter.id], { by: 'bob', reason: 'x' }),
      ]);
      assert.equal(results.flat().filter(({ done }) => done).length, 1);
      await collect();
      await drained((await letterOf(letter)).state === 'replayed' ? 1 : 0);
    });

    it('releases once what waits for a record, through two workers at once', async () => {
      const parked = (key: string, waitsFor: string) =>
        save({ message: order(type, key), state: 'parked', waitsFor, until: minute(59) });
      const letters = [await parked('a', 'r1'), await parked('b', 'r1')];
      const other = await parked('c', 'r2');
      const counts = await Promise.all([stores, await start()].map((one) => releaseFor(one, 'r1')));
      assert.equal(counts[0]! + counts[1]!, 2);
      await collect();
      await drained(2);
      for (const letter of letters) {
        assert.equal((await letterOf(letter)).state, 'replayed');
        assert.deepEqual(await steps(letter), ['replayed by crossdock; r1 has landed']);
      }
      assert.equal((await letterOf(other)).state, 'parked');
      assert.equal(await releaseFor(stores, 'r1'), 0);
    });

    it('opens once what was parked too long, through two workers at once', async () => {
      const parked = (key: string, end: number) =>
        save({ message: order(type, key), state: 'parked', waitsFor: 'r1', until: minute(end) });
      const late = await parked('a', 10);
      const waiting = await parked('b', 11);
      const now = new Date(minute(10));
      const swept = await Promise.all([stores, await start()].map((one) => sweepParked(one, now)));
      assert.equal(swept[0]!.opened + swept[1]!.opened, 1);
      const { state, reason, lastFailed } = await letterOf(late);
      assert.deepEqual([state, reason], ['open', 'Its predecessor did not come: r1']);
      assert.ok(lastFailed > late.lastFailed, 'who looks at what failed since then sees it');
      assert.deepEqual(await steps(late), ['exception Its predecessor did not come: r1']);
      assert.equal((await letterOf(waiting)).state, 'parked');
    });

    it('sends again what is parked though its predecessor has landed, long before its time is over', async () => {
      const letter = await save({ state: 'parked', waitsFor: 'r1', until: minute(59) });
      const other = await save({
        message: order(type, 'z'),
        state: 'parked',
        waitsFor: 'r2',
        until: minute(59),
      });
      await stores.journal.advance('r1', '1');
      const now = new Date(minute(10));
      const swept = await Promise.all([stores, await start()].map((one) => sweepParked(one, now)));
      assert.equal(swept[0]!.released + swept[1]!.released, 1);
      await collect();
      await drained(1);
      assert.equal((await letterOf(letter)).state, 'replayed');
      assert.equal((await letterOf(other)).state, 'parked');
    });

    it('sends once more, not for ever, what was not released though its predecessor has landed', async () => {
      const parked = { state: 'parked', waitsFor: 'r1', until: minute(10) } as const;
      const letter = await save(parked);
      await stores.journal.advance('r1', '1');
      const now = new Date(minute(10));
      assert.deepEqual(await sweepParked(stores, now), { opened: 0, released: 1 });
      await collect();
      await drained(1);
      await save({ ...parked, message: got[0]!, lastFailed: minute(2) });
      assert.deepEqual(await sweepParked(stores, now), { opened: 1, released: 0 });
      assert.equal((await letterOf(letter)).state, 'open');
    });
  });
}
