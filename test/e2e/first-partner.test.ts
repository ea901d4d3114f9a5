/** An analyst in a browser makes a new partner from nothing: its first order in the sandbox, tests green, released; no file touched by hand. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Role } from '../../runtime/node-red/roles.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { listReleases } from '../../runtime/release/releases.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { startBrowser, takeBoth, takePicture } from './browser.ts';

const password = 'a-long-password';
const secret = 'acme-outdoor-webhook-key';

const body = JSON.stringify({
  event: 'order.created',
  order: {
    id: 'ord_81f2',
    order_no: 'AO-1001',
    created_at: '2026-11-20T09:30:00Z',
    currency: 'USD',
    customer: { id: 'c-419', name: 'Robin Mercer', email: 'robin.mercer@example.com' },
    ship_to: {
      name: 'Robin Mercer',
      street: '12 Harbor Way',
      city: 'Oakland',
      state: 'CA',
      zip: '94607',
      country: 'US',
    },
    items: [
      { sku: 'FURN_7777', title: 'Office Chair', qty: 2, price: '70.00' },
      { sku: 'FURN_8888', title: 'Office Lamp', qty: 1, price: '40.00' },
    ],
    subtotal: '180.00',
    tax: '0.00',
    total: '180.00',
  },
});
const signature = createHmac('sha256', secret).update(body).digest('hex');
const request = `curl -X POST https://hub.example/hooks/acme-outdoor/orders \\
  -H 'Content-Type: application/json' \\
  -H 'X-Acme-Signature: ${signature}' \\
  --data-raw '${body}'`;

describeReal(['chromium'], 'a first partner in a browser', function ({ chromium: { path } }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-first-'));
  const at = (name: string): string => join(dir, name);
  let odoo: Sandbox;
  let hub: HubProcess;
  let browser: Browser;

  before(async () => {
    for (const part of ['flows', 'definitions']) cpSync(part, at(part), { recursive: true });
    const users = await openUsers(dir, () => {});
    for (const [name, role] of Object.entries({ anna: 'analyst', vera: 'viewer' }))
      await users.set(name, password, role as Role);
    odoo = await startSandbox();
    const { url, database, apiKey } = odoo;
    const env = {
      ODOO_URL: url,
      ODOO_DATABASE: database,
      ODOO_API_KEY: apiKey,
      CROSSDOCK_DEFINITIONS: at('definitions'),
      CROSSDOCK_RELEASES: at('releases'),
    };
    hub = await startHubProcess(env, dir);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop(true);
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function open(user: string, width = 1280): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, locale: 'en-US' });
    const form = {
      client_id: 'node-red-editor',
      grant_type: 'password',
      scope: '',
      username: user,
      password,
    };
    const login = await context.request.post(`${hub.url}/auth/token`, { data: form });
    const kept = JSON.stringify(await login.text());
    await context.addInitScript(`localStorage.setItem('auth-tokens', ${kept})`);
    const page = await context.newPage();
    await page.goto(`${hub.url}/workspace/partners/new`);
    return page;
  }
  const told = (page: Page, text: string | RegExp, ms = 60_000) =>
    page.getByText(text).first().waitFor({ timeout: ms });
  const picture = (page: Page, name: string): Promise<void> => takeBoth(page, name, { fullPage: true });
  /** One step of the guide. */
  const panel = (page: Page, step: number, name: string): Promise<void> =>
    takePicture(page.locator('section.panel').nth(step - 1), name);
  const keptIn = async (page: Page): Promise<string> =>
    (await page.evaluate('JSON.stringify(localStorage) + JSON.stringify(sessionStorage)')) as string;
  const press = (page: Page, name: string | RegExp) =>
    page.getByRole('button', { name, exact: true }).click();

  it('is made from one request, and its order stands in Odoo', async () => {
    const page = await open('anna');
    await page.getByLabel('Name', { exact: true }).fill('Acme Outdoor');
    assert.equal(await page.getByLabel('Short name').inputValue(), 'acme-outdoor');
    await page.getByLabel('Request', { exact: true }).fill(request);
    await page.getByLabel('Secret', { exact: true }).fill('a-wrong-one');
    await press(page, 'Recognise the signature');
    await told(page, 'The signature fits no scheme with this secret.');
    await picture(page, 'partner-unknown');
    await page.getByLabel('Secret', { exact: true }).fill(secret);
    await press(page, 'Recognise the signature');
    await told(page, 'The signature is recognised');
    await picture(page, 'partner-draft');
    await panel(page, 2, 'first-partner-request');

    // A reload keeps all but the secret.
    await page.reload();
    assert.equal(await page.getByLabel('Short name').inputValue(), 'acme-outdoor');
    assert.equal(await page.getByLabel('Secret', { exact: true }).inputValue(), '');
    assert.equal(await page.getByLabel('Path of the webhook').inputValue(), '/acme-outdoor/orders');
    assert.ok(!(await keptIn(page)).includes(secret));
    await page.getByLabel('Secret', { exact: true }).fill(secret);

    await told(page, 'The result fits the canonical document.');
    assert.ok(await page.getByRole('button', { name: 'Show what will be made' }).isDisabled());
    for (const box of await page.getByRole('checkbox', { name: /^checked/ }).all()) await box.check();
    await told(page, 'Every field is clear');
    await panel(page, 4, 'first-partner-mapping');
    await press(page, 'Show what will be made');
    await told(page, 'flows/acme-outdoor-intake.yaml', 60_000);
    await picture(page, 'partner-files');
    await page.getByText('definitions/events/acme-outdoor.order.created.v1.yaml').click();
    await panel(page, 5, 'first-partner-files');
    await press(page, 'Make it');
    await told(page, 'It is made, and runs.', 60_000);
    assert.ok(await page.getByLabel('Short name').isDisabled());
    assert.doesNotMatch(await keptIn(page), /Mercer/);
    await press(page, 'Send the sample');
    await told(page, 'It stands in Odoo.', 40_000);
    await picture(page, 'partner-landed');
    await panel(page, 6, 'first-partner-sent');
    assert.equal(odoo.orders().length, 1);

    await press(page, 'Test');
    await told(page, '4 passed, 0 failed.', 90_000);
    await press(page, 'Release');
    await told(page, /Release 1\.0\.0 is cut/, 150_000);
    assert.equal((await listReleases(at('releases'))).length, 1);
    await picture(page, 'partner-released');
    await page.getByRole('link', { name: 'Open the order' }).click();
    await told(page, 'AO-1001');
    await picture(page, 'partner-order');
    await page.context().close();
  });

  it('follows a name that is corrected, takes a signature that a person says, and is forgotten at the logout', async () => {
    const page = await open('anna');
    const sample = JSON.stringify({ event: 'order.created', customer: { id: '9', name: 'Robin Mercer' } });
    const odd = createHmac('sha256', secret).update(`${sample}#1`).digest('hex');
    await page.getByLabel('Name', { exact: true }).fill("Müller's, Söhne/Nord");
    assert.equal(await page.getByLabel('Short name').inputValue(), 'muellers-soehne-nord');
    await page.getByLabel('Request', { exact: true }).fill(`Authorization: Odd ${odd}\n\n[${sample}]`);
    await page.getByLabel('Secret', { exact: true }).fill(secret);
    await press(page, 'Recognise the signature');
    await told(
      page,
      'The body is a list of 1. This guide is for partners that send one JSON object a message',
    );
    await page.getByLabel('Request', { exact: true }).fill(`Authorization: Odd ${odd}\n\n${sample}`);
    await press(page, 'Recognise the signature');
    await told(page, 'The signature fits no scheme with this secret.');
    await page.getByLabel('Header', { exact: true }).fill('authorization');
    await page.getByLabel('Prefix').fill('Odd ');
    await press(page, 'Use this');
    await told(page, 'This request does not prove it');
    await picture(page, 'partner-by-hand');
    await page.getByText('Say how it is signed').click();
    await page.getByLabel('What is signed').fill('{body}#1');
    await press(page, 'Use this');
    await told(page, 'The signature is recognised, and fits this secret.');
    // Nothing is called so: the customer's id is not taken.
    assert.equal(await page.getByLabel('Number that people use').inputValue(), '[]');
    await told(page, 'The message calls nothing so.');
    await page.getByLabel('Name', { exact: true }).fill('Berg');
    assert.equal(await page.getByLabel('Path of the webhook').inputValue(), '/berg/orders');
    await told(page, 'BERG_WEBHOOK_SECRETS');
    await picture(page, 'partner-renamed');
    // A request in which the secret stood is not used without it.
    await page.getByLabel('Request', { exact: true }).fill(`Authorization: Bearer ${secret}\n\n${sample}`);
    await page.reload();
    await page.getByLabel('Secret', { exact: true }).fill(secret);
    await told(page, 'paste the request again');
    assert.ok(await page.getByRole('button', { name: 'Recognise the signature' }).isDisabled());
    const before = await keptIn(page);
    assert.match(before, /Mercer/);
    assert.ok(!before.includes(secret));
    await page.locator('details.account summary').click();
    await press(page, 'Log out');
    await page.getByLabel('Password').waitFor();
    assert.doesNotMatch(await keptIn(page), /Mercer/);
    await page.context().close();
  });

  it('stands in the list of partners, whose files are edited by a form', async () => {
    const page = await open('anna');
    await page.goto(`${hub.url}/workspace/partners`);
    const row = page.locator('tbody tr', { hasText: 'acme-outdoor' });
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', /acme-outdoor\.order\.created\.v1/);
    await picture(page, 'partners');
    await page.getByRole('link', { name: 'midmart', exact: true }).click();
    await page.getByRole('heading', { name: 'midmart' }).waitFor();
    await page.getByRole('group', { name: 'Our address' }).getByLabel(/^Id/).fill('CROSSDOCK2');
    await page.getByRole('group', { name: 'What it sends' }).getByLabel('945').check();
    await picture(page, 'partner-edi');
    await press(page, 'Save');
    await told(page, 'Saved. The hub runs it now.', 60_000);
    const file = readFileSync(at('definitions/partners/midmart.yaml'), 'utf8');
    assert.match(file, /ours: \{ qualifier: ZZ, id: CROSSDOCK2 \}/);
    assert.match(file, /sends: \['850', '945'\]/);
    writeFileSync(at('definitions/partners/midmart.yaml'), `${file}# theirs\n`);
    await page.getByRole('group', { name: 'Our address' }).getByLabel(/^Id/).fill('CROSSDOCK3');
    await press(page, 'Save');
    await told(page, 'Somebody else has saved definitions/partners/midmart.yaml too', 60_000);
    await press(page, 'Save this');
    await told(page, 'Saved. The hub runs it now.', 60_000);
    const both = readFileSync(at('definitions/partners/midmart.yaml'), 'utf8');
    assert.match(both, /id: CROSSDOCK3 \}[^]*# theirs\n$/);
    await page.context().close();
  });

  it('fits a telephone, and one who may only look is told so', async () => {
    const page = await open('anna', 360);
    await page.getByLabel('Name', { exact: true }).fill('Berg Sport');
    await page.getByLabel('Request', { exact: true }).fill(request);
    await page.getByLabel('Secret', { exact: true }).fill(secret);
    await press(page, 'Recognise the signature');
    await told(page, 'The signature is recognised');
    const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number;
    await picture(page, 'partner-narrow');
    assert.ok(wide <= 360, `the page is ${wide} wide`);
    const viewer = await open('vera');
    await told(viewer, 'Partners are made on the hub where flows are made');
    await Promise.all([page, viewer].map((one) => one.context().close()));
  });
});
