/** The work queue in a browser, as its teams use it: find the own, take one, and be told when somebody was quicker. */
import assert from 'node:assert/strict';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openStores } from '../../runtime/stores/profile.ts';
import type { Stores } from '../../runtime/stores/stores.ts';
import type { IssueList } from '../../runtime/node-red/tower/issues.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { letterOf, unmapped } from '../conformance/issues.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, type Admin } from './traffic.ts';
import { startBrowser } from './browser.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';

describeReal(['chromium'], 'the work queue in the browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  let hub: HubProcess;
  let stores: Stores;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let finn: Admin;

  before(async () => {
    hub = await startHubProcess(noOdoo);
    const users = await openUsers(hub.dataDir, () => {});
    await users.set('ida', password, 'analyst', ['it']);
    await users.set('finn', password, 'operations', ['finance']);
    await users.set('vera', password, 'viewer', ['it']);
    finn = await login(hub.url, password, 'finn');
    stores = await openStores({ profile: 'embedded', dataDir: hub.dataDir, env: {} });
    for (const n of [1, 2])
      await stores.journal.saveDeadLetter(letterOf(n, 'acme', unmapped('tax', 'GST 7%')));
    const fault = { flow: 'order-to-odoo', code: 'TOTALS_DIFFER', reason: 'other totals' } as const;
    await stores.journal.saveDeadLetter(letterOf(3, 'acme', fault));
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await stores?.close();
    await hub?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const enter = async (name: string, at = '/tower'): Promise<void> => {
    await page.goto(hub.url + at);
    await page.fill('input[name=username]', name);
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('tbody tr');
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('opens with the issues of the own teams, and shows those of all by its filter in the URL', async () => {
    await enter('ida');
    assert.match(page.url(), /\/tower\/queue$/);
    assert.equal(await page.locator('tbody tr').count(), 1);
    const row = await page.locator('tbody tr').innerText();
    for (const said of ['The value map tax has no entry for “GST 7%”.', 'acme', '€3.20', 'Propose the entry'])
      assert.ok(row.includes(said), `${said}: ${row}`);
    await page.selectOption('select[name=team]', 'all');
    await page.locator('tbody tr').nth(1).waitFor();
    assert.match(page.url(), /team=all/);
    assert.equal(await page.evaluate('document.body.scrollWidth <= innerWidth'), true);
  });

  it('an issue is taken, and who decides second is told and can decide again', async () => {
    await enter('ida');
    await page.locator('tbody a').click();
    await page.getByRole('button', { name: 'I take it' }).click();
    await page.getByText('Acknowledged').waitFor();
    const { rows } = (await (await finn('GET', '/tower/api/issues?team=all&person=ida')).json()) as IssueList;
    await button('Mute …').click();
    const { id, revision } = rows[0]!;
    const note = { revision, act: { do: 'note', text: 'I know it' } };
    assert.equal((await finn('POST', `/tower/api/issues/${id}/act`, note)).status, 200);
    await page.fill('dialog input[name=reason]', 'a known defect');
    await button('Save').click();
    await page.locator('dialog').getByText('finn: note (I know it)').waitFor();
    assert.equal(await page.inputValue('dialog input[name=reason]'), 'a known defect');
    await button('Save').click();
    await page.getByText(/^Muted until .*: a known defect$/).waitFor();
    await page.locator('.history').getByText('muted it').waitFor();
    await button('Go on').click();
    await page.locator('.badge').getByText('Acknowledged').waitFor();
  });

  it('its exceptions are sent again by a plan of them alone', async () => {
    await enter('ida');
    await page.locator('tbody a').click();
    await button('Send again safely …').click();
    await page.waitForURL(/\/tower\/replays\/[^/?]+$/);
    await page.locator('tbody tr').nth(1).waitFor();
    const planned = await page.locator('main').innerText();
    for (const order of ['AC-1001', 'AC-1002']) assert.ok(planned.includes(order), planned);
    assert.ok(!planned.includes('AC-1003'));
  });

  it('who may only read sees no buttons', async () => {
    await enter('vera', '/tower/queue?team=all');
    await page.locator('tbody a').first().click();
    await page.locator('.history, .panel .small').first().waitFor();
    for (const name of ['I take it', 'Assign …', 'Mute …', 'Note …', 'Give up …'])
      assert.equal(await button(name).count(), 0, name);
  });
});
