/** Order to cash by events alone on the real Odoo, on both profiles, and with the hub killed in the middle. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { inVocabulary } from '../../runtime/odoo/vocabulary.ts';
import { orderToCash, type Found } from '../acceptance/order-to-cash.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, startHubProcess, type HubProcess } from './hub-process.ts';

const flows =
  'direct-intake order-capture order-to-odoo order-changes-to-odoo order-to-cash warehouse-intake stock-to-odoo payment-intake payment-capture money-to-odoo';

describeReal(['odoo', 'rabbitmq', 'redis', 'postgres'], 'order to cash', function (services) {
  this.timeout(360_000);
  const folders: string[] = [];
  let hub: HubProcess;
  afterEach(() => hub?.stop(true));
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  /** Each of the ten lives once; `kills` times the hub is killed and started again. */
  async function run(more: Record<string, string>, kills: number): Promise<Found> {
    const source = `otc-${randomBytes(4).toString('hex')}`;
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-otc-'));
    folders.push(dataDir);
    const definitionsDir = join(dataDir, 'definitions');
    cpSync('definitions', definitionsDir, { recursive: true });
    const env = {
      ...odooEnvironment(services.odoo),
      CROSSDOCK_DEFINITIONS: definitionsDir,
      CROSSDOCK_PREFIX: source.replace('-', ''),
      ...more,
    };
    const start = () => startHubProcess(env, dataDir, { flows: flows.split(' ') });
    hub = await start();
    const said: string[] = [];
    const ended = new AbortController();
    const killing = (async () => {
      for (let kill = 0; kill < kills && !ended.signal.aborted; kill += 1) {
        await sleep(4000);
        hub.signal('SIGKILL');
        await hub.exited;
        hub = await start();
      }
    })();
    const { found, differing } = await orderToCash({
      odoo: inVocabulary(openOdoo({ ...services.odoo, timeoutMs: 60_000 })),
      hub: { url: () => hub.url, dataDir, definitionsDir, env },
      source,
      orders: 10,
      log: (text) => void said.push(text),
      withinMs: 200_000,
    });
    ended.abort();
    await killing;
    if ('AMQP_URL' in more) {
      await hub.stop(true);
      await removeNames(services.rabbitmq.url, `${env.CROSSDOCK_PREFIX}_`, flowQueues());
    }
    assert.deepEqual([...differing, ...said], []);
    return found;
  }
  const wanted = {
    orders: 10,
    confirmed: 8,
    shipped: 8,
    invoiced: 8,
    posted: 8,
    paid: 8,
    refunded: 1,
    cancelled: 2,
    differences: 0,
  };

  it('embedded: ordered is shipped, shipped is invoiced, invoiced is paid, in Odoo', async () => {
    assert.deepEqual(await run({}, 0), wanted);
  });

  it('cluster: the same', async () => {
    const { rabbitmq, redis, postgres } = services;
    const cluster = {
      CROSSDOCK_PROFILE: 'cluster',
      AMQP_URL: rabbitmq.url,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    };
    assert.deepEqual(await run(cluster, 0), wanted);
  });

  it('the hub killed four times on the way: the same, and nothing twice', async () => {
    assert.deepEqual(await run({}, 4), wanted);
  });
});
