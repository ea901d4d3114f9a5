/** Replays on both profiles, and how a run goes on. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { together } from '../runtime/stores/stores.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { isAbove, sumOf } from '../runtime/replay/money.ts';
import { next, type Next } from '../runtime/replay/pace.ts';
import { approve } from '../runtime/replay/run.ts';
import { coded } from './conformance/kit.ts';
import { replayConformance } from './conformance/replay.ts';
import { removeNames } from './rabbit-names.ts';
import { describeReal } from './real.ts';

describe('embedded replays', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-replay-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  replayConformance('embedded', () => openStores({ profile: 'embedded', dataDir, env: {} }));
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'cluster replays', ({ rabbitmq, redis, postgres }) => {
  const name = `test_${randomUUID().slice(0, 8)}`;
  const queues = new Set<string>();
  let admin: pg.Pool;

  before(() => (admin = new pg.Pool({ connectionString: postgres.url, max: 1 })));
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
    await admin.end();
    await removeNames(rabbitmq.url, name, queues);
  });

  replayConformance(
    'cluster',
    async () => {
      const [broker, guard, journal] = await Promise.all([
        rabbitBroker({ url: rabbitmq.url, prefix: name }),
        redisGuard({ url: redis.url, prefix: `${name}:` }),
        postgresJournal({ url: postgres.url, schema: name }),
      ]);
      return together(broker, guard, journal, () => {});
    },
    queues,
  );
});

describe('the money of a replay', () => {
  it('is added to the last digit, in each currency for itself', () => {
    const of = (currency: string, ...amounts: string[]) => amounts.map((amount) => ({ amount, currency }));
    const sums = sumOf([...of('KWD', '0.001', '0.001'), ...of('EUR', '-5', '0.1'), ...of('JPY', '1000')]);
    assert.deepEqual(sums, { EUR: '5.10', JPY: '1000.00', KWD: '0.002' });
    assert.ok(isAbove(sumOf(of('KWD', '100.004')), '100'));
  });
});

describe('who agrees to a run', () => {
  it('is nobody who planned it or asked for it, under another spelling neither', async () => {
    let plan = { id: 'r1', by: 'anna', state: 'approval', history: [], revision: 1, run: { by: 'ben' } };
    const replays = {
      get: async () => ({
        id: 'r1',
        state: plan.state,
        revision: 1,
        attention: 1,
        body: JSON.stringify(plan),
      }),
      replace: async ({ body }: { body: string }) => ((plan = JSON.parse(body) as typeof plan), true),
    };
    const stores = { replays } as never;
    for (const who of ['anna', 'Anna', ' ANNA', 'ben', 'Ben'])
      await assert.rejects(approve(stores, 'r1', who), coded('FOUR_EYES'));
    assert.equal((await approve(stores, 'r1', 'carla')).run?.approvedBy, 'carla');
  });
});

describe('how a run goes on', () => {
  const cases: [string, { waiting: number; running?: number; landed?: number; failed?: number }, Next][] = [
    ['begins with one', { waiting: 100 }, { do: 'send', most: 1 }],
    ['waits for it', { waiting: 99, running: 1 }, { do: 'wait' }],
    ['sends five when it landed', { waiting: 99, landed: 1 }, { do: 'send', most: 5 }],
    [
      'stops when it failed',
      { waiting: 99, failed: 1 },
      { do: 'stop', stopped: { why: 'share', landed: 0, of: 1 } },
    ],
    ['sends the rest of the five', { waiting: 97, landed: 2, running: 1 }, { do: 'send', most: 3 }],
    ['sends twenty-five', { waiting: 94, landed: 6 }, { do: 'send', most: 25 }],
    [
      'stops at one of six',
      { waiting: 94, landed: 5, failed: 1 },
      { do: 'stop', stopped: { why: 'share', landed: 5, of: 6 } },
    ],
    ['goes on at one of thirty-one', { waiting: 69, landed: 30, failed: 1 }, { do: 'send', most: 100 }],
    [
      'stops at two of thirty-one',
      { waiting: 69, landed: 29, failed: 2 },
      { do: 'stop', stopped: { why: 'share', landed: 29, of: 31 } },
    ],
    [
      'has no more than a hundred under way',
      { waiting: 900, landed: 40, running: 60 },
      { do: 'send', most: 40 },
    ],
    ['waits for the last', { waiting: 0, running: 2, landed: 40 }, { do: 'wait' }],
    ['ends when all are told', { waiting: 0, landed: 40, failed: 3 }, { do: 'end' }],
  ];
  for (const [what, { waiting, running = 0, landed = 0, failed = 0 }, expected] of cases)
    it(what, () => assert.deepEqual(next({ waiting, running }, { landed, failed, codes: {} }), expected));

  it('stops at three of one code, whatever landed', () => {
    const told = { landed: 900, failed: 3, codes: { ODOO_REFUSED: 3 } };
    const stopped = { why: 'code', code: 'ODOO_REFUSED', count: 3 };
    assert.deepEqual(next({ waiting: 9, running: 0 }, told), { do: 'stop', stopped });
    assert.deepEqual(next({ waiting: 9, running: 0 }, { ...told, codes: { A: 2, B: 1 } }).do, 'send');
  });
});
