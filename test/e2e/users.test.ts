/** The page of users in a browser: somebody is added, chooses a password, gets another role, and is put out. */
import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { makeToken } from '../../runtime/node-red/tokens.ts';
import { describeReal } from '../real.ts';
import { faultsOf, logInToTower, startBrowser, takeEach } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

describeReal(['chromium'], 'the page of users', ({ chromium: { path } }) => {
  let hub: HubProcess;
  let browser: Browser;
  let admin: Page;
  before(async () => {
    hub = await startHubProcess(noOdoo);
    await makeToken(hub.dataDir, 'prometheus', 'metrics', { days: 5, in: 'dev' });
    browser = await startBrowser(path);
    admin = await browser.newPage({ locale: 'en-GB' });
    await admin.goto(`${hub.url}/tower/users`);
    await logInToTower(admin, 'admin', hub.password);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });

  it('adds somebody with a password that is shown once, and lets them choose their own first', async () => {
    const faults = faultsOf(admin);
    await admin.getByRole('button', { name: 'Add a user' }).click();
    const box = admin.getByRole('dialog');
    await takeEach(admin, 'users-add');
    await box.getByLabel('Name').fill('wanda');
    await box.getByRole('checkbox', { name: /^warehouse/ }).check();
    await box.getByRole('checkbox', { name: /^viewer/ }).uncheck();
    await box.getByRole('button', { name: 'Add a user' }).click();
    const once = (await box.locator('code').textContent())!;
    assert.match(once, /^\S{20,}$/);
    await takeEach(admin, 'users-once');
    await box.getByRole('button', { name: 'I have passed it on' }).click();
    await admin.getByRole('cell', { name: 'wanda', exact: true }).first().waitFor();
    assert.ok(!(await admin.content()).includes(once));
    assert.deepEqual(faults, []);

    const wanda = await browser.newPage({ locale: 'en-GB' });
    await wanda.goto(`${hub.url}/tower`);
    await logInToTower(wanda, 'wanda', once);
    await wanda.getByRole('heading', { name: 'Choose your own password' }).waitFor();
    await takeEach(wanda, 'users-choose');
    const choose = async (password: string): Promise<void> => {
      await wanda.getByLabel('New password').fill(password);
      await wanda.getByLabel('Once more').fill(password);
      await wanda.getByRole('button', { name: 'Save' }).click();
    };
    await choose('Password1234!');
    await wanda.getByText('tried first').waitFor();
    await choose('nine boxes of blue tape');
    await wanda.getByRole('heading', { name: 'Choose your own password' }).waitFor({ state: 'detached' });
    await wanda.getByRole('link', { name: 'Work queue' }).waitFor();
    assert.equal(await wanda.getByRole('link', { name: 'Users' }).count(), 0);
    await wanda.goto(`${hub.url}/tower/users`);
    await wanda.getByRole('heading', { name: 'Your role does not show this page.' }).waitFor();
    await wanda.goto(`${hub.url}/tower/health`);
    await wanda.getByRole('heading', { name: 'Health' }).waitFor();

    // Her login is listed, and ended at once: her page asks for another by itself.
    await admin.reload();
    const row = admin.getByRole('button', { name: 'End a login of wanda' });
    await row.waitFor();
    await takeEach(admin, 'users', { fullPage: true });
    await row.click();
    await wanda.getByText('Your login has ended').first().waitFor();
    await wanda.close();
  }).timeout(360_000);

  it('refuses roles that must not meet, and says why', async () => {
    await admin.getByRole('button', { name: 'Change wanda' }).click();
    const box = admin.getByRole('dialog');
    await box.getByRole('checkbox', { name: /^analyst/ }).check();
    await box.getByRole('checkbox', { name: /^approver/ }).check();
    await box.getByRole('button', { name: 'Save' }).click();
    await box.getByText('must not be one person').waitFor();
    await takeEach(admin, 'users-meet');
    await box.getByRole('checkbox', { name: /^approver/ }).uncheck();
    await box.getByRole('checkbox', { name: /^warehouse/ }).uncheck();
    await box.getByRole('button', { name: 'Save' }).click();
    await box.waitFor({ state: 'detached' });
    await admin.getByRole('cell', { name: 'analyst', exact: true }).waitFor();
  }).timeout(360_000);
});
