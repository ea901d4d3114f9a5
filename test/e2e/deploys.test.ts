/** Whatever is deployed, and however it goes wrong: what was sent meanwhile is in Odoo once, and work goes on. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowNode } from '../../runtime/flow-file/format.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders, type Admin } from './traffic.ts';

interface Flows {
  flows: FlowNode[];
  rev: string;
}

describe('deploys through the admin API, while orders come', function () {
  this.timeout(360_000);
  let odoo: Sandbox;
  let hub: HubProcess;
  let admin: Admin;
  let next = 100_000;

  before(async () => {
    odoo = await startSandbox();
    hub = await startHubProcess({
      ODOO_URL: odoo.url,
      ODOO_DATABASE: odoo.database,
      ODOO_API_KEY: odoo.apiKey,
    });
    admin = await login(hub.url, hub.password);
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
  });

  const read = async (): Promise<Flows> => (await (await admin('GET', '/flows')).json()) as Flows;
  const named = (flows: FlowNode[], name: string): FlowNode => {
    const found = flows.find((node) => node['name'] === name || node['label'] === name);
    assert.ok(found, name);
    return found;
  };
  const deploy = (type: string, body?: unknown): Promise<Response> =>
    admin('POST', '/flows', body, { 'node-red-deployment-type': type });
  /** Changes one node of three flows, so that some nodes are touched and others are not. */
  const changed = async (): Promise<Flows> => {
    const now = await read();
    for (const name of ['Shopify orders', 'signature']) {
      const node = named(now.flows, name);
      node['x'] = Number(node['x']) + 20;
      if (name === 'Shopify orders') node['timeLimit'] = Number(node['timeLimit'] ?? 120) + 1;
    }
    return now;
  };
  const file = (): string => join(hub.flowsDir, 'order-capture.yaml');

  /** Sends orders all the while, and looks that each is in Odoo once. */
  const meanwhile = async (work: () => Promise<void>): Promise<void> => {
    const before = odoo.orders().length;
    const numbers = Array.from({ length: 60 }, () => (next += 1));
    const sending = sendOrders(hub.url, numbers, 4);
    await sleep(50);
    await work();
    await sending;
    const all = await landed(odoo, before + numbers.length, 90_000);
    const mine = all.filter((number) => numbers.includes(Number(number)));
    assert.deepEqual(mine.toSorted(), numbers.map(String));
  };
  const deploys = (title: string, work: () => Promise<Response>, status: number, code?: string): void => {
    it(`${title}: ${code ?? status}`, () =>
      meanwhile(async () => {
        const answer = await work();
        const text = await answer.text();
        assert.equal(answer.status, status, text);
        if (code) assert.equal((JSON.parse(text) as { code: string }).code, code);
      }));
  };

  deploys('full', async () => deploy('full', await changed()), 200);
  deploys('modified flows', async () => deploy('flows', await changed()), 200);
  deploys('modified nodes', async () => deploy('nodes', await changed()), 200);
  deploys('reload', () => deploy('reload'), 200);
  it('two at the same time', () =>
    meanwhile(async () => {
      const { flows } = await changed();
      const answers = await Promise.all([
        deploy('full', { flows }),
        deploy('reload'),
        deploy('nodes', { flows }),
      ]);
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
    }));
  it('one flow is added, changed and removed', () =>
    meanwhile(async () => {
      const nodes = [{ id: 'n1', type: 'comment', name: 'note', x: 100, y: 100, wires: [] }];
      const added = await admin('POST', '/flow', { label: 'extra', nodes, configs: [] });
      assert.equal(added.status, 200, await added.clone().text());
      const { id } = (await added.json()) as { id: string };
      assert.equal(
        (await admin('PUT', `/flow/${id}`, { id, label: 'extra', nodes: [], configs: [] })).status,
        200,
      );
      assert.equal((await admin('DELETE', `/flow/${id}`)).status, 204);
    }));
  deploys(
    'of flows that others have changed',
    async () => deploy('full', { ...(await changed()), rev: 'old' }),
    409,
  );
  deploys(
    'with a node that hides work from settlement',
    async () => {
      const now = await changed();
      const { z, id } = named(now.flows, 'Shopify orders');
      now.flows.push({ id: 'bad', type: 'trigger', z, name: 'later', x: 300, y: 300, wires: [[]] });
      (named(now.flows, 'Shopify orders')['wires'] as string[][])[0]?.push('bad');
      assert.ok(id);
      return deploy('nodes', now);
    },
    400,
    'FLOW_LINT',
  );
  deploys(
    'with a node type that does not exist',
    async () => {
      const now = await changed();
      now.flows.push({
        id: 'none',
        type: 'no-such-node',
        z: named(now.flows, 'once').z,
        x: 300,
        y: 300,
        wires: [],
      });
      return deploy('nodes', now);
    },
    400,
    'FLOW_LINT',
  );
  deploys(
    'with a node that cannot start',
    async () => {
      const now = await changed();
      now.flows.push({
        id: 'off',
        type: 'event-consume',
        z: named(now.flows, 'captured').z,
        name: 'off',
        broker: 'none',
        types: ['order.received.v1'],
        x: 300,
        y: 300,
        wires: [[named(now.flows, 'captured').id]],
      });
      return deploy('nodes', now);
    },
    200,
  );
  it('a reload of files that cannot be read, and of good ones again', () =>
    meanwhile(async () => {
      const good = readFileSync(file(), 'utf8');
      writeFileSync(file(), 'flow: [\n');
      assert.equal((await deploy('reload')).status, 400);
      assert.equal((await fetch(`${hub.url}/readyz`)).status, 200, 'the flows run on');
      writeFileSync(file(), good);
      assert.equal((await deploy('reload')).status, 200);
    }));
  it('nobody without a login drains the hub, and flows cannot be stopped', async () => {
    for (const type of ['full', 'reload'])
      assert.equal(
        (await fetch(`${hub.url}/flows`, { method: 'POST', headers: { 'node-red-deployment-type': type } }))
          .status,
        401,
      );
    assert.equal((await admin('POST', '/flows/state', { state: 'stop' })).status, 404);
    assert.deepEqual(await sendOrders(hub.url, [(next += 1)], 1), {
      accepted: 1,
      draining: 0,
      unanswered: 0,
    });
  });
  it('a reload with a node type that does not exist stops all: 503 until it is repaired', async () => {
    const good = readFileSync(file(), 'utf8');
    writeFileSync(
      file(),
      `${good.replace('layout:', '  odd:\n    type: no-such-node\nlayout:\n  odd: [100, 400]')}`,
    );
    assert.equal((await deploy('reload')).status, 200);
    const numbers = [(next += 1), (next += 1)];
    const sending = sendOrders(hub.url, numbers, 2);
    await sleep(300);
    assert.equal((await fetch(`${hub.url}/readyz`)).status, 503);
    writeFileSync(file(), good);
    assert.equal((await deploy('reload')).status, 200);
    assert.ok((await sending).draining > 0);
    const all = await landed(odoo, odoo.orders().length + 2, 3000);
    assert.equal(all.filter((number) => numbers.includes(Number(number))).length, 2);
  });
});

describe('the end of a hub', function () {
  this.timeout(360_000);

  it('SIGTERM waits for no sleeping retry, and ends with 0', async () => {
    const hub = await startHubProcess({
      ODOO_URL: 'http://127.0.0.1:9',
      ODOO_DATABASE: 'none',
      ODOO_API_KEY: 'none',
    });
    await sendOrders(
      hub.url,
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => 200_000 + n),
      5,
    );
    await sleep(1000);
    const began = Date.now();
    hub.signal('SIGTERM');
    assert.equal(await hub.exited, 0);
    assert.ok(Date.now() - began < 5000, `took ${Date.now() - began} ms`);
    await hub.stop();
  });

  it('a second signal ends it at once, with the work undone', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const env = { ODOO_URL: `http://127.0.0.1:${port}`, ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
    const hub = await startHubProcess(env);
    await sendOrders(hub.url, [300_001], 1);
    await sleep(1000);
    hub.signal('SIGTERM');
    await sleep(500);
    hub.signal('SIGTERM');
    assert.equal(await hub.exited, 1);
    silent.close();
    await hub.stop();
  });
});
