import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { until } from '../conformance/kit.ts';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { startSandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { describeReal } from '../real.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { logInToEditor, startBrowser, takePicture } from './browser.ts';

describeReal(['chromium'], 'an analyst edits a mapping in the browser', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let odoo: Awaited<ReturnType<typeof startSandbox>>;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    odoo = await startSandbox();
    hub = await startHubProcess({
      ODOO_URL: odoo.url,
      ODOO_DATABASE: odoo.database,
      ODOO_API_KEY: odoo.apiKey,
    });
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await odoo?.close();
  });

  const send = async (number: number): Promise<void> => {
    const items = [{ sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 }];
    const body = shopifyOrder(`90071992547409${number}`, number, items);
    const answer = await post(
      hub.url,
      signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets),
    );
    assert.equal(answer.status, 202);
  };
  const landed = async (count: number): Promise<string[]> => {
    for (let tries = 0; tries < 900 && odoo.orders().length < count; tries += 1) await sleep(100);
    return odoo.orders().map(({ client_order_ref }) => client_order_ref);
  };
  const picture = (name: string): Promise<void> => takePicture(page, name);

  it('and the next webhook shows the change', async function () {
    this.timeout(360_000);
    await send(4001);
    assert.deepEqual(await landed(1), ['4001']);

    await page.goto(hub.url);
    await logInToEditor(page, hub.password);
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="odoo-order"]', { timeout: 120_000 });
    await page.locator('.red-ui-tab-label', { hasText: 'order-capture' }).first().click();
    await page.waitForTimeout(800);
    await picture('flow');

    await page.locator('.red-ui-flow-node-group', { hasText: 'map Shopify order' }).first().dblclick();
    await page.waitForSelector('#node-input-file');
    await page.waitForFunction("monaco.editor.getModels().length > 0 && !$('.red-ui-tray').is(':animated')");
    await picture('map-form');
    const mapping = readFileSync('definitions/mappings/shopify.order.jsonata', 'utf8');
    const changed = mapping.replace(/'number':/, "'number': 'WEB-' &");
    assert.notEqual(changed, mapping);
    const choice = page.locator('[data-crossdock-field="file"] [role="option"]:visible');
    await until('the choices are shown', async () => {
      await page.fill('#node-input-file', '');
      const shown = choice.first().waitFor({ timeout: 5000 });
      return shown.then(
        () => true,
        () => false,
      );
    });
    // Closes the choices, not the form.
    await page.press('#node-input-file', 'Escape');
    await choice.first().waitFor({ state: 'hidden' });
    await page.locator('#crossdock-node-input-expression .monaco-editor').click();
    await page.waitForFunction("document.activeElement?.closest('#crossdock-node-input-expression')");
    await page.keyboard.press('Control+A');
    await page.evaluate(async (text) => {
      const data = new DataTransfer();
      data.setData('text/plain', text);
      document.activeElement?.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true }),
      );
    }, changed);
    await page.waitForFunction(
      `monaco.editor.getModels().some((one) => one.getValue().includes("'WEB-' &"))`,
    );
    await picture('map-form-edited');
    await page.click('#node-dialog-ok');
    await page.click('#red-ui-header-button-deploy');
    await page.getByText('Successfully deployed').waitFor({ timeout: 120_000 });
    await picture('deployed');

    const saved = readFileSync(join(hub.flowsDir, 'order-capture.yaml'), 'utf8');
    assert.match(saved, /expression: \|/);
    assert.match(saved, /'WEB-' &/);
    await until202(() => send(4002));
    assert.deepEqual((await landed(2)).toSorted(), ['4001', 'WEB-4002']);
  });
});

/** A deploy answers 503 for a moment; partners send again. */
async function until202(send: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (tries === 20) throw error;
      await sleep(500);
    }
  }
}
