/** The embedded profile is killed without warning while orders come and land: each is in Odoo once, and each step is counted. */
import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, sendOrders } from './traffic.ts';

const orders = 200;
const kills = 5;

describe('kill -9 on the embedded profile', function () {
  this.timeout(540_000);
  let odoo: Sandbox;
  let hub: HubProcess | undefined;
  before(async () => {
    odoo = await startSandbox();
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
  });

  it(`${orders} orders, ${kills} kills`, async function () {
    const env = {
      ODOO_URL: odoo.url,
      ODOO_DATABASE: odoo.database,
      ODOO_API_KEY: odoo.apiKey,
      CROSSDOCK_PORT: String(await freePort()),
    };
    hub = await startHubProcess(env);
    const numbers = Array.from({ length: orders }, (_, at) => 400_000 + at);
    const sent = { accepted: 0, draining: 0, unanswered: 0 };
    const sending = sendOrders(hub.url, numbers, 8, sent);
    sending.catch(() => {});
    /** Each order counts twice: when it is accepted and when it is in Odoo. */
    const progress = (): number => sent.accepted + odoo.orders().length;
    const points = Array.from({ length: kills }, () =>
      Math.round((0.05 + 0.85 * Math.random()) * 2 * orders),
    );
    for (const point of points.toSorted((a, b) => a - b)) {
      for (let tries = 0; progress() < point; tries += 1) {
        assert.ok(tries < 2000, `stuck at ${progress()} of ${2 * orders}; ${hub.log().slice(-500)}`);
        await sleep(5);
      }
      hub.signal('SIGKILL');
      assert.equal(await hub.exited, null);
      hub = await startHubProcess(env, hub.dataDir);
    }
    await sending;
    const found = await landed(odoo, orders);
    const why = `killed at ${points.join(', ')}`;
    assert.ok(sent.unanswered > 0, `no sender met a dead hub; ${why}`);
    assert.deepEqual(found.toSorted(), numbers.map(String), why);
    assert.deepEqual(miscounted(join(hub.dataDir, 'crossdock.db')), [], why);
  });
});

/** Kinds of steps of which the rollups have not as many as there are. */
function miscounted(file: string): unknown[] {
  const db = new DatabaseSync(file, { readOnly: true });
  const counted = "SELECT flow, step, outcome, sum(count) FROM rollup WHERE width = '5min' GROUP BY 1, 2, 3";
  const steps = 'SELECT flow, step, outcome, count(*) FROM step GROUP BY 1, 2, 3';
  const all = db
    .prepare(
      `SELECT * FROM (${steps} EXCEPT ${counted}) UNION ALL SELECT * FROM (${counted} EXCEPT ${steps})`,
    )
    .all();
  db.close();
  return all;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
