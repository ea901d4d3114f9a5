/** The page Figures in a browser: each figure with its formula and its days, the release that made one worse, and on paper. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import type { Figures } from '../../runtime/figures/figures.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { loadProcesses } from '../../runtime/process/definition.ts';
import { seeding } from '../figures-seed.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login } from './traffic.ts';
import { faultsOf, logInToTower, startBrowser, takePicture } from './browser.ts';

const run = promisify(execFile);
const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';

describeReal(['chromium'], 'the page of figures', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-figures-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    await (await openUsers(dataDir, () => {})).set('viewer', password, 'viewer');
    const { atOnce, journal, close } = await openStores({ profile: 'embedded', dataDir, env: {} });
    const definition = loadProcesses('definitions').get('order-to-cash')!;
    await atOnce!(() => seeding(new Date()).seed(journal, definition));
    // No channel has ever taken a level here.
    for (const kind of ['event-last', 'event-kept'])
      for (const { id } of await journal.documents.list(kind)) await journal.documents.drop(kind, id);
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

  /** What `crossdock figures` says of the same store. */
  async function atTerminal(): Promise<unknown[]> {
    const env = { ...process.env, CROSSDOCK_DATA: hub.dataDir };
    const { stdout } = await run(process.execPath, ['cli/crossdock.js', 'figures', '--json'], { env });
    return (JSON.parse(stdout) as Figures).figures.map(({ indicator, hits, count }) => [
      indicator,
      hits,
      count,
    ]);
  }

  it('shows the numbers of the API, says what cannot be measured, and proposes to put a release back', async function () {
    this.timeout(360_000);
    const broken = faultsOf(page);
    const viewer = await login(hub.url, password, 'viewer');
    const { figures } = (await (await viewer('GET', '/tower/api/figures')).json()) as Figures;
    assert.deepEqual(
      await atTerminal(),
      figures.map(({ indicator, hits, count }) => [indicator, hits, count]),
    );
    await page.goto(`${hub.url}/tower/figures`);
    await logInToTower(page, 'viewer', password);
    await page.getByRole('heading', { name: 'Figures', level: 1 }).waitFor();
    const acceptance = page.locator('#order-acceptance');
    await acceptance.locator('canvas').waitFor();
    const { hits, count } = figures.find(({ indicator }) => indicator === 'order-acceptance')!;
    const said = await acceptance.innerText();
    assert.ok(said.includes(`${hits} of ${count}`), said);
    assert.match(
      said,
      /Worse since release 2026\.6\.1[^]*crossdock rollback --to ENVIRONMENT --version 2026\.5\.2/,
    );
    assert.match(said, /Formula\s+orders confirmed in Odoo within the limit ÷/);
    const lag = page.locator('#inventory-lag');
    assert.match(await lag.innerText(), /not measurable\s+–/);
    assert.equal(await lag.locator('canvas').count(), 0);
    assert.equal(await page.locator('main table').first().locator('tbody tr').count(), figures.length);
    await picture('figures-light');
    await page.emulateMedia({ media: 'print' });
    assert.deepEqual(
      [
        await page.locator('header.top').isVisible(),
        await page.getByText('Print').isVisible(),
        await acceptance.isVisible(),
      ],
      [false, false, true],
    );
    await picture('figures-print');
    await page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
    await page.getByLabel('Period').selectOption({ label: '7 days' });
    await page.waitForURL(/days=7/);
    await acceptance.locator('canvas').waitFor();
    await acceptance.locator('summary').click();
    await acceptance.getByRole('heading', { name: 'By warehouse' }).waitFor();
    await picture('figures-dark');
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'light' });
    // Charts follow the width a moment later.
    await page.waitForFunction('document.documentElement.scrollWidth <= 360');
    await picture('figures-narrow');
    assert.deepEqual(broken, []);
  });
});
