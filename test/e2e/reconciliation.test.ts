/** Breaks in a browser: from the work queue to the run and back, with nothing offered that makes no sense. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openStores } from '../../runtime/stores/profile.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { loadOwnership } from '../../runtime/ownership/ownership.ts';
import { reconcilePurchases } from '../../runtime/reconcile/purchases.ts';
import { reconcile, type Reconciled } from '../../runtime/reconcile/reconcile.ts';
import { runOf, sealRun } from '../../runtime/reconcile/run.ts';
import { keepRun } from '../../runtime/reconcile/kept-runs.ts';
import { reconcileStock } from '../../runtime/reconcile/stock.ts';
import { describeReal } from '../real.ts';
import { uninvoiced } from '../reconcile-changes.ts';
import { chain, changed, cutOff, factsOf, tolerances } from '../reconcile-kit.ts';
import { faultsOf, logInToTower, startBrowser, takePicture } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';
const { privateKey: key } = generateKeyPairSync('ed25519');
const ownership = loadOwnership('definitions');
const asked = { cutOff, tolerances, teamOf: (of: object) => ownership.find(of)?.team };

/** Of each books one run, with a break or some. */
function runs(): [books: 'sales' | 'purchases' | 'stock', found: Reconciled][] {
  const many = Array.from({ length: 12 }, (_, at) => changed(chain(at + 1), uninvoiced));
  const { key: _key, ...odoo } = changed(chain(20), uninvoiced).odoo;
  const stock = {
    onHand: [{ warehouse: 'WH', sku: 'DESK', lot: '', quantity: '10' }],
    moved: [],
    counted: [{ warehouse: 'WH', sku: 'DESK', lot: '', quantity: '8', asOf: cutOff }],
    told: [],
    promised: [],
    costs: new Map([['DESK', { amount: '120', currency: 'EUR' }]]),
    untracked: new Set<string>(),
  };
  const purchases = [{ supplier: 'Timber Ltd', odoo }];
  return [
    ['sales', reconcile(factsOf([...many, chain(50)]), asked)],
    ['purchases', reconcilePurchases({ purchases, hub: new Map() }, asked)],
    ['stock', reconcileStock(stock, asked)],
  ];
}

describeReal(['chromium'], 'breaks in a browser', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-breaks-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    await (await openUsers(dataDir, () => {})).set('finn', password, 'operations', ['finance']);
    const { journal, close } = await openStores({ profile: 'embedded', dataDir, env: {} });
    for (const [books, found] of runs()) {
      const scope = {
        since: '2026-08-30T00:00:00.000Z',
        cutOff,
        ...(books !== 'sales' && { books }),
        ...(books === 'stock' && { looked: ['WH'] }),
      };
      await keepRun(journal.documents, sealRun(runOf(found, { scope, database: 'odoo', tolerances }), key));
    }
    await close();
    hub = await startHubProcess(noOdoo, dataDir);
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const picture = (name: string): Promise<void> => takePicture(page, name, true);

  it('are an issue that leads to its breaks, and offers nothing to send again or to give up', async function () {
    this.timeout(360_000);
    const wrong = faultsOf(page);
    await page.goto(`${hub.url}/tower/queue`);
    await logInToTower(page, 'finn', password);
    const row = page.locator('tbody tr', { hasText: 'no invoice has them' });
    await row.waitFor();
    assert.match((await row.textContent())!, /12.*€792\.00|€792\.00/s);
    assert.equal(await page.locator('tbody tr').count(), 2, 'of finance: sales and purchases');
    await picture('breaks-queue');
    await row.locator('a').first().click();
    await page.locator('h2', { hasText: 'Breaks' }).waitFor();
    await page.locator('tbody tr').nth(11).waitFor();
    const buttons = await page.locator('.actions button').allTextContents();
    assert.deepEqual(
      buttons.map((text) => text.trim()),
      ['I take it', 'Assign …', 'Wait for …', 'Mute …', 'Note …'],
    );
    await picture('breaks-issue');
    await page.click('.actions button.primary');
    await page.locator('.badge', { hasText: 'Acknowledged' }).first().waitFor();
    await page.locator('dl.facts a').first().click();
    await page.locator('ul.sums').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 12);
    await picture('breaks-run');
    await page.locator('tbody a', { hasText: 'Issue' }).first().click();
    await page.locator('.badge', { hasText: 'Acknowledged' }).first().waitFor();
    assert.deepEqual(wrong, []);
  });

  it('of purchases and of stock have their own sums', async function () {
    this.timeout(360_000);
    await page.goto(`${hub.url}/tower/reconciliation`);
    await page.locator('ul.sums').waitFor();
    const choices = await page.locator('.filters select option').allTextContents();
    assert.deepEqual(choices.map((text) => text.trim().split(',')[0]).toSorted(), [
      'Purchases',
      'Sales',
      'Stock',
    ]);
    for (const [books, sum] of [
      ['Purchases', /6 received and not billed/],
      ['Stock', /8 counted by warehouses, 10 in Odoo then/],
    ] as const) {
      const option = page.locator('.filters select option', { hasText: books });
      await page.locator('.filters select').selectOption((await option.getAttribute('value'))!);
      await page.locator('ul.sums', { hasText: sum }).waitFor();
      await picture(`breaks-${books.toLowerCase()}`);
    }
    if (!process.env['CROSSDOCK_PICTURES']) return;
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture('breaks-dark');
    await page.setViewportSize({ width: 420, height: 900 });
    await picture('breaks-narrow');
    await page.goto(`${hub.url}/tower/queue`);
    await page.locator('tbody tr').first().waitFor();
    await picture('breaks-queue-narrow');
  });
});
