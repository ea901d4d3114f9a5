/** Repairs in the browser: a person fills the gap of a value map and what waited lands; another corrects a message; a viewer sees no data. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { letterId, type DeadLetter } from '../../runtime/journal/journal.ts';
import type { Role } from '../../runtime/node-red/roles.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { order } from '../conformance/kit.ts';
import { letter as letterLike } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login } from './traffic.ts';
import { logInToTower, startBrowser, takeEach, onPageError } from './browser.ts';

const password = 'a-long-password';
/** The partner's own number of an office chair. */
const sku = 'CHAIR-77';
/** Where the customer of the sample orders lives. */
const street = '12 Harbor Way';

describeReal(['chromium'], 'repairs in the control tower', ({ chromium: { path } }) => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-mend-'));
  const map = join(dir, 'definitions/values/product.yaml');
  let odoo: Sandbox;
  let hub: HubProcess;
  let browser: Browser;

  async function open(user: string, address: string): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    onPageError(page, (error) => assert.fail(error));
    await page.goto(`${hub.url}${address}`);
    await logInToTower(page, user, password);
    return page;
  }
  async function picture(page: Page, name: string): Promise<void> {
    await page.evaluate('scrollTo(0, 0)');
    await takeEach(page, name, { fullPage: true });
  }
  const told = (page: Page, text: string | RegExp): Promise<void> =>
    page.getByText(text).first().waitFor({ timeout: 120_000 });
  const addressOf = (id: string): string => `/tower/letters/${encodeURIComponent(id)}`;

  async function letters(query: string): Promise<DeadLetter[]> {
    const admin = await login(hub.url, password, 'anna');
    const answer = await admin('GET', `/tower/api/letters?${query}`);
    return ((await answer.json()) as { rows: DeadLetter[] }).rows;
  }
  async function waiting(count: number): Promise<DeadLetter[]> {
    for (let tries = 0; tries < 900; tries += 1) {
      const found = await letters('code=PRODUCT_UNKNOWN');
      if (found.length === count) return found;
      await sleep(100);
    }
    throw new Error(`There are not ${count} exceptions`);
  }
  async function sendUnknown(number: number): Promise<void> {
    const items = [{ sku, name: 'Office Chair', price: '70.00', quantity: 1 }];
    const body = shopifyOrder(`7007199254${number}`, number, items);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
  }
  /** An order whose price was written with a comma. */
  async function saveWrong(): Promise<string> {
    const stores = await openStores({ profile: 'embedded', dataDir: dir, env: {} });
    const [known] = await stores.journal.letters({ code: 'PRODUCT_UNKNOWN', limit: 1 });
    const data = structuredClone(known?.message.data) as { id: string; lines: Record<string, unknown>[] };
    Object.assign(data, { id: 'comma', number: 'COMMA-1' });
    Object.assign(data.lines[0] ?? {}, { sku: 'FURN_7777', unitPrice: '70,00' });
    const message = { ...order('order.received.v1', 'COMMA-1'), source: 'order-capture', data };
    const id = letterId('order-to-odoo', message);
    const wrong = { code: 'SCHEMA_INVALID', reason: 'lines/0/unitPrice must match pattern', facts: {} };
    const one = letterLike({ id, queue: 'order-to-odoo', flow: 'order-to-odoo', message, ...wrong });
    await stores.journal.saveDeadLetter(one);
    await stores.close();
    return id;
  }

  before(async function () {
    this.timeout(360_000);
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    const users = await openUsers(dir, () => {});
    for (const [user, role] of Object.entries({ anna: 'operations', victor: 'viewer' }))
      await users.set(user, password, role as Role);
    odoo = await startSandbox();
    const { url, database, apiKey } = odoo;
    const of = { ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey };
    const env = { ...of, CROSSDOCK_DEFINITIONS: join(dir, 'definitions') };
    hub = await startHubProcess(env, dir);
    browser = await startBrowser(path);
    for (const number of [710_001, 710_002, 710_003]) await sendUnknown(number);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('a viewer sees the value and no data of the message', async function () {
    this.timeout(360_000);
    const [one] = await waiting(3);
    const answers: Promise<string>[] = [];
    const page = await browser
      .newContext({ viewport: { width: 1280, height: 900 } })
      .then((context) => context.newPage());
    page.on('response', (answer) => {
      if (answer.url().includes('/tower/api/')) answers.push(answer.text().catch(() => ''));
    });
    await page.goto(`${hub.url}${addressOf(one!.id)}`);
    await page.fill('input[name=username]', 'victor');
    await page.fill('input[name=password]', password);
    await page.click('button.primary');
    await told(page, sku);
    await told(page, 'ask somebody whose role may replay');
    const all = await Promise.all(answers);
    assert.ok(all.some((text) => text.includes(sku)));
    assert.ok(all.every((text) => !text.includes(street) && !text.includes('Mercer')));
    assert.equal(await page.getByRole('button', { name: /Replay|Edit|Discard/ }).count(), 0);
    await page.context().close();
  });

  it('a person maps the value to an article of Odoo, and the three orders that waited land', async function () {
    this.timeout(360_000);
    const before = readFileSync(map, 'utf8');
    const [one] = await waiting(3);
    const page = await open('anna', addressOf(one!.id));
    await told(page, '3 exceptions wait for it');
    await told(page, 'Office Chair');
    await picture(page, 'gap');
    await page.getByRole('radio', { name: /FURN_7777/ }).check();
    await page.getByRole('button', { name: 'Put it in the value map' }).click();
    await told(page, 'FURN_7777 from now on. 3 messages that waited for it go on');
    await told(page, /It has landed: sale\.order/);
    await picture(page, 'gap-filled');
    assert.deepEqual((await landed(odoo, 3)).toSorted(), ['710001', '710002', '710003']);
    const entry = `  - from: ${sku}\n    to: FURN_7777\n    source: shopify\n`;
    assert.equal(readFileSync(map, 'utf8'), before + entry);
    await sendUnknown(710_004);
    assert.equal((await landed(odoo, 4)).length, 4);
    await page.context().close();
  });

  it('what was put in a map stands in the list of proposals, with who did it', async function () {
    this.timeout(360_000);
    const page = await open('victor', '/tower/proposals?state=live');
    await page.getByRole('row', { name: new RegExp(`${sku}.*product.*FURN_7777.*anna`) }).waitFor();
    await picture(page, 'proposals');
    await page.goto(`${hub.url}/tower/codes?find=value map`);
    await page.getByRole('link', { name: 'VALUE_UNMAPPED' }).waitFor();
    await picture(page, 'codes');
    await page.context().close();
  });

  it('the page of the code says what helped', async function () {
    this.timeout(360_000);
    const page = await open('victor', '/tower/codes/PRODUCT_UNKNOWN');
    await told(page, 'crossdock sent 3 again');
    await told(page, 'and it landed.');
    await told(page, `The value map product has ${sku} now`);
    await picture(page, 'code');
    await page.context().close();
  });

  it('a person corrects the data of a message in a form: the wrong field is marked, the change is shown, and it lands', async function () {
    this.timeout(360_000);
    const page = await open('anna', addressOf(await saveWrong()));
    await page.getByRole('button', { name: 'Edit the data' }).click();
    const field = page.locator('[data-path="lines/0/unitPrice"]');
    await field.waitFor();
    assert.equal(await field.getAttribute('aria-invalid'), 'true');
    await picture(page, 'edit');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await told(page, 'Nothing is changed');
    await field.fill('70.00');
    assert.equal(await field.getAttribute('aria-invalid'), null);
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await told(page, 'One change');
    assert.equal(await page.locator('.changes ins').textContent(), '70.00');
    await picture(page, 'edit-changes');
    await page.getByRole('button', { name: 'Send it again with these changes' }).click();
    await told(page, /It has landed: sale\.order/);
    assert.equal((await landed(odoo, 5)).length, 5);
    await page.context().close();
  });
});
