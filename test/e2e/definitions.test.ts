/** Definitions in the browser: a value map with a value that waits, a schema that would break readers, authority, and two people at one file. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openStores } from '../../runtime/stores/profile.ts';
import { letterId } from '../../runtime/journal/journal.ts';
import type { Role } from '../../runtime/node-red/roles.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { order } from '../conformance/kit.ts';
import { letter as letterLike } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login } from './traffic.ts';
import { logInToTower, startBrowser, takeEach, onPageError } from './browser.ts';

const password = 'a-long-password';

describeReal(['chromium'], 'definitions in the workspace', ({ chromium: { path } }) => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-definitions-'));
  const text = (name: string): string => readFileSync(join(dir, 'definitions', name), 'utf8');
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
  const picture = (page: Page, name: string, at?: string): Promise<void> => takeEach(page, name, { at });
  const told = (page: Page, words: string | RegExp): Promise<void> =>
    page.getByText(words).first().waitFor({ timeout: 120_000 });
  const save = (page: Page): Promise<void> => page.getByRole('button', { name: 'Save', exact: true }).click();

  async function saveGap(): Promise<void> {
    const stores = await openStores({ profile: 'embedded', dataDir: dir, env: {} });
    const message = order('order.received.v1', 'SO-1');
    const id = letterId('order-to-odoo', message);
    const facts = { map: 'uom', value: 'BX', source: 'acme' };
    const gap = { code: 'VALUE_UNMAPPED', reason: "The value map uom has no entry for 'BX'", facts };
    await stores.journal.saveDeadLetter(
      letterLike({ id, queue: 'order-to-odoo', flow: 'order-to-odoo', message, ...gap }),
    );
    await stores.close();
  }

  before(async function () {
    this.timeout(360_000);
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    const users = await openUsers(dir, () => {});
    for (const [user, role] of Object.entries({
      bert: 'analyst',
      anna: 'analyst',
      ines: 'it',
      victor: 'viewer',
    }))
      await users.set(user, password, role as Role);
    await saveGap();
    const none = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
    hub = await startHubProcess({ ...none, CROSSDOCK_DEFINITIONS: join(dir, 'definitions') }, dir);
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('a value that waits gets its entry in the table, and the rest of the file is as it was', async function () {
    this.timeout(360_000);
    const before = text('values/uom.yaml');
    const page = await open('bert', '/workspace/values/uom');
    await told(page, 'One value waits for an entry');
    await picture(page, 'value-map', 'h1');
    await page.getByRole('button', { name: 'Make the entry BX' }).click();
    await page
      .getByRole('textbox', { name: 'Is', exact: true })
      .or(page.getByRole('combobox', { name: 'Is', exact: true }))
      .fill('Units');
    await page.getByRole('button', { name: 'Add to the table' }).click();
    await page.getByLabel('Factor: BX').fill('6');
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    const added = "  - from: BX\n    to: Units\n    source: acme\n    factor: '6'\n";
    assert.equal(text('values/uom.yaml'), before + added);
    await page.getByText('One value waits for an entry').waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('a CSV as Excel saves it goes into the table, and a column that it has not changes nothing', async function () {
    this.timeout(360_000);
    const before = text('values/uom.yaml');
    const page = await open('bert', '/workspace/values/uom');
    const csv = (content: string) => ({
      name: 'uom.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(content, 'latin1'),
    });
    await page.getByText('Import and export (CSV)').click();
    const file = page.getByLabel('Choose a file');
    await file.setInputFiles(csv('from;to\r\nDZN;Units\r\nSt\xfcck;"Units\r\nKasten;Units\r\n'));
    await told(page, 'Line 3: a quote begins in this row and never ends.');
    assert.equal(await page.getByRole('button', { name: 'Put this into the table' }).isDisabled(), true);
    await file.setInputFiles(csv('PK\x03\x04\x00'));
    await told(page, 'This is no CSV that can be read.');
    await file.setInputFiles(csv('from;to\r\nDZN;Units\r\nSt\xfcck;Units\r\n'));
    await told(page, 'New: 1. Changed: 0. As they are: 1.');
    await told(page, 'was read as Windows-1252');
    await picture(page, 'csv', '.exchange');
    await page.getByRole('button', { name: 'Put this into the table' }).click();
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    assert.equal(text('values/uom.yaml'), `${before}  - from: Stück\n    to: Units\n`);
    await page.context().close();
  });

  it('a change of a schema that breaks who reads it is refused at once, and a good one is saved', async function () {
    this.timeout(360_000);
    const file = 'schemas/order-cancellation.v1.json';
    const before = text(file);
    const page = await open('bert', '/workspace/events/order.cancellation.received.v1');
    const needed = page.getByLabel('Required number', { exact: true });
    await needed.check();
    await told(page, 'This change breaks what the event promises:');
    await told(page, 'backward: data/number is required by who reads');
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
    await picture(page, 'event-breaks', '.savebar');
    await needed.uncheck();
    const admin = await login(hub.url, password, 'bert');
    const path = `definitions/${file}`;
    const { revision } = (await (await admin('GET', `/tower/api/files/one?path=${path}`)).json()) as {
      revision: string;
    };
    const breaking = before.replace('"required": [', '"required": ["number", ');
    assert.notEqual(breaking, before);
    const files = [{ path, text: breaking, revision }];
    const refused = await admin('POST', '/tower/api/files/save', { files });
    assert.match(await refused.text(), /FLOW_LINT.*data\/number is required by who reads/);
    assert.equal(text(file), before);
    await page.getByLabel('Description of number').fill('What people call it.');
    await told(page, 'Who reads this event today can read');
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    const changed = before.replace('The number people use for the order.', 'What people call it.');
    assert.equal(text(file), changed);
    await page.getByRole('checkbox', { name: 'Raw JSON' }).check();
    const code = page.locator('.code-editor .cm-content');
    await code.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('x');
    await told(page, 'This is no JSON');
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
    await page.getByRole('button', { name: 'Undo all that is not saved' }).click();
    await page.getByText('This is no JSON').waitFor({ state: 'detached' });
    assert.match((await code.textContent()) ?? '', /\}$/);
    await page.context().close();
  });

  it('authority is a matrix, and what a flow needs cannot be taken from it', async function () {
    this.timeout(360_000);
    const before = text('authority.yaml');
    const page = await open('bert', '/workspace/rules');
    await page.getByLabel('money-to-odoo may write account.move').uncheck();
    await page.getByLabel('order-to-odoo may write account.move').check();
    await save(page);
    await told(page, /belongs to odoo; the flows that write it are order-to-odoo/);
    await picture(page, 'authority', 'h1');
    assert.equal(text('authority.yaml'), before);
    await page.getByLabel('money-to-odoo may write account.move').check();
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    const [, line] = /(flows: .*money-to-odoo.*)/.exec(text('authority.yaml')) ?? [];
    assert.equal(line, 'flows: [order-to-odoo, money-to-odoo]');
    await page.context().close();
  });

  it('of two people at one file the second sees both, chooses, and nothing is lost', async function () {
    this.timeout(360_000);
    const [bert, anna] = [
      await open('bert', '/workspace/values/tax'),
      await open('anna', '/workspace/values/tax'),
    ];
    await bert.getByLabel('Is: GST 15%').fill('15% G');
    await anna.getByLabel('Is: Tax 15%').fill('15% T');
    await save(bert);
    await told(bert, 'Saved. The hub runs it now.');
    await save(anna);
    await told(anna, 'Somebody else has saved definitions/values/tax.yaml too');
    await told(anna, '15% G');
    await picture(anna, 'conflict', '.conflict .buttons');
    await anna.getByRole('radio', { name: 'Both changes together' }).check();
    await anna.getByRole('button', { name: 'Save this' }).click();
    await told(anna, 'Saved. The hub runs it now.');
    assert.match(text('values/tax.yaml'), /from: Tax 15%\n {4}to: 15% T\n[^]*from: GST 15%\n {4}to: 15% G\n/);
    await Promise.all([bert, anna].map((page) => page.context().close()));
  });

  it('a process is a picture whose steps are edited, and a time that is none is refused at its line', async function () {
    this.timeout(360_000);
    const file = 'processes/order-to-cash.yaml';
    const before = text(file);
    const page = await open('bert', '/workspace/processes/order-to-cash');
    await page.getByRole('link', { name: 'shipment' }).first().click();
    await picture(page, 'process', 'h1');
    await page.getByLabel('Its time').fill('five days');
    await save(page);
    await told(
      page,
      /Nothing is saved: the file could not be read\. .*order-to-cash\.yaml:52: steps\/shipment\/within/,
    );
    assert.equal(await page.getByText('order-to-cash.yaml:52').count(), 1);
    await page.getByLabel('Its time').fill('5d');
    await page.getByRole('button', { name: 'Make it version 1.4.0' }).click();
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    assert.equal(
      text(file),
      before.replace('version: 1.3.0', 'version: 1.4.0').replace('within: 10d', 'within: 5d'),
    );
    await page.context().close();
  });

  it('an environment is told where a name gets its value, and the rest of its file stays as it was', async function () {
    this.timeout(360_000);
    const before = text('environments/prod.yaml');
    // Which hub is sent the token of an environment is not for who makes flows.
    const other = await open('bert', '/workspace/rules?part=environments');
    await other.getByRole('combobox', { name: 'Environment', exact: true }).selectOption('prod');
    await other.getByLabel('Address of its hub').fill('http://127.0.0.1:1883');
    await save(other);
    await told(other, /Your role does not allow this/);
    await other.context().close();
    const page = await open('ines', '/workspace/rules?part=environments');
    await page.getByRole('combobox', { name: 'Environment', exact: true }).selectOption('prod');
    await page.getByLabel('Address of its hub').fill('nowhere');
    await page.getByLabel('One more name').fill('ACME_URL');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByLabel('ACME_URL: Where its value comes from').selectOption('value');
    await page.getByLabel('ACME_URL: Value').fill('https://acme.example');
    await save(page);
    await told(page, /environments\/prod\.yaml:4: admin/);
    await page.getByLabel('Address of its hub').fill('http://127.0.0.1:1883');
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    await picture(page, 'environment', 'h2');
    const after = text('environments/prod.yaml');
    assert.match(after, /^values:\n {2}ODOO_LOGIN: .*\n {2}ACME_URL: https:\/\/acme\.example$/m);
    assert.equal(
      after.replace(/^ {2}ACME_URL: .*\n/m, ''),
      before.replace('http://127.0.0.1:1882', 'http://127.0.0.1:1883'),
    );
    await page.context().close();
  });

  it('what a node names and is not there is begun from a link, and saved with what is filled in', async function () {
    this.timeout(360_000);
    const page = await open('bert', '/workspace/values?new=mood');
    await page.getByRole('textbox', { name: 'Owner' }).fill('order-desk');
    await page.getByRole('textbox', { name: 'What it is for' }).fill('Moods.');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('textbox', { name: 'Value', exact: true }).fill('good');
    await page
      .getByRole('textbox', { name: 'Is', exact: true })
      .or(page.getByRole('combobox', { name: 'Is', exact: true }))
      .fill('fine');
    await page.getByRole('button', { name: 'Add to the table' }).click();
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    assert.match(text('values/mood.yaml'), /^map: mood\nowner: order-desk\nsummary: Moods\.\nentries:/);
    assert.match(text('values/mood.yaml'), /from: good/);

    await page.goto(`${hub.url}/workspace/rules?part=policies&new=waits-long`);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByLabel('What it is for').fill('Waits long.');
    await save(page);
    await told(page, 'Saved. The hub runs it now.');
    assert.match(text('policies/waits-long.yaml'), /policy: waits-long\n/);

    await page.goto(`${hub.url}/workspace/events?new=mood.changed.v1`);
    assert.equal(
      await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(),
      'mood.changed.v1',
    );
    await page.goto(`${hub.url}/workspace/partners/new?new=moody`);
    await page.locator('#partner-name').waitFor();
    assert.equal(await page.locator('#partner-name').inputValue(), 'moody');
    await page.context().close();
  });

  it('a viewer looks at all of it and changes nothing', async function () {
    this.timeout(360_000);
    const page = await open('victor', '/workspace/values/tax');
    await told(page, 'Your role may look at this, and not change it.');
    assert.equal(await page.getByRole('button', { name: 'Save', exact: true }).count(), 0);
    for (const part of ['policies', 'limits', 'environments']) {
      await page.goto(`${hub.url}/workspace/rules?part=${part}`);
      await page.locator('main :is(table, fieldset)').first().waitFor();
      await picture(page, part);
    }
    const admin = await login(hub.url, password, 'victor');
    const files = [{ path: 'definitions/values/tax.yaml', text: '', revision: '' }];
    assert.equal((await admin('POST', '/tower/api/files/save', { files })).status, 403);
    await page.context().close();
  });
});
