import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { describeReal } from '../real.ts';
import {
  clusterEnvironment,
  orderFlows,
  post,
  secrets,
  startHubProcess,
  type HubProcess,
} from './hub-process.ts';

/** No Odoo is there: an order waits in the last queue. */
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

describe('crossdock work on the embedded profile', () => {
  it('does not start, and says why', async () => {
    await assert.rejects(
      startHubProcess(noOdoo, undefined, { command: 'work' }),
      /CONFIG_INVALID: A worker needs CROSSDOCK_PROFILE=cluster/,
    );
  });
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'crossdock work', (services) => {
  let worker: HubProcess;
  let env: Record<string, string>;
  before(async function () {
    this.timeout(360_000);
    env = await clusterEnvironment(services);
    const place = { command: 'work', flows: orderFlows } as const;
    worker = await startHubProcess({ ...noOdoo, ...env }, undefined, place);
  });
  after(async () => {
    await worker?.stop();
    await clusterEnvironment(services);
  });

  it('has neither editor nor admin API nor users', async () => {
    assert.equal(worker.password, '');
    for (const path of ['/', '/flows', '/auth/login', '/auth/token', '/settings', '/nodes', '/comms'])
      assert.equal((await fetch(worker.url + path)).status, 404, path);
    const deploy = await fetch(`${worker.url}/flows`, { method: 'POST', body: '[]' });
    assert.equal(deploy.status, 404);
  });

  it('tells that it is alive and ready', async () => {
    for (const path of ['/healthz', '/readyz'])
      assert.equal((await fetch(worker.url + path)).status, 200, path);
  });

  it('takes webhooks and consumes', async function () {
    this.timeout(360_000);
    const number = Math.floor(Date.now() / 100);
    const items = [{ sku: 'ANY', name: 'Any', price: '10.00', quantity: 1 }];
    const body = shopifyOrder(`88${number}`, number, items);
    const sample = signed({ kind: 'valid', partner: 'Shopify', number: String(number) }, body, secrets);
    assert.equal((await post(worker.url, sample)).status, 202);
    const stores = await openStores({ profile: 'cluster', dataDir: worker.dataDir, env });
    try {
      let outcomes: string[] = [];
      for (let tries = 0; tries < 900 && !outcomes.includes('retrying'); tries += 1) {
        await sleep(100);
        const steps = await stores.journal.trace({ businessKey: String(number) });
        outcomes = steps.map(({ outcome }) => outcome);
      }
      for (const outcome of ['accepted', 'mapped', 'retrying'])
        assert.ok(outcomes.includes(outcome), `${outcome} is not among ${outcomes.join(', ')}`);
    } finally {
      await stores.close();
    }
  });

  it('counts for Prometheus what it did', async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    const value = (series: string) =>
      Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length),
      );
    const taken = 'crossdock_webhook_requests_total{route="/hooks/shopify/orders",status="202"}';
    assert.equal(value(taken), 1);
    assert.equal(value('crossdock_message_seconds_count{flow="shopify-intake",outcome="done"}'), 1);
    // `fetch` opens no connection to port 9, and does not say so.
    assert.ok(value('crossdock_retries_total{flow="order-to-odoo",code="ODOO_ANSWER_LOST"}') >= 1);
    assert.ok(value('crossdock_calls_total{target="Odoo",status="answer lost"}') >= 1);
  });
});
