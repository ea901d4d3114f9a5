/** The tower in a browser: log in, find the way by keyboard, change the language, and what every page is made of. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { buildSync } from 'esbuild';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openUsers } from '../../runtime/node-red/users.ts';
import { de } from '../../runtime/tower/web/texts/de.ts';
import { en } from '../../runtime/tower/web/texts/en.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { faultsOf, startBrowser, takePicture } from './browser.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const password = 'twelve characters';

/** In the page: what can be used and has no name that a screen reader could say, and ids that stand twice. */
const nameless = `(() => {
  const named = (one) => one.ariaLabel || one.getAttribute('aria-labelledby') || one.labels?.length || one.textContent.trim();
  const mute = [...document.querySelectorAll('button, input, select, textarea, a[href], summary, dialog')].filter((one) => !named(one));
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  return [...mute.map((one) => one.outerHTML.slice(0, 200)), ...ids.filter((id, at) => ids.indexOf(id) !== at)];
})()`;

/** In the page: another page of this browser has a login that has ended. */
const expired = `
  localStorage.setItem('auth-tokens', '{"access_token":"old"}');
  dispatchEvent(new StorageEvent('storage', { key: 'auth-tokens' }));
`;

/** A script that gives what these files of the kit export. */
function kitScript(files: readonly string[]): string {
  const contents = files.map((file) => `export * from './${file}.ts';`).join('\n');
  const stdin = { contents, resolveDir: 'runtime/tower/web/kit' };
  return buildSync({ stdin, bundle: true, format: 'esm', write: false }).outputFiles[0]?.text ?? '';
}

describeReal(['chromium'], 'the tower in the browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  let hub: HubProcess;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained about: scripts that fail, what the policy refused. */
  let complaints: string[];

  before(async () => {
    hub = await startHubProcess(noOdoo);
    const users = await openUsers(hub.dataDir, () => {});
    await users.set('wanda', password, 'operations', ['warehouse']);
    await users.set('olga', password, 'viewer');
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
    page = await context.newPage();
    complaints = faultsOf(page, { answers: false });
  });
  afterEach(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });

  const fillIn = async (name: string, word: string): Promise<void> => {
    await page.fill('input[name=username]', name);
    await page.fill('input[name=password]', word);
    await page.keyboard.press('Enter');
  };
  const enter = async (at = '/tower/nowhere'): Promise<void> => {
    await page.goto(hub.url + at);
    await fillIn('wanda', password);
    await page.waitForSelector('h1[tabindex]');
  };
  const picture = (name: string): Promise<void> => takePicture(page, name);
  const focused = () => page.evaluate('document.activeElement.outerHTML') as Promise<string>;

  it('says what is wrong with a login, and leads to the page that was asked for', async () => {
    await page.goto(`${hub.url}/tower/nowhere?a=1`);
    await fillIn('wanda', 'another password');
    await page.getByRole('alert').getByText(en.login.wrong).waitFor();
    await picture('tower-login');
    await fillIn('wanda', password);
    await page.getByRole('heading', { name: en.shell.noPage }).waitFor();
    assert.equal(page.url(), `${hub.url}/tower/nowhere?a=1`);
    assert.equal(await page.title(), `${en.shell.noPage} · Crossdock`);
    await page.locator('.account summary').click();
    await page.getByText('In: Warehouse').waitFor();
    await page.getByRole('button', { name: en.shell.logOut }).click();
    await page.getByRole('status').getByText(en.login.left).waitFor();
    await page.reload();
    await page.waitForSelector('input[name=username]');
  });

  it('says how long to wait after too many tries', async () => {
    await page.goto(`${hub.url}/tower`);
    for (let tries = 0; tries < 5; tries += 1) {
      await fillIn('mallory', `guess ${tries}`);
      await page.getByRole('alert').waitFor();
      await page.locator('button.primary:enabled').waitFor();
    }
    assert.equal(
      await page.getByRole('alert').innerText(),
      en.login.throttled.other.replace('{count}', '10'),
    );
  });

  it('asks for the login again where it has ended, on the same page', async () => {
    await enter('/tower/nowhere?b=2');
    await page.evaluate(expired);
    await page.getByRole('status').getByText(en.login.expired).waitFor();
    await fillIn('wanda', password);
    await page.getByRole('heading', { name: en.shell.noPage }).waitFor();
    assert.equal(page.url(), `${hub.url}/tower/nowhere?b=2`);
  });

  it('keeps what was written until the same person is back, and from anybody else', async () => {
    const mark = () => page.evaluate(`document.querySelector('#content h1').dataset.mark ?? ''`);
    const expire = async () => {
      await page.evaluate(`document.querySelector('#content h1').dataset.mark = 'mine'`);
      await page.evaluate(expired);
      await page.getByRole('status').getByText(en.login.expired).waitFor();
      assert.ok(await page.locator('#content').isHidden());
      assert.ok(await page.getByRole('dialog', { name: en.login.title }).isVisible());
    };
    await enter('/tower/nowhere');
    for (const [name, kept] of [
      ['wanda', 'mine'],
      ['olga', ''],
    ] as const) {
      await expire();
      await fillIn(name, password);
      await page.getByRole('heading', { name: en.shell.noPage }).waitFor();
      assert.equal(await mark(), kept);
      assert.equal(await page.title(), `${en.shell.noPage} · Crossdock`);
      assert.equal(await page.locator('header.top').count(), 1);
    }
  });

  it('shows who decides here, also when somebody else has logged in beside', async () => {
    await enter('/tower/nowhere');
    const other = await context.newPage();
    await other.goto(`${hub.url}/tower/nowhere`);
    await other.locator('.account summary').click();
    await other.getByRole('button', { name: en.shell.logOut }).click();
    await other.fill('input[name=username]', 'olga');
    await other.fill('input[name=password]', password);
    await other.keyboard.press('Enter');
    await other.locator('.account summary').getByText('olga').waitFor();
    await page.locator('.account summary').getByText('olga').waitFor();
  });

  it('says it where the hub is away, and goes on when it is back', async () => {
    await page.goto(`${hub.url}/tower`);
    await context.setOffline(true);
    await fillIn('wanda', password);
    await page.getByRole('alert').getByText(en.login.unreachable).waitFor();
    await context.setOffline(false);
    await page.keyboard.press('Enter');
    await page.waitForSelector('header.top');
  });

  it('speaks German where the browser or the person wants it', async () => {
    await enter();
    await page.locator('.account summary').click();
    await page.locator('.account select').selectOption('de');
    await page.getByRole('heading', { name: String(de.shell.noPage) }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    await page.reload();
    await page.getByRole('heading', { name: String(de.shell.noPage) }).waitFor();

    const german = await browser.newContext({ locale: 'de-AT' });
    const other = await german.newPage();
    await other.goto(`${hub.url}/tower`);
    await other.getByRole('button', { name: String(de.login.submit) }).waitFor();
    await german.close();
  });

  it('is used by keyboard: skip link, search from anywhere, and back', async () => {
    await enter();
    await page.reload();
    await page.waitForSelector('h1[tabindex]');
    await page.keyboard.press('Tab');
    assert.match(await focused(), /class="skip"/);
    await page.keyboard.press('Enter');
    assert.match(await focused(), /^<main id="content"/);
    await page.keyboard.press('/');
    assert.match(await focused(), /type="search"/);
    await page.keyboard.type('S/1 2');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tower/search?q=S%2F1+2');
    // The title of the next page is read aloud.
    await page.locator('h1:focus').waitFor();
    assert.equal(await page.locator('input[type=search]').inputValue(), 'S/1 2');
    await page.goBack();
    await page.waitForURL('**/tower/nowhere#content');
    await page.locator('input[type=search]:placeholder-shown').waitFor();
  });

  it('has one heading a page, a name for all that can be used, and no page wider than 360 px', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await enter();
    const links = await page.evaluate<string[]>(
      "[...document.querySelectorAll('.top nav a')].map((one) => one.pathname)",
    );
    for (const address of ['/tower/nowhere', ...links]) {
      await page.goto(hub.url + address);
      await page.waitForSelector('h1[tabindex]');
      assert.equal(await page.locator('h1').count(), 1, address);
      assert.deepEqual(await page.evaluate(nameless), [], address);
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      assert.ok(Number(wide) <= 360, `${address} is ${wide} px wide`);
      await picture(`tower-360${address.replaceAll('/', '-')}`);
    }
  });

  /** Draws something of the kit beside the page; `what` gives a template, `kit` holds what it imports. */
  const draw = async (what: string, ...files: string[]): Promise<void> => {
    const body = kitScript(['html', ...files]);
    await page.route('**/tower/kit.js', (route) => route.fulfill({ contentType: 'text/javascript', body }));
    await page.evaluate(`import('/tower/kit.js').then((kit) => {
      const { html, render, useState } = kit;
      const place = document.body.appendChild(document.createElement('div'));
      render((${what})(kit), place);
    })`);
  };

  it('has tables that sort, are walked through, and are taken away', async () => {
    await enter();
    await draw(
      `({ html, Table }) => html\`<\${Table} caption="orders"
        rows=\${[{ id: 'S10', n: 5 }, { id: 'S9', n: 40 }]} rowKey=\${({ id }) => id}
        columns=\${[{ id: 'id', text: 'Order', value: ({ id }) => id }, { id: 'n', text: 'Count', value: ({ n }) => n, numeric: true }]}
        href=\${({ id }) => '/tower/x/' + id} empty="none" />\``,
      'table',
    );
    const first = page.locator('tbody tr').first();
    assert.match(await first.innerText(), /S10/);
    await page.getByRole('button', { name: 'Order' }).click();
    await page.locator('th[aria-sort=ascending]').waitFor();
    assert.match(await first.innerText(), /S9/);
    assert.match(page.url(), /\?sort=id$/);
    await page.getByRole('button', { name: 'Order' }).click();
    await page.locator('th[aria-sort=descending]').waitFor();
    assert.match(await first.innerText(), /S10/);

    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: en.shell.csv }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'orders.csv');
    assert.equal(await readFile(await file.path(), 'utf8'), '\uFEFFOrder,Count\r\nS10,5\r\nS9,40\r\n');

    await page.getByRole('link', { name: 'S10' }).focus();
    await page.keyboard.press('ArrowDown');
    assert.match(await focused(), />S9</);
    await page.locator('tbody tr').nth(1).locator('td').nth(1).click();
    await page.waitForURL('**/tower/x/S9');
  });

  it('has dialogs that keep the keyboard, and give it back', async () => {
    await enter();
    await draw(
      `({ html, Dialog, useState }) => html\`<\${() => {
        const [open, set] = useState(false);
        return html\`<button id="opens" onClick=\${() => set(true)}>Open</button>
          \${open && html\`<\${Dialog} title="Sure?" onClose=\${() => set(false)}><button>Yes</button><//>\`}\`;
      }} />\``,
      'dialog',
    );
    await page.click('#opens');
    await page.getByRole('dialog', { name: 'Sure?' }).waitFor();
    for (let tabs = 0; tabs < 4; tabs += 1) {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('!document.activeElement.closest("header.top, main")'), true);
    }
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.match(await focused(), /id="opens"/);
  });

  it('asks again only while it is seen, and is sent nothing twice', async () => {
    await enter();
    await page.clock.install();
    const answers: number[] = [];
    page.on('response', (answer) => {
      if (answer.url().endsWith('/api/me')) answers.push(answer.status());
    });
    const turn = async (count: number): Promise<void> => {
      await page.clock.fastForward(10_000);
      while (answers.length < count) await page.waitForEvent('response');
    };
    await draw(
      `({ html, usePolled }) => html\`<\${() => html\`<i id="polled">\${usePolled('/me', 10).data?.user}</i>\`} />\``,
      'poll',
    );
    await page.locator('#polled', { hasText: 'wanda' }).waitFor();
    await turn(2);
    assert.deepEqual(answers, [200, 304]);
    assert.equal(await page.locator('#polled').innerText(), 'wanda');
    const seen = (hidden: boolean) =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    await seen(true);
    await page.clock.fastForward(60_000);
    assert.equal(answers.length, 2);
    await seen(false);
    await turn(3);
    assert.equal(answers[2], 304);
  });
});
