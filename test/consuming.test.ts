/** What becomes of consumed messages that fail, come too early or too late: whole flows in Node-RED, on both profiles. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import helper from 'node-red-node-test-helper';
import type { NodeAPI } from 'node-red';
import pg from 'pg';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { sweepParked } from '../runtime/dead/release.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { createLog } from '../runtime/log/log.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import type { Outcome, Step } from '../runtime/journal/step.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import type { Policy } from '../runtime/recovery/recover.ts';
import { removeNames } from './rabbit-names.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { nodesOf } from './hub-in-helper.ts';

const types = ['broker', 'store', 'event-consume', 'idempotency-guard'];
const factories = await nodesOf(types);

interface Event {
  id: string;
  updated?: string;
  changes?: boolean;
}

/** Stands for the work of a flow and its target. */
let work: (event: Event) => Promise<void> | void = () => {};
let begun: Event[] = [];
let atWork = 0;
let mostAtWork = 0;
function worker(RED: NodeAPI): void {
  RED.nodes.registerType('worker', function (this: object, config: object) {
    RED.nodes.createNode(this as never, config as never);
    const node = this as unknown as { on(event: string, handler: unknown): void };
    node.on('input', (msg: { payload: Event }, _send: unknown, done: (error?: unknown) => void) => {
      begun.push(msg.payload);
      mostAtWork = Math.max(mostAtWork, (atWork += 1));
      sleep(5)
        .then(() => work(msg.payload))
        .finally(() => (atWork -= 1))
        .then(() => done(), done);
    });
  } as never);
}

const policy: Policy = {
  policy: 'quick',
  summary: 'Four tries in half a second',
  immediate: 1,
  delays: [0.1, 0.3],
  jitter: 0,
  outage: ['ODOO_UNREACHABLE', 'ODOO_AUTH', 'STORE_UNAVAILABLE'],
  suspect: { codes: ['ODOO_FAILED'], messages: 3 },
  park: { codes: ['PREDECESSOR_MISSING'], forHours: 1 },
};

const at = { z: 'tab', x: 1, y: 1 };
const tab = {
  id: 'tab',
  type: 'tab',
  label: 'test-flow',
  env: [{ name: 'FLOW_VERSION', value: '2.1.0', type: 'str' }],
};
const shared = [
  { id: 'the-broker', type: 'broker', policy: 'quick', concurrency: 4 },
  { id: 'the-store', type: 'store', leaseSeconds: 5 },
];
const theWork = { ...at, id: 'work', type: 'worker', name: 'the work', wires: [] };

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(15))
    assert.ok(Date.now() < end, `never: ${what}`);
}

/** Of all tests, by the names they have without a prefix. */
const queues = new Set<string>();

/** `journalProxy` stands before the journal's database, where that has one. */
function consuming(
  profile: string,
  openOther?: () => Promise<Omit<Stores, 'close'>>,
  journalProxy?: () => TcpProxy,
): void {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-consuming-'));
  let hub: Hub;
  let other: Omit<Stores, 'close'> | undefined;
  let untrack: () => void;
  let queue: string;
  let type: string;

  before(async () => {
    const log = createLog({ level: 'silent' });
    hub = await openHub({ profile: 'embedded', dataDir, definitionsDir: 'definitions', env: {}, log });
    other = await openOther?.();
    Object.assign(hub, other);
    hub.policies.set('quick', policy);
    untrack = trackDeliveries(hub.deliveries, hub.log);
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(async () => {
    untrack();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
    await other?.broker.close();
    await Promise.all([other?.guard.close(), other?.journal.close()]);
    await hub.close();
    rmSync(dataDir, { recursive: true });
  });
  beforeEach(() => {
    [begun, atWork, mostAtWork, work] = [[], 0, 0, () => {}];
    queue = `q-${randomUUID()}`;
    queues.add(queue);
    type = `record.changed.${queue}.v1`;
  });
  afterEach(async () => {
    work = () => {};
    await hub.pause();
    await helper.unload();
  });

  const consume = (wires: string): object => ({
    ...at,
    id: 'in',
    type: 'event-consume',
    broker: 'the-broker',
    types: [type],
    queue,
    wires: [[wires]],
  });
  async function run(...nodes: object[]): Promise<void> {
    const flow = nodes.length > 0 ? [consume('guard'), ...nodes] : [consume('work')];
    await helper.load([...factories, worker] as never, [tab, ...shared, ...flow, theWork] as never);
    await hub.resume();
    await until('consuming', () => state()?.is === 'consuming');
  }
  const state = () => [...hub.consumers][0]?.state;
  const send = async (data: Event, key = data.id): Promise<string> => {
    const message = envelope({ source: 'acme', type, subject: key, flow: 'test', flowversion: '1', data });
    await hub.broker.publish(message);
    return message.id;
  };
  const names = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, n) => `${prefix}${n}-${queue}`);
  const steps = (key: string): Promise<Step[]> => hub.journal.trace({ businessKey: key });
  const outcomes = async (key: string) => (await steps(key)).map(({ outcome }) => outcome);
  const became = (key: string, outcome: Outcome): Promise<void> =>
    until(`${key} ${outcome}`, async () => (await outcomes(key)).includes(outcome));
  const empty = (): Promise<void> =>
    until('the queue is empty', async () => {
      const { ready, delayed, unsettled } = await hub.broker.depth(queue);
      return ready + delayed + unsettled === 0;
    });
  const allBegun = (keys: string[]): Promise<void> =>
    until('all have begun', () => keys.every((key) => begun.some(({ id }) => id === key)));
  const letters = () => hub.journal.letters({ queue });
  const failing = (code: Code) => () => {
    throw new CodedError(code, `The words of ${code}`);
  };

  describe(`consumed messages, ${profile}`, () => {
    it('are tried at once, then later, then kept with all that was tried', async () => {
      await run();
      const tries: number[] = [];
      work = () => {
        tries.push(Date.now());
        failing(tries.length === 1 ? 'ODOO_BUSY' : 'ODOO_ANSWER_LOST')();
      };
      const [key = ''] = names('tried', 1);
      const id = await send({ id: key });
      await became(key, 'exception');
      await empty();
      assert.equal(tries.length, 4);
      assert.ok(tries[2]! - tries[1]! >= 90 && tries[3]! - tries[2]! >= 290);
      const noted = (await steps(key)).filter(({ outcome }) => outcome === 'retrying');
      assert.deepEqual(
        noted.map(({ step, code, reference }) => [step, code, reference]),
        ['ODOO_BUSY', 'ODOO_ANSWER_LOST', 'ODOO_ANSWER_LOST'].map((code) => ['the work', code, id]),
      );
      const [letter] = await letters();
      assert.deepEqual(
        [letter?.firstCode, letter?.firstReason, letter?.code, letter?.attempts, letter?.state],
        ['ODOO_BUSY', 'The words of ODOO_BUSY', 'ODOO_ANSWER_LOST', 4, 'open'],
      );
      assert.deepEqual([letter?.flow, letter?.flowVersion], ['test-flow', '2.1.0']);
      assert.deepEqual(
        letter?.history.map(({ code, flowVersion }) => [code, flowVersion]),
        ['ODOO_BUSY', ...Array<string>(3).fill('ODOO_ANSWER_LOST')].map((code) => [code, '2.1.0']),
      );
      assert.equal(letter?.firstFailed, letter?.history[0]?.time);
    });

    it('wait out an outage without a counted try, one going to see now and then; then all flow', async () => {
      await run();
      work = failing('ODOO_AUTH');
      const keys = names('out', 20);
      for (const key of keys) await send({ id: key });
      await until('an outage', () => state()?.is === 'outage');
      const met = begun.length;
      assert.ok(met <= 4);
      mostAtWork = 0;
      await until('a probe', () => begun.length > met);
      const seen = state();
      assert.ok(seen?.is === 'outage' && seen.code === 'ODOO_AUTH' && seen.nextProbe >= seen.since);
      assert.equal(mostAtWork, 1);
      work = () => {};
      await until('it is over', () => state()?.is === 'consuming');
      await allBegun(keys);
      await empty();
      const noted = (await Promise.all(keys.map(outcomes))).flat();
      assert.deepEqual(noted, ['outage']);
      assert.deepEqual(await letters(), []);
    });

    it('that fail alone, while others succeed, become exceptions and hold nobody up', async () => {
      await run();
      const [bad = '', ...good] = names('alone', 12);
      work = ({ id }) => (id === bad ? failing('ODOO_FAILED')() : undefined);
      for (const key of [bad, ...good]) await send({ id: key });
      await became(bad, 'exception');
      await allBegun(good);
      await empty();
      assert.equal((await letters())[0]?.attempts, 4);
    });

    it('that fail all the same way are an outage, and few tries of few are counted', async () => {
      await run();
      work = failing('ODOO_FAILED');
      const keys = names('same', 12);
      for (const key of keys) await send({ id: key });
      await until('an outage', () => state()?.is === 'outage');
      await sleep(1500);
      [begun, work] = [[], () => {}];
      await allBegun(keys);
      await empty();
      const noted = (await Promise.all(keys.map(outcomes))).flat();
      assert.ok(noted.filter((outcome) => outcome === 'retrying').length <= 6, noted.join());
      assert.deepEqual(await letters(), []);
    });

    if (journalProxy) {
      it('wait for the journal where it cannot be reached to decide: nothing lost, no try counted', async () => {
        await run();
        const [key = ''] = names('undecided', 1);
        work = () => {
          if (begun.length > 1) return;
          journalProxy().down();
          failing('ODOO_BUSY')();
        };
        await send({ id: key });
        await until('an outage', () => state()?.is === 'outage');
        await sleep(500);
        assert.equal(begun.length, 1);
        journalProxy().up();
        await until('it is worked on again', () => begun.length > 1);
        await empty();
        assert.deepEqual(await outcomes(key), []);
        assert.deepEqual(await letters(), []);
      });
    }

    it('begin as soon as the broker takes the subscription', async () => {
      const { consume: original } = hub.broker;
      hub.broker.consume = () => {
        hub.broker.consume = original;
        return Promise.reject(new CodedError('BROKER_UNAVAILABLE', 'Down'));
      };
      const [key = ''] = names('begin', 1);
      await run();
      await send({ id: key });
      await until('it is worked on', () => begun.length === 1);
    });

    it("that a broker calls not the hub's own are put before a person, and no node works on them", async () => {
      const { consume: original } = hub.broker;
      const refused = new CodedError('EVENT_UNSEALED', 'The event has no seal');
      hub.broker.consume = (subscription) => {
        hub.broker.consume = original;
        const handle: typeof subscription.handle = (one) => subscription.handle({ ...one, refused });
        return original({ ...subscription, handle });
      };
      const [key = ''] = names('unsealed', 1);
      await run();
      await send({ id: key });
      await until('an exception', async () => (await letters()).length > 0);
      assert.deepEqual(
        (await letters()).map(({ code }) => code),
        ['EVENT_UNSEALED'],
      );
      assert.deepEqual(begun, []);
      await empty();
    });

    it('are given back at once when the flow is deployed in an outage, and done after', async () => {
      await run();
      work = failing('ODOO_UNREACHABLE');
      const keys = names('deploy', 12);
      for (const key of keys) await send({ id: key });
      await until('an outage', () => state()?.is === 'outage');
      const started = Date.now();
      await hub.pause();
      assert.ok(Date.now() - started < 1500);
      assert.equal(state()?.is, 'paused');
      await helper.unload();
      begun = [];
      work = () => {};
      await run();
      await allBegun(keys);
      await empty();
      assert.deepEqual(begun.map(({ id }) => id).toSorted(), keys.toSorted());
      assert.ok(!(await Promise.all(keys.map(outcomes))).flat().includes('retrying'));
    });
  });

  const guard = {
    ...at,
    id: 'guard',
    type: 'idempotency-guard',
    store: 'the-store',
    key: "payload.id & '/' & payload.updated",
    record: 'payload.id',
    version: 'payload.updated',
    needs: 'payload.changes',
    wires: [['work'], [], []],
  };

  describe(`records in order, ${profile}`, () => {
    it('an update before its create is parked, and goes on when the create has landed', async () => {
      await run(guard);
      const [id = ''] = names('early', 1);
      await send({ id, updated: '2', changes: true });
      await became(id, 'parked');
      await empty();
      const [letter] = await letters();
      assert.deepEqual([letter?.state, letter?.waitsFor], ['parked', `test-flow/${id}`]);
      assert.ok(Date.parse(letter?.until ?? '') > Date.now() + 3_500_000);
      assert.deepEqual(begun, []);
      await send({ id, updated: '1' });
      await until('both have landed', () => begun.length === 2);
      await until('version 2', async () => (await hub.journal.version(`test-flow/${id}`)) === '2');
      assert.deepEqual(
        begun.map(({ updated }) => updated),
        ['1', '2'],
      );
      assert.deepEqual([(await letters())[0]?.state, (await letters()).length], ['replayed', 1]);
      await until('its replay is told', async () => (await letters())[0]?.settled !== undefined);
    });

    it('an update before its create leaves at once where it does not wait, and counts as no change', async () => {
      await run({ ...guard, claim: false, early: 'leave', wires: [['work'], [], [], ['work']] });
      const [id = ''] = names('leaves', 1);
      await send({ id, updated: '2', changes: true });
      await until('it left by early', () => begun.length === 1);
      await empty();
      assert.equal(await hub.journal.version(`test-flow/${id}`), undefined);
      await send({ id, updated: '1' });
      await until('version 1', async () => (await hub.journal.version(`test-flow/${id}`)) === '1');
      await send({ id, updated: '2', changes: true });
      await until('version 2', async () => (await hub.journal.version(`test-flow/${id}`)) === '2');
      assert.deepEqual(
        begun.map(({ updated }) => updated),
        ['2', '1', '2'],
      );
      assert.deepEqual(await letters(), []);
    });

    it('the first that may be one leaves by early and counts, the next by new, an older one not at all', async () => {
      const counting = { ...guard, needs: 'true', early: 'count' };
      await run({ ...counting, wires: [[], [], [], ['work']] });
      const [id = ''] = names('first', 1);
      await send({ id, updated: '2' });
      await until('version 2', async () => (await hub.journal.version(`test-flow/${id}`)) === '2');
      await send({ id, updated: '1' });
      await became(id, 'superseded');
      await helper.unload();
      await run({ ...counting, wires: [['work'], [], [], []] });
      await send({ id, updated: '3' });
      await until('version 3', async () => (await hub.journal.version(`test-flow/${id}`)) === '3');
      assert.deepEqual(
        begun.map(({ updated }) => updated),
        ['2', '3'],
      );
    });

    it('is not forgotten where its create lands while it is being parked', async () => {
      await run(guard);
      const [id = ''] = names('race', 1);
      const { journal } = hub;
      const record = `test-flow/${id}`;
      hub.journal = {
        ...journal,
        async saveDeadLetter(letter) {
          hub.journal = journal;
          // Another worker lands the create, and finds nothing to release.
          await journal.advance(record, '1');
          await journal.saveDeadLetter(letter);
        },
      };
      await send({ id, updated: '2', changes: true });
      await until('it has landed', async () => (await journal.version(record)) === '2');
      assert.deepEqual(
        begun.map(({ updated }) => updated),
        ['2'],
      );
    });

    it('waits for a person when its create has not come in time', async () => {
      await run(guard);
      const [id = ''] = names('never', 1);
      await send({ id, updated: '2', changes: true });
      await became(id, 'parked');
      await sweepParked(hub, new Date(Date.now() + 3_500_000));
      assert.equal((await letters())[0]?.state, 'parked');
      await sweepParked(hub, new Date(Date.now() + 3_700_000));
      const [letter] = await letters();
      assert.deepEqual([letter?.state, letter?.code], ['open', 'PREDECESSOR_MISSING']);
      assert.deepEqual(await outcomes(id), ['parked', 'exception']);
      assert.deepEqual(begun, []);
    });

    it('an older version than has landed is left out and noted; the same one goes on to its claim', async () => {
      await run(guard);
      const [id = ''] = names('late', 1);
      await send({ id, updated: '2026-11-02' });
      await until('it has landed', async () => (await hub.journal.version(`test-flow/${id}`)) !== undefined);
      await empty();
      await send({ id, updated: '2026-11-01' });
      await became(id, 'superseded');
      const step = (await steps(id)).at(-1);
      assert.deepEqual([step?.step, step?.reference], ['idempotency-guard', `test-flow/${id}`]);
      assert.match(step?.detail ?? '', /2026-11-02 has landed/);
      await send({ id, updated: '2026-11-02' });
      await became(id, 'duplicate');
      await empty();
      assert.equal(begun.length, 1);
      assert.deepEqual(await letters(), []);
    });

    it('a version has not landed when its work has failed', async () => {
      await run(guard);
      const [id = ''] = names('failed', 1);
      work = failing('PRODUCT_UNKNOWN');
      await send({ id, updated: '1' });
      await became(id, 'exception');
      assert.equal(await hub.journal.version(`test-flow/${id}`), undefined);
      // So that a plan of a replay knows what it would have changed.
      assert.deepEqual((await letters())[0]?.facts, { record: `test-flow/${id}`, version: '1' });
    });

    it('what a dead worker had claimed waits for the end of its lease, and no try is counted', async () => {
      await run({ ...guard, record: '', version: '', needs: '', key: 'payload.id' });
      const [id = ''] = names('claimed', 1);
      const data = { id };
      const { createHash } = await import('node:crypto');
      const fingerprint = createHash('sha256').update(JSON.stringify(data)).digest('base64');
      await hub.guard.claim({ key: `test-flow/${id}`, fingerprint, leaseMs: 1200 });
      const claimedAt = Date.now();
      await send(data);
      await until('it is worked on', () => begun.length === 1);
      assert.ok(Date.now() - claimedAt >= 1150);
      await empty();
      const noted = await steps(id);
      assert.deepEqual(
        [...new Set(noted.map(({ outcome, code }) => `${outcome} ${code}`))],
        ['outage CLAIM_IN_FLIGHT'],
      );
    });
  });
}

describe('embedded profile', () => consuming('embedded'));

describeReal(['rabbitmq', 'redis', 'postgres'], 'cluster profile', ({ rabbitmq, redis, postgres }) => {
  const name = `consuming_${randomUUID().slice(0, 8)}`;
  let proxy: TcpProxy;
  before(async () => {
    const { hostname, port } = new URL(postgres.url);
    proxy = await tcpProxy(Number(port), hostname);
  });
  after(async () => {
    await proxy.close();
    await removeNames(rabbitmq.url, `${name}.`, queues);
    const client = new pg.Client(postgres.url);
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
    await client.end();
  });
  const openOther = async () => {
    const through = new URL(postgres.url);
    [through.hostname, through.port] = ['127.0.0.1', String(proxy.port)];
    return {
      broker: await rabbitBroker({ url: rabbitmq.url, prefix: `${name}.` }),
      guard: await redisGuard({ url: redis.url, prefix: `${name}:` }),
      journal: await postgresJournal({ url: through.href, schema: name, timeoutMs: 1000 }),
    };
  };
  consuming('cluster', openOther, () => proxy);
});
