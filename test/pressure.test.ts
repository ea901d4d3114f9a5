/** The hub under more than it can do: senders hear 503, what was taken is done, and critical flows keep their share. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import helper from 'node-red-node-test-helper';
import type { NodeAPI } from 'node-red';
import { parseDocument } from 'yaml';
import { partnerOrder, signed } from '../cli/samples.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import type { Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { createLog } from '../runtime/log/log.ts';
import type { Tier } from '../runtime/limits/limits.ts';
import type { FlowMessage } from '../runtime/node-red/define-node.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';
import { post, secrets, type Answered } from './e2e/hub-process.ts';
import { odooProxy } from './http-proxy.ts';
import { nodesOf } from './hub-in-helper.ts';

const types = 'broker webhook-in webhook-verify event-publish event-consume odoo-connection odoo-order'.split(
  ' ',
);
const factories = await nodesOf(types);

/** Stands for the work of a flow. */
let work: (msg: FlowMessage) => Promise<void> = async () => {};
function worker(RED: NodeAPI): void {
  RED.nodes.registerType('worker', function (this: object, config: object) {
    RED.nodes.createNode(this as never, config as never);
    const node = this as unknown as { on(event: string, handler: unknown): void };
    node.on('input', (msg: FlowMessage, _send: unknown, done: (error?: unknown) => void) => {
      work(msg).then(() => done(), done);
    });
  } as never);
}

const tab = (tier: Tier) => ({
  id: tier,
  type: 'tab',
  label: `${tier}-flow`,
  env: [{ name: 'FLOW_TIER', value: tier, type: 'str' }],
});
const at = (z: Tier) => ({ z, x: 1, y: 1 });
const taking = (tier: Tier, next = `${tier}-work`) => ({
  ...at(tier),
  id: `${tier}-in`,
  type: 'webhook-in',
  path: `/${tier}`,
  perSecond: 100_000,
  wires: [[next]],
});
const consuming = (tier: Tier, type: string, next = `${tier}-work`) => ({
  ...at(tier),
  id: `${tier}-consume`,
  type: 'event-consume',
  broker: 'the-broker',
  types: [type],
  wires: [[next]],
});
const working = (tier: Tier) => ({ ...at(tier), id: `${tier}-work`, type: 'worker', wires: [] });

const items = [{ sku: 'E-COM10', name: 'Pedal Bin', price: '47.00', quantity: 1 }];
const order = (number: string) => partnerOrder('acme', number, items, new Date('2026-11-02T10:00:00Z'));

describe('under pressure', () => {
  let dir: string;
  let hub: Hub;
  let server: Server;
  let url: string;
  let untrack: () => void;

  before(async () => {
    helper.init(createRequire(import.meta.url).resolve('node-red'));
    await new Promise<void>((resolve) => helper.startServer(resolve));
  });
  after(() => new Promise<void>((resolve) => helper.stopServer(resolve)));
  afterEach(async () => {
    await hub.pause();
    await helper.unload();
    untrack();
    server.closeAllConnections();
    server.close();
    await hub.close();
    rmSync(dir, { recursive: true });
  });

  /** A hub with some limits of its own: paths into limits.yaml, and the environment. */
  async function start(
    limits: Record<string, number>,
    env: NodeJS.ProcessEnv,
    ...nodes: object[]
  ): Promise<void> {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-pressure-'));
    const definitionsDir = join(dir, 'definitions');
    cpSync('definitions', definitionsDir, { recursive: true });
    // The flows of this suite speak for nobody.
    rmSync(join(definitionsDir, 'authority.yaml'));
    const file = join(definitionsDir, 'limits.yaml');
    const document = parseDocument(readFileSync(file, 'utf8'));
    for (const [path, value] of Object.entries(limits)) document.setIn(path.split('.'), value);
    writeFileSync(file, document.toString());
    hub = await openHub({
      profile: 'embedded',
      dataDir: dir,
      definitionsDir,
      env,
      log: createLog({ level: 'silent' }),
    });
    untrack = trackDeliveries(hub.deliveries, hub.log);
    server = createServer(express().use(hub.intake.router)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const flows = [
      tab('critical'),
      tab('standard'),
      tab('bulk'),
      { id: 'the-broker', type: 'broker' },
      ...nodes,
    ];
    await helper.load([...factories, worker] as never, flows as never);
    await hub.resume();
  }
  const ask = (tier: Tier, number = 'N-1') =>
    post(url, {
      ...signed({ kind: 'valid', partner: 'partner', number }, order(number), secrets),
      path: `/hooks/${tier}`,
    });
  const event = (type: string, subject: string) =>
    hub.broker.publish(
      envelope({
        source: 'acme',
        type,
        subject,
        flow: 'test',
        flowversion: '1',
        data: JSON.parse(order(subject)) as unknown,
      }),
    );
  const waiting = async (queue: string) => {
    const { ready, delayed, unsettled } = await hub.broker.depth(queue);
    return ready + delayed + unsettled;
  };
  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 6000; tries += 1) {
      if (await holds()) return;
      await wait(10);
    }
    throw new Error('It did not come to pass');
  }
  const codes = (answers: Answered[], code: string) => answers.filter(({ body }) => body.code === code);

  it('200 slow webhooks of a bulk flow take their share of the places, and a critical one is answered', async () => {
    await start(
      { requests: 100 },
      {},
      taking('bulk'),
      working('bulk'),
      taking('critical'),
      working('critical'),
    );
    const slow = Promise.withResolvers<void>();
    work = async (msg) => {
      if (hub.deliveries.of(msg)?.flow === 'bulk-flow') await slow.promise;
    };
    const flood = Array.from({ length: 200 }, () => ask('bulk'));
    let refused = 0;
    for (const one of flood) void one.then(() => (refused += 1));
    await until(() => refused === 160);
    assert.equal(hub.intake.inFlight(), 40);
    for (let n = 0; n < 5; n += 1) assert.equal((await ask('critical')).status, 200);
    slow.resolve();
    const answers = await Promise.all(flood);
    const busy = codes(answers, 'HUB_BUSY');
    assert.deepEqual([busy.length, codes(answers, 'DONE').length], [160, 40]);
    assert.ok(busy.every(({ status, retryAfter }) => status === 503 && Number(retryAfter) >= 1));
    assert.equal((await ask('bulk')).status, 200);
    assert.equal(hub.intake.inFlight(), 0);
  });

  it('a flood of 1,000 of a bulk flow does not hold up what is critical, nor is it starved', async () => {
    await start(
      {},
      { CROSSDOCK_CONCURRENCY: '10' },
      consuming('bulk', 'shopify.order.created.v1'),
      working('bulk'),
      consuming('critical', 'partner.order.created.v1'),
      working('critical'),
    );
    const done: string[] = [];
    let most = 0;
    work = async (msg) => {
      most = Math.max(most, hub.work.atWork());
      await wait(2);
      done.push(hub.deliveries.of(msg)!.flow);
    };
    await Promise.all(Array.from({ length: 1000 }, (_, n) => event('shopify.order.created.v1', `B-${n}`)));
    await until(() => done.length >= 50);
    await Promise.all(Array.from({ length: 100 }, (_, n) => event('partner.order.created.v1', `C-${n}`)));
    const before = done.length;
    await until(() => done.length === 1100);
    const lastCritical = done.lastIndexOf('critical-flow');
    const bulkMeanwhile = done.slice(before, lastCritical).filter((flow) => flow === 'bulk-flow').length;
    // Bulk has four of ten places at the most, so about 67 are done beside 100 of critical; in order it would be 950.
    assert.ok(bulkMeanwhile < 150, `${bulkMeanwhile} of bulk were done before the last of critical`);
    assert.ok(bulkMeanwhile > 0, 'bulk was starved');
    assert.ok(most <= 10, `${most} at work at once`);
    await until(() => hub.work.atWork() === 0);
  });

  it('while Odoo does not answer senders hear QUEUE_FULL, nothing grows; then every order lands once', async () => {
    const sandbox = await startSandbox();
    const proxy = await odooProxy(sandbox.url);
    const slow = Promise.withResolvers<void>();
    proxy.before('sale.order', 'load', () => slow.promise);
    try {
      await start(
        { requests: 50, 'tiers.bulk.backlog': 40 },
        { CROSSDOCK_CONCURRENCY: '10' },
        taking('bulk', 'verify'),
        {
          ...at('bulk'),
          id: 'verify',
          type: 'webhook-verify',
          secrets: secrets.partner,
          wires: [['stage'], []],
        },
        {
          ...at('bulk'),
          id: 'stage',
          type: 'event-publish',
          broker: 'the-broker',
          event: 'partner.order.created.v1',
          wires: [[]],
        },
        consuming('critical', 'partner.order.created.v1', 'write'),
        {
          id: 'odoo',
          type: 'odoo-connection',
          url: proxy.url,
          database: sandbox.database,
          apiKey: sandbox.apiKey,
        },
        { ...at('critical'), id: 'write', type: 'odoo-order', connection: 'odoo', wires: [[]] },
      );
      const most = { queued: 0, atWork: 0, open: 0 };
      const numbers = Array.from({ length: 120 }, (_, n) => `N-${n}`);
      const accepted = new Set<string>();
      const answers: Answered[] = [];
      const sendAll = async (left: string[]): Promise<void> => {
        const senders = Array.from({ length: 16 }, async () => {
          for (let number = left.pop(); number; number = left.pop()) {
            const answer = await ask('bulk', number);
            answers.push(answer);
            if (answer.status === 202) accepted.add(number);
            most.queued = Math.max(most.queued, await waiting('critical-flow'));
            most.atWork = Math.max(most.atWork, hub.work.atWork());
            most.open = Math.max(most.open, hub.deliveries.size);
          }
        });
        await Promise.all(senders);
      };
      const unsent = () => numbers.filter((number) => !accepted.has(number));
      await sendAll(unsent());
      const refused = codes(answers, 'QUEUE_FULL');
      assert.equal(refused.length + accepted.size, 120);
      assert.ok(refused.every(({ status, retryAfter }) => status === 503 && Number(retryAfter) === 10));
      assert.ok(accepted.size >= 40 && most.queued <= 60, `${accepted.size} taken, ${most.queued} queued`);
      assert.ok(most.atWork <= 10 && most.open <= 10 + 20, JSON.stringify(most));
      assert.deepEqual(sandbox.orders(), []);

      slow.resolve();
      while (unsent().length > 0) {
        await sendAll(unsent());
        await wait(50);
      }
      await until(async () => (await waiting('critical-flow')) === 0);
      const landed = sandbox.orders().map((one) => one.client_order_ref);
      assert.deepEqual(landed.toSorted(), numbers.toSorted());
      assert.ok(most.queued <= 60 && most.atWork <= 10 && most.open <= 10 + 20, JSON.stringify(most));
    } finally {
      await proxy.close();
      await sandbox.close();
    }
  });

  it('a flow that publishes into a full queue waits for room, and none of its messages is an exception', async () => {
    await start(
      { 'tiers.bulk.backlog': 5 },
      {},
      consuming('bulk', 'shopify.order.created.v1', 'stage'),
      {
        ...at('bulk'),
        id: 'stage',
        type: 'event-publish',
        broker: 'the-broker',
        event: 'partner.order.created.v1',
        wires: [[]],
      },
      consuming('critical', 'partner.order.created.v1'),
      working('critical'),
    );
    const gate = Promise.withResolvers<void>();
    let done = 0;
    work = async () => {
      await gate.promise;
      done += 1;
    };
    for (let n = 0; n < 9; n += 1) await event('shopify.order.created.v1', `B-${n}`);
    await until(async () => (await hub.journal.count(''))['outage'] === 1);
    assert.equal(await waiting('critical-flow'), 5);
    assert.ok((await waiting('bulk-flow')) > 0);
    gate.resolve();
    await until(() => done === 9);
    assert.equal((await hub.journal.count(''))['exception'], undefined);
  });

  it('a store that fills up refuses bulk first and critical last, while what it holds is worked on', async () => {
    await start(
      {},
      { CROSSDOCK_STORE_LIMIT_MB: '4' },
      ...(['critical', 'standard', 'bulk'] as const).flatMap((tier) => [taking(tier), working(tier)]),
      consuming('critical', 'partner.order.created.v1'),
    );
    const gate = Promise.withResolvers<void>();
    const done = new Set<string>();
    work = async (msg) => {
      if (!msg.event) return;
      await gate.promise;
      done.add(hub.deliveries.of(msg)!.businessKey);
    };
    for (let n = 0; n < 30; n += 1) await event('partner.order.created.v1', `C-${n}`);
    const other = new DatabaseSync(join(dir, 'crossdock.db'), { timeout: 3000 });
    other.exec('CREATE TABLE ballast (bytes BLOB)');
    const fillTo = async (share: number) => {
      other.exec('DELETE FROM ballast');
      const { page_count: pages } = other.prepare('PRAGMA page_count').get() as { page_count: number };
      const { freelist_count: free } = other.prepare('PRAGMA freelist_count').get() as {
        freelist_count: number;
      };
      const bytes = share * 4 * 1024 * 1024 - (pages - free) * 4096;
      if (bytes > 0) other.prepare('INSERT INTO ballast VALUES (zeroblob(?))').run(Math.round(bytes));
      await wait(120);
    };
    const asked = async () => {
      const answers = await Promise.all((['critical', 'standard', 'bulk'] as const).map((tier) => ask(tier)));
      for (const { status, retryAfter } of answers) assert.ok(status === 200 || Number(retryAfter) >= 5);
      return answers.map(({ body }) => body.code);
    };
    assert.deepEqual(await asked(), ['DONE', 'DONE', 'DONE']);
    await fillTo(0.75);
    assert.deepEqual(await asked(), ['DONE', 'DONE', 'STORE_FULL']);
    await fillTo(0.85);
    assert.deepEqual(await asked(), ['DONE', 'STORE_FULL', 'STORE_FULL']);
    await fillTo(0.93);
    assert.deepEqual(await asked(), ['STORE_FULL', 'STORE_FULL', 'STORE_FULL']);
    // Refused before any flow: no delivery, no step in the journal.
    assert.equal(
      (await hub.journal.trace({ limit: 1000 })).filter(({ code }) => code === 'STORE_FULL').length,
      0,
    );
    gate.resolve();
    await until(async () => (await waiting('critical-flow')) === 0);
    assert.equal(done.size, 30);
    assert.deepEqual(await asked(), ['STORE_FULL', 'STORE_FULL', 'STORE_FULL']);
    other.exec('DROP TABLE ballast');
    other.close();
    await wait(120);
    assert.deepEqual(await asked(), ['DONE', 'DONE', 'DONE']);
  });

  it('a store filled by another process: publishes are refused, and the flow goes on by itself when it ends', async () => {
    await start(
      {},
      { CROSSDOCK_STORE_LIMIT_MB: '4' },
      taking('critical'),
      working('critical'),
      consuming('critical', 'partner.order.created.v1'),
    );
    const gate = Promise.withResolvers<void>();
    const done = new Set<string>();
    work = async (msg) => {
      if (!msg.event) return;
      await gate.promise;
      done.add(hub.deliveries.of(msg)!.businessKey);
    };
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    const other = new DatabaseSync(join(dir, 'crossdock.db'), { timeout: 3000 });
    other.exec('CREATE TABLE ballast (bytes BLOB)');
    other.prepare('INSERT INTO ballast VALUES (zeroblob(?))').run(5 * 1024 * 1024);
    const stored: string[] = [];
    let refused = 0;
    for (let n = 0; n < 100; n += 1)
      await event('partner.order.created.v1', `C-${n}`).then(
        () => void stored.push(`C-${n}`),
        (error: { code: string }) => {
          assert.equal(error.code, 'STORE_FULL');
          refused += 1;
        },
      );
    assert.ok(refused > 0, 'it was never full');
    await wait(120); // the room is read anew ten times a second
    const told = await ask('critical');
    assert.deepEqual([told.status, told.body.code], [503, 'STORE_FULL']);
    gate.resolve();
    await wait(1500);
    other.exec('DROP TABLE ballast');
    other.close();
    await until(async () => (await waiting('critical-flow')) === 0);
    assert.deepEqual([...done].toSorted(), stored.toSorted());
    assert.equal((await ask('critical')).status, 200);
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
});
