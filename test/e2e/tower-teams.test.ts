/** A day of the five teams at one hub, each in a browser: find an order, take what is late, release, repair, and send 500 again. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { partnerOrder, shopifyOrder, signed, type Item } from '../../cli/samples.ts';
import { envelope } from '../../runtime/envelope/envelope.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { letterId } from '../../runtime/journal/journal.ts';
import type { Role } from '../../runtime/node-red/roles.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox, type SandboxOrder } from '../../runtime/odoo/sandbox/sandbox.ts';
import { sign } from '../../runtime/verify/sign.ts';
import { until } from '../conformance/kit.ts';
import { letter } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';
import { editFile, odooEnvironment, post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';
import { startBrowser, takePicture, onPageError } from './browser.ts';

const password = 'twelve characters';
const people: Record<string, [Role, string]> = {
  clara: ['viewer', 'customer-service'],
  wim: ['operations', 'warehouse'],
  finn: ['operations', 'finance'],
  ida: ['analyst', 'it'],
  olga: ['operations', 'operations'],
  oscar: ['operations', 'operations'],
};

const chair: Item = { sku: 'FURN_7777', name: 'Office Chair', price: '70.00', quantity: 1 };
/** By Shopify's order numbers. */
const [shipped, late, held] = [720_001, 720_002, 720_003];
const unknown = [720_011, 720_012, 720_013];
const repaired = 'No product in Odoo has the SKU “CHAIR-77”.';
const parcel = '1Z999AA10123456784';
/** Of a partner whose 500 messages failed, though the first 50 of its orders had landed. */
const partner = 'lakeside';
const numbers = Array.from({ length: 500 }, (_, n) => `LS-${1000 + n}`);
const had = numbers.slice(0, 50);

describeReal(['chromium'], 'the five teams at the control tower', function ({ chromium: { path } }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-teams-'));
  let odoo: Sandbox;
  let hub: HubProcess;
  let browser: Browser;
  let port = '0';

  async function startHub(): Promise<void> {
    const env = {
      ...odooEnvironment({ ...odoo, password: '', version: '' }),
      CROSSDOCK_DEFINITIONS: join(dir, 'definitions'),
      CROSSDOCK_PORT: port,
    };
    hub = await startHubProcess(env, dir);
    ({ port } = new URL(hub.url));
  }

  before(async () => {
    for (const part of ['flows', 'definitions']) cpSync(part, join(dir, part), { recursive: true });
    // Ten days pass in a moment.
    editFile(join(dir, 'definitions/processes/order-to-cash.yaml'), 'within: 10d', 'within: 2s');
    const process = 'process: order-to-cash\n';
    editFile(join(dir, 'flows/order-to-cash.yaml'), process, `${process}    look: 1\n`);
    const users = await openUsers(dir, () => {});
    for (const [user, [role, team]] of Object.entries(people)) await users.set(user, password, role, [team]);
    odoo = await startSandbox();
    await startHub();
    browser = await startBrowser(path);
    await fromShop(late, chair);
    await fromShop(shipped, chair);
    await untilOrder(String(shipped), ({ state }) => state === 'sale');
    await ship(shipped);
    await fromShop(held, { ...chair, quantity: 200 });
    for (const number of unknown) await fromShop(number, { ...chair, sku: 'CHAIR-77' });
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function fromShop(number: number, item: Item): Promise<void> {
    const body = shopifyOrder(`9007199254${number}`, number, [item]);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
    // A shop comes again where the hub is busy.
    await until('it is accepted', async () => (await post(hub.url, sample)).status === 202, 20_000);
  }
  async function ship(number: number): Promise<void> {
    const body = JSON.stringify({
      source: 'wms',
      id: `parcel-${number}`,
      order: { source: 'shopify', id: `9007199254${number}` },
      shippedAt: new Date().toISOString(),
      carrier: 'UPS',
      tracking: parcel,
      lines: [{ sku: chair.sku, quantity: '1' }],
    });
    const { headers } = sign('standard-webhooks', {}, secrets.partner, body);
    const sent = { path: '/hooks/warehouse/shipments', body: Buffer.from(body) };
    const answer = await post(hub.url, {
      ...sent,
      headers: { 'content-type': 'application/json', ...headers },
    });
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
  }
  const inOdoo = (number: string): SandboxOrder | undefined =>
    odoo.orders().find(({ client_order_ref }) => client_order_ref === number);
  const untilOrder = (number: string, fits: (one: SandboxOrder) => boolean): Promise<void> =>
    until(
      `order ${number} is so in Odoo`,
      () => {
        const one = inOdoo(number);
        return one !== undefined && fits(one);
      },
      20_000,
    );

  async function enter(user: string, at = '/tower'): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    onPageError(page, (error) => assert.fail(error));
    await page.goto(hub.url + at);
    await page.fill('input[name=username]', user);
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1[tabindex]');
    return page;
  }
  const picture = (page: Page, name: string): Promise<void> => takePicture(page, `teams-${name}`, true);
  const told = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor();
  const press = (page: Page, name: string): Promise<void> =>
    page.getByRole('button', { name, exact: true }).click();
  const badge = (page: Page, text: string): Promise<void> =>
    page.locator('.title .badge', { hasText: text }).waitFor();
  const rowOf = (page: Page, text: string | RegExp): Locator =>
    page.locator('tbody tr').filter({ hasText: text });

  it('customer service finds an order by the number of its parcel', async () => {
    const page = await enter('clara');
    await page.keyboard.press('/');
    await page.keyboard.type(parcel);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: parcel }).first().click();
    await told(page, `Order ${shipped}`);
    const rail = page.getByRole('list', { name: 'Milestones' }).getByRole('listitem');
    await rail.filter({ hasText: /Shipment\s+done/ }).waitFor();
    await told(page, parcel);
    assert.equal(await page.getByText('Raw messages').count(), 0);
    await picture(page, 'customer-service');
    await page.context().close();
  });

  it('the warehouse sees the late shipment on the board, and takes its issue', async () => {
    const page = await enter('wim', '/tower/board');
    const shipment = page.locator('.board li', { hasText: 'Shipment' });
    await shipment.getByRole('link', { name: '1 late' }).click();
    const order = rowOf(page, String(late));
    await order.getByText('late by less than one business day').waitFor();
    assert.equal(await page.locator('tbody tr').count(), 1);
    await picture(page, 'warehouse-late');
    await page.getByRole('link', { name: 'Work queue' }).click();
    await rowOf(page, 'The step “shipment” is late.').getByRole('link').click();
    await press(page, 'I take it');
    await badge(page, 'Acknowledged');
    await page.locator('.history').getByText('took it').waitFor();
    await picture(page, 'warehouse-issue');
    await page.getByRole('link', { name: String(late) }).click();
    await told(page, 'The warehouse is asked: Shipment is late');
    await page.context().close();
  });

  it('finance sees its own issues only, and releases the order that waits for it', async () => {
    const page = await enter('finn');
    await rowOf(page, 'Orders are held and wait for a release.').waitFor();
    const teams = await rowOf(page, /./).locator('td:nth-child(8)').allInnerTexts();
    assert.ok(teams.length > 0 && teams.every((team) => team === 'Finance'), teams.join());
    await picture(page, 'finance');
    await page.selectOption('select[name=team]', 'all');
    await rowOf(page, 'Warehouse').first().waitFor();
    await page.selectOption('select[name=team]', 'mine');
    await rowOf(page, 'Orders are held').getByRole('link').click();
    await page.getByRole('link', { name: String(held) }).click();
    await press(page, 'Release');
    await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
    await untilOrder(String(held), ({ state }) => state === 'sale');
    await page.context().close();
  });

  it('IT takes an issue, assigns it, fills the value map, and the orders that waited land', async () => {
    const page = await enter('ida');
    await rowOf(page, repaired).getByRole('link').click();
    await press(page, 'I take it');
    await badge(page, 'Acknowledged');
    await press(page, 'Assign …');
    await page.fill('dialog input[name=person]', 'ida');
    await press(page, 'Save');
    await page.locator('.history').getByText('assigned it').waitFor();
    const issue = page.url();
    await page.getByRole('link', { name: String(unknown[0]) }).click();
    await told(page, '3 exceptions wait for it');
    await page.getByRole('radio', { name: /FURN_7777/ }).check();
    await press(page, 'Put it in the value map');
    await told(page, /It has landed: sale\.order/);
    for (const number of unknown) await untilOrder(String(number), ({ state }) => state === 'sale');
    await page.goto(issue);
    await badge(page, 'Resolved');
    await page.context().close();
  });

  it('operations sends 500 again of which 50 had landed, the hub is killed, and each order stands once', async () => {
    await saveLetter();
    const before = had.map(inOdoo);
    assert.equal(before.filter((one) => one?.state === 'sale').length, had.length);
    const olga = await enter('olga');
    await rowOf(olga, 'Odoo failed inside.').getByRole('link').click();
    await told(olga, '500 exceptions are open');
    await press(olga, 'Send again safely …');
    await olga.getByRole('heading', { name: 'ODOO_FAILED' }).waitFor();
    assert.equal(await olga.getByText('What could not be asked').count(), 0);
    await olga.getByRole('link', { name: 'Already landed' }).click();
    const named = olga.locator('.replay-messages tbody tr');
    await named.nth(had.length - 1).waitFor();
    assert.deepEqual((await named.locator('a').allInnerTexts()).toSorted(), had);
    await picture(olga, 'operations-plan');
    await press(olga, 'Send 450 messages again');
    await told(olga, 'A second person has to agree');
    const oscar = await enter('oscar', new URL(olga.url()).pathname);
    await press(oscar, 'Agree, and send');
    await badge(olga, 'Running');
    await told(olga, 'It sends 1, then 5, then 25, then the rest');

    const landed = () => odoo.orders().filter(({ client_order_ref: ref }) => ref.startsWith('LS-')).length;
    await until('it is in the middle', () => landed() >= 200, 40_000);
    hub.signal('SIGKILL');
    await hub.exited;
    const atKill = landed();
    assert.ok(atKill < 450, `${atKill} had landed already`);
    await startHub();
    await olga.locator('.title .badge', { hasText: 'Done' }).waitFor({ timeout: 150_000 });
    const counts = (await olga.locator('.strip').innerText()).replaceAll(/\s+/g, ' ');
    assert.equal(counts, '450 Landed 0 Failed again 0 Under way 0 Refused 0 Cancelled');
    await picture(olga, 'operations-done');
    const refs = odoo.orders().map(({ client_order_ref }) => client_order_ref);
    assert.deepEqual(refs.filter((ref) => ref.startsWith('LS-')).toSorted(), numbers);
    assert.deepEqual(had.map(inOdoo), before);
  });

  it('what IT repaired was resolved by itself, and its history says so', async () => {
    const page = await enter('ida', '/tower/queue?state=resolved');
    await rowOf(page, repaired).getByRole('link').click();
    await page.locator('.history').getByText('resolved: all landed').waitFor();
    await picture(page, 'it-resolved');
  });

  /** An exception of each of the 500 orders, the first 50 of which then landed. */
  async function saveLetter(): Promise<void> {
    const bodies = new Map(numbers.map((number) => [number, partnerOrder(partner, number, [chair])]));
    const failed = new Date().toISOString();
    for (const number of had) {
      const body = bodies.get(number)!;
      assert.equal(
        (await post(hub.url, signed({ kind: 'valid', partner: 'partner', number }, body, secrets))).status,
        202,
      );
    }
    for (const number of had) await untilOrder(number, ({ state }) => state === 'sale');
    const { journal, close } = await openStores({ profile: 'embedded', dataDir: dir, env: {} });
    const correlations = new Map<string, string>();
    for (const number of had) {
      const [first] = await journal.trace({ businessKey: number });
      correlations.set(number, first!.correlationId);
    }
    await Promise.all(
      numbers.map((number) => {
        const message = envelope({
          type: 'order.received.v1',
          source: 'order-capture',
          subject: number,
          partitionkey: `${partner}/${number}`,
          flow: 'order-capture',
          flowversion: '1.0.0',
          data: JSON.parse(bodies.get(number)!) as object,
          ...(correlations.has(number) && { correlationid: correlations.get(number)! }),
        });
        const id = letterId('order-to-odoo', message);
        const of = { id, queue: 'order-to-odoo', flow: 'order-to-odoo', flowVersion: '1.0.0' };
        const why = { code: 'ODOO_FAILED', reason: 'Internal Server Error', facts: {} } as const;
        const first = { firstFailed: failed, firstCode: why.code, firstReason: why.reason };
        return journal.saveDeadLetter(letter({ ...of, ...why, ...first, lastFailed: failed, message }));
      }),
    );
    await close();
  }
});
