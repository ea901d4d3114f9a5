import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { logInToEditor, startBrowser, takePicture } from './browser.ts';

describeReal(['chromium'], 'node forms, palette and map in the browser', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    // No Odoo answers there.
    hub = await startHubProcess({
      ODOO_URL: 'http://127.0.0.1:65530',
      ODOO_DATABASE: 'nowhere',
      ODOO_API_KEY: 'e2e',
      CRM_API_URL: '',
    });
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.setDefaultTimeout(20_000);
    await page.goto(`${hub.url}/?flow=order-capture&node=captured`);
    await logInToEditor(page, hub.password);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="odoo-order"]', { timeout: 120_000 });
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const picture = (name: string): Promise<void> => takePicture(page, name);
  const open = async (flow: string, node: string): Promise<void> => {
    await page.goto(`${hub.url}/?flow=${flow}&node=${encodeURIComponent(node)}`);
    await page.locator('.red-ui-flow-node-group', { hasText: node }).first().dblclick();
    // The dialog takes the focus when it stands.
    await page.waitForFunction(() => document.activeElement?.closest('.red-ui-tray') !== null);
  };
  const choices = (): Locator => page.locator('.crossdock-choices:visible [role=option]');
  const settings = (): Promise<(string | undefined)[]> =>
    page
      .locator('[data-crossdock-field]:visible')
      .evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset['crossdockField']));
  const cancel = async (): Promise<void> => {
    await page.click('#node-dialog-cancel');
    await page.locator('#node-input-name').waitFor({ state: 'detached' });
  };

  it('opens on the flow and the node asked for, with nothing over the canvas', async function () {
    this.timeout(360_000);
    await page.waitForURL(/#flow\/\w+$/);
    await page.locator('.red-ui-tab.active', { hasText: 'order-capture' }).waitFor();
    await page.getByText('captured', { exact: true }).waitFor();
    await page.waitForFunction(
      () => document.elementFromPoint(innerWidth - 60, 300)?.closest('#red-ui-workspace-chart') !== null,
    );
    await picture('editor-flow');
  });

  it('has the palette in the order in which a message comes by', async () => {
    const names = await page
      .locator('.red-ui-palette-category:visible > .red-ui-palette-header')
      .allInnerTexts();
    assert.deepEqual(
      names.slice(0, 5).map((name) => name.trim()),
      ['In', 'Check', 'Once', 'Map', 'Out'],
    );
    const guard = page.locator('[data-palette-type="idempotency-guard"] .red-ui-palette-label');
    assert.match(await guard.innerHTML(), /^idempotency\s*<br>\s*guard$/);
  });

  it('finds an event by words and takes it by the keyboard', async function () {
    this.timeout(360_000);
    await open('order-capture', 'Shopify orders');
    const first = page.getByRole('combobox', { name: 'Event types' }).first();
    await first.fill('order tracker');
    await page.getByText('Nothing found').waitFor();
    await first.fill('tracker');
    await choices().first().waitFor();
    assert.equal(await choices().count(), 1);
    await picture('editor-event');
    await first.press('ArrowDown');
    await first.press('Enter');
    assert.equal(await first.inputValue(), 'easypost.tracker.updated.v1');
    assert.equal(await first.getAttribute('aria-expanded'), 'false');
    await first.fill('order.vanished.v1');
    await first.blur();
    const make = page.getByRole('link', { name: 'Make it' });
    await page.getByText('There is no event order.vanished.v1.').waitFor();
    assert.match((await make.getAttribute('href')) ?? '', /workspace\/events\?new=order\.vanished\.v1$/);
    await cancel();
  });

  it('shows the settings of the scheme, keeps the others for a change of mind, and saves none of them', async function () {
    this.timeout(360_000);
    await open('shopify-intake', 'signature');
    assert.deepEqual(await settings(), ['name', 'scheme', 'secrets', 'says', 'content']);
    await page.selectOption('#node-input-scheme', 'hmac');
    await page.fill('#node-input-header', 'X-Mine');
    await page.selectOption('#node-input-scheme', 'shopify');
    assert.equal(await page.locator('#node-input-header').isVisible(), false);
    await page.selectOption('#node-input-scheme', 'hmac');
    assert.equal(await page.inputValue('#node-input-header'), 'X-Mine');
    await page.selectOption('#node-input-scheme', 'github');
    await page.click('#node-dialog-ok');
    await page.locator('#node-input-name').waitFor({ state: 'detached' });
    const file = join(hub.flowsDir, 'shopify-intake.yaml');
    const before = readFileSync(file, 'utf8');
    await page.click('#red-ui-header-button-deploy');
    await page.getByText('Successfully deployed').waitFor({ timeout: 120_000 });
    assert.equal(readFileSync(file, 'utf8'), before.replace('scheme: shopify', 'scheme: github'));
  });

  it('speaks German where the browser does, also in what a script writes', async function () {
    this.timeout(360_000);
    const storageState = await page.context().storageState();
    const german = await browser.newPage({ locale: 'de-DE', storageState });
    await german.goto(hub.url);
    const node = german.locator('[data-palette-type="odoo-order"]');
    await node.waitFor({ timeout: 50_000 });
    assert.equal((await node.innerText()).replaceAll(/\s+/g, ' ').trim(), 'Auftrag in Odoo');
    await german.evaluate(
      "RED.editor.edit(RED.nodes.filterNodes({ type: 'event-consume' }).find((one) => one.types.length === 1))",
    );
    await german.getByRole('group', { name: 'Ereignistypen' }).waitFor();
    await german.locator('#dialog-form').getByText('Wo die Ereignisse warten.').waitFor();
    await german.context().close();
  });

  it('marks a variable that has no value here, and offers models while Odoo is away', async function () {
    this.timeout(360_000);
    const token = await page.evaluate(
      () =>
        (JSON.parse(localStorage.getItem('auth-tokens') ?? '{}') as { access_token: string }).access_token,
    );
    const asked = async (query: string) => {
      const answer = await fetch(`${hub.url}/tower/api/choices?${query}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return (await answer.json()) as {
        kept: boolean;
        choices: { value: string; missing?: boolean }[];
      };
    };
    const { choices: variables } = await asked('kind=variable');
    const of = (value: string) => variables.find((one) => one.value === value);
    assert.deepEqual(of('${CRM_API_URL}'), { value: '${CRM_API_URL}', title: '', missing: true });
    assert.deepEqual(of('${SHOPIFY_ADMIN_URL}'), { value: '${SHOPIFY_ADMIN_URL}', title: '' });
    const models = await asked('kind=model');
    assert.equal(models.kept, true);
    assert.ok(models.choices.some(({ value }) => value === 'sale.order'));
    const fields = await asked('kind=field&of=sale.order');
    assert.ok(fields.choices.some(({ value }) => value === 'client_order_ref'));
  });

  it('answers who takes an event, on the map and in the list of flows', async function () {
    this.timeout(360_000);
    await page.goto(`${hub.url}/workspace/map?find=order.received.v1+order-to-odoo`);
    const row = page.getByRole('row', { name: /order\.received\.v1/ });
    await row.first().waitFor();
    assert.equal(await row.count(), 1);
    assert.equal(
      (await row.getByRole('cell').allInnerTexts()).join(' | '),
      'order.received.v1 | order-capture | order-to-odoo | order-to-odoo',
    );
    const box = page.locator('a.map-flow', { hasText: 'order-to-odoo' });
    assert.equal(await box.getAttribute('href'), '/?flow=order-to-odoo');
    await picture('map-found');
    await page.goto(`${hub.url}/workspace/map?partner=stripe`);
    await page.locator('a.map-flow', { hasText: 'stripe-intake' }).waitFor();
    assert.equal(await page.locator('a.map-flow', { hasText: 'amazon-intake' }).count(), 0);
    await page.goto(`${hub.url}/workspace/map`);
    await page.locator('a.map-flow', { hasText: 'order-to-odoo' }).waitFor();
    await picture('map');
    await page.locator('a.map-flow', { hasText: 'order-to-odoo' }).press('Enter');
    await page.locator('.red-ui-tab.active', { hasText: 'order-to-odoo' }).waitFor({ timeout: 120_000 });
  });
});
