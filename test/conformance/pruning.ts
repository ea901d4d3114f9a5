/** What goes, what stays and why, on any store. */
import assert from 'node:assert/strict';
import type { PluginTransformQueryArgs } from 'kysely';
import type { ProcessRow } from '../../runtime/journal/tables.ts';
import type { DeadLetter, Journal } from '../../runtime/journal/journal.ts';
import { prune, type PruneResult } from '../../runtime/retention/prune.ts';
import { loadRetention, type Retention } from '../../runtime/retention/rules.ts';
import { letter, step, untold } from './rows.ts';

export const keep = loadRetention('definitions')!;
export const now = new Date('2031-03-15T03:00:00.000Z');
export const ago = (days: number) => new Date(now.getTime() - days * 86_400_000);
export const isoAgo = (days: number) => ago(days).toISOString();

/** Of the rows that went, by what they are. */
export const gone = ({ pruned }: PruneResult) =>
  Object.fromEntries(pruned.filter(({ rows }) => rows > 0).map(({ what, rows }) => [what, rows]));

/** Called with each query. */
export function counting(told: (query: PluginTransformQueryArgs) => void) {
  return {
    transformQuery: (query: PluginTransformQueryArgs) => (told(query), query.node),
    transformResult: async ({ result }: { result: unknown }) => result,
  } as never;
}

interface Opened {
  journal: Journal;
  /** Its clock shows this time from now on. */
  at(time: Date): void;
}

export const settled = (days: number, more: Partial<DeadLetter> = {}) =>
  letter({
    state: 'discarded',
    firstFailed: isoAgo(days + 1),
    lastFailed: isoAgo(days + 1),
    decision: { time: isoAgo(days), by: 'eve' },
    history: [{ time: isoAgo(days + 1), code: 'X', flowVersion: '1' }],
    ...more,
  });

export const instance = (key: string, number: string, state: ProcessRow['state'], days: number) => ({
  process: 'order-to-cash',
  key,
  number,
  state,
  due: null,
  attention: 0 as const,
  ...untold,
  started: isoAgo(days + 5),
  updated: isoAgo(days),
  step: state === 'running' ? 'payment' : null,
  body: '{}',
});

/** On an empty store. */
export function pruning(open: () => Promise<Opened>): void {
  const run = (journal: Journal, more: Partial<Parameters<typeof prune>[2]> = {}, rules: Retention = keep) =>
    prune(journal, rules, { now, rest: 0, ...more });

  it('lets go what is older than its rule and nothing else, as the dry run said', async () => {
    const { journal, at } = await open();
    const message = letter().message;
    await journal.append([
      ...[700, 500, 440].map((days) => step({ time: isoAgo(days), businessKey: `old-${days}` })),
      ...[390, 100, 1].map((days) => step({ time: isoAgo(days), businessKey: 'young' })),
      step({ time: isoAgo(8), correlationId: 'kept', message }),
      step({ time: isoAgo(6), correlationId: 'kept', message: { ...message, id: 'young' } }),
    ]);
    for (const days of [401, 91, 89]) await journal.saveDeadLetter(settled(days, { id: `d${days}` }));
    for (const days of [401, 399]) {
      await journal.processes.add(instance(`shopify/p${days}`, `p${days}`, 'done', days));
      at(ago(days));
      await journal.documents.put('order-kept', `shopify/${days}`, '{}');
      await journal.documents.add('promotion', `${days}`, '{}');
      await journal.documents.put('edi-number', `acme/m${days}`, '7');
      await journal.documents.put('edi-number', `acme${days}`, '7');
      await journal.advance(`order/${days}`, '1');
    }
    at(ago(1));
    const told = await run(journal, { dryRun: true });
    const expected = {
      steps: 3,
      'kept messages': 1,
      'data of exceptions': 2,
      exceptions: 1,
      'ended processes': 1,
      'documents order-kept': 1,
      'documents edi-number': 1,
      versions: 1,
    };
    assert.deepEqual(gone(told), expected);
    const ran = await run(journal);
    assert.deepEqual(gone(ran), expected);
    assert.deepEqual(gone(await run(journal)), {});

    const names = (await journal.trace({ limit: 100 })).map(({ businessKey }) => businessKey);
    assert.equal(names.filter((name) => name.startsWith('old')).length, 0);
    assert.equal(names.length, 5);
    assert.deepEqual(
      (await journal.kept('kept')).map(({ id }) => id),
      ['young'],
    );
    const letters = await journal.letters({ state: 'discarded' });
    assert.deepEqual(
      letters.map(({ id, emptied, message }) => [id, emptied, message.data === null, message.subject]),
      [
        ['d89', undefined, false, 'SO-1'],
        ['d91', true, true, 'SO-1'],
      ],
    );
    assert.equal(letters[1]!.history.length, 1);
    assert.deepEqual(
      (await journal.processes.list()).map(({ key }) => key),
      ['shopify/p399'],
    );
    assert.equal((await journal.documents.list('promotion')).length, 2);
    assert.deepEqual(
      (await journal.documents.list('edi-number')).map(({ id }) => id),
      ['acme401', 'acme399', 'acme/m399'],
    );
    assert.deepEqual(
      [await journal.version('order/401'), await journal.version('order/399')],
      [undefined, '1'],
    );
  });

  it('leaves what a running process or a letter that waits is about, however old it is', async () => {
    const { journal, at } = await open();
    at(ago(600));
    const waiting = { ...letter().message, correlationid: 'c-letter', subject: '2002', time: isoAgo(2) };
    await journal.saveDeadLetter(
      letter({
        id: 'parked',
        state: 'parked',
        waitsFor: 'order/2002',
        message: waiting,
        lastFailed: isoAgo(600),
      }),
    );
    await journal.processes.add(instance('shopify/1001', '1001', 'running', 600));
    await journal.processes.add(instance('shopify/2002', '2002', 'done', 600));
    await journal.processes.add(instance('shopify/3003', '3003', 'cancelled', 600));
    for (const number of ['1001', '2002', '3003']) {
      await journal.documents.put('order-kept', `shopify/${number}`, '{}');
      await journal.documents.put('newest-event', `stock.told.v1/shopify/${number}`, '{}');
      await journal.advance(`order/${number}`, '1');
    }
    await journal.append([
      step({ time: isoAgo(600), correlationId: 'c-process', businessKey: '' }),
      step({ time: isoAgo(600), correlationId: 'c-process', businessKey: '1001' }),
      step({ time: isoAgo(600), correlationId: 'c-letter', businessKey: '' }),
      step({ time: isoAgo(600), correlationId: 'c-gone', businessKey: '3003' }),
    ]);
    at(now);
    const told = await run(journal, { dryRun: true });
    const ran = await run(journal);
    assert.deepEqual(gone(told), gone(ran));
    assert.deepEqual(gone(ran), {
      steps: 1,
      'ended processes': 1,
      'documents order-kept': 1,
      'documents newest-event': 1,
      versions: 1,
    });
    const left = await journal.trace({ limit: 100 });
    assert.deepEqual(left.map(({ correlationId }) => correlationId).toSorted(), [
      'c-letter',
      'c-process',
      'c-process',
    ]);
    assert.equal((await journal.trace({ businessKey: '1001' })).length, 2);
    assert.equal(await journal.version('order/2002'), '1');
  });

  it('keeps versions that landed after something that waits was sent', async () => {
    const { journal, at } = await open();
    const message = { ...letter().message, time: isoAgo(500) };
    await journal.saveDeadLetter(letter({ message, lastFailed: isoAgo(500) }));
    for (const days of [501, 450]) {
      at(ago(days));
      await journal.advance(`product/${days}`, '1');
    }
    assert.deepEqual(gone(await run(journal)), { versions: 1 });
    assert.equal(await journal.version('product/450'), '1');
  });

  it('goes on after it ended at any place', async () => {
    const { journal } = await open();
    const old = Array.from({ length: 1000 }, (_, at) => step({ time: isoAgo(500 + at / 1000) }));
    await journal.append(old);
    const ended = new AbortController();
    const { upkeep, rollups } = journal;
    let pieces = 0;
    const { months: _months, ...pieceByPiece } = upkeep;
    const ending = {
      rollups,
      upkeep: {
        ...pieceByPiece,
        db: upkeep.db.withPlugin(counting(() => (pieces += 1) > 24 && ended.abort())),
      },
    };
    await assert.rejects(prune(ending, keep, { now, rest: 0, signal: ended.signal }));
    const { length } = await journal.trace({ limit: 2000 });
    assert.ok(length > 0 && length < 1000, `${length}`);
    assert.deepEqual(gone(await run(journal)), { steps: length });
  });

  it('lets names go with what they lead to', async () => {
    const { journal } = await open();
    const named = (value: string, more: object) => step({ names: [{ kind: 'order', value }], ...more });
    const of = (key: string) => ({ process: 'order-to-cash', key });
    await journal.append([
      named('old transaction', { time: isoAgo(500) }),
      named('young transaction', { time: isoAgo(500), correlationId: 'goes on' }),
      named('young transaction', { time: isoAgo(5), correlationId: 'goes on' }),
      named('old order', { time: isoAgo(500), about: of('shopify/old') }),
      named('young order', { time: isoAgo(500), about: of('shopify/young') }),
    ]);
    await journal.processes.add(instance('shopify/old', 'old', 'done', 500));
    await journal.processes.add(instance('shopify/young', 'young', 'done', 5));
    for (const days of [500, 5])
      await journal.saveDeadLetter(settled(days, { id: `l${days}` }), [
        { kind: 'order', value: `letter ${days}` },
      ]);
    const told = await run(journal, { dryRun: true });
    const ran = await run(journal);
    assert.deepEqual(gone(told), gone(ran));
    assert.deepEqual(gone(ran), {
      'data of exceptions': 1,
      exceptions: 1,
      'ended processes': 1,
      'names of transactions': 1,
      steps: 4,
    });
    const left = await journal.upkeep.db
      .selectFrom('alias')
      .select('value')
      .where('kind', '=', 'order')
      .execute();
    assert.deepEqual(left.map(({ value }) => value).toSorted(), [
      'letter 5',
      'young order',
      'young transaction',
    ]);
    assert.deepEqual(gone(await run(journal)), {});
  });

  it('lets replays go that ended, and their letters', async () => {
    const { journal } = await open();
    const idOf = (days: number) => {
      const hex = ago(days).getTime().toString(16).padStart(12, '0');
      return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-a000-000000000000`;
    };
    const item = {
      letter: 'l',
      last_failed: isoAgo(401),
      subject: '',
      flow: 'f',
      failed_code: 'X',
      flow_version: '1',
    };
    const judged = { verdict: 'safe', why: '{}', irreversible: 0, amount: null, currency: null, code: null };
    for (const [days, isOpen] of [
      [401, 0],
      [402, 1],
      [399, 0],
    ] as const) {
      const plan = {
        id: idOf(days),
        state: isOpen ? 'running' : 'ended',
        open: isOpen,
        body: '{}',
        revision: 1,
      };
      const items = Array.from({ length: 300 }, (_, n) => ({
        ...item,
        ...judged,
        plan: plan.id,
        n,
        state: 'landed' as const,
      }));
      await journal.replays.add(plan, items);
    }
    const told = await run(journal, { dryRun: true });
    assert.deepEqual(
      [gone(told), gone(await run(journal))],
      [{ 'ended replays': 1 }, { 'ended replays': 1 }],
    );
    assert.equal(told.pruned.find(({ what }) => what === 'ended replays')!.oldest, isoAgo(401));
    assert.deepEqual(
      (await journal.replays.list()).map(({ id }) => id),
      [idOf(399), idOf(402)],
    );
    const left = await journal.upkeep.db.selectFrom('replay_item').select('plan').distinct().execute();
    assert.equal(left.length, 2);
  });

  it('names the documents of which no rule tells', async () => {
    const { journal } = await open();
    await journal.documents.put('riddle', '1', '{}');
    const { withoutRule } = await run(journal, { dryRun: true });
    assert.deepEqual(withoutRule, ['riddle']);
  });
}
