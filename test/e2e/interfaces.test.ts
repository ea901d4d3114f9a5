/** The register of interfaces in a running hub: what the edge refuses, how one ends, and the pages in a browser. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import type { Listed } from '../../runtime/interfaces/use/listed.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { until } from '../conformance/kit.ts';
import { describeReal } from '../real.ts';
import { faultsOf, startBrowser, takeEach } from './browser.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, order, type Admin } from './traffic.ts';

const run = promisify(execFile);
const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:65530', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const approved = 'approved: { by: anna, on: 2025-01-01 }';
const entries: Record<string, string> = {
  'webhook/shopify/orders': `owner: customer-service, state: deprecated, class: personal, ${approved}, deprecated: 2025-06-01, sunset: 2025-12-31, told: 2025-06-02, consumers: [the shop in Berlin]`,
  'webhook/shopify/refunds': 'owner: finance, state: proposed, class: financial',
  'webhook/stripe': `owner: finance, state: retired, class: financial, ${approved}, deprecated: 2025-06-01, sunset: 2025-12-31, told: 2025-06-02, retired: 2026-01-01`,
  'webhook/partners/orders': `owner: customer-service, state: live, class: personal, ${approved}, edge: { rate: { requests: 10, each: address }, maxKb: 256, addresses: [203.0.113.0/24, '2001:db8::/32'], certificate: { header: x-forwarded-client-cert, fingerprints: ['${'ab'.repeat(32)}'], subjects: ['CN=partner,O=Partner Ltd'] } }`,
};

describeReal(['chromium'], 'the register of interfaces', ({ chromium: { path } }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-interfaces-'));
  const definitions = join(dataDir, 'definitions');
  let hub: HubProcess;
  let browser: Browser;
  let page: Page;
  let viewer: Admin;
  let faults: string[] = [];

  before(async function () {
    this.timeout(360_000);
    cpSync('definitions', definitions, { recursive: true });
    const file = join(definitions, 'interfaces.yaml');
    let text = readFileSync(file, 'utf8');
    for (const [id, said] of Object.entries(entries))
      text = text.replace(new RegExp(`^${id}: .*$`, 'm'), `${id}: { ${said} }`);
    writeFileSync(
      file,
      `${text}webhook/old/orders: { owner: it, state: retired, class: internal, ${approved}, retired: 2026-01-01 }\n`,
    );
    const users = await openUsers(dataDir, () => {});
    await users.set('viewer', password, 'viewer');
    hub = await startHubProcess(
      { ...noOdoo, CROSSDOCK_DEFINITIONS: definitions, CROSSDOCK_TRUSTED_PROXIES: '127.0.0.1' },
      dataDir,
    );
    viewer = await login(hub.url, password, 'viewer');
    browser = await startBrowser(path);
  });
  after(async () => {
    await browser?.close();
    await hub?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const post = async (to: string, body: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${hub.url}/hooks${to}`, { method: 'POST', body, headers });
    const { code, id } = (await answer.json()) as { code: string; id: string };
    return { is: `${answer.status} ${code}`, id, headers: answer.headers };
  };
  const listed = async (): Promise<Map<string, Listed>> => {
    const answer = await viewer('GET', '/tower/api/interfaces');
    const { rows } = (await answer.json()) as { rows: Listed[] };
    return new Map(rows.map((one) => [one.id, one]));
  };

  it('takes a deprecated webhook, says so in the answer, and sees that it is used after its sunset', async () => {
    const { body, headers: signature } = order(1001);
    const { is, headers } = await post('/shopify/orders', body.toString(), signature);
    assert.equal(is, '202 ACCEPTED');
    assert.equal(headers.get('deprecation'), '@1748736000');
    assert.equal(headers.get('sunset'), 'Wed, 31 Dec 2025 23:59:59 GMT');
    await until(
      'its use is counted',
      async () => (await listed()).get('webhook/shopify/orders')?.overused === true,
    );
    const all = await listed();
    assert.ok(all.get('event/shopify.order.created.v1')?.seen);
    assert.equal(all.get('webhook/woocommerce/orders')?.seen, undefined);
  });

  it('refuses what is retired and what the edge does not let in, in the journal with their codes', async () => {
    assert.equal((await post('/stripe', '{}')).is, '410 INTERFACE_RETIRED');
    assert.equal((await post('/old/orders', '{}')).is, '410 INTERFACE_RETIRED');
    const away = await post('/partners/orders', '{}', { 'x-forwarded-for': '198.51.100.9' });
    assert.equal(away.is, '403 ADDRESS_FORBIDDEN');
    const near = { 'x-forwarded-for': '::ffff:203.0.113.9' };
    assert.equal((await post('/partners/orders', '{}', near)).is, '401 CERTIFICATE_MISSING');
    const other = { ...near, 'x-forwarded-client-cert': `Hash=${'00'.repeat(32)}` };
    assert.equal((await post('/partners/orders', '{}', other)).is, '403 CERTIFICATE_FORBIDDEN');
    // Past the edge: the signature is next.
    const known = { ...near, 'x-forwarded-client-cert': `Hash=${'ab'.repeat(32)}` };
    assert.equal((await post('/partners/orders', '{}', known)).is, '401 SIGNATURE_INVALID');
    await until('the refusal is in the journal', async () => {
      const { stdout } = await trace(away.id);
      return stdout.includes('ADDRESS_FORBIDDEN') && !/198\.51|203\.0/.test(stdout);
    });
    assert.equal((await listed()).get('webhook/old/orders')?.state, 'retired');
  });

  async function trace(id: string): Promise<{ stdout: string }> {
    const env = { ...process.env, CROSSDOCK_DATA: hub.dataDir };
    return run(process.execPath, ['cli/crossdock.js', 'trace', id], { env });
  }

  async function open(locale: string, width = 1440): Promise<void> {
    await page?.close();
    page = await browser.newPage({ viewport: { width, height: 900 }, locale });
    faults = faultsOf(page);
    await page.goto(`${hub.url}/tower/interfaces`);
    await page.locator('input').first().fill('viewer');
    await page.locator('input[type=password]').fill(password);
    await page.locator('form button').click();
    await page.locator('tbody tr').first().waitFor();
  }
  const rowOf = (text: string) => page.locator('tbody tr').filter({ hasText: text });

  it('shows all by filters that stand in the address, and of each when it was seen', async function () {
    this.timeout(360_000);
    await open('en-GB');
    const old = rowOf('webhook/shopify/orders');
    for (const text of ['deprecated', 'used after its sunset', 'Customer service', 'personal'])
      assert.ok((await old.innerText()).includes(text), text);
    assert.ok((await rowOf('webhook/woocommerce/orders').innerText()).includes('never seen'));
    await takeEach(page, 'interfaces');
    await page.getByLabel('State').selectOption('retired');
    assert.equal(await page.locator('tbody tr').count(), 2);
    assert.match(page.url(), /state=retired/);
    await page.getByLabel('State').selectOption('Every state');
    await page.getByLabel('Find').fill('partners/orders');
    await rowOf('webhook/partners/orders').getByRole('link').click();
    await page.getByRole('heading', { name: 'webhook/partners/orders', level: 1 }).waitFor();
    const said = await page.locator('main').innerText();
    for (const text of ['schemas/order.v1.json', 'standard-webhooks', '203.0.113.0/24', '256 kB', 'by anna'])
      assert.ok(said.includes(text), text);
    await takeEach(page, 'interface', { fullPage: true });
    assert.deepEqual(faults, []);
  });

  it('speaks German, fits a narrow window, and says what is not known', async function () {
    this.timeout(360_000);
    await open('de-DE', 390);
    await page.getByRole('heading', { name: 'Schnittstellen', level: 1 }).waitFor();
    assert.ok((await rowOf('webhook/stripe').innerText()).includes('stillgelegt'));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} px are outside of the window`);
    await takeEach(page, 'interfaces-de');
    await page.goto(`${hub.url}/tower/interfaces/${encodeURIComponent('webhook/shopify/orders')}`);
    await page.getByText('the shop in Berlin').waitFor();
    await takeEach(page, 'interface-de', { fullPage: true });
    await page.goto(`${hub.url}/tower/interfaces/nothing`);
    await page.getByText('INTERFACE_UNKNOWN').waitFor();
  });
});
