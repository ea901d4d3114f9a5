/** Single sign-on in a real browser: one login for tower and editor, a group that is taken, a provider that is away, and out again. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { idOf as sessionOf } from '../../runtime/node-red/session-book.ts';
import type { UsersPage } from '../../runtime/node-red/tower/users.ts';
import { idOf } from '../../runtime/sign-on/identity.ts';
import { until } from '../conformance/kit.ts';
import { describeReal } from '../real.ts';
import { browser as signingOn } from '../sign-on/browser.ts';
import { rules } from '../sign-on/hub.ts';
import { client, freePort, realProvider, type RealProvider } from '../sign-on/real-provider.ts';
import { faultsOf, logInToTower, startBrowser, takeEach } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

describeReal(['chromium'], 'sign-on in the browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-e2e-sign-on-'));
  let provider: RealProvider;
  let hub: HubProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];

  before(async () => {
    const port = await freePort();
    provider = await realProvider({ hub: `http://127.0.0.1:${port}` });
    cpSync('definitions', join(dir, 'definitions'), { recursive: true });
    writeFileSync(join(dir, 'definitions/sign-on.yaml'), rules);
    hub = await startHubProcess(
      {
        ...noOdoo,
        CROSSDOCK_PORT: String(port),
        CROSSDOCK_DEFINITIONS: join(dir, 'definitions'),
        CROSSDOCK_SIGN_ON_ISSUER: provider.issuer,
        CROSSDOCK_SIGN_ON_CLIENT: client.id,
        CROSSDOCK_SIGN_ON_SECRET: client.secret,
        CROSSDOCK_SIGN_ON_URL: `http://127.0.0.1:${port}`,
        CROSSDOCK_SIGN_ON_CHECK_SECONDS: '0',
      },
      join(dir, 'data'),
    );
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await provider?.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['makers'] });
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    page = await context.newPage();
    complaints = faultsOf(page, { answers: false });
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });

  const signOn = () => page.getByRole('link', { name: 'Log in with single sign-on' });
  const atProvider = () => page.getByRole('button', { name: 'Anna Berg (u-1)' });
  const account = () => page.locator('.account summary');
  const user = () =>
    page.evaluate(`fetch('/settings', {
      headers: { authorization: 'Bearer ' + JSON.parse(localStorage.getItem('auth-tokens')).access_token },
    }).then(async (answer) => (await answer.json()).user?.username)`);

  it('opens the tower and the editor by one login, and ends both', async () => {
    await page.goto(`${hub.url}/tower/health?x=1`);
    await signOn().waitFor();
    await takeEach(page, 'sign-on-login');
    await signOn().click();
    await atProvider().click();
    await account().filter({ hasText: 'Anna Berg' }).waitFor();
    assert.equal(page.url(), `${hub.url}/tower/health?x=1`);
    await takeEach(page, 'sign-on-tower');
    await page.goto(hub.url);
    await page.locator('#red-ui-header-button-deploy').waitFor();
    assert.equal(await user(), idOf(provider.issuer, 'u-1'));
    await takeEach(page, 'sign-on-editor');
    await page.goto(`${hub.url}/tower`);
    await account().click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(/session\/end/);
    await page.getByRole('button', { name: 'Yes' }).click();
    await page.waitForURL(`${hub.url}/tower**`);
    await signOn().waitFor();
    assert.equal(await page.evaluate(`localStorage.getItem('auth-tokens')`), null);
    // The provider knows nobody any more.
    await signOn().click();
    await atProvider().waitFor();
  });

  it('begins in the editor, and ends there', async () => {
    await page.goto(hub.url);
    const button = page.locator('#node-dialog-login-fields a', { hasText: 'Log in with single sign-on' });
    await button.waitFor();
    await takeEach(page, 'sign-on-editor-login');
    await button.click();
    await atProvider().click();
    await page.locator('#red-ui-header-button-deploy').waitFor();
    assert.equal(new URL(page.url()).pathname, '/');
    await page.click('#red-ui-header-button-user');
    await page.click('#usermenu-item-logout');
    await page.waitForURL(/session\/end/);
  });

  it('is listed with its address, and ended by who keeps users', async () => {
    provider.accounts.set('u-2', { name: 'Otto Kern', groups: ['admins'] });
    const { token: anna = '' } = await signingOn().logIn(hub.url, 'u-1');
    const { token: otto = '' } = await signingOn().logIn(hub.url, 'u-2');
    const call = async (token: string, path: string, body?: object) =>
      fetch(`${hub.url}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    const user = idOf(provider.issuer, 'u-1');
    const session = sessionOf(anna);
    const listed = async () => {
      const { sessions } = (await (await call(otto, '/tower/api/users')).json()) as UsersPage;
      return sessions.find(({ id }) => id === session);
    };
    assert.equal((await call(anna, '/flows')).status, 200);
    const { user: id, name } = (await listed()) ?? {};
    assert.equal(id, user);
    assert.equal(name, provider.accounts.get('u-1')?.name);
    await until('its address is written', async () => (await listed())?.from === '127.0.0.1', 60_000);
    assert.equal((await call(otto, '/tower/api/users/end', { username: user, session })).status, 200);
    assert.equal((await call(anna, '/flows')).status, 401);
    assert.equal(await listed(), undefined);
  });

  it('says to who has lost the group that it is over, and lets them back in where they were', async () => {
    await page.goto(`${hub.url}/tower`);
    await signOn().click();
    await atProvider().click();
    await account().waitFor();
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: [] });
    await page.goto(`${hub.url}/tower/health`);
    await page.getByText('none of your groups may use this hub').first().waitFor();
    await takeEach(page, 'sign-on-no-group');
    await until('the login is offered', async () => {
      await page.reload();
      return signOn()
        .waitFor({ timeout: 2000 })
        .then(
          () => true,
          () => false,
        );
    });
    await signOn().click();
    await page.getByText('none of your groups may use this hub').waitFor();
    await takeEach(page, 'sign-on-no-role');
    provider.accounts.set('u-1', { name: 'Anna Berg', groups: ['readers'] });
    await signOn().click();
    await account().filter({ hasText: 'Anna Berg' }).waitFor();
    assert.equal(page.url(), `${hub.url}/tower/health`);
  });

  it('says that the provider is away, and takes the password behind the glass', async () => {
    await provider.goAway();
    await page.goto(`${hub.url}/tower#sign-on=SIGN_ON_AWAY&return=%2F%2Fevil.example`);
    await page.getByText('Sign-on is away').waitFor();
    await takeEach(page, 'sign-on-away');
    await logInToTower(page, 'olga', 'twelve characters');
    await page.getByText('This name has no password here').waitFor();
    await logInToTower(page, 'admin', hub.password);
    await account().filter({ hasText: 'admin' }).waitFor();
    assert.ok(page.url().startsWith(`${hub.url}/tower`), page.url());
    await provider.comeBack();
  });
});
