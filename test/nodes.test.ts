import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import helper from 'node-red-node-test-helper';
import type { NodeAPI } from 'node-red';
import { partnerOrder, signed, type Sample } from '../cli/samples.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { rerun } from '../runtime/dead/rerun.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { dialectOfVersion } from '../runtime/odoo/versions/dialect.ts';
import { post, secrets } from './e2e/hub-process.ts';
import { nodesOf, openHubInHelper, type HubInHelper } from './hub-in-helper.ts';

const types =
  'broker store webhook-in webhook-verify idempotency-guard canonical-map event-publish event-consume odoo-connection odoo-order odoo-changes schedule drop'.split(
    ' ',
  );
const factories = await nodesOf(types);

/** Stands for the work of a flow: does what the test says, each time it gets a message. */
let work: (payload: unknown) => Promise<void> = async () => {};
function worker(RED: NodeAPI): void {
  RED.nodes.registerType('worker', function (this: object, config: object) {
    RED.nodes.createNode(this as never, config as never);
    const node = this as unknown as { on(event: string, handler: unknown): void };
    node.on('input', (msg: { payload?: unknown }, _send: unknown, done: (error?: unknown) => void) => {
      work(msg.payload).then(() => done(), done);
    });
  } as never);
}

/** Stands for a connection to Odoo in which these records have changed. */
const changed = [
  { id: 7, write_date: '2999-01-01 00:00:00', name: 'lost' },
  { id: 8, write_date: '2999-01-01 00:00:01', name: 'next' },
];
function fakeOdoo(RED: NodeAPI): void {
  RED.nodes.registerType('fake-odoo', function (this: object, config: object) {
    RED.nodes.createNode(this as never, config as never);
    Object.assign(this, {
      running: {
        api: {
          odoo: { call: async () => changed, dialect: async () => dialectOfVersion(19) },
          need: () => {},
        },
      },
    });
  } as never);
}

const at = { z: 'tab', x: 1, y: 1 };
const tab = {
  id: 'tab',
  type: 'tab',
  label: 'test-flow',
  env: [{ name: 'FLOW_VERSION', value: '2.1.0', type: 'str' }],
};
const shared = [
  { id: 'the-broker', type: 'broker' },
  { id: 'the-store', type: 'store' },
];
const consume = {
  ...at,
  id: 'in',
  type: 'event-consume',
  broker: 'the-broker',
  types: ['partner.order.created.v1'],
  wires: [['next']],
};
const verify = {
  ...at,
  id: 'verify',
  type: 'webhook-verify',
  secrets: secrets.partner,
  wires: [['next'], []],
};
const publish = {
  ...at,
  id: 'next',
  type: 'event-publish',
  broker: 'the-broker',
  event: 'partner.order.created.v1',
  wires: [[]],
};
const webhook = { ...at, id: 'hook', type: 'webhook-in', path: '/partners/orders', wires: [['verify']] };

const items = [{ sku: 'A', name: 'A', price: '1.00', quantity: 1 }];
const order = partnerOrder('acme', 'N-1', items, new Date('2026-11-02T10:00:00Z'));

describe('nodes in a flow', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-nodes-'));
  let opened: HubInHelper;
  let hub: Hub;
  let url: string;
  /** Signed when the suite begins: its time must not be stale. */
  let message: Sample;

  before(async () => {
    message = signed({ kind: 'valid', partner: 'partner', number: 'N-1' }, order, secrets);
    opened = await openHubInHelper({ dataDir });
    ({ hub, url } = opened);
  });
  after(async () => {
    await opened.close();
    rmSync(dataDir, { recursive: true });
  });
  afterEach(async () => {
    await hub.pause();
    await helper.unload();
  });

  async function run(...nodes: object[]): Promise<void> {
    await helper.load([...factories, worker, fakeOdoo] as never, [tab, ...shared, ...nodes] as never);
    await hub.resume();
  }
  const sendEvent = (data: unknown, subject: string): Promise<void> =>
    hub.broker.publish(
      envelope({
        source: 'acme',
        type: 'partner.order.created.v1',
        subject,
        flow: 'test',
        flowversion: '1',
        data,
      }),
    );
  async function traced(subject: string, outcome: string) {
    for (let tries = 0; tries < 3000; tries += 1) {
      const steps = await hub.journal.trace({ businessKey: subject });
      if (steps.some((step) => step.outcome === outcome)) return steps;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${subject} was never ${outcome}`);
  }

  it('no subscriber has ever been: 503, never 202', async () => {
    await run(webhook, verify, publish);
    const { status, body } = await post(url, message);
    assert.deepEqual([status, body.code], [503, 'EVENT_UNROUTABLE']);
  });
  it('a failure that can pass is tried again, and then settled', async () => {
    await run(consume, { ...at, id: 'next', type: 'worker', name: 'the work', wires: [] });
    let tries = 0;
    const settled = new Promise<void>((resolve) => {
      work = async () => {
        tries += 1;
        if (tries === 1) throw new CodedError('ODOO_BUSY', 'Odoo is busy');
        resolve();
      };
    });
    await sendEvent(JSON.parse(order), 'N-2');
    const step = (await traced('N-2', 'retrying')).find(({ outcome }) => outcome === 'retrying');
    assert.deepEqual(
      [step?.step, step?.flow, step?.flowVersion, step?.code],
      ['the work', 'test-flow', '2.1.0', 'ODOO_BUSY'],
    );
    await settled;
    assert.equal(tries, 2);
  });
  it('a failure that cannot pass is an exception with the whole message', async () => {
    await run(consume, { ...at, id: 'next', type: 'worker', wires: [] });
    work = async () => {
      throw new CodedError('PRODUCT_UNKNOWN', 'No such SKU', { sku: 'A' });
    };
    await sendEvent(JSON.parse(order), 'N-3');
    await traced('N-3', 'exception');
    const [letter] = (await hub.journal.letters({ code: 'PRODUCT_UNKNOWN' })) ?? [];
    assert.deepEqual(letter?.message.data, JSON.parse(order));
    assert.deepEqual([letter?.queue, letter?.facts, letter?.attempts], ['test-flow', { sku: 'A' }, 1]);
  });
  it('a mapping whose result does not fit names the first wrong field', async () => {
    const expression = '$merge([$, {"lines": [$merge([lines[0], {"sku": 5}])]}])';
    await run(consume, {
      ...at,
      id: 'next',
      type: 'canonical-map',
      expression,
      schema: 'order.v1',
      wires: [[]],
    });
    await sendEvent(JSON.parse(order), 'N-4');
    const steps = await traced('N-4', 'exception');
    assert.match(steps.at(-1)?.detail ?? '', /lines\/0\/sku/);
    assert.equal(steps.at(-1)?.code, 'SCHEMA_INVALID');
  });
  it('an event and its replay publish the same event', async () => {
    const received = {
      ...consume,
      id: 'in2',
      types: ['order.received.v1'],
      queue: 'received',
      wires: [['end']],
    };
    const next = { ...publish, event: 'order.received.v1' };
    await run(consume, next, received, { ...at, id: 'end', type: 'worker', wires: [] });
    work = async () => {};
    const original = envelope({
      source: 'acme',
      type: 'partner.order.created.v1',
      subject: 'N-1',
      flow: 'test',
      flowversion: '1',
      data: JSON.parse(order),
    });
    await hub.broker.publish(original);
    await hub.broker.publishTo('test-flow', { ...original, id: 'again', replayof: original.id });
    await hub.broker.publishTo('test-flow', { ...original, id: 'other' });
    let ids: (string | undefined)[] = [];
    for (let tries = 0; ids.length < 3 && tries < 3000; tries += 1) {
      const steps = await hub.journal.trace({ correlationId: original.correlationid });
      ids = steps.filter(({ outcome }) => outcome === 'published').map(({ reference }) => reference);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(ids.length, 3);
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
  });
  it('a flow that writes what another system owns is refused, and so is what another system says', async () => {
    const node = (id: string, type: string, more: object) => ({ ...at, id, type, wires: [[]], ...more });
    await run(
      consume,
      node('next', 'odoo-order', { connection: 'odoo' }),
      node('said', 'event-consume', {
        broker: 'the-broker',
        queue: 'said',
        types: ['payment.received.v1'],
        wires: [['paid']],
      }),
      node('paid', 'worker', {}),
      { id: 'odoo', type: 'odoo-connection', url: 'http://127.0.0.1:9', database: 'none', apiKey: 'none' },
    );
    work = async () => assert.fail('it is worked on');
    await sendEvent(JSON.parse(order), 'AUTH-1');
    const payment = { type: 'payment.received.v1', source: 'somebody', subject: 'AUTH-2', data: {} };
    await hub.broker.publish(envelope({ ...payment, flow: 'test', flowversion: '1' }));
    for (const subject of ['AUTH-1', 'AUTH-2']) {
      const steps = await traced(subject, 'exception');
      assert.equal(steps.find(({ outcome }) => outcome === 'exception')?.code, 'AUTHORITY_MISSING');
    }
  });
  const map = { ...at, id: 'next', type: 'canonical-map', name: 'the map', expression: '$', wires: [[]] };
  const later = (number: string) =>
    signed(
      { kind: 'valid', partner: 'partner', number },
      partnerOrder('acme', number, items, new Date('2026-11-02T10:00:00Z')),
      secrets,
    );
  it('a webhook of which nothing came is no 202, and is counted when it comes again', async () => {
    const guard = { ...at, id: 'next', type: 'idempotency-guard', store: 'the-store', wires: [['map'], []] };
    await run(webhook, verify, guard, { ...map, id: 'map' });
    const lost = later('N-50');
    const { status, body } = await post(url, lost);
    assert.deepEqual([status, body.code], [500, 'NOTHING_DONE']);
    const step = (await hub.journal.trace({ correlationId: String(body.id) })).at(-1);
    assert.deepEqual([step?.outcome, step?.step, step?.code], ['refused', 'the map', 'NOTHING_DONE']);
    await hub.pause();
    await helper.unload();
    work = async () => {};
    await run(
      webhook,
      verify,
      guard,
      { ...map, id: 'map', wires: [['end']] },
      { ...at, id: 'end', type: 'worker' },
    );
    assert.equal((await post(url, lost)).status, 200);
  });
  it('an event of which nothing came is an exception, where the work ended', async () => {
    await run(consume, map);
    await sendEvent(JSON.parse(order), 'LOST-1');
    const steps = await traced('LOST-1', 'exception');
    const { code, step, detail } = steps.find(({ outcome }) => outcome === 'exception')!;
    assert.deepEqual([code, step], ['NOTHING_DONE', 'the map']);
    assert.equal(detail, 'The work ended at "the map" and came to nothing');
  });
  it('a change of Odoo of which nothing came is in the trace, and the next is told', async () => {
    const watch = {
      ...at,
      id: 'watch',
      type: 'odoo-changes',
      connection: 'odoo',
      model: 'm',
      fields: ['name'],
      every: 1,
    };
    await run({ id: 'odoo', type: 'fake-odoo' }, { ...watch, wires: [['next']] }, map);
    for (const subject of ['m/7', 'm/8'])
      assert.equal((await traced(subject, 'exception')).at(-1)?.code, 'NOTHING_DONE');
  });
  it('what is dropped is none, and the trace says why', async () => {
    const drop = { ...at, id: 'next', type: 'drop', name: 'dropped here', reason: 'Nobody wants it' };
    await run(webhook, verify, consume, drop);
    const { status, body } = await post(url, later('N-51'));
    assert.deepEqual([status, body.code], [200, 'DONE']);
    await sendEvent(JSON.parse(order), 'DROP-1');
    const steps = await traced('DROP-1', 'dropped');
    assert.deepEqual(
      steps.map(({ outcome, step, detail }) => [outcome, step, detail]),
      [['dropped', 'dropped here', 'Nobody wants it']],
    );
  });
  it('what a webhook published is run again under its id, and what was done is not done twice', async () => {
    const seen: string[] = [];
    work = async () => void seen.push('done');
    const guard = {
      ...at,
      id: 'next',
      type: 'idempotency-guard',
      store: 'the-store',
      key: 'event.id',
      wires: [['end'], []],
    };
    await run(
      webhook,
      { ...verify, wires: [['publish'], []] },
      { ...publish, id: 'publish' },
      { ...consume, wires: [['next', 'other']] },
      guard,
      { ...at, id: 'end', type: 'worker' },
    );
    const { status, body } = await post(url, later('N-60'));
    assert.equal(status, 202);
    await traced('N-60', 'accepted');
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const [again, ...others] = await rerun(hub, String(body.id), 'ann');
    assert.deepEqual([again?.subject, others], ['N-60', []]);
    const steps = await traced('N-60', 'duplicate');
    const outcomes = steps.map(({ outcome }) => outcome);
    assert.ok(outcomes.includes('replayed'), outcomes.join());
    assert.deepEqual(seen, ['done']);
    await assert.rejects(rerun(hub, 'nobody', 'ann'), { code: 'MESSAGE_UNKNOWN' });
  });
  it('a schedule begins work each time once, though two look at the clock', async () => {
    const times: string[] = [];
    work = async (payload) => void times.push((payload as { time: string }).time);
    const node = (id: string) => ({
      ...at,
      id,
      type: 'schedule',
      name: 'each second',
      pattern: '* * * * * *',
      wires: [['end']],
    });
    await run(node('one'), node('other'), { ...at, id: 'end', type: 'worker', wires: [] });
    for (let tries = 0; times.length < 3 && tries < 3000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(times.length >= 3, String(times));
    assert.equal(new Set(times).size, times.length);
    assert.ok(times.every((time) => /:\d\d\.000Z$/.test(time)));
  });
  it('a time at which no hub ran is made up for once, where that is wanted', async () => {
    const payloads: unknown[] = [];
    work = async (payload) => void payloads.push(payload);
    const node = { ...at, id: 'one', type: 'schedule', name: 'yearly', wires: [['end']] };
    const end = { ...at, id: 'end', type: 'worker', wires: [] };
    await hub.journal.documents.put('schedule', 'test-flow/yearly', '2020-06-01T00:00:00.000Z');
    await run({ ...node, pattern: '0 0 1 1 *', missed: 'once' }, end);
    for (let tries = 0; payloads.length < 1 && tries < 3000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(structuredClone(payloads), [{ time: '2021-01-01T00:00:00.000Z', missed: true }]);
  });
  it('a time whose work a hub died in is made up for when its claim is over, and noted when it is done', async () => {
    const noted: unknown[] = [];
    work = async (payload) => {
      const { time } = payload as { time: string };
      noted.push(time, await hub.journal.documents.get('schedule', 'test-flow/died'));
    };
    const time = '2021-01-01T00:00:00.000Z';
    await hub.journal.documents.put('schedule', 'test-flow/died', '2020-06-01T00:00:00.000Z');
    const dead = { key: `schedule/test-flow/died/${time}`, fingerprint: time, leaseMs: 300 };
    assert.equal((await hub.guard.claim(dead)).state, 'new');
    const node = {
      ...at,
      type: 'schedule',
      name: 'died',
      pattern: '0 0 1 1 *',
      missed: 'once',
      wires: [['end']],
    };
    const end = { ...at, id: 'end', type: 'worker', wires: [] };
    await run({ ...node, id: 'one' }, { ...node, id: 'other' }, end);
    const now = async () => (await hub.journal.documents.get('schedule', 'test-flow/died')) ?? '';
    for (let tries = 0; (await now()) < '2026' && tries < 3000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok((await now()) > '2026', 'the other times that passed are not made up for');
    assert.deepEqual(noted, [time, '2020-06-01T00:00:00.000Z']);
  });
  it('the first time of a schedule that is to make up is not lost either', async () => {
    const node = { ...at, id: 'one', type: 'schedule', name: 'new', pattern: '0 0 1 1 *', missed: 'once' };
    await run({ ...node, wires: [[]] });
    for (let tries = 0; tries < 3000; tries += 1) {
      if ((await hub.journal.documents.get('schedule', 'test-flow/new')) !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.fail('it is not noted when it began');
  });
  it('a pattern that is none is told', async () => {
    await run({ ...at, id: 'one', type: 'schedule', pattern: 'often', wires: [[]] });
    const { running } = helper.getNode('one') as unknown as { running?: unknown };
    assert.equal(running, undefined);
  });
  it('what was not verified is not published', async () => {
    await run({ ...webhook, wires: [['next']] }, publish);
    const { status, body } = await post(url, message);
    assert.deepEqual([status, body.code], [500, 'SIGNATURE_UNCHECKED']);
  });
  it('nor when its delivery is over', async () => {
    await run(webhook, publish);
    const { ready } = await hub.broker.depth('test-flow');
    const errors = once(helper.getNode('next'), 'call:error');
    helper.getNode('next').receive({ payload: JSON.parse(order), webhook: {}, _delivery: 'over' } as never);
    const [call] = (await errors) as [{ args: [CodedError] }];
    assert.equal(call.args[0].code, 'SIGNATURE_UNCHECKED');
    assert.equal((await hub.broker.depth('test-flow')).ready, ready);
  });
  it('the same message while the first is at work: 409, then its answer', async () => {
    const guard = { ...at, id: 'next', type: 'idempotency-guard', store: 'the-store', wires: [['work'], []] };
    await run(webhook, verify, guard, { ...at, id: 'work', type: 'worker', wires: [] });
    let finish = (): void => {};
    const begun = new Promise<void>((started) => {
      work = () => {
        started();
        return new Promise((resolve) => (finish = resolve));
      };
    });
    const first = post(url, message);
    await begun;
    const second = await post(url, message);
    assert.deepEqual([second.status, second.body.code], [409, 'CLAIM_IN_FLIGHT']);
    assert.ok(Number(second.retryAfter) >= 1);
    finish();
    const answered = await first;
    assert.equal(answered.status, 200);
    assert.deepEqual((await post(url, message)).body, answered.body);
  });
  it('a message whose work failed counts as new when it comes again', async () => {
    const guard = {
      ...at,
      id: 'next',
      type: 'idempotency-guard',
      store: 'the-store',
      scope: 'again',
      wires: [['work'], []],
    };
    await run(webhook, verify, guard, { ...at, id: 'work', type: 'worker', wires: [] });
    work = async () => {
      throw new CodedError('BROKER_UNAVAILABLE', 'Down');
    };
    assert.equal((await post(url, message)).status, 503);
    work = async () => {};
    assert.equal((await post(url, message)).status, 200);
  });
});
