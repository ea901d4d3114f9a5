/** Somebody of customer service finds an order by the number of its parcel, from any page and by the keyboard. */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openStores } from '../../runtime/stores/profile.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { de } from '../../runtime/tower/web/texts/de.ts';
import { en } from '../../runtime/tower/web/texts/en.ts';
import { letter, step, untold } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { startBrowser, takePicture } from './browser.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';

async function fill(dataDir: string): Promise<void> {
  const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
  const process = 'order-to-cash';
  const now = new Date().toISOString();
  const row = { process, due: null, attention: 0 as const, ...untold, body: '{}', updated: now };
  const all = [
    {
      number: '1001',
      state: 'running' as const,
      step: 'shipment',
      attention: 1 as const,
      partner: 'shopify',
    },
    { number: '1002', state: 'done' as const, partner: 'brookfield' },
  ];
  for (const one of all) {
    const key = `shop/${one.number}`;
    await stores.journal.processes.add({ ...row, ...one, key });
    const names = [
      { kind: 'order', value: one.number },
      { kind: 'tracking number', value: `1Z999AA1${one.number}` },
      { kind: 'purchase order', value: `PO-${one.number}` },
    ];
    await stores.journal.append([step({ names, about: { process, key } })]);
  }
  const found = { code: 'PRODUCT_UNKNOWN' as const, facts: { sku: '1Z-LAMP' } };
  await stores.journal.saveDeadLetter(letter({ ...found, lastFailed: now }));
  await stores.close();
}

describeReal(['chromium'], 'search in the browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  let hub: HubProcess;
  let browser: Browser;

  before(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-search-page-'));
    await fill(dataDir);
    const users = await openUsers(dataDir, () => {});
    await users.set('vera', password, 'viewer', ['customer-service']);
    hub = await startHubProcess(noOdoo, dataDir);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  async function enter(options: Parameters<Browser['newContext']>[0], at: string): Promise<Page> {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    await page.goto(hub.url + at);
    await page.fill('input[name=username]', 'vera');
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1[tabindex]');
    return page;
  }

  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name);

  it('leads from a parcel to its order by the keyboard alone', async () => {
    const page = await enter({}, '/tower/nowhere');
    await page.keyboard.press('/');
    await page.keyboard.type(' 1z999aa11001 ');
    await page.keyboard.press('Enter');
    const link = page.getByRole('link', { name: '1Z999AA11001' });
    await link.waitFor();
    assert.equal(await link.getAttribute('href'), '/tower/orders/order-to-cash/shop%2F1001');
    const row = page.getByRole('row').filter({ has: link });
    assert.match(await row.innerText(), /tracking number/);
    assert.match(await row.innerText(), /Order 1001, under way: shipment/);
    assert.match(await row.innerText(), new RegExp(en.search.attention));
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.context().close();
  });

  it('shows what begins so, of each kind, in the colours and the language of the person', async () => {
    for (const [name, options] of Object.entries({
      light: { viewport: { width: 1280, height: 800 } },
      dark: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' as const },
      narrow: { viewport: { width: 360, height: 740 }, locale: 'de-DE' },
    })) {
      const page = await enter(options, '/tower/search?q=1z');
      await page.getByRole('link', { name: '1Z-LAMP' }).waitFor();
      assert.equal(await page.locator('tbody tr').count(), 3);
      const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
      assert.equal(wide, false, 'nothing is pushed out of the page');
      const words = name === 'narrow' ? de : en;
      assert.equal(await page.getByText(words.search['kind.SKU'] as string, { exact: true }).count(), 1);
      await picture(page, `search-${name}`);
      await page.context().close();
    }
  });

  it('says what to do where nothing is found, and where nothing was typed', async () => {
    const page = await enter({}, '/tower/search?q=nobody');
    await page.getByText(en.search.nothingHelp).waitFor();
    await picture(page, 'search-nothing');
    await page.goto(`${hub.url}/tower/search`);
    await page.getByText(en.search.help).waitFor();
    await page.context().close();
  });
});
