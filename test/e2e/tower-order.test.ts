/** The page of an order, the list and the board in a browser, on a hub that ran the demo. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openUsers } from '../../runtime/node-red/users.ts';
import { describeReal } from '../real.ts';
import { startBrowser, takePicture } from './browser.ts';

const password = 'a-long-password';

interface Look {
  colorScheme?: 'light' | 'dark';
  width?: number;
  locale?: string;
}

describeReal(['chromium'], 'the page of an order in a browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-tower-order-'));
  let demo: ChildProcess;
  let browser: Browser;
  let url: string;
  /** Of one that went well, and of one with an article that nobody knows. */
  let [good, bad]: string[] = [];

  before(async () => {
    demo = spawn(process.execPath, [resolve('cli/crossdock.js'), 'demo'], {
      cwd: dir,
      env: { ...process.env, ODOO_URL: '', CROSSDOCK_STACK_DIR: dir, CROSSDOCK_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    url = await new Promise<string>((found, fail) => {
      demo.once('exit', (code) => fail(new Error(`The demo ended with ${code}: ${said.slice(-2000)}`)));
      demo.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      demo.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const open = /The editor is open at (\S+)/.exec(said)?.[1];
        if (open) found(open);
      });
    });
    const number = (kind: string) => new RegExp(`^Shopify +(\\d+) +${kind} +202`, 'm').exec(said)?.[1] ?? '';
    [good, bad] = [number('valid'), number('unknown product')];
    const users = await openUsers(join(dir, '.crossdock', 'demo'), () => {});
    await users.set('olga', password, 'operations');
    await users.set('vera', password, 'viewer');
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    demo.kill('SIGTERM');
    if (demo.exitCode === null) await once(demo, 'exit');
    rmSync(dir, { recursive: true, force: true });
  });

  async function open(where: string, user = 'olga', look: Look = {}): Promise<Page> {
    const { width = 1280, ...rest } = look;
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'en-US', ...rest });
    const form = {
      client_id: 'node-red-editor',
      grant_type: 'password',
      scope: '',
      username: user,
      password,
    };
    const login = await context.request.post(`${url}/auth/token`, { data: form });
    await context.addInitScript(`localStorage.setItem('auth-tokens', ${JSON.stringify(await login.text())})`);
    const page = await context.newPage();
    await page.goto(new URL(where, url).href);
    return page;
  }
  const told = (page: Page, text: string | RegExp) =>
    page.getByText(text).first().waitFor({ timeout: 120_000 });
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name, true);
  const orderAt = (number: string | undefined) => `/tower/orders/order-to-cash/${number}`;

  it('says where an order stands, in words', async () => {
    const page = await open(orderAt(good));
    await told(page, `Order ${good}`);
    const rail = page.getByRole('list', { name: 'Milestones' });
    assert.match((await rail.getByRole('listitem').first().textContent()) ?? '', /Order\s+done/);
    assert.match((await rail.getByRole('listitem').nth(1).textContent()) ?? '', /Shipment\s+under way/);
    const strip = (await page.locator('.strip').textContent())?.replaceAll(/\s+/g, ' ') ?? '';
    assert.match(strip, /Ordered \$[1-9][\d,.]+/);
    assert.match(strip, /Shipped none yet ?Invoiced none yet ?Posted none yet ?Paid none yet/);
    const link = page.getByRole('link', { name: /^Open S\d+ in Odoo/ });
    assert.match(
      (await link.getAttribute('href')) ?? '',
      /^http:.*\/web#id=\d+&model=sale\.order&view_type=form$/,
    );
    await told(page, 'The order is confirmed in Odoo.');
    await told(page, 'No message of this order has failed.');
    assert.equal(await page.getByText('Told within the hub').count(), 0);
    await page.getByRole('button', { name: /Show \d+ technical steps/ }).press('Enter');
    await told(page, /Told within the hub: order\.received\.v1/);
    await picture(page, 'order-light');
    await page.context().close();
  });

  it('leads from an exception to its repair, and shows messages to those who may see data', async () => {
    const page = await open(orderAt(bad));
    await told(page, 'waits for a person');
    const repair = page.getByRole('link', { name: 'Look and repair' });
    assert.match((await repair.getAttribute('href')) ?? '', /^\/tower\/letters\/.+/);
    assert.ok(!(await page.content()).includes('robin.mercer@example.com'));
    await page.getByText('Raw messages').click();
    await told(page, /robin\.mercer@example\.com/);
    await picture(page, 'order-exception');
    const viewer = await open(orderAt(bad), 'vera', { colorScheme: 'dark' });
    await told(viewer, 'waits for a person');
    assert.equal(await viewer.getByText('Raw messages').count(), 0);
    assert.ok(!(await viewer.content()).includes('Mercer'));
    await picture(viewer, 'order-dark');
    await Promise.all([page, viewer].map((one) => one.context().close()));
  });

  it('is paused and goes on by those who may, and tells who did', async () => {
    const page = await open(orderAt(good));
    for (const [decision, after] of [
      ['Pause', 'olga paused it.'],
      ['Go on', 'olga let it go on.'],
    ] as const) {
      await page.getByRole('button', { name: decision }).press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: decision }).press('Enter');
      await told(page, after);
      assert.equal(await dialog.count(), 0);
    }
    const viewer = await open(orderAt(good), 'vera');
    await told(viewer, 'olga let it go on.');
    assert.equal(await viewer.getByRole('button', { name: 'Pause' }).count(), 0);
    await Promise.all([page, viewer].map((one) => one.context().close()));
  });

  it('says what to do about a number that nobody knows', async () => {
    const page = await open(orderAt('NO-SUCH'));
    await told(page, /Search for another/);
    assert.ok(await page.getByRole('link', { name: 'PROCESS_UNKNOWN' }).count());
    await picture(page, 'order-unknown');
    await page.context().close();
  });

  it('of what only left a trace shows what happened', async () => {
    const page = await open(`/tower/orders/-/${good}`);
    await told(page, `What is known of ${good}`);
    await told(page, /The order stands in Odoo: S\d+/);
    await page.context().close();
  });

  it('is reached from the board by the list, without a mouse', async () => {
    const page = await open('/tower/board');
    await page.locator('.board h2').first().waitFor();
    await picture(page, 'board-light');
    const shipment = page.locator('.board li', { hasText: 'Shipment' });
    await shipment
      .getByRole('link', { name: /orders?$/ })
      .first()
      .press('Enter');
    await page.waitForURL(/\/tower\/orders\?.*step=shipment/);
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    await picture(page, 'orders-light');
    assert.ok(await page.getByRole('button', { name: /CSV/ }).count());
    await page.getByRole('link', { name: good!, exact: true }).press('Enter');
    await told(page, `Order ${good}`);
    await page.context().close();
  });

  it('speaks German, and fits a telephone', async () => {
    const page = await open(orderAt(bad), 'olga', { locale: 'de-DE', width: 360 });
    await told(page, `Auftrag ${bad}`);
    await told(page, 'wartet auf einen Menschen');
    const wide = () => page.evaluate('document.documentElement.scrollWidth') as Promise<number>;
    assert.ok((await wide()) <= 360, `the order is ${await wide()} wide`);
    await picture(page, 'order-narrow-de');
    for (const where of ['board', 'orders']) {
      await page.goto(new URL(`/tower/${where}`, url).href);
      await page.locator('main table, main .board').first().waitFor();
      assert.ok((await wide()) <= 360, `${where} is ${await wide()} wide`);
      await picture(page, `${where}-narrow-de`);
    }
    await page.context().close();
  });
});
