/** The health page in a browser: what it says of a hub whose Odoo is away, and its pictures, in both schemes and narrow. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { step } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { faultsOf, logInToTower, startBrowser, takePicture } from './browser.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';
const HOUR_MS = 3_600_000;

/** Two weeks of a hub that had an outage in each night. */
async function fill({ append, watched, rollups }: Journal): Promise<void> {
  const now = Date.now();
  for (let hours = 14 * 24; hours > 0; hours -= 1)
    for (const part of hours < 24 ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] : [0]) {
      const time = new Date(now - hours * HOUR_MS + part * 300_000).toISOString();
      const busy = 1 + Math.round(8 * Math.abs(Math.sin(hours / 7 + part / 30)));
      const steps = Array.from({ length: busy }, (_, at) => [
        step({ time, flow: 'order-capture', outcome: 'accepted', durationMs: 8 + ((at * 7 + hours) % 40) }),
        step({
          time,
          flow: 'order-to-odoo',
          outcome: at === 7 ? 'retrying' : 'landed',
          durationMs: 200 + 90 * at,
        }),
      ]);
      await append(steps.flat());
      await watched.sample(time, [
        { name: 'waiting', subject: 'order-to-odoo', value: busy * 12 },
        { name: 'oldest', subject: 'order-to-odoo', value: busy * 40 },
        { name: 'waiting', subject: 'order-capture.shopify', value: busy },
        { name: 'outage', subject: 'order-to-odoo', value: hours % 24 === 3 ? 1 : 0 },
        { name: 'hubs', subject: '', value: 1 },
        { name: 'store', subject: '', value: 60e6 - hours * 1e5 },
      ]);
    }
  await rollups.fold(new Date());
}

describeReal(['chromium'], 'the health page', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-health-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    await (await openUsers(dataDir, () => {})).set('viewer', password, 'viewer');
    const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
    await stores.atOnce!(() => fill(stores.journal));
    await stores.close();
    hub = await startHubProcess(noOdoo, dataDir);
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
    const order = shopifyOrder('900719925474001', 4001, [
      { sku: 'A', name: 'A', price: '7.00', quantity: 1 },
    ]);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '4001' }, order, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const picture = (name: string): Promise<void> => takePicture(page, name, true);

  it('says that Odoo is away, what waits for it, and how it was', async function () {
    this.timeout(360_000);
    const broken = faultsOf(page);
    await page.goto(`${hub.url}/tower/health`);
    await logInToTower(page, 'viewer', password);
    await page.getByRole('heading', { name: 'Health', level: 1 }).waitFor();
    await page.getByText(/order-to-odoo waits for its target/).waitFor({ timeout: 120_000 });
    const queues = page.locator('#queues tbody tr').first();
    assert.match(await queues.innerText(), /order-to-odoo\s+1\s/);
    assert.match(await page.locator('#outages .table tbody tr').innerText(), /ODOO_UNREACHABLE/);
    assert.match(await page.locator('#store').innerText(), /Growth, a day\s+\d/);
    await page.locator('#flows canvas').first().waitFor();
    assert.equal(await page.locator('canvas').count(), 8);
    await picture('health-light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.getByLabel('Pictures of').selectOption({ label: '14 days' });
    await page.waitForURL(/range=fortnight/);
    await page.locator('#flows canvas').first().waitFor();
    assert.equal(await page.locator('canvas').count(), 8);
    await picture('health-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'light' });
    // Charts follow the width a moment later.
    await page.waitForFunction('document.documentElement.scrollWidth <= 360');
    await picture('health-narrow');
    assert.deepEqual(broken, []);
  });
});
