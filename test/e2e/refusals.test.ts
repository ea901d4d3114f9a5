import assert from 'node:assert/strict';
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partnerOrder, shopifyOrder, signed, wooOrder, type Item } from '../../cli/samples.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { describeReal } from '../real.ts';
import { tcpProxy } from '../tcp-proxy.ts';
import {
  clusterEnvironment,
  editFile,
  orderFlows,
  post,
  secrets,
  startHubProcess,
  type HubProcess,
} from './hub-process.ts';

const items: Item[] = [{ sku: 'ANY', name: 'Any', price: '10.00', quantity: 1 }];
/** No Odoo is there: orders wait in their queue. */
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const shop = (number: number, id = `9007199254740${number}`) =>
  signed(
    { kind: 'valid', partner: 'Shopify', number: String(number) },
    shopifyOrder(id, number, items, new Date('2026-11-02T14:00:00Z')),
    secrets,
  );

/** A data directory whose flows take 2 requests a second on one route: fewer than any machine sends. */
function withSlowRoute(path: string): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-e2e-'));
  cpSync('flows', join(dataDir, 'flows'), { recursive: true });
  const line = `    path: ${path}\n`;
  editFile(join(dataDir, 'flows', 'shopify-intake.yaml'), line, `${line}    perSecond: 2\n`);
  return dataDir;
}

describe('what a webhook is answered', () => {
  let hub: HubProcess;
  before(async function () {
    this.timeout(360_000);
    hub = await startHubProcess(noOdoo, withSlowRoute('/shopify/cancellations'));
  });
  after(async () => hub?.stop());

  it('202 with an id, and the same answer when it is repeated', async () => {
    const first = await post(hub.url, shop(1001));
    assert.equal(first.status, 202);
    assert.deepEqual(await post(hub.url, shop(1001)), first);
  });
  it('409 for the same order with another content', async () => {
    const changed = shop(1001);
    const other = signed(changed, changed.body.toString().replace('"10.00"', '"11.00"'), secrets);
    const { status, body } = await post(hub.url, other);
    assert.deepEqual([status, body.code], [409, 'CLAIM_CONFLICT']);
  });
  it('401 for a wrong signature', async () => {
    const sample = shop(1002);
    const tampered = { ...sample, body: Buffer.from(sample.body.toString().replace('ANY', 'ANY2')) };
    const { status, body } = await post(hub.url, tampered);
    assert.deepEqual([status, body.code], [401, 'SIGNATURE_INVALID']);
    assert.deepEqual(Object.keys(body).toSorted(), ['code', 'id', 'message']);
  });
  it('401 for a stale timestamp', async () => {
    const body = partnerOrder('acme', 'A-1', items);
    const stale = signed(
      { kind: 'stale', partner: 'partner', number: 'A-1' },
      body,
      secrets,
      (Date.now() / 1000 - 3600) | 0,
    );
    const answer = await post(hub.url, stale);
    assert.deepEqual([answer.status, answer.body.code], [401, 'TIMESTAMP_STALE']);
  });
  it('413 for a body that is too large, 400 for what is not JSON, 404 for an unknown path', async () => {
    const large = signed({ kind: 'valid', partner: 'Shopify', number: '1' }, 'x'.repeat(1_100_000), secrets);
    const text = signed({ kind: 'valid', partner: 'Shopify', number: '1' }, 'not json', secrets);
    const answers = [
      await post(hub.url, large),
      await post(hub.url, text),
      await post(hub.url, { ...text, path: '/hooks/nobody' }),
    ];
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.code]),
      [
        [413, 'BODY_TOO_LARGE'],
        [400, 'BODY_NOT_JSON'],
        [404, 'ROUTE_UNKNOWN'],
      ],
    );
  });
  it('WooCommerce: the unsigned ping 200, a message signed with the older secret 202', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const ping = await post(hub.url, {
      path: '/hooks/woocommerce/orders',
      headers,
      body: Buffer.from('webhook_id=7'),
    });
    assert.equal(ping.status, 200);
    const order = signed({ kind: 'valid', partner: 'WooCommerce', number: '727' }, wooOrder(727, items), {
      ...secrets,
      woocommerce: 'an-older-secret',
    });
    assert.equal((await post(hub.url, order)).status, 202);
  });
  it('429 with Retry-After when it comes too fast', async () => {
    const sample = { ...shop(1001), path: '/hooks/shopify/cancellations' };
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(hub.url, sample)));
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length > 0);
    assert.ok(
      refused.every(({ retryAfter, body }) => Number(retryAfter) >= 1 && body.code === 'RATE_LIMITED'),
    );
  });
  it('every refusal is in the journal, with no secret and no payload', async () => {
    await hub.stop(true);
    const stores = await openStores({ profile: 'embedded', dataDir: hub.dataDir, env: {} });
    try {
      const steps = await stores.journal.trace({ limit: 1000 });
      const codes = new Set(steps.filter(({ outcome }) => outcome === 'refused').map(({ code }) => code));
      for (const code of [
        'SIGNATURE_INVALID',
        'TIMESTAMP_STALE',
        'BODY_TOO_LARGE',
        'BODY_NOT_JSON',
        'ROUTE_UNKNOWN',
        'CLAIM_CONFLICT',
      ]) {
        assert.ok(codes.has(code), `${code} is not in the journal`);
      }
      const written = JSON.stringify(steps) + hub.log();
      for (const secret of [...Object.values(secrets), 'robin.mercer@example.com'])
        assert.ok(!written.includes(secret));
    } finally {
      await stores.close();
    }
  });
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'a broker that is down', (services) => {
  it('is answered 503 with Retry-After, never 202, and taken once it is back', async function () {
    this.timeout(360_000);
    const broker = new URL(services.rabbitmq.url);
    const proxy = await tcpProxy(Number(broker.port));
    const environment = await clusterEnvironment(services);
    broker.port = String(proxy.port);
    const env = { ...noOdoo, ...environment, AMQP_URL: broker.href };
    const hub = await startHubProcess(env, undefined, { flows: orderFlows });
    const number = Math.floor(Date.now() / 100) % 1_000_000_000;
    try {
      proxy.down();
      const refused = await post(hub.url, shop(number, `77${number}`));
      assert.deepEqual([refused.status, refused.body.code], [503, 'BROKER_UNAVAILABLE']);
      assert.ok(Number(refused.retryAfter) >= 1);
      proxy.up();
      let answer = refused;
      for (let tries = 0; answer.status !== 202 && tries < 360; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        answer = await post(hub.url, shop(number, `77${number}`));
      }
      assert.equal(answer.status, 202);
    } finally {
      await hub.stop();
      await proxy.close();
    }
  });
});
