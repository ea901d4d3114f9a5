/** A flow file is changed in a text editor while the hub runs: it is taken, or refused with file and line; nobody is overwritten. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { FlowNode } from '../../runtime/flow-file/format.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders, type Admin } from './traffic.ts';
import { logInToEditor, startBrowser, takePicture } from './browser.ts';

describeReal(['chromium'], 'a flow file changed by hand', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let odoo: Sandbox;
  let browser: Browser;
  let admin: Admin;

  const file = (): string => join(hub.flowsDir, 'order-to-odoo.yaml');
  const edit = (from: string | RegExp, to: string): void =>
    writeFileSync(file(), readFileSync(file(), 'utf8').replace(from, to));
  const concurrency = async (): Promise<unknown> => {
    const { flows } = (await (await admin('GET', '/flows')).json()) as { flows: FlowNode[] };
    return flows.find(({ name }) => name === 'orders')?.['concurrency'];
  };
  const open = async (): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(hub.url);
    await logInToEditor(page, hub.password);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="odoo-order"]', { timeout: 120_000 });
    return page;
  };
  const told = (page: Page, text: string): Promise<void> =>
    page.getByText(text).first().waitFor({ timeout: 120_000 });
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name);

  before(async function () {
    this.timeout(360_000);
    odoo = await startSandbox();
    const { url, database, apiKey } = odoo;
    hub = await startHubProcess({ ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey });
    admin = await login(hub.url, hub.password);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await odoo?.close();
  });

  it('runs by itself, and open editors are told', async function () {
    this.timeout(360_000);
    const page = await open();
    edit('concurrency: 100', 'concurrency: 33');
    await told(page, 'the hub runs them now');
    assert.equal(await concurrency(), 33);
  });

  it('that cannot run is refused with file and line, and the last good one works on', async function () {
    this.timeout(360_000);
    const page = await open();
    const good = readFileSync(file(), 'utf8');
    edit('to: sale order', 'to: [sale order');
    await told(page, 'order-to-odoo.yaml:');
    await picture(page, 'by-hand-refused');
    edit(/[^]*/, good.replace('order.received.v1', 'order.lost.v1'));
    await told(page, 'order.lost.v1, which is not in definitions/events');
    assert.equal(await concurrency(), 33);
    await sendOrders(hub.url, [900_001], 1);
    assert.deepEqual(await landed(odoo, 1, 90_000), ['900001']);
    writeFileSync(file(), good);
  });

  it('is not overwritten by an editor that has not seen it: its person is shown the conflict', async function () {
    this.timeout(360_000);
    const [first, second] = [await open(), await open()];
    const change = (page: Page, name: string): Promise<unknown> =>
      page.evaluate(
        `(() => { const node = RED.nodes.filterNodes({ type: 'odoo-order' }).find(({ name }) => name === 'sale order'); node.name = '${name}'; node.changed = true; node.dirty = true; RED.nodes.dirty(true); RED.view.redraw(true); })()`,
      );
    await change(first, 'written first');
    await first.click('#red-ui-header-button-deploy');
    await told(first, 'Successfully deployed');
    await change(second, 'written second');
    await second.click('#red-ui-header-button-deploy');
    await told(second, 'Review changes');
    await picture(second, 'conflict');
    assert.match(readFileSync(file(), 'utf8'), /written first/);
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /written second/);
    await told(second, 'must be resolved');
    const review = second.getByText('Review changes').last();
    const shown = second.locator('[class*="red-ui-diff"]').first();
    // The editor compares first; until it has, a click is lost. The button goes where the comparison comes.
    while (!(await shown.isVisible())) {
      await review.click({ timeout: 5_000 }).catch(() => {});
      await shown.waitFor({ timeout: 10_000 }).catch(() => {});
    }
    await picture(second, 'conflict-review');
  });

  it('and who changed a flow last is known', async () => {
    const { edits } = (await (await admin('GET', '/crossdock/author')).json()) as {
      edits: { flow: string; by: string }[];
    };
    assert.deepEqual(
      edits.map(({ flow, by }) => [flow, by]),
      [['order-to-odoo', 'admin']],
    );
  });
});
