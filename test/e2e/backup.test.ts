/** Backup under load, the store deleted, restore: what was confirmed before is there; what came after is sent again, and is in Odoo once. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import pg from 'pg';
import { partitionQueues } from '../../runtime/broker/amqp-queues.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { describeReal, type RealServices } from '../real.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { copyFlows, orderFlows, queues, startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, login, sendOrders } from './traffic.ts';

const run = promisify(execFile);
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

interface Store {
  env: Record<string, string>;
  /** All that it keeps outside of the data directory. */
  lose(): Promise<void>;
  clear(): Promise<void>;
}

describe('backup: the embedded profile', function () {
  this.timeout(360_000);
  backsUp(() => ({ env: {}, lose: async () => {}, clear: async () => {} }));
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'backup: the cluster profile', function (services) {
  this.timeout(360_000);
  backsUp(() => clusterOf(services));
});

function backsUp(storeOf: () => Store): void {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-backup-'));
  const file = join(dir, 'hub.backup');
  const store = storeOf();
  const dataDir = join(dir, 'data');
  const flowsDir = join(dir, 'flows');
  const definitionsDir = join(dir, 'definitions');
  const env = {
    ...store.env,
    CROSSDOCK_DEFINITIONS: definitionsDir,
    CROSSDOCK_RELEASES: join(dir, 'releases'),
  };
  let odoo: Sandbox;
  let hub: HubProcess;
  let password = '';
  const early = Array.from({ length: 30 }, (_, n) => 500_100 + n);
  const later = Array.from({ length: 60 }, (_, n) => 500_200 + n);

  const start = async (target: Record<string, string>): Promise<void> => {
    hub = await startHubProcess({ ...env, ...target }, dataDir, { flowsDir });
  };
  const command = async (...args: string[]): Promise<string> => {
    const own = { ...process.env, ...env, CROSSDOCK_DATA: dataDir, CROSSDOCK_FLOWS: flowsDir };
    const { stdout, stderr } = await run(process.execPath, ['cli/crossdock.js', ...args], { env: own }).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    return stdout + stderr;
  };

  before(async () => {
    copyFlows(flowsDir, orderFlows);
    cpSync('definitions', definitionsDir, { recursive: true });
    odoo = await startSandbox();
    await start(noOdoo);
    ({ password } = hub);
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
    await store.clear();
    rmSync(dir, { recursive: true, force: true });
  });

  it('one file for its owner, while orders come', async () => {
    await sendOrders(hub.url, early, 4);
    const sending = sendOrders(hub.url, later, 4);
    await sleep(100);
    assert.match(await command('backup', file), /files/);
    await sending;
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('is not restored over a hub that runs, over what is there, from a damaged file, or into another profile', async () => {
    assert.match(await command('restore', file, '--replace'), /^BACKUP_REFUSED: .*stop/);
    hub.signal('SIGTERM');
    await hub.exited;
    assert.match(await command('restore', file), /^BACKUP_REFUSED: .*--replace/);
    const damaged = join(dir, 'damaged.backup');
    const bytes = readFileSync(file);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    writeFileSync(damaged, bytes);
    assert.match(await command('restore', damaged, '--replace'), /^BACKUP_INVALID/);
    writeFileSync(damaged, readFileSync(file).subarray(0, 2000));
    assert.match(await command('restore', damaged, '--replace'), /^BACKUP_INVALID/);
    const { CROSSDOCK_PROFILE: profile } = env as Record<string, string>;
    (env as Record<string, string>)['CROSSDOCK_PROFILE'] = profile === 'cluster' ? 'embedded' : 'cluster';
    assert.match(await command('restore', file, '--replace'), /^BACKUP_INVALID: .*profile/);
    (env as Record<string, string>)['CROSSDOCK_PROFILE'] = profile ?? 'embedded';
  });

  it('all is lost, and what was confirmed before the backup reaches Odoo by itself', async () => {
    rmSync(dataDir, { recursive: true });
    rmSync(flowsDir, { recursive: true });
    await store.lose();
    assert.match(await command('restore', file), /^Restored as of/);
    const { url, database, apiKey } = odoo;
    await start({ ODOO_URL: url, ODOO_DATABASE: database, ODOO_API_KEY: apiKey });
    if (store.env['CROSSDOCK_PROFILE'] === 'cluster')
      assert.match(await command('rerun', '--since', '1h'), /sent again/);
    const there = await landed(odoo, early.length, 90_000);
    assert.deepEqual(
      early.filter((number) => !there.includes(String(number))),
      [],
    );
    const admin = await login(hub.url, password);
    assert.equal((await admin('GET', '/flows')).status, 200, 'the users are there');
  });

  it('what the partners send again is in Odoo once', async () => {
    await sendOrders(hub.url, [...early, ...later], 4);
    const all = await landed(odoo, early.length + later.length, 90_000);
    assert.deepEqual(all.toSorted(), [...early, ...later].map(String).toSorted());
  });
}

function clusterOf({
  rabbitmq,
  redis,
  postgres,
}: Pick<RealServices, 'rabbitmq' | 'redis' | 'postgres'>): Store {
  const prefix = `bak${process.pid}`;
  const deleteQueues = async (): Promise<void> => {
    const connection = await connect(rabbitmq.url);
    const channel = await connection.createChannel();
    for (const queue of queues.flatMap((name) => partitionQueues(`${prefix}_${name}`)))
      await channel.deleteQueue(queue);
    await connection.close();
  };
  const dropSchema = async (): Promise<void> => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${prefix}_crossdock CASCADE`);
    await client.end();
  };
  const lose = async (): Promise<void> => {
    await deleteQueues();
    await dropSchema();
  };
  return {
    env: {
      CROSSDOCK_PROFILE: 'cluster',
      CROSSDOCK_PREFIX: prefix,
      AMQP_URL: rabbitmq.url,
      REDIS_URL: redis.url,
      DATABASE_URL: postgres.url,
    },
    // The claims in Redis stay: they must not answer for what is lost.
    lose,
    async clear() {
      await removeNames(rabbitmq.url, `${prefix}_`, flowQueues());
      await dropSchema();
    },
  };
}
