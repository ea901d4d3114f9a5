/** A hub whose Odoo is configured wrongly takes orders, says what is wrong where an operator looks, and brings them in when it is mended. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { testUser } from '../odoo-user.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';

const run = promisify(execFile);

describeReal(['odoo'], 'an Odoo that is configured wrongly', function ({ odoo: site }) {
  this.timeout(360_000);
  const user = testUser(site);
  const admin = openOdoo({ ...site, timeoutMs: 60_000 });
  const number = Number(String(Date.now()).slice(-9));
  let right: Record<string, string>;
  let dataDir: string;
  let hub: HubProcess | undefined;
  before(async () => {
    // Logged in before the hub tries wrong keys: after ten failures Odoo 14 refuses every login from the address for a minute.
    await admin.call('res.company', 'search_count', { domain: [] });
    right = odooEnvironment({ ...site, ...(await user.access()) });
  });
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-wrong-'));
    cpSync('definitions', join(dataDir, 'definitions'), { recursive: true });
    const channel = "{ kind: webhook, url: '${EDI_GATEWAY_URL}', secret: '${PARTNER_WEBHOOK_SECRETS}' }";
    writeFileSync(
      join(dataDir, 'definitions', 'alerts.yaml'),
      `repeat: 4h\nchannels: { room: ${channel} }\ndefault: [room]\nteams: {}\n`,
    );
  });
  afterEach(async () => {
    await hub?.stop();
    hub = undefined;
    rmSync(dataDir, { recursive: true, force: true });
  });
  after(() => user.close());

  async function start(changed: Record<string, string>): Promise<HubProcess> {
    hub = await startHubProcess(
      { ...right, ...changed, CROSSDOCK_DEFINITIONS: join(dataDir, 'definitions') },
      dataDir,
    );
    return hub;
  }
  const readyz = async () => {
    const answer = await fetch(`${hub!.url}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(200)) if (await holds()) return;
    assert.fail(`${what}: ${(await readyz()).text}\n${hub!.log().slice(-2000)}`);
  }
  async function send(of: number): Promise<void> {
    const line = { sku: 'FURN_7777', name: 'Chair', price: '7.00', quantity: 1 };
    const sample = signed(
      { kind: 'valid', partner: 'Shopify', number: String(of) },
      shopifyOrder(`7${of}`, of, [line]),
      secrets,
    );
    assert.equal((await post(hub!.url, sample)).status, 202);
  }
  const landed = async (of: number) =>
    (await admin.call<number>('sale.order', 'search_count', {
      domain: [['client_order_ref', 'like', String(of)]],
    })) === 1;
  /** As an operator asks. */
  async function crossdock(...args: string[]): Promise<string> {
    const env = {
      ...process.env,
      CROSSDOCK_DATA: dataDir,
      CROSSDOCK_DEFINITIONS: join(dataDir, 'definitions'),
    };
    return (await run(process.execPath, ['cli/crossdock.js', ...args], { env })).stdout;
  }
  const alerts = () => crossdock('alerts');

  const cases: [string, Record<string, string>, RegExp, number?][] = [
    ['a key that Odoo does not know', { ODOO_API_KEY: 'nobody-s-key' }, /ODOO_AUTH/],
    ['a database that is not there', { ODOO_DATABASE: 'nowhere' }, /ODOO_ADDRESS_WRONG/],
    ['no login, before 19', { ODOO_LOGIN: '' }, /CONFIG_INVALID.*needs the login/s, 18],
  ];
  for (const [at, [title, changed, says, until19]] of cases.entries())
    it(`${title}: /readyz and the alerts name it, and the order lands when it is mended`, async function () {
      if (until19 !== undefined && (await admin.version()) > until19) return this.skip();
      const order = number + at;
      await start(changed);
      await send(order);
      await until('/readyz', async () => (await readyz()).status === 503);
      const { text } = await readyz();
      assert.match(text, says);
      assert.ok(!text.includes('nobody-s-key'), text);
      const code = /[A-Z]+_[A-Z_]+/.exec(says.source)![0];
      await until('the alerts', async () => (await alerts()).includes(code));
      assert.match(await alerts(), /Messages wait until somebody mends it/);
      assert.equal(await landed(order), false);
      await hub!.stop(true);
      await start({});
      await until('the order', () => landed(order));
      await until('/readyz', async () => (await readyz()).status === 200);
    });

  it('nobody mends it in time: the orders are exceptions with its code, and land by one replay after the mend', async () => {
    for (const policy of ['standard', 'patient', 'fast']) {
      const file = join(dataDir, 'definitions', 'policies', `${policy}.yaml`);
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/^unmendedForHours: \d+/m, 'unmendedForHours: 0.001'),
      );
    }
    const orders = [20, 21, 22].map((more) => number + more);
    await start({ ODOO_API_KEY: 'nobody-s-key' });
    for (const order of orders) await send(order);
    const kept = async () =>
      JSON.parse(await crossdock('dead', 'list', '--code', 'ODOO_AUTH', '--json')) as unknown[];
    await until('the exceptions', async () => (await kept()).length === orders.length);
    assert.ok(!JSON.stringify(await kept()).includes('nobody-s-key'));
    assert.equal((await readyz()).status, 503);
    await hub!.stop(true);
    await start({});
    await until('/readyz', async () => (await readyz()).status === 200);
    await crossdock('dead', 'replay', '--code', 'ODOO_AUTH');
    for (const order of orders) await until(`order ${order}`, () => landed(order));
  });

  it('a user that is gone while it runs: /readyz says so with the next order, and all is well again when it is back', async () => {
    const own = await openOdoo({ ...site, ...(await user.access()), timeoutMs: 60_000 }).user();
    const active = (is: boolean) => admin.call('res.users', 'write', { ids: [own], vals: { active: is } });
    await start({});
    await send(number + 10);
    await until('the order', () => landed(number + 10));
    await until('/readyz', async () => (await readyz()).status === 200);
    await active(false);
    try {
      await send(number + 11);
      await until('/readyz', async () => /ODOO_AUTH/.test((await readyz()).text));
    } finally {
      await active(true);
    }
    await until('the order', () => landed(number + 11));
    await until('/readyz', async () => (await readyz()).status === 200);
  });
});
