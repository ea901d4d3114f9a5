/** An analyst's whole way in the browser: edit, test, cut, promote to test and to production, approved by another, and back. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { FlowNode } from '../../runtime/flow-file/format.ts';
import { makeToken } from '../../runtime/node-red/tokens.ts';
import type { Role } from '../../runtime/node-red/roles.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { publicPem, signingKey, trust } from '../../runtime/signature/keys.ts';
import type { Promotion } from '../../runtime/promotion/promotion.ts';
import type { TargetStatus } from '../../runtime/release/target.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders, withToken, type Admin } from './traffic.ts';
import { logInToEditor, startBrowser, takePicture } from './browser.ts';

const password = 'a-long-password';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describeReal(['chromium'], "an analyst's way from a change to the live hub", ({ chromium: { path } }) => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-analyst-'));
  const at = (name: string): string => join(dir, name);
  const hubs: HubProcess[] = [];
  let odoo: Sandbox;
  let browser: Browser;
  let dev: Page;
  let test: Admin;
  let prod: Admin;

  /** A hub of this environment, with these logins; its token. */
  async function prepare(name: string, users: Record<string, Role>): Promise<string> {
    const open = await openUsers(at(name), () => {});
    for (const [user, role] of Object.entries(users)) await open.set(user, password, role);
    await trust(at(name), publicPem(await signingKey(at('dev'), {})));
    return makeToken(at(name), 'dev-hub', 'promote');
  }

  async function start(name: string, port: number, more: Record<string, string> = {}): Promise<HubProcess> {
    const { url, database, apiKey } = odoo;
    const env = {
      ODOO_URL: url,
      ODOO_DATABASE: database,
      ODOO_API_KEY: apiKey,
      CROSSDOCK_ENVIRONMENT: name,
      CROSSDOCK_DEFINITIONS: at('definitions'),
      CROSSDOCK_RELEASES: at('releases'),
      CROSSDOCK_PORT: String(port),
      ...more,
    };
    const hub = await startHubProcess(env, at(name), name === 'dev' ? { flowsDir: at('flows') } : {});
    hubs.push(hub);
    return hub;
  }

  async function open(url: string, user: string): Promise<Page> {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(url);
    await logInToEditor(page, password, user);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="odoo-order"]', {
      timeout: 120_000,
      state: 'attached',
    });
    // While the editor still loads, another tab of the sidebar can come to the front after this one.
    const shown = page.locator('.crossdock-releases section').first();
    for (let tries = 0; tries < 100 && !(await shown.isVisible()); tries += 1) {
      await page.evaluate(`RED.actions.invoke('crossdock:show-releases')`);
      await page.waitForTimeout(1000);
    }
    return page;
  }
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name);
  const press = (page: Page, name: string): Promise<void> =>
    page.locator('.crossdock-releases').getByRole('button', { name, exact: true }).first().click();
  const told = (page: Page, text: string): Promise<void> =>
    page.getByText(text).first().waitFor({ timeout: 180_000 });
  const status = async (hub: Admin): Promise<TargetStatus> =>
    (await (await hub('GET', '/crossdock/releases/status')).json()) as TargetStatus;

  before(async function () {
    this.timeout(540_000);
    for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
    const ports = { dev: await freePort(), test: await freePort(), prod: await freePort() };
    for (const [name, port] of Object.entries(ports)) {
      const file = at(`definitions/environments/${name}.yaml`);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/^admin: .*$/m, `admin: http://127.0.0.1:${port}`),
      );
    }
    odoo = await startSandbox();
    await prepare('dev', { anna: 'analyst' });
    const tokens = {
      CROSSDOCK_TEST_TOKEN: await prepare('test', { anna: 'analyst' }),
      CROSSDOCK_PROD_TOKEN: await prepare('prod', { anna: 'approver', carla: 'approver', root: 'admin' }),
    };
    const [devHub, testHub, prodHub] = [
      await start('dev', ports.dev, tokens),
      await start('test', ports.test),
      await start('prod', ports.prod),
    ];
    test = withToken(testHub.url, tokens.CROSSDOCK_TEST_TOKEN);
    prod = withToken(prodHub.url, tokens.CROSSDOCK_PROD_TOKEN);
    browser = await startBrowser(path);
    dev = await open(devHub.url, 'anna');
  });
  after(async () => {
    await browser?.close();
    for (const hub of hubs) await hub.stop();
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('the first release is cut in the sidebar and goes live', async function () {
    this.timeout(360_000);
    await press(dev, 'Cut 1.0.0');
    await told(dev, 'Release 1.0.0 is cut.');
    await press(dev, 'Promote to prod');
    await told(dev, '1.0.0 waits in prod for an approval.');
    const { waiting } = await status(prod);
    const carla = await login(hubs[2]!.url, password, 'carla');
    const answer = await carla('POST', '/crossdock/releases/approvals', { id: waiting[0]!.id });
    assert.equal(((await answer.json()) as Promotion).state, 'running');
  });

  it('a node is added and deployed, and the sidebar says what changed', async function () {
    this.timeout(360_000);
    await dev.evaluate(
      `(() => {
        const to = RED.nodes.filterNodes({ type: 'odoo-order' }).find(({ name }) => name === 'sale order');
        RED.workspaces.show(to.z);
        RED.nodes.import([{ id: 'audit1', type: 'debug', z: to.z, x: 360, y: 200, wires: [], name: 'audit', active: false, tosidebar: true, console: false, tostatus: false, complete: 'false', statusVal: '', statusType: 'auto' }], { generateIds: false });
        const from = RED.nodes.filterNodes({ type: 'event-consume', z: to.z })[0];
        RED.nodes.addLink({ source: from, sourcePort: 0, target: RED.nodes.node('audit1') });
        RED.nodes.dirty(true);
        RED.view.redraw(true);
      })()`,
    );
    await dev.click('#red-ui-header-button-deploy');
    await told(dev, 'order-to-odoo: audit');
    await told(dev, 'goes to audit');
    await picture(dev, 'releases-changed');
  });

  it('is tested, cut as 1.1.0 and runs in test', async function () {
    this.timeout(360_000);
    await press(dev, 'Run tests');
    await told(dev, 'tests passed.');
    await press(dev, 'Cut 1.1.0');
    await told(dev, 'Release 1.1.0 is cut.');
    await press(dev, 'Promote to test');
    await told(dev, '1.1.0 runs in test.');
    await picture(dev, 'releases-cut');
    const { running, drift } = await status(test);
    assert.deepEqual([running?.version, running?.by, drift], ['1.1.0', 'anna', []]);
  });

  it('waits in production: its author is refused, another login approves, and it runs as released', async function () {
    this.timeout(360_000);
    await press(dev, 'Promote to prod');
    await told(dev, '1.1.0 waits in prod for an approval.');
    const anna = await open(hubs[2]!.url, 'anna');
    await press(anna, 'Approve');
    await told(anna, 'FOUR_EYES');
    await picture(anna, 'releases-refused');
    const carla = await open(hubs[2]!.url, 'carla');
    await picture(carla, 'releases-waiting');
    await press(carla, 'Approve');
    await told(carla, '1.1.0: running');
    await told(carla, 'as released');
    await picture(carla, 'releases-approved');
    const { running, drift } = await status(prod);
    assert.deepEqual([running?.version, drift], ['1.1.0', []]);
    const root = await login(hubs[2]!.url, password, 'root');
    const { flows } = (await (await root('GET', '/flows')).json()) as { flows: FlowNode[] };
    assert.ok(flows.some(({ name }) => name === 'audit'));
    await sendOrders(hubs[2]!.url, [800_001], 1);
    assert.deepEqual(await landed(odoo, 1, 90_000), ['800001']);
  });

  it('is rolled back by a press of a button', async function () {
    this.timeout(360_000);
    const root = await open(hubs[2]!.url, 'root');
    await press(root, 'Roll back');
    await told(root, '1.0.0: running');
    await picture(root, 'releases-back');
    const { running, drift } = await status(prod);
    assert.deepEqual([running?.version, drift], ['1.0.0', []]);
    await sendOrders(hubs[2]!.url, [800_002], 1);
    assert.equal((await landed(odoo, 2, 90_000)).length, 2);
  });
});
