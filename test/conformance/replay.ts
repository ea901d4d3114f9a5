/** What becomes of replays that are planned and run, whatever carries the messages and keeps the books. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { replay, replayOne } from '../../runtime/dead/replay.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import type { ProcessRow } from '../../runtime/journal/tables.ts';
import type { Envelope } from '../../runtime/envelope/envelope.ts';
import type { EventDefinition } from '../../runtime/events/catalogue.ts';
import { letterId, type DeadLetter } from '../../runtime/journal/journal.ts';
import type { ItemRow } from '../../runtime/journal/replays.ts';
import { replayDriver } from '../../runtime/replay/drive.ts';
import { verdicts, type Verdict } from '../../runtime/replay/judge.ts';
import type { Witnesses } from '../../runtime/replay/known.ts';
import { makePlan } from '../../runtime/replay/plan.ts';
import { approve, cancel, pause, planWith, resume, start } from '../../runtime/replay/run.ts';
import { countsOf, type Plan } from '../../runtime/replay/state.ts';
import { valueMaps } from '../../runtime/values/value-maps.ts';
import { coded, order, settle, until } from './kit.ts';
import type { OpenStores } from './dead.ts';
import { step, untold } from './rows.ts';

const minute = (at: number) => `2026-03-01T10:${String(at).padStart(2, '0')}:00.000Z`;
const log = { info() {}, warn() {} };
const allowance = { letters: 200, amount: '1000' };
const anna = { by: 'anna', include: [] as Verdict[], allowance };

/** `open` opens one more instance on the same storage each time; queues made here have the names in `queues`. */
export function replayConformance(
  title: string,
  open: () => Promise<OpenStores>,
  queues: Set<string> = new Set(),
): void {
  describe(`replays: ${title}`, () => {
    let opened: OpenStores[];
    let stores: OpenStores;
    let queue: string;
    let type: string;
    /** What the flow got, and with which code it fails a message now. */
    let got: Envelope[];
    let fails: (message: Envelope) => string | undefined;
    let events: Record<string, Partial<EventDefinition>>;
    let more: Partial<Witnesses>;

    const another = async (): Promise<OpenStores> => {
      const one = await open();
      opened.push(one);
      return one;
    };
    beforeEach(async () => {
      opened = [];
      got = [];
      fails = () => undefined;
      events = {};
      more = {};
      queue = `replay-${randomUUID().slice(0, 8)}`;
      queues.add(queue);
      type = `order.t${randomUUID().slice(0, 8)}.v1`;
      stores = await another();
      await stores.broker.consume({
        queue,
        types: [type],
        concurrency: 8,
        async handle({ message }) {
          got.push(message);
          const code = fails(message);
          if (code)
            await saveLetter(message.subject, { message, code, lastFailed: new Date().toISOString() });
          else await stores.journal.settled(letterId(queue, message), message.id);
          return settle;
        },
      });
    });
    afterEach(() => Promise.all(opened.map((one) => one.close())));

    async function saveLetter(subject: string, given: Partial<DeadLetter> = {}): Promise<DeadLetter> {
      const message = given.message ?? {
        ...order(type, subject),
        type,
        partitionkey: `shop/${subject}`,
        data: { source: 'shop', id: subject, totals: { gross: '10.50' }, currency: 'EUR' },
      };
      const lastFailed = given.lastFailed ?? minute(1);
      const letter: DeadLetter = {
        id: letterId(queue, message),
        queue,
        flow: 'orders',
        flowVersion: '3',
        message,
        code: 'ODOO_FAILED',
        reason: 'Odoo failed',
        facts: {},
        firstFailed: lastFailed,
        firstCode: 'ODOO_FAILED',
        firstReason: 'Odoo failed',
        lastFailed,
        attempts: 1,
        history: [],
        state: 'open',
        ...given,
      };
      await stores.journal.saveDeadLetter(letter);
      return letter;
    }
    const saveMany = (count: number, given: Partial<DeadLetter> = {}) =>
      Promise.all(Array.from({ length: count }, (_, n) => saveLetter(`SO-${1000 + n}`, given)));
    const witnesses = (): Witnesses => ({
      evidence: stores.journal.evidence,
      replays: stores.journal.replays,
      catalogue: {
        types: Object.keys(events),
        get: (name) => ({ type: name, owner: 'nobody', ...events[name] }) as EventDefinition,
      },
      values: valueMaps([]),
      versions: new Map([['orders', '3']]),
      outages: new Map(),
      ...more,
    });
    const plan = (which: readonly string[] | object = { flow: 'orders' }): Promise<Plan> =>
      makePlan({ letters: stores.journal, replays: stores.journal.replays }, witnesses(), {
        by: 'anna',
        which,
        of: 'orders',
        perSecond: 10_000,
      });
    const at = () => ({ replays: stores.journal.replays, evidence: stores.journal.evidence });
    const items = ({ id }: Plan) => stores.journal.replays.items(id, { limit: 1000 });
    const counts = async ({ id }: Plan) => countsOf(await stores.journal.replays.counts(id));
    const driver = (of = stores) => replayDriver({ stores: of, witnesses, log });
    /** Looks until nothing is left to look at. */
    const driven = async ({ id }: Plan, looks = [driver()]): Promise<Plan> => {
      // Whoever drove it before holds it no longer.
      let now = Date.now() + 20_000;
      await until('the run ends', async () => {
        now += 1000;
        const busy = await Promise.all(looks.map((look) => look(new Date(now))));
        return busy.every((one) => !one);
      });
      return planWith(stores.journal.replays, id);
    };
    const verdictsOf = (all: readonly ItemRow[]) =>
      Object.fromEntries(
        all.map(({ subject, verdict, why }) => [
          subject,
          [verdict, (JSON.parse(why) as { key: string }).key],
        ]),
      );

    it('judges each letter by what is known', async () => {
      const { journal } = stores;
      const process = (number: string, state: ProcessRow['state'], time: string) =>
        journal.processes.add({
          process: `sales-${queue}`,
          key: `${queue}/${number}`,
          number: `${queue}-${number}`,
          state,
          due: null,
          attention: 0,
          ...untold,
          body: JSON.stringify({ history: [{ at: time, what: state }] }),
        });
      const named = (subject: string) => `${queue}-${subject}`;
      await saveLetter(named('safe'));
      const landed = await saveLetter(named('landed'));
      await journal.append([
        step({
          time: minute(2),
          correlationId: landed.message.correlationid,
          businessKey: landed.message.subject,
          flow: 'orders',
          outcome: 'landed',
          reference: 'sale.order/7',
        }),
      ]);
      const record = `orders/${queue}`;
      await journal.advance(record, '2');
      await saveLetter(named('same'), { facts: { record, version: '2' } });
      await saveLetter(named('older'), { facts: { record, version: '1' } });
      await saveLetter(named('newer'), { facts: { record, version: '3' } });
      await process('closed', 'cancelled', minute(5));
      await saveLetter(named('closed'));
      await process('was closed', 'done', minute(0));
      await saveLetter(named('was closed'));
      await process('running', 'running', minute(5));
      await saveLetter(named('running'));
      more.values = valueMaps([
        { map: 'uom', summary: 'x', entries: [{ from: 'Stk', to: 'Units' }] },
      ] as never);
      await saveLetter(named('gap'), { code: 'VALUE_UNMAPPED', facts: { map: 'uom', value: 'Ktn' } });
      await saveLetter(named('filled'), { code: 'VALUE_UNMAPPED', facts: { map: 'uom', value: 'Stk' } });
      await saveLetter(named('same flow'), { code: 'MAPPING_FAILED' });
      await saveLetter(named('older flow'), { code: 'MAPPING_FAILED', flowVersion: '2' });
      const key = { ...order(type, named('second')), type, partitionkey: `${queue}/p` };
      await saveLetter(named('first'), {
        message: { ...key, id: randomUUID(), subject: named('first') },
        code: 'MAPPING_FAILED',
        lastFailed: minute(1),
      });
      await saveLetter(named('second'), { message: key, lastFailed: minute(2) });
      events['payment.received.v1'] = { irreversible: true };
      const pay = { ...order('payment.received.v1', named('pay')), type: 'payment.received.v1' };
      await saveLetter(named('pay'), { message: pay });
      await saveLetter(named('replayed'), { state: 'replayed' });
      const newest = { ...order('stock.v1', named('stock')), type: 'stock.v1' };
      events['stock.v1'] = { keep: 'newest' };
      await journal.documents.put(
        'newest-event',
        `stock.v1/${named('stock')}`,
        JSON.stringify({ id: 'other', time: '2999-01-01T00:00:00.000Z' }),
      );
      await saveLetter(named('stock'), { message: newest });
      const all = await journal.letters({ queue, limit: 100 });
      const made = await plan(all.map(({ id }) => id));
      assert.deepEqual(
        verdictsOf(await items(made)),
        Object.fromEntries(
          Object.entries({
            safe: ['safe', 'passes'],
            landed: ['landed', 'ended'],
            same: ['landed', 'same-version-landed'],
            older: ['superseded', 'newer-version'],
            newer: ['safe', 'passes'],
            closed: ['stale', 'process-ended'],
            'was closed': ['safe', 'passes'],
            running: ['safe', 'passes'],
            gap: ['cause-open', 'map-gap'],
            filled: ['safe', 'map-filled'],
            'same flow': ['cause-open', 'same-flow'],
            'older flow': ['safe', 'newer-flow'],
            first: ['cause-open', 'same-flow'],
            second: ['out-of-order', 'older-waits'],
            pay: ['irreversible', 'irreversible'],
            replayed: ['decided', 'not-open'],
            stock: ['superseded', 'newer-event'],
          }).map(([subject, verdict]) => [named(subject), verdict]),
        ),
      );
      assert.deepEqual(
        made.groups.map(({ verdict }) => verdict),
        verdicts.filter((one) => one !== 'closed-period'),
      );
      assert.deepEqual(
        made.versions.find(({ was }) => was === '2'),
        {
          flow: 'orders',
          was: '2',
          now: '3',
          letters: 1,
        },
      );
      assert.deepEqual(made.unknown, ['odoo']);
    });

    it('asks Odoo where it can: what stands there, closed books, and says when it is away', async () => {
      await saveLetter('SO-1');
      await saveLetter('SO-2');
      await saveLetter('SO-3');
      const said = [
        { standing: 'sale.order/7' },
        { date: '2026-01-31', lockDate: '2026-01-31' },
        { date: '2026-02-01', lockDate: '2026-01-31' },
      ];
      more.odoo = {
        known: async (letters) =>
          new Map(letters.map(({ id, message }) => [id, said[Number(message.subject.slice(3)) - 1]!])),
      };
      more.outages = new Map([['another', 'ODOO_UNREACHABLE']]);
      const made = await plan({ queue });
      assert.deepEqual(verdictsOf(await items(made)), {
        'SO-1': ['landed', 'in-odoo'],
        'SO-2': ['closed-period', 'books-closed'],
        'SO-3': ['safe', 'passes'],
      });
      assert.deepEqual(made.unknown, []);
      more.odoo = { known: () => Promise.reject(new CodedError('ODOO_UNREACHABLE', 'away')) };
      more.outages = new Map([[queue, 'ODOO_UNREACHABLE']]);
      const away = await plan({ queue });
      assert.deepEqual(away.unknown, ['odoo']);
      assert.deepEqual(verdictsOf(await items(away))['SO-3'], ['cause-open', 'outage']);
    });

    it('counts orders and money', async () => {
      await saveMany(3);
      const { groups, letters } = await plan({ queue });
      assert.equal(letters, 3);
      assert.deepEqual(groups, [
        { verdict: 'safe', letters: 3, orders: 3, money: { EUR: '31.50' }, irreversible: 0 },
      ]);
    });

    it('sends one, then five, then twenty-five, then the rest, each once; done is what landed', async () => {
      await saveMany(60);
      const made = await plan({ queue });
      await start(at(), made.id, anna);
      const look = driver();
      const seen: number[] = [];
      let now = Date.now();
      await until('the canaries', async () => {
        const before = got.length;
        await look(new Date((now += 1000)));
        await until('they land', async () => got.length === before || (await counts(made)).running >= 0);
        const { landed, running } = await counts(made);
        if (landed + running > (seen.at(-1) ?? 0)) seen.push(landed + running);
        return landed === 60;
      });
      assert.deepEqual(seen, [1, 6, 31, 60]);
      await look(new Date((now += 1000)));
      const after = await planWith(stores.journal.replays, made.id);
      assert.equal(after.state, 'done');
      assert.equal(new Set(got.map(({ subject }) => subject)).size, 60);
      assert.equal(got.length, 60);
    });

    it('stops itself at a canary that fails, and at three failures of one code', async () => {
      await saveMany(60);
      const made = await plan({ queue });
      fails = () => 'ODOO_FAILED';
      await start(at(), made.id, anna);
      const first = await driven(made);
      assert.equal(first.state, 'stopped');
      assert.deepEqual(first.run!.stopped, { why: 'share', landed: 0, of: 1 });
      assert.equal(got.length, 1);
      fails = ({ subject }) => (/100[3-5]$/.test(subject) ? 'ODOO_REFUSED' : undefined);
      await resume(at(), made.id, 'anna');
      const second = await driven(made);
      assert.equal(second.state, 'stopped');
      assert.deepEqual(second.run!.stopped, { why: 'code', code: 'ODOO_REFUSED', count: 3 });
      assert.equal((await counts(made)).failed, 4);
      await cancel(at(), made.id, 'anna');
      await driven(made);
      const { landed, failed, cancelled, running, waiting, refused } = await counts(made);
      assert.deepEqual({ running, waiting, refused }, { running: 0, waiting: 0, refused: 0 });
      assert.equal(landed + failed + cancelled, 60);
    });

    it('needs a second person above a number of letters or an amount, and for what can not be taken back', async () => {
      await saveMany(201);
      const made = await plan({ queue });
      const asked = await start(at(), made.id, anna);
      assert.deepEqual([asked.state, asked.run!.needs], ['approval', ['letters', 'amount']]);
      await driven(made);
      assert.equal(got.length, 0);
      await assert.rejects(approve(at(), made.id, 'anna'), coded('FOUR_EYES'));
      assert.equal((await approve(at(), made.id, 'berta')).state, 'running');
      await assert.rejects(approve(at(), made.id, 'carl'), coded('REPLAY_STATE'));
      await cancel(at(), made.id, 'anna');
    });

    it('sends nothing that somebody chose beside, in the moment another ran it', async () => {
      events['payment.received.v1'] = { irreversible: true };
      const subject = `${queue}-pay`;
      const message = { ...order('payment.received.v1', subject), type: 'payment.received.v1' };
      const letters = [await saveLetter('SO-1'), await saveLetter(subject, { message })];
      const made = await plan(letters.map(({ id }) => id));
      const { replays } = at();
      const late = {
        ...replays,
        async choose(...chosen: Parameters<typeof replays.choose>) {
          assert.equal((await start(at(), made.id, { ...anna, by: 'berta' })).state, 'running');
          await replays.choose(...chosen);
        },
      };
      const asked = start({ ...at(), replays: late }, made.id, { ...anna, include: ['irreversible'] });
      await assert.rejects(asked, coded('REPLAY_STATE'));
      assert.equal((await driven(made)).state, 'done');
      assert.deepEqual((await items(made)).map(({ state }) => state).toSorted(), ['landed', 'out']);
      assert.equal(got.length, 1);
    });

    it('needs one for a single irreversible letter', async () => {
      events[type] = { irreversible: true };
      const letter = await saveLetter('SO-1');
      const made = await plan([letter.id]);
      await assert.rejects(start(at(), made.id, anna), coded('REQUEST_INVALID'));
      const asked = await start(at(), made.id, { ...anna, include: ['irreversible'] });
      assert.deepEqual([asked.state, asked.run!.needs], ['approval', ['irreversible']]);
      await approve(at(), made.id, 'berta');
      assert.equal((await driven(made)).state, 'done');
      assert.equal((await counts(made)).landed, 1);
    });

    it('refuses a plan whose letters changed, and sends nothing of it', async () => {
      const letters = await saveMany(3);
      const made = await plan({ queue });
      await replay(stores, [letters[1]!.id], { by: 'carl' });
      await assert.rejects(start(at(), made.id, anna), coded('REPLAY_CHANGED'));
      assert.equal((await planWith(stores.journal.replays, made.id)).state, 'planned');
      const again = await plan({ queue });
      assert.equal(again.letters, 2);
    });

    it('refuses the letter that changed while the run went on', async () => {
      const letters = await saveMany(3);
      const made = await plan({ queue });
      await start(at(), made.id, anna);
      await stores.journal.move(letters[2]!.id, ['open'], 'discarded');
      await stores.journal.append([
        step({
          time: new Date().toISOString(),
          correlationId: letters[1]!.message.correlationid,
          businessKey: letters[1]!.message.subject,
          flow: 'orders',
          outcome: 'landed',
        }),
      ]);
      assert.equal((await driven(made)).state, 'done');
      const codes = (await items(made)).map(({ state, code }) => [state, code]);
      assert.deepEqual(codes, [
        ['landed', null],
        ['refused', 'REPLAY_CHANGED'],
        ['refused', 'LETTER_NOT_OPEN'],
      ]);
    });

    it('what is in a run is sent by nobody else, and by no second run', async () => {
      const letters = await saveMany(2);
      const [made, second] = [await plan({ queue }), await plan({ queue })];
      await start(at(), made.id, anna);
      await assert.rejects(replayOne(stores, letters[0]!, { by: 'carl' }), coded('REPLAY_RUNNING'));
      await assert.rejects(start(at(), second.id, anna), coded('REPLAY_RUNNING'));
      const third = await plan({ queue });
      assert.deepEqual(
        third.groups.map(({ verdict }) => verdict),
        ['decided'],
      );
      await cancel(at(), made.id, 'anna');
      await replayOne(stores, letters[0]!, { by: 'carl' });
    });

    it('pauses and goes on; cancelled ones stay exceptions', async () => {
      const letters = await saveMany(4);
      const made = await plan({ queue });
      await start(at(), made.id, anna);
      const look = driver();
      await look(new Date());
      await pause(at(), made.id, 'anna');
      assert.equal((await driven(made, [look])).state, 'paused');
      assert.equal(got.length, 1);
      await assert.rejects(pause(at(), made.id, 'anna'), coded('REPLAY_STATE'));
      await resume(at(), made.id, 'anna');
      await until('it goes on', async () => {
        await look(new Date());
        return got.length >= 2;
      });
      const ended = await cancel(at(), made.id, 'berta');
      assert.deepEqual(
        ended.history.map(({ by, what }) => `${by} ${what}`),
        ['anna running', 'anna paused', 'anna running', 'berta cancelled'],
      );
      await driven(made, [look]);
      const { landed, cancelled } = await counts(made);
      assert.equal(landed + cancelled, 4);
      const open = await stores.journal.letters({ ids: letters.map(({ id }) => id), state: 'open' });
      assert.equal(open.length, cancelled);
    });

    it('one hub of many drives a run; where it dies another goes on, and none sends twice', async () => {
      await saveMany(40);
      const made = await plan({ queue });
      await start(at(), made.id, anna);
      const [one, two] = [driver(), driver(await another())];
      const now = Date.now();
      await one(new Date(now));
      await until('one is sent', () => got.length === 1);
      for (let look = 1; look < 5; look += 1) await two(new Date(now + look * 1000));
      assert.equal(got.length, 1);
      const ended = await driven(made, [two]);
      assert.equal(ended.state, 'done');
      assert.equal(got.length, 40);
      assert.equal(new Set(got.map(({ id }) => id)).size, 40);
    });

    it('goes on where it died between a letter and its note', async () => {
      const [letter] = await saveMany(1);
      const made = await plan({ queue });
      await start(at(), made.id, anna);
      const [item] = await items(made);
      // Noted as sent, and then it died.
      await stores.journal.replays.move(item!, 'waiting', 'sent');
      assert.equal((await driven(made)).state, 'done');
      assert.equal(got.length, 1);
      assert.equal((await counts(made)).landed, 1);
      assert.equal((await stores.journal.letters({ ids: [letter!.id] }))[0]!.state, 'replayed');
    });

    it('refuses what is no replay, no letter, and nothing at all', async () => {
      await assert.rejects(planWith(stores.journal.replays, 'none'), coded('REPLAY_UNKNOWN'));
      await assert.rejects(plan(['none']), coded('LETTER_UNKNOWN'));
      await assert.rejects(plan({ queue }), coded('REQUEST_INVALID'));
    });
  });
}
