/** The mapping studio in a browser: a wrong path is marked, the verdict is told, and a message becomes a test case. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Browser, Page } from 'playwright-core';
import { openUsers } from '../../runtime/node-red/users.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { startBrowser, takePicture } from './browser.ts';

const password = 'a-long-password';

interface Look {
  colorScheme?: 'light' | 'dark';
  width?: number;
}

/** From the next key to the frame behind the first one with its mark: it is drawn then. */
const sinceKey = `void (window.marked = new Promise((done) =>
  addEventListener('keydown', ({ timeStamp }) => {
    const isMarked = () => [...document.querySelectorAll('.code-editor')].some((one) =>
      [...one.shadowRoot.querySelectorAll('.cm-lintRange-warning')].some((mark) => mark.textContent.includes('currencyx')));
    const drawn = () => requestAnimationFrame(() => done(performance.now() - timeStamp));
    const look = () => requestAnimationFrame(() => (isMarked() ? drawn() : look()));
    look();
  }, { once: true, capture: true })))`;

describeReal(['chromium'], 'the mapping studio in a browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-studio-'));
  const definitions = join(dir, 'definitions');
  const violations: string[] = [];
  let hub: HubProcess;
  let browser: Browser;

  before(async () => {
    cpSync('definitions', definitions, { recursive: true });
    const sample = {
      id: '7',
      currency: 'EUR',
      total: '9.00',
      lines: [{ sku: 'A-1', quantity: 2, price: '4.50' }],
    };
    mkdirSync(join(definitions, 'samples'), { recursive: true });
    writeFileSync(
      join(definitions, 'samples/acme.json'),
      JSON.stringify({
        source: 'acme',
        path: '/acme',
        taken: '2026-11-25',
        masked: [],
        headers: {},
        body: sample,
      }),
    );
    const users = await openUsers(dir, () => {});
    await users.set('anna', password, 'analyst');
    hub = await startHubProcess({ CROSSDOCK_DEFINITIONS: definitions, CROSSDOCK_ENVIRONMENT: 'dev' }, dir);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function open(where: string, { width = 1440, ...look }: Look = {}): Promise<Page> {
    const viewport = { width, height: 900 };
    const context = await browser.newContext({ viewport, locale: 'en-US', ...look });
    const form = {
      client_id: 'node-red-editor',
      grant_type: 'password',
      scope: '',
      username: 'anna',
      password,
    };
    const login = await context.request.post(`${hub.url}/auth/token`, { data: form });
    await context.addInitScript(`localStorage.setItem('auth-tokens', ${JSON.stringify(await login.text())})`);
    const page = await context.newPage();
    page.on('console', (one) => {
      if (/Content Security Policy/.test(one.text())) violations.push(one.text());
    });
    await page.goto(new URL(where, hub.url).href);
    return page;
  }
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, name);
  const told = (page: Page, text: string | RegExp) =>
    page.getByText(text).first().waitFor({ timeout: 120_000 });
  const expression = (page: Page) => page.getByRole('textbox', { name: 'Expression', exact: true });

  it('lists the mappings with their tests and the flows that use them', async () => {
    const page = await open('/workspace/mappings');
    const row = page
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: 'shopify.order', exact: true }) });
    assert.match((await row.textContent()) ?? '', /order\.v1\d+/);
    assert.doesNotMatch((await row.textContent()) ?? '', /no flow/);
    await picture(page, 'mappings-list');
    await page.context().close();
  });

  it('marks a wrong path at its place, at once on an order of 200 lines', async () => {
    const page = await open('/workspace/mappings/woocommerce.order');
    await told(page, 'Fits order.v1.');
    const cases = await page.evaluate(
      `fetch('/tower/api/studio/one?name=woocommerce.order', { headers: { authorization: 'Bearer ' + JSON.parse(localStorage['auth-tokens']).access_token } }).then((one) => one.json()).then((one) => one.cases[0].message)`,
    );
    const order = JSON.parse(String(cases)) as { line_items: object[] };
    const free = { total: '0.00', subtotal: '0.00', total_tax: '0.00', taxes: [] };
    const more = Array.from({ length: 199 }, (_, at) => ({ ...order.line_items[0], ...free, id: at + 1 }));
    order.line_items.push(...more);
    const message = page.getByRole('textbox', { name: 'Message', exact: true });
    await message.click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(JSON.stringify(order));
    await told(page, 'Fits order.v1.');
    await expression(page).click();
    await page.keyboard.press('Control+A');
    const text = readFileSync(join(definitions, 'mappings/woocommerce.order.jsonata'), 'utf8');
    const ran = page.waitForResponse(/studio\/run/);
    await page.keyboard.insertText(text.replace('(\n', '(\n  $nothing := currency;\n'));
    await ran;
    await page.keyboard.press('Control+Home');
    await page.locator('.cm-line', { hasText: '$nothing := currency;' }).click();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowLeft');
    await page.evaluate(sinceKey);
    await page.keyboard.press('x');
    const took = await page.evaluate('window.marked');
    console.log(
      `      one character on an order of 200 lines is marked after ${Math.round(Number(took))} ms`,
    );
    await told(page, /Line \d+, column 15: There is no currencyx.*Is currency meant\?/);
    await page.context().close();
  });

  it('tells the verdict of the schema and saves a test case', async () => {
    const page = await open('/workspace/mappings/woocommerce.state');
    await told(page, '"take"');
    await expression(page).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText("/* The state. */\n{ 'is': $text(status), 'not': statuss }");
    await told(page, /There is no statuss.*Is status meant\?/);
    assert.equal(await page.locator('.cm-lintRange-warning').count(), 1);
    await page.locator('.cm-line', { hasText: '"is": "processing"' }).waitFor();
    await picture(page, 'mapping-wrong-path');
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText("/* The state. */\n$mapped('order-status', status, 'woocommerce') & '!'");
    await told(page, 'Value maps used');
    const message = page.getByRole('textbox', { name: 'Message', exact: true });
    await message.click();
    await page.keyboard.press('Control+A');
    const came =
      '"status": "processing", "id": 8209829100959404431, "billing": {"email": "dana@whitfield.test"}';
    await page.keyboard.insertText(`{${came}}`);
    await page.getByRole('button', { name: 'Save as a test case' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: '/billing/email an email address' }).waitFor();
    await dialog.getByText('"person1@example.com"').waitFor();
    await dialog.getByLabel('What this message shows').fill('with a cry');
    await picture(page, 'mapping-save-test');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await told(page, 'The test case is saved.');
    const tests = readFileSync(join(definitions, 'mappings/woocommerce.state.test.yaml'), 'utf8');
    const before = readFileSync('definitions/mappings/woocommerce.state.test.yaml', 'utf8');
    assert.ok(tests.startsWith(before), tests.slice(0, 200));
    const { given, expect } = (parse(tests) as { cases: { given: object; expect: string }[] }).cases.at(-1)!;
    assert.deepEqual(given, {
      status: 'processing',
      id: '8209829100959404431',
      billing: { email: 'person1@example.com' },
    });
    assert.match(expect, /^\w+!$/);
    assert.match(readFileSync(join(definitions, 'mappings/woocommerce.state.jsonata'), 'utf8'), /\$mapped/);
    await page.context().close();
  });

  it('changes one field in the table and leaves the rest of the text', async () => {
    const page = await open('/workspace/mappings/shopify.order');
    await told(page, 'Fits order.v1.');
    await picture(page, 'mapping-studio');
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('button', { name: 'Change: note', exact: true }).click();
    await page.getByRole('textbox', { name: 'Expression of note' }).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText("$text(note) & '.'");
    await page.getByRole('button', { name: 'Change: number', exact: true }).click();
    await page.getByRole('textbox', { name: 'Expression of number' }).click();
    await page.keyboard.press('End');
    await page.keyboard.insertText(" & ''");
    await picture(page, 'mapping-table');
    const take = page.getByRole('button', { name: 'Take it' });
    await take.first().click();
    await take.click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Saved. The hub runs it now.');
    const file = join(definitions, 'mappings/shopify.order.jsonata');
    const before = readFileSync('definitions/mappings/shopify.order.jsonata', 'utf8');
    const after = readFileSync(file, 'utf8');
    const number = "'number': $text(order_number)";
    const changed = before.replace("'note': $text(note)", "'note': $text(note) & '.'");
    assert.equal(after, changed.replace(number, `${number} & ''`));

    await expression(page).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.insertText('/* kept */ ');
    await page.getByRole('link', { name: 'Value maps', exact: true }).click();
    await page.getByRole('link', { name: 'uom', exact: true }).waitFor();
    await page.goBack();
    await told(page, 'What you changed is not saved yet.');
    await page.locator('.cm-line', { hasText: '/* kept */' }).waitFor();
    const asked = page.waitForEvent('dialog');
    await page.evaluate('void setTimeout(() => location.reload())');
    const dialog = await asked;
    assert.equal(dialog.type(), 'beforeunload');
    await dialog.dismiss();
    await page.locator('.cm-line', { hasText: '/* kept */' }).waitFor();
    await page.getByRole('button', { name: 'Undo all that is not saved' }).click();

    writeFileSync(file, `${after}/* theirs */\n`);
    await expression(page).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.insertText('/* mine */ ');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Somebody else has saved definitions/mappings/shopify.order.jsonata too');
    await page.getByRole('button', { name: 'Save this' }).click();
    await told(page, 'Saved. The hub runs it now.');
    assert.equal(readFileSync(file, 'utf8'), `/* mine */ ${after}/* theirs */\n`);
    await page.context().close();
  });

  it('tells which field is given where the cursor stands, also in the table', async () => {
    const page = await open('/workspace/mappings/woocommerce.state');
    await told(page, 'Result');
    await expression(page).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText("{ 'first': status, 'second': status }");
    await page.getByRole('button', { name: 'As a table' }).click();
    await told(page, 'The cursor stands in no field of the result.');
    await expression(page).press('End');
    await expression(page).press('ArrowLeft');
    await expression(page).press('ArrowLeft');
    await told(page, 'The cursor stands in second.');
    assert.match((await page.locator('tr[aria-current=true]').textContent()) ?? '', /^\s*second/);
    await page.context().close();
  });

  it('begins a new mapping from a kept sample, and saves what is proposed', async () => {
    const page = await open('/workspace/mappings?new=acme.order');
    const form = page.locator('details', { hasText: 'A new mapping' });
    assert.equal(await form.getByRole('textbox', { name: 'Mapping' }).inputValue(), 'acme.order');
    await form.getByLabel('Take a message').selectOption({ label: 'acme' });
    await page.locator('.cm-line', { hasText: 'A-1' }).waitFor();
    await picture(page, 'mapping-new');
    await form.getByRole('button', { name: 'Propose a draft' }).click();
    await told(page, /fields do not fit order\.v1|Fits order\.v1/);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await told(page, 'Saved. The hub runs it now.');
    const text = readFileSync(join(definitions, 'mappings/acme.order.jsonata'), 'utf8');
    assert.match(text, /^\/\* What acme sends, as order\.v1\. \*\/\n\{\n {2}'source': "acme",/);
    assert.match(text, /'sku': \$text\(sku\)/);
    await page.context().close();
  });

  it('refuses a message of 10 MB politely', async () => {
    const page = await open('/workspace/mappings/woocommerce.state');
    await told(page, 'Result');
    const field = page.getByRole('textbox', { name: 'Message', exact: true });
    await field.click();
    await page.keyboard.press('Control+A');
    await field.evaluate(
      (element, text) => {
        const data = new DataTransfer();
        data.setData('text/plain', text);
        element.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      },
      JSON.stringify('x'.repeat(10_000_000)),
    );
    await told(page, /A message of 10 MB is more than can be tried here/);
    await page.context().close();
  });

  it('is at hand in the form of a node: what runs can be read, and an expression is tried as the hub runs it', async () => {
    const page = await open('/');
    await page.waitForSelector('.red-ui-palette-node[data-palette-type="canonical-map"]', {
      timeout: 60_000,
      state: 'attached',
    });
    const edit = async (which: string): Promise<void> => {
      const node = `RED.nodes.filterNodes({ type: 'canonical-map' }).find((one) => ${which})`;
      await page.waitForFunction(`typeof RED !== 'undefined' && ${node}`);
      await page.evaluate(`RED.editor.edit(${node})`);
    };
    await edit('one.file');
    const tried = page.locator('.crossdock-tried');
    await page.waitForFunction(`document.querySelector('.crossdock-tried')?.textContent.includes('$')`);
    const link = page.getByRole('link', { name: 'Open in the studio' });
    assert.match((await link.getAttribute('href')) ?? '', /^workspace\/mappings\/\w+/);
    await picture(page, 'node-mapping');
    await page.evaluate(`{ const file = $('#node-input-file'); file.val(''); file.trigger('change') }`);
    await page.evaluate(
      `RED.nodes.filterNodes({ type: 'canonical-map' }).find((one) => one._crossdock)._crossdock.editors.expression.setValue("{'a': $money(x)}")`,
    );
    const offered = page.locator('.suggest-widget');
    await page.locator('#crossdock-node-input-expression .view-lines').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' & $mo');
    await offered.getByText('$money', { exact: true }).first().waitFor();
    assert.doesNotMatch((await offered.textContent()) ?? '', /\$moment/);
    await page.keyboard.press('Escape');
    for (let at = 0; at < 6; at += 1) await page.keyboard.press('Backspace');
    await page.evaluate(`$('#node-input-schema').val('')`);
    await page.getByLabel('Message to try (JSON)').fill('{"x": "5"}');
    await page.getByRole('button', { name: 'Try it' }).click();
    await tried.filter({ hasText: '"a": "5.00"' }).waitFor();
    await page.getByLabel('Message to try (JSON)').fill('{"x": "five"}');
    await page.getByRole('button', { name: 'Try it' }).click();
    await tried.filter({ hasText: '1:7: An amount is not a decimal number' }).waitFor();
    await page.context().close();
  });

  it('keeps to the policy of the page, in the dark and on a phone', async () => {
    violations.length = 0;
    for (const [name, look] of [
      ['dark', { colorScheme: 'dark' }],
      ['phone', { width: 360 }],
    ] as const) {
      const page = await open('/workspace/mappings/shopify.order', look);
      await told(page, 'Fits order.v1.');
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), name);
      await picture(page, `mapping-${name}`);
      await expression(page).click();
      await page.keyboard.press('Control+Home');
      await page.keyboard.type('$mon');
      await page.getByText('two decimals at least').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Tab');
      assert.equal(await expression(page).evaluate((one) => one.matches(':focus')), false);
      await page.context().close();
    }
    assert.deepEqual(violations, []);
  });
});
