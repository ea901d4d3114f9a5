/** A hub whose user lacks rights in Odoo says so, takes webhooks all the same, and is ready when the rights are given. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { post, secrets, startHubProcess, type HubProcess } from './hub-process.ts';

describe('a hub whose user lacks rights in Odoo', function () {
  this.timeout(360_000);
  const lacking = new Set(['sale.order:create', 'account.payment:create', 'stock.quant:read']);
  let sandbox: Sandbox;
  let hub: HubProcess;
  before(async () => {
    sandbox = await startSandbox({ lacking });
    const { url, database, apiKey } = sandbox;
    hub = await startHubProcess({ ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey });
  });
  after(async () => {
    await hub?.stop();
    await sandbox?.close();
  });

  const readyz = async () => {
    const answer = await fetch(`${hub.url}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };
  async function until(holds: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < 600 && !(await holds()); tries += 1) await sleep(100);
    assert.ok(await holds(), (await readyz()).text);
  }

  it('names all that its flows lack in /readyz and once in the log', async () => {
    await until(async () => (await readyz()).status === 503);
    const { text } = await readyz();
    assert.match(text, /ODOO_ACCESS/);
    for (const one of ['create sale.order', 'create account.payment', 'read stock.quant'])
      assert.ok(text.includes(one), text);
    const lines = hub.log().split('\n');
    assert.equal(lines.filter((line) => line.includes('lacks rights in Odoo')).length, 1);
  });

  it('takes webhooks all the same', async () => {
    const order = shopifyOrder('900719925474777', 4777, [
      { sku: 'FURN_7777', name: 'Chair', price: '7.00', quantity: 1 },
    ]);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: '4777' }, order, secrets);
    assert.equal((await post(hub.url, sample)).status, 202);
  });

  it('is ready when they are given', async () => {
    lacking.clear();
    await until(async () => (await readyz()).status === 200);
    assert.match(hub.log(), /works now/);
  });
});
