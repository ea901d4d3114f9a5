/** How the hub does, as the tower tells it: what is known, what is not, and how it was over time. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import type { Broker } from '../runtime/broker/broker.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Consuming, ConsumerState, Hub } from '../runtime/hub/hub.ts';
import { statusOf, recordStatus } from '../runtime/hub/watch.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import type { Tables } from '../runtime/journal/tables.ts';
import { storeKeys } from '../runtime/seal/keys.ts';
import { sealing } from '../runtime/seal/plugin.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';
import { health } from '../runtime/tower/health.ts';
import { pictures } from '../runtime/tower/pictures.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { order } from './conformance/kit.ts';
import { step } from './conformance/rows.ts';
import { describeReal } from './real.ts';

const now = new Date('2026-03-10T12:02:00.000Z');
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const DAY = 24 * 60;
const MIB = 1024 * 1024;

const consuming = (queue: string, state: ConsumerState = { is: 'consuming' }): Consuming => ({
  queue,
  types: ['order.received.v1'],
  flow: `${queue} flow`,
  flowVersion: '1',
  state,
  pause: async () => {},
  resume() {},
});
const away: ConsumerState = { is: 'outage', code: 'ODOO_UNREACHABLE', since: ago(90), nextProbe: ago(-1) };
const down = (): Promise<never> => Promise.reject(new CodedError('BROKER_UNAVAILABLE', 'Away'));

/** A broker that knows no more than it is told. */
const brokerOf = (depths: Record<string, number>, oldest: string | 'unknown' | undefined = 'unknown') =>
  ({
    queues: async () => [],
    depth: async (queue: string) => ({ ready: depths[queue] ?? 0, delayed: 1, unsettled: 2 }),
    oldest: async () => oldest,
  }) as unknown as Broker;

describe('health: embedded', () => {
  let dir: string;
  let store: Store;
  let journal: Journal;
  let reader: Reader;
  let db: Kysely<Tables>;
  const hubWith = (more: Partial<Hub> = {}): Hub =>
    ({
      profile: 'embedded',
      journal,
      broker: embeddedBroker(store),
      consumers: new Set<Consuming>(),
      room: () => ({ used: 40 * MIB, limit: 100 * MIB }),
      disk: async () => 1000 * MIB,
      ...more,
    }) as Hub;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-health-'));
    store = openStore(join(dir, 'crossdock.db'));
    journal = embeddedJournal(store);
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
    ({ db } = reader);
  });
  afterEach(async () => {
    await reader.close();
    await journal.close();
    store.close();
    rmSync(dir, { recursive: true });
  });

  it('tells of queues how much waits, since when, and who takes from them', async () => {
    const broker = embeddedBroker(store);
    for (const queue of ['a', 'b', 'left']) await broker.declare(queue, ['order.received.v1']);
    await broker.publish(order('order.received.v1', 'SO-1'));
    await broker.publishTo('b', order('order.received.v1', 'SO-2'));
    const consumers = new Set([consuming('a'), consuming('b', away), consuming('c', { is: 'paused' })]);
    const { queues, outages, consumers: seen } = await health(hubWith({ broker, consumers }), db, now);
    assert.deepEqual(
      queues.map(({ oldest, ...one }) => ({ ...one, old: oldest !== undefined })),
      [
        { queue: 'b', ready: 2, delayed: 0, working: 0, consumers: 1, old: true },
        { queue: 'a', ready: 1, delayed: 0, working: 0, consumers: 1, old: true },
        { queue: 'left', ready: 1, delayed: 0, working: 0, consumers: 0, old: true },
        { queue: 'c', ready: 0, delayed: 0, working: 0, consumers: 0, old: false },
      ],
    );
    assert.deepEqual(
      outages.map(({ hub: _hub, ...one }) => one),
      [
        {
          flow: 'b flow',
          queue: 'b',
          code: 'ODOO_UNREACHABLE',
          since: ago(90).toISOString(),
          nextTry: ago(-1).toISOString(),
        },
      ],
    );
    assert.deepEqual(
      seen.map(({ flow, consuming, outage, paused }) => [flow, consuming, outage, paused]),
      [
        ['a flow', 1, 0, 0],
        ['b flow', 0, 1, 0],
        ['c flow', 0, 0, 1],
      ],
    );
    await broker.close();
  });

  it('is the same answer while nothing has changed', async () => {
    const hub = hubWith({ consumers: new Set([consuming('a', away)]) });
    assert.deepEqual(await health(hub, db, now), await health(hub, db, ago(-5)));
  });

  it('says which of broker and journal is away, and the rest as known', async () => {
    const broker = { queues: async () => [], depth: down, oldest: down } as unknown as Broker;
    const consumers = new Set([consuming('a', away)]);
    const told = await health(hubWith({ broker, consumers }), db, now);
    assert.deepEqual(told.away, { broker: { code: 'BROKER_UNAVAILABLE', message: 'Away' } });
    assert.deepEqual([told.queues, told.outages.length, told.store.used], [[], 1, 40 * MIB]);
    await reader.close();
    const unread = await health(hubWith({ broker: brokerOf({}), consumers }), db, now);
    assert.equal(unread.away.journal?.code, 'STORE_UNAVAILABLE');
    assert.deepEqual([unread.queues.length, unread.outages.length], [1, 1]);
    assert.deepEqual(unread.store, { used: 40 * MIB, limit: 100 * MIB });
  });

  it('reckons the days left by the growth, within the limit and the disk', async () => {
    const size = async (minutes: number, mib: number) =>
      journal.watched.sample(ago(minutes).toISOString(), [{ name: 'store', subject: '', value: mib * MIB }]);
    await size(4 * DAY, 20);
    await size(4 * DAY - 600, 21);
    await journal.rollups.fold(ago(4 * DAY - 600));
    // Not yet a day of samples.
    assert.deepEqual((await health(hubWith(), db, now)).store, { used: 40 * MIB, limit: 100 * MIB });
    await size(0, 40);
    await journal.rollups.fold(now);
    const known = (await health(hubWith(), db, now)).store;
    assert.deepEqual(known, { used: 40 * MIB, limit: 100 * MIB, growthPerDay: 5 * MIB, daysLeft: 12 });
    const small = await health(hubWith({ disk: async () => 11 * MIB }), db, now);
    assert.deepEqual([small.store.limit, small.store.daysLeft], [51 * MIB, 2]);
    await size(0, 10);
    await size(-60, 10);
    await journal.rollups.fold(ago(-60));
    const shrunk = (await health(hubWith(), db, ago(-60))).store;
    assert.ok(shrunk.growthPerDay! < 0 && shrunk.daysLeft === undefined);
  });

  it('draws the last day by five minutes, 14 days by hours and 90 days by days', async () => {
    const at = (minutes: number, more: object = {}) =>
      step({ time: ago(minutes).toISOString(), flow: 'f', ...more });
    await journal.append([
      at(7, { durationMs: 9 }),
      at(7, { outcome: 'exception' }),
      at(1, { outcome: 'landed', durationMs: 1500 }),
      at(3 * DAY, { flow: 'g' }),
      at(50 * DAY, { flow: 'g' }),
    ]);
    const hub = hubWith({ broker: brokerOf({ q: 4 }), consumers: new Set([consuming('q', away)]) });
    await recordStatus(hub, ago(7));
    await journal.rollups.fold(now);

    const day = await pictures(db, 'day', now);
    assert.equal(day.times.length, 288);
    assert.deepEqual(day.times.slice(-2), [ago(7).getTime() / 1000, ago(2).getTime() / 1000]);
    const [f] = day.flows;
    assert.deepEqual([day.flows.length, f!.flow, f!.steps, f!.failures], [1, 'f', 3, 1]);
    assert.deepEqual(
      [f!.done.slice(-3), f!.failed.slice(-3)],
      [
        [0, 0.2, 0.5],
        [0, 0.2, 0],
      ],
    );
    assert.deepEqual(f!.p95.slice(-3), [null, 9.75, 1950]);
    assert.deepEqual(
      day.queues.map(({ queue, waiting }) => [queue, waiting.slice(-2)]),
      [['q', [7, null]]],
    );
    assert.deepEqual(day.queues[0]!.oldest.slice(-2), [null, null]);
    assert.deepEqual(
      day.outages.map(({ flow, away: share }) => [flow, share.at(-2)]),
      [['q flow', 1]],
    );
    assert.deepEqual([day.hubs.at(-2), day.store.at(-2)! > 0], [1, true]);

    const fortnight = await pictures(db, 'fortnight', now);
    assert.equal(fortnight.times.length, 14 * 24);
    assert.deepEqual(
      fortnight.flows.map(({ flow, steps }) => [flow, steps]),
      [
        ['f', 3],
        ['g', 1],
      ],
    );
    const quarter = await pictures(db, 'quarter', now);
    assert.equal(quarter.times.length, 90);
    assert.deepEqual(
      quarter.flows.map(({ flow, steps }) => [flow, steps]),
      [
        ['f', 3],
        ['g', 2],
      ],
    );
  });
});

describeReal(['postgres'], 'health: cluster', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let journals: Journal[];
  let db: Kysely<Tables>;
  before(async () => {
    journals = await Promise.all([0, 1].map(() => postgresJournal({ url, schema })));
    const pool = new pg.Pool({ connectionString: url, max: 2, options: `-c search_path=${schema}` });
    db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), ...sealing(storeKeys(), 'postgres') });
  });
  after(async () => {
    await Promise.all(journals.map((one) => one.close()));
    await db.schema.dropSchema(schema).cascade().execute();
    await db.destroy();
  });

  it('tells of all hubs as one, and of the age of what no hub holds that it is not known', async () => {
    const hubs = journals.map(
      (journal, at) =>
        ({
          profile: 'cluster',
          journal,
          broker: brokerOf({ a: 10, b: 5 }, at === 1 ? '2026-03-10T11:00:00.000Z' : 'unknown'),
          consumers: new Set(at === 1 ? [consuming('a', away)] : [consuming('b'), consuming('a')]),
        }) as unknown as Hub,
    );
    await recordStatus(hubs[1]!, now);
    const { queues, outages, hubs: seen, store, away: gone } = await health(hubs[0]!, db, ago(-1));
    assert.deepEqual(queues, [
      { queue: 'a', ready: 10, delayed: 2, working: 4, consumers: 2, oldest: '2026-03-10T11:00:00.000Z' },
      { queue: 'b', ready: 5, delayed: 1, working: 2, consumers: 1, oldestUnknown: true },
    ]);
    assert.equal(outages.length, 1);
    assert.deepEqual(
      seen.map(({ here, consumers }) => [here, consumers]),
      [
        [true, 2],
        [false, 1],
      ],
    );
    assert.deepEqual([store, gone], [{}, {}]);
    assert.equal((await health(hubs[0]!, db, ago(-5))).hubs.length, 1);
    await journals[0]!.rollups.fold(now);
    const { used, limit } = (await health(hubs[0]!, db, ago(-1))).store;
    assert.ok(used! > 100_000 && limit === undefined);
    await pictures(db, 'day', now);
  });
});

it('a broker that never answers is away', async () => {
  const never = { queues: () => new Promise<never>(() => {}) } as unknown as Broker;
  const { brokerAway } = await statusOf({ broker: never, consumers: new Set() }, 10);
  assert.equal(brokerAway?.code, 'BROKER_UNAVAILABLE');
});
