/** A deploy in the middle of 500 messages loses none and repeats none: by a person in the editor, and on real services. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import type { Browser, Page } from 'playwright-core';
import type { FlowNode } from '../../runtime/flow-file/format.ts';
import { partitionQueues } from '../../runtime/broker/amqp-queues.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { describeReal } from '../real.ts';
import { clusterEnvironment, orderFlows, startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders, type Sent } from './traffic.ts';
import { logInToEditor, startBrowser, takePicture } from './browser.ts';

const orders = 500;
const environment = ({ url, database, apiKey }: Sandbox) => ({
  ODOO_URL: url,
  ODOO_DATABASE: database,
  ODOO_API_KEY: apiKey,
});

/** Sends all orders, the next part each time `next` is called, and looks that each is in Odoo once. */
async function inParts(
  hub: HubProcess,
  odoo: Sandbox,
  first: number,
  deploys: (() => Promise<void>)[],
): Promise<Sent> {
  const numbers = Array.from({ length: orders }, (_, at) => first + at);
  const sent = { accepted: 0, draining: 0, unanswered: 0 };
  const part = Math.ceil(orders / (deploys.length + 1));
  let sending = Promise.resolve(sent as Sent);
  for (const [at, deploy] of deploys.entries()) {
    sending = sendOrders(hub.url, numbers.slice(at * part, (at + 1) * part), 8, sent);
    while (sent.accepted < at * part + part / 4) await sleep(10);
    await Promise.all([deploy(), sending]);
  }
  await sendOrders(hub.url, numbers.slice(deploys.length * part), 8, sent);
  const found = await landed(odoo, orders, 120_000);
  assert.equal(found.length, orders);
  assert.deepEqual(found.toSorted(), numbers.map(String));
  return sent;
}

describeReal(['chromium'], 'a person deploys in the editor while orders come', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let odoo: Sandbox;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    odoo = await startSandbox();
    hub = await startHubProcess(environment(odoo));
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(hub.url);
    await logInToEditor(page, hub.password);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="odoo-order"]', { timeout: 120_000 });
    await page.locator('.red-ui-tab-label', { hasText: 'order-capture' }).first().click();
    await page.waitForTimeout(800);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await odoo?.close();
  });

  const picture = (name: string): Promise<void> => takePicture(page, name);
  const told = (text: string): Promise<void> => page.getByText(text).first().waitFor({ timeout: 120_000 });
  const gone = (text: string): Promise<void> =>
    page.getByText(text).first().waitFor({ state: 'hidden', timeout: 120_000 });
  const edit = async (node: string, field: string, value: string): Promise<void> => {
    await page.locator('.red-ui-flow-node-group', { hasText: node }).first().dblclick();
    await page.waitForSelector(field);
    await page.waitForTimeout(500);
    await page.fill(field, value);
    await page.click('#node-dialog-ok');
  };
  const deploy = async (): Promise<void> => {
    await page.click('#red-ui-header-button-deploy');
    await told('Successfully deployed');
    await picture('deployed-under-load');
    await gone('Successfully deployed');
  };
  const choose = async (item: string): Promise<void> => {
    await page.click('#red-ui-header-button-deploy-options');
    await page.locator(`#${item}`).click();
  };

  it(`${orders} orders, several deploys and a restart of the flows: each order once`, async function () {
    this.timeout(360_000);
    const sent = await inParts(hub, odoo, 500_000, [
      async () => {
        await edit('Shopify orders', '#crossdock-node-input-timeLimit', '100');
        await deploy();
      },
      async () => {
        await choose('deploymenu-item-node');
        await edit('Shopify orders', '#crossdock-node-input-timeLimit', '90');
        await deploy();
      },
      async () => {
        await choose('deploymenu-item-reload');
        await told('Successfully restarted flows');
        await picture('restarted-under-load');
        await gone('Successfully restarted flows');
      },
    ]);
    assert.ok(sent.draining > 0, 'no order met a deploy');
    assert.equal(sent.unanswered, 0);
  });

  it('a deploy that would hide work from settlement is refused with the reason', async function () {
    this.timeout(360_000);
    await page.evaluate(
      `(() => {
        const from = RED.nodes.filterNodes({ type: 'canonical-map' })[0];
        RED.nodes.import([{ id: 't1', type: 'trigger', z: from.z, x: 440, y: 340, wires: [[]], name: 'later', op1: '1', op2: '0', op1type: 'str', op2type: 'str', duration: '250', extend: false, overrideDelay: false, units: 'ms', reset: '', bytopic: 'all', topic: 'topic', outputs: 1 }], { generateIds: false });
        const to = RED.nodes.node('t1');
        RED.nodes.addLink({ source: from, sourcePort: 0, target: to });
        RED.nodes.dirty(true);
        RED.view.redraw(true);
      })()`,
    );
    await page.click('#red-ui-header-button-deploy');
    await told('swallows what comes meanwhile');
    const mark = page.locator('.crossdock-finding-error:visible').first();
    await mark.waitFor({ timeout: 60_000 });
    // One notice, replaced by that of the next try; and no stack where messages are shown.
    await page.evaluate("$('.red-ui-notification-error').addClass('of-the-first-try')");
    await page.click('#red-ui-header-button-deploy');
    await page.locator('.red-ui-notification-error:not(.of-the-first-try) .crossdock-findings').waitFor();
    await page.waitForFunction("$('.red-ui-notification-error:visible').length === 1");
    assert.equal(await page.getByText(/^\s*at .+:\d+:\d+/m).count(), 0);
    await page.locator('.crossdock-findings a', { hasText: 'later' }).click();
    await picture('deploy-refused');
    assert.equal(await page.getByText('"code"').count(), 0);
    assert.deepEqual((await landed(odoo, orders + 1, 100)).length, orders);
    await sendOrders(hub.url, [600_000], 1);
    assert.equal((await landed(odoo, orders + 1, 90_000)).length, orders + 1);
  });
});

describeReal(
  ['rabbitmq', 'redis', 'postgres'],
  'deploys on the cluster profile while orders come',
  (services) => {
    let hub: HubProcess;
    let odoo: Sandbox;

    before(async function () {
      this.timeout(360_000);
      odoo = await startSandbox();
      const env = { ...environment(odoo), ...(await clusterEnvironment(services)) };
      hub = await startHubProcess(env, undefined, { flows: orderFlows });
    });
    after(async () => {
      await hub?.stop();
      await odoo?.close();
    });

    it(`${orders} orders, deploys of every type: each order once, each queue with one consumer`, async function () {
      this.timeout(360_000);
      const admin = await login(hub.url, hub.password);
      const deploy = async (type: string): Promise<void> => {
        const now = (await (await admin('GET', '/flows')).json()) as { flows: FlowNode[]; rev: string };
        const node = now.flows.find(({ name }) => name === 'Shopify orders');
        assert.ok(node);
        node['timeLimit'] = Number(node['timeLimit'] ?? 120) - 1;
        const body = type === 'reload' ? undefined : now;
        const answer = await admin('POST', '/flows', body, { 'node-red-deployment-type': type });
        assert.equal(answer.status, 200, await answer.text());
      };
      // Claims of an earlier run are still known: other numbers each time.
      const first = 100_000_000 + (Date.now() % 800_000_000);
      const types = ['full', 'nodes', 'flows', 'reload'];
      const sent = await inParts(
        hub,
        odoo,
        first,
        types.map((type) => () => deploy(type)),
      );
      assert.ok(sent.draining > 0, 'no order met a deploy');
      assert.equal(sent.unanswered, 0);
      const connection = await connect(services.rabbitmq.url);
      const channel = await connection.createChannel();
      for (const queue of ['order-capture.shopify', 'order-to-odoo']) {
        for (const partition of partitionQueues(queue)) {
          const { consumerCount, messageCount } = await channel.checkQueue(partition);
          assert.deepEqual(
            { partition, consumerCount, messageCount },
            { partition, consumerCount: 1, messageCount: 0 },
          );
        }
      }
      await connection.close();
    });
  },
);
