/** The page Suspicions in a browser: what is unusual with its numbers, a person's verdict, and a detector that is muted. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { openStores } from '../../runtime/stores/profile.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import type { Suspicion } from '../../runtime/suspicions/decide.ts';
import type { Finding } from '../../runtime/suspicions/finding.ts';
import { judge, keepFound, keptSuspicions } from '../../runtime/suspicions/kept.ts';
import { describeReal } from '../real.ts';
import { startBrowser, takePicture, onPageError } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login } from './traffic.ts';

const run = promisify(execFile);
const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';
const HOUR = 3_600_000;
const now = Date.now();

const orders = (...numbers: string[]) => numbers.map((number) => ({ key: `shopify/${number}`, number }));

function finding(kind: Finding['kind'], partner: string, more: Partial<Finding> = {}): Finding {
  return {
    kind,
    metric: 'received',
    partner,
    cause: `${kind}/${partner}`,
    direction: 'less',
    subject: '',
    observed: 61,
    expected: 124,
    score: -5.2,
    points: 8,
    since: now - 3 * HOUR,
    orders: [],
    ...more,
  };
}

const ofOrders = { metric: 'orders', direction: 'more', score: 9.1 } as const;
const lasting: Finding[] = [
  finding('volume', 'shopify'),
  finding('silence', 'lakeside', { observed: 0, expected: 11.4, score: 2.1, points: 412 }),
  finding('drift', 'woocommerce', { observed: 402, expected: 561, score: -4.4, points: 56 }),
  finding('error-share', 'shopify', {
    metric: 'failed',
    direction: 'more',
    subject: 'VALUE_UNMAPPED',
    observed: 0.21,
    expected: 0.0004,
    score: 12,
    points: 840,
    orders: orders('1004', '1007', '1011', '1012', '1020'),
  }),
  finding('duplicate-order', 'shopify', {
    ...ofOrders,
    observed: 2,
    expected: 1,
    points: 2,
    orders: orders('1031', '1044'),
  }),
  finding('quantity', 'midmart', {
    ...ofOrders,
    subject: 'FURN_7777',
    observed: 1000,
    expected: 10,
    points: 118,
    orders: orders('4500012345'),
  }),
];

describeReal(['chromium'], 'the page of suspicions', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;
  const broken: string[] = [];

  before(async function () {
    this.timeout(360_000);
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-suspicions-'));
    cpSync('flows', join(dataDir, 'flows'), { recursive: true });
    const users = await openUsers(dataDir, () => {});
    for (const role of ['viewer', 'operations'] as const) await users.set(role, password, role);
    const { journal, close } = await openStores({ profile: 'embedded', dataDir, env: {} });
    // Nine of a detector were judged; one more is left for a person.
    for (let n = 0; n < 10; n += 1)
      await keepFound(
        journal.documents,
        [finding('price', 'acme', { ...ofOrders, cause: `price/${n}`, subject: `LAMP-${n}` })],
        now - (20 - n) * 24 * HOUR,
      );
    const priced = (await keptSuspicions(journal.documents)).filter(({ ended }) => ended !== undefined);
    for (const { id } of priced)
      await judge(journal.documents, id, { useful: false, by: 'olga' }, new Date(now));
    assert.equal(priced.length, 9);
    const last = finding('price', 'acme', {
      ...ofOrders,
      cause: 'price/9',
      subject: 'LAMP-9',
      observed: 199,
      expected: 19.9,
      points: 64,
      orders: orders('2077'),
    });
    await keepFound(journal.documents, [...lasting, last], now);
    await close();
    hub = await startHubProcess(noOdoo, dataDir);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  const picture = (name: string): Promise<void> => takePicture(page, name, true);

  async function open(user: string, more: { locale?: string; width?: number } = {}): Promise<void> {
    await page?.close();
    const { locale = 'en-GB', width = 1440 } = more;
    page = await browser.newPage({ viewport: { width, height: 900 }, locale });
    page.setDefaultTimeout(30_000);
    page.on('console', (said) => said.type() === 'error' && broken.push(said.text()));
    onPageError(page, (error) => broken.push(error.message));
    await page.goto(`${hub.url}/tower/suspicions`);
    await page.locator('input').first().fill(user);
    await page.locator('input[type=password]').fill(password);
    await page.locator('form button').click();
    await page.locator('tbody tr').first().waitFor();
  }
  const rowOf = (text: string) => page.locator('tbody tr').filter({ hasText: text });

  it('shows each with its numbers and its orders, by filters that stand in the address', async function () {
    this.timeout(360_000);
    await open('operations');
    assert.equal(await page.locator('tbody tr').count(), 7);
    const quantity = rowOf('FURN_7777');
    for (const text of ['midmart', '1,000', '118 points', '4500012345'])
      assert.ok((await quantity.innerText()).includes(text), text);
    assert.equal(
      await quantity.getByRole('link', { name: '4500012345' }).getAttribute('href'),
      '/tower/search?q=4500012345',
    );
    const ofPartner = rowOf('Silence').getByRole('link', { name: 'of lakeside' });
    assert.equal(await ofPartner.getAttribute('href'), '/tower/orders?partner=lakeside');
    assert.match(await rowOf('VALUE_UNMAPPED').innerText(), /21%.*0%/s);
    await picture('suspicions');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture('suspicions-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await page.getByLabel('Kind').selectOption('Silence');
    await page.getByLabel('Partner').selectOption('shopify');
    await page.getByText('None match.').waitFor();
    assert.match(page.url(), /kind=silence&partner=shopify/);
    await page.getByLabel('Partner').selectOption('All');
    assert.equal(await page.locator('tbody tr').count(), 1);
    await page.getByLabel('Kind').selectOption('All');
    await page.getByLabel('Show').selectOption('Including ended');
    await rowOf('LAMP-0').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 16);
    await page.getByLabel('Show').selectOption('Ongoing');
  });

  it('a person says what it was worth; the detector mutes itself, says so, and is unmuted', async function () {
    this.timeout(360_000);
    const row = rowOf('LAMP-9');
    await row.getByRole('button', { name: 'Not useful', exact: true }).click();
    await row.getByText(/Rated not useful by operations/).waitFor();
    const notice = page.locator('section.notice');
    await notice.getByText('Price has been muted for acme', { exact: false }).waitFor();
    assert.match(await notice.innerText(), /0 of 10 rated suspicions were useful/);
    await picture('suspicions-muted');
    await row.getByText('History').click();
    assert.match(await row.innerText(), /first seen[^]*rated not useful by operations/);
    const env = { ...process.env, CROSSDOCK_DATA: hub.dataDir };
    const command = async (...args: string[]) =>
      (await run(process.execPath, ['cli/crossdock.js', 'suspicions', ...args], { env })).stdout;
    const told = JSON.parse(await command('--json')) as { suspicions: Suspicion[]; muted: object[] };
    assert.deepEqual([told.suspicions.length, told.muted.length], [7, 1]);
    assert.match(await command(), /Price has been muted for acme .*: 0 of 10 rated suspicions were useful/);
    await notice.getByRole('button', { name: 'Unmute' }).click();
    await notice.waitFor({ state: 'detached' });
    assert.doesNotMatch(await command(), /muted/);
  });

  it('speaks German, fits a narrow window, and lets who only reads decide nothing', async function () {
    this.timeout(360_000);
    await open('viewer', { locale: 'de-DE', width: 390 });
    await page.getByRole('heading', { name: 'Auffälliges', level: 1 }).waitFor();
    assert.ok((await page.locator('tbody').innerText()).includes('Stille'));
    assert.equal(await page.getByRole('button', { name: 'Nicht nützlich' }).count(), 0);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px are outside of the window`);
    await picture('suspicions-narrow');
    const viewer = await login(hub.url, password, 'viewer');
    const refused = await viewer('POST', '/tower/api/suspicions/judge', { id: 'x', useful: true });
    assert.equal(refused.status, 403);
    const operations = await login(hub.url, password, 'operations');
    const unknown = await operations('POST', '/tower/api/suspicions/judge', { id: 'x', useful: true });
    assert.equal(unknown.status, 404);
    assert.equal(((await unknown.json()) as { code: string }).code, 'SUSPICION_UNKNOWN');
    assert.deepEqual(broken, []);
  });
});
