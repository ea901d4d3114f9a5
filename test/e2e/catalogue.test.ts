/** A hub without flows opens on the catalogue; what a person takes there runs at once. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { logInToEditor, startBrowser, takeEach, takePicture, onPageError } from './browser.ts';

describeReal(['chromium'], 'the catalogue of a hub without flows', ({ chromium: { path } }) => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-catalogue-'));
  const home = join(dir, 'my-hub');
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    const made = spawnSync(process.execPath, ['cli/crossdock.js', 'init', home], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    const env = { CROSSDOCK_DEFINITIONS: join(home, 'definitions'), ODOO_URL: 'http://127.0.0.1:65530' };
    hub = await startHubProcess(env, join(dir, 'data'), { flowsDir: join(home, 'flows') });
    browser = await startBrowser(path);
    page = await (
      await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' })
    ).newPage();
    onPageError(page, (error) => assert.fail(error));
    await page.goto(`${hub.url}/workspace`);
    await page.fill('input[name=username]', 'admin');
    await page.fill('input[name=password]', hub.password);
    await page.click('button.primary');
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('is what its first page shows', async () => {
    await page.getByRole('heading', { name: 'WooCommerce' }).waitFor();
    await page.getByText('This hub has no flow yet.').waitFor();
    await picture('catalogue');
    assert.equal(await status('/hooks/woocommerce/orders'), 404);
  });

  it('is where its editor leads', async function () {
    this.timeout(360_000);
    const editor = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage();
    await editor.goto(hub.url);
    await logInToEditor(editor, hub.password);
    const link = editor.getByRole('link', { name: 'See what can be taken from the catalogue' });
    await link.waitFor({ timeout: 120_000 });
    await takePicture(editor, 'catalogue-editor');
    assert.equal(await link.getAttribute('href'), '/workspace/catalogue');
    await editor.context().close();
  });

  it('takes a partner that runs at once, and tells what it still needs', async function () {
    this.timeout(360_000);
    await page.getByRole('button', { name: 'Add Amazon' }).click();
    await page.getByText(/Amazon runs in this hub/).waitFor({ timeout: 120_000 });
    assert.match(await page.getByRole('status').innerText(), /ODOO_DATABASE/);
    await page.getByRole('button', { name: 'Add WooCommerce' }).click();
    await page.getByText(/WooCommerce runs in this hub/).waitFor({ timeout: 120_000 });
    await picture('catalogue-taken');
    assert.equal(await status('/hooks/woocommerce/orders'), 401);
    assert.ok(existsSync(join(home, 'definitions/events/woocommerce.order.created.v1.yaml')));
    assert.match(
      readFileSync(join(home, 'crossdock.lock.yaml'), 'utf8'),
      /- amazon\n {2}- orders\n {2}- woocommerce/,
    );
    assert.match(readFileSync(join(home, '.env.example'), 'utf8'), /^WOOCOMMERCE_WEBHOOK_SECRETS=$/m);
  });

  it('shows on its own page what is here, and refuses what there is not', async () => {
    await page.getByRole('link', { name: 'Catalogue' }).click();
    await page.getByRole('listitem').filter({ hasText: 'WooCommerce' }).getByText('Here').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Add WooCommerce' }).count(), 0);
    await page.getByRole('button', { name: 'Add Shopify' }).waitFor();
  });

  async function status(address: string): Promise<number> {
    return (await fetch(`${hub.url}${address}`, { method: 'POST', body: '{}' })).status;
  }

  const picture = (name: string): Promise<void> => takeEach(page, name, { fullPage: true });
});
