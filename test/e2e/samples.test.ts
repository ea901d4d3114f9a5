/** A webhook is kept as a sample in the browser, the flow's tests run there and in the editor, and the sample goes through it step by step. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import type { DeadLetter } from '../../runtime/journal/journal.ts';
import { samples } from '../../runtime/tower/web/texts/en/samples.ts';
import { describeReal } from '../real.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { login } from './traffic.ts';
import { startBrowser, takeEach, takePicture, onPageError } from './browser.ts';

const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

describeReal(['chromium'], 'samples and tests in the workspace', ({ chromium: { path } }) => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-samples-'));
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;

  before(async function () {
    this.timeout(360_000);
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    hub = await startHubProcess({ ...noOdoo, CROSSDOCK_DEFINITIONS: join(dir, 'definitions') }, dir);
    browser = await startBrowser(path);
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    onPageError(page, (error) => assert.fail(error));
  });
  after(async () => {
    await browser?.close();
    await hub?.stop(true);
    rmSync(dir, { recursive: true, force: true });
  });

  const picture = (name: string): Promise<void> => takeEach(page, name);

  it('a webhook that came is kept without what is about a person', async function () {
    this.timeout(360_000);
    const items = [{ sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 }];
    const body = shopifyOrder('9007199254740993', 5001, items);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '5001' }, body, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
    await page.goto(`${hub.url}/workspace/samples`);
    await page.fill('input[name=username]', 'admin');
    await page.fill('input[name=password]', hub.password);
    await page.click('button.primary');
    await page.getByRole('button', { name: 'Keep as a sample' }).click();
    await page.getByRole('checkbox').first().waitFor();
    await picture('keep');
    await page.getByLabel('Name', { exact: true }).fill('shopify-order');
    await page.getByRole('button', { name: 'Keep it' }).click();
    await page.getByText('It is kept as shopify-order.').waitFor();
    await picture('samples');
    const kept = readFileSync(join(dir, 'definitions/samples/shopify-order.json'), 'utf8');
    assert.doesNotMatch(kept, /12 Harbor Way|robin\.mercer|Robin|Mercer/);
    assert.match(kept, /FURN_7777/);
  });

  it('what came, and what is kept of it, can be tried in the mapping studio, masked', async function () {
    this.timeout(360_000);
    const groups = [samples.kept, samples.seen];
    const choose = page.getByLabel('Take a message');
    const message = page.getByRole('textbox', { name: 'Message', exact: true });
    for (const group of groups) {
      await page.goto(`${hub.url}/workspace/mappings/shopify.order`);
      const option = choose.locator(`optgroup[label="${group}"] option`).first();
      await option.waitFor({ state: 'attached' });
      await choose.selectOption({ label: (await option.textContent())?.trim() ?? '' });
      await message.getByText('"FURN_7777"').waitFor();
      assert.doesNotMatch((await message.textContent()) ?? '', /12 Harbor Way|Mercer/);
      await page.getByText('Fits order.v1.').waitFor();
    }
  });

  it("the flow's tests run, and say what they came through", async function () {
    this.timeout(360_000);
    await page.goto(`${hub.url}/workspace/tests?flow=shopify-intake`);
    await page.getByRole('button', { name: 'Run the tests' }).click();
    await page.getByText(/\d+ tests passed\.$/).waitFor({ timeout: 90_000 });
    await page.getByRole('heading', { name: 'What the tests came through' }).waitFor();
    await picture('tests');
  });

  it('the sample goes through the flow step by step, and is saved as a test that passes', async function () {
    this.timeout(540_000);
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    const place = page.getByRole('heading', { name: /^Step 1 of \d+/ });
    await place.waitFor({ timeout: 120_000 });
    await page.getByText('The sender was answered 202').waitFor();
    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { name: /^Step 2 of \d+/ }).waitFor();
    await place.waitFor({ state: 'detached' });
    const there = page.getByRole('link', { name: 'See it at its node in the editor' });
    assert.equal(await there.getAttribute('href'), '/?flow=shopify-intake&sample=shopify-order&step=2');
    await page.getByRole('button', { name: 'Previous' }).scrollIntoViewIfNeeded();
    await picture('steps');
    await page.getByLabel('Name of the test').fill('An order of the shop as it came');
    await page.getByRole('button', { name: 'Save as a test' }).click();
    await page.getByText('It is the last test of shopify-intake now.').waitFor({ timeout: 120_000 });
    const before = readFileSync('flows/shopify-intake.test.yaml', 'utf8');
    const after = readFileSync(join(dir, 'flows/shopify-intake.test.yaml'), 'utf8');
    assert.ok(after.startsWith(before.trimEnd()), 'what stood there is as it was');
    assert.match(after, /An order of the shop as it came/);
    await page.getByRole('button', { name: 'Run the tests' }).click();
    await page.getByText(/\d+ tests passed\.$/).waitFor({ timeout: 90_000 });
    await page.getByRole('cell', { name: 'An order of the shop as it came' }).waitFor();
  });

  const through = (what: string) => page.locator(`${what}.crossdock-through`);
  const namesIn = (nodes: Locator) => nodes.locator('.red-ui-flow-node-label').allTextContents();
  const failedAt = (node: string) =>
    page
      .locator('.red-ui-flow-node-group', { hasText: node })
      .locator('.crossdock-finding-error:visible', { hasText: '×' });

  it('the editor runs the tests and marks the way of the messages, until the marks are cleared', async function () {
    this.timeout(360_000);
    await page.goto(`${hub.url}/?flow=shopify-intake&tests=run`);
    await page.getByText(/^\d+ passed, 0 failed\.$/).waitFor({ timeout: 90_000 });
    await through('.red-ui-flow-node-group').first().waitFor();
    assert.ok((await through('.red-ui-flow-link').count()) > 0);
    await editorPicture('editor-tests');
    const refused = page.getByRole('link', {
      name: 'an order without a signature is refused and goes nowhere',
    });
    await refused.click();
    assert.deepEqual((await namesIn(through('.red-ui-flow-node-group'))).toSorted(), [
      'orders from Shopify',
      'signature',
    ]);
    assert.equal(await through('.red-ui-flow-link').count(), 1);
    await page.getByRole('button', { name: 'Clear the marks' }).click();
    assert.equal(await page.locator('.crossdock-marked, .crossdock-through').count(), 0);
  });

  it('a failed expectation stands at its node', async function () {
    this.timeout(360_000);
    const file = join(dir, 'flows/shopify-intake.test.yaml');
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, right.replace('code: SIGNATURE_INVALID', 'code: SIGNATURE_STALE'));
    await page.getByRole('button', { name: 'Run the tests' }).click();
    await page.getByText(/^\d+ passed, 1 failed\.$/).waitFor({ timeout: 90_000 });
    writeFileSync(file, right);
    await failedAt('signature').first().waitFor();
    await editorPicture('editor-failed');
    await page.getByRole('button', { name: 'Clear the marks' }).click();
    await failedAt('signature').waitFor({ state: 'detached' });
  });

  it('the sample goes through the flow on the canvas', async function () {
    this.timeout(360_000);
    await page.goto(`${hub.url}/?flow=shopify-intake&sample=shopify-order&step=2`);
    await page.getByRole('heading', { name: /^Step 2 of \d+: signature$/ }).waitFor({ timeout: 120_000 });
    const here = page.locator('.red-ui-flow-node-group.crossdock-step');
    assert.deepEqual(await namesIn(here), ['signature']);
    await page.locator('.crossdock-diff', { hasText: 'webhook/verified' }).waitFor();
    await editorPicture('editor-step');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('heading', { name: /^Step 3 of \d+: once$/ }).waitFor();
    assert.deepEqual(await namesIn(here), ['once']);
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { name: /^Step 2 of/ }).waitFor();
    assert.equal(await through('.red-ui-flow-link').count(), 1);
  });

  it('an exception goes from its page through its flow, and on to the canvas', async function () {
    this.timeout(360_000);
    const items = [{ sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 2 }];
    const body = shopifyOrder('9007199254740995', 5003, items).replace(
      /"total_price":"[^"]*"/,
      '"total_price":"1.00"',
    );
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '5003' }, body, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
    const { id, flow } = await exceptionOf('5003');
    await page.goto(`${hub.url}/tower/letters/${encodeURIComponent(id)}`);
    await page.getByRole('link', { name: 'Step through it in a dry run' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: /^Step 1 of \d+/ }).waitFor({ timeout: 120_000 });
    await page.getByText('Nothing: the message begins here.').waitFor();
    await picture('letter-steps');
    await page.getByRole('link', { name: 'See it at its node in the editor' }).click();
    await page.getByRole('heading', { name: /^Step 1 of \d+/ }).waitFor({ timeout: 120_000 });
    await page.getByRole('heading', { name: `Tests of ${flow}` }).waitFor();
    await editorPicture('letter-editor');
  });

  async function exceptionOf(subject: string): Promise<DeadLetter> {
    const admin = await login(hub.url, hub.password);
    for (let tries = 0; tries < 600; tries += 1) {
      const { rows } = (await (await admin('GET', '/tower/api/letters')).json()) as { rows: DeadLetter[] };
      const found = rows.find(({ message }) => message.subject === subject);
      if (found) return found;
      await sleep(200);
    }
    return assert.fail('the order did not become an exception');
  }

  async function editorPicture(name: string): Promise<void> {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.evaluate(
        (dark) => document.documentElement.classList.toggle('nr-theme-dark', dark),
        colorScheme === 'dark',
      );
      await takePicture(page, `${name}-${colorScheme}`);
    }
  }
});
