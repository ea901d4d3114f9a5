/** A hub that runs with a key: orders land, and whoever takes its files, its backup or its schema reads no customer. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { extract } from 'tar';
import { shopifyOrder, signed } from '../../cli/samples.ts';
import { startSandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { keySetting } from '../../runtime/seal/keys.ts';
import { until } from '../conformance/kit.ts';
import { describeReal } from '../real.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { newKey } from '../seal/with-key.ts';
import { clusterEnvironment, orderFlows, post, secrets, startHubProcess } from './hub-process.ts';

const run = promisify(execFile);
const command = resolve('cli/crossdock.js');
/** Of the samples. */
const people = ['Mercer', 'robin.mercer@example.com', 'Harbor Way'];
const found = (text: string) => people.filter((one) => text.includes(one));
/** What is no part of the hub's data: its Odoo, and files of the project. */
const others = new Set(['sandbox.json', 'flows', 'definitions', 'node-red', 'demo', 'stack.json']);

function bytesOf(dir: string): string {
  return readdirSync(dir)
    .filter((name) => !others.has(name))
    .map((name) => join(dir, name))
    .map((path) => (statSync(path).isDirectory() ? bytesOf(path) : readFileSync(path).toString('latin1')))
    .join('');
}

describe('encryption at rest of the demo', function () {
  this.timeout(360_000);
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-encryption-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  for (const [title, key, people] of [
    ['no customer with a key', newKey(), []],
    ['its customer without one', '', ['Mercer', 'robin.mercer@example.com', 'Harbor Way']],
  ] as const)
    it(`has ${title}, in its files and its backup`, async () => {
      const home = join(dir, '.crossdock', 'demo');
      const env = {
        ...process.env,
        ODOO_URL: '',
        CROSSDOCK_STACK_DIR: dir,
        CROSSDOCK_PORT: '0',
        CROSSDOCK_DATA: home,
        [keySetting]: key,
      };
      const { stdout } = await run(process.execPath, [command, 'demo', '--json', '--exit'], {
        cwd: dir,
        env,
      });
      const { landed, exceptions } = JSON.parse(stdout) as Record<string, number>;
      assert.deepEqual({ landed, exceptions }, { landed: 14, exceptions: 2 });
      assert.deepEqual(found(bytesOf(home)), people);

      const at = { CROSSDOCK_FLOWS: join(home, 'flows'), CROSSDOCK_DEFINITIONS: join(home, 'definitions') };
      const of = (...args: string[]) =>
        run(process.execPath, [command, ...args], { cwd: dir, env: { ...env, ...at } });
      await of('backup', join(dir, 'hub.backup'));
      mkdirSync(join(dir, 'unpacked'));
      await extract({ file: join(dir, 'hub.backup'), cwd: join(dir, 'unpacked') });
      // Beside it are the files of the project, with the examples of its tests.
      assert.deepEqual(found(bytesOf(join(dir, 'unpacked', 'store'))), people);

      const { stdout: dead } = await of('dead', 'list', '--all', '--json');
      const [{ id = '' } = {}] = JSON.parse(dead) as { id: string }[];
      assert.ok((await of('dead', 'show', id, '--data')).stdout.includes('Mercer'));
      const { stdout: standing } = await of('store', '--json');
      const { texts } = JSON.parse(standing) as { texts: Record<string, Record<string, number>> };
      const ids = new Set(Object.values(texts).flatMap((counts) => Object.keys(counts)));
      assert.equal(ids.has('clear'), key === '');
      if (key === '') return;
      await assert.rejects(
        run(process.execPath, [command, 'dead'], { cwd: dir, env: { ...env, ...at, [keySetting]: '' } }),
        /STORE_KEY_MISSING/,
      );
    });
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'encryption at rest of a cluster', function (services) {
  this.timeout(360_000);
  const prefix = `sealed${randomUUID().slice(0, 8)}`;
  const admin = new pg.Pool({ connectionString: services.postgres.url, max: 1 });
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${prefix}_crossdock CASCADE`);
    await admin.end();
    await removeNames(services.rabbitmq.url, `${prefix}_`, flowQueues());
  });

  it('has no customer in its schema', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-encryption-'));
    const odoo = await startSandbox();
    const env = {
      ...(await clusterEnvironment(services)),
      CROSSDOCK_PREFIX: prefix,
      ODOO_URL: odoo.url,
      ODOO_DATABASE: odoo.database,
      ODOO_API_KEY: odoo.apiKey,
      ODOO_LOGIN: 'admin',
      [keySetting]: newKey(),
    };
    const hub = await startHubProcess(env, join(dir, 'data'), { flows: orderFlows });
    const items = (sku: string) => [{ sku, name: 'Office Chair', price: '70.00', quantity: 2 }];
    const count = async (table: string, where: string) =>
      Number(
        (await admin.query(`SELECT count(*) AS n FROM ${prefix}_crossdock.${table} WHERE ${where}`)).rows[0]
          .n,
      );
    try {
      for (const [id, number, sku] of [
        ['820982910000000001', 9001, 'FURN_7777'],
        ['820982910000000002', 9002, 'NO-SUCH-SKU'],
      ] as const) {
        const order = shopifyOrder(id, number, items(sku));
        const known = { kind: 'valid', partner: 'Shopify', number: String(number) } as const;
        assert.equal((await post(hub.url, signed(known, order, secrets))).status, 202);
      }
      await until(
        'one landed, one waits',
        async () =>
          (await count('step', "outcome = 'landed' AND reference LIKE 'sale.order/%'")) > 0 &&
          (await count('dead_letter', "state = 'open'")) > 0,
      );
      const { rows } = await admin.query<{ name: string }>(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
        [`${prefix}_crossdock`],
      );
      const all: string[] = [];
      for (const { name } of rows) {
        const { rows: texts } = await admin.query<{ row: string }>(
          `SELECT t::text AS row FROM ${prefix}_crossdock.${name} t`,
        );
        all.push(...texts.map(({ row }) => row));
      }
      assert.ok(all.some((row) => row.includes('9001')));
      assert.deepEqual(found(all.join('\n')), []);
    } finally {
      await hub.stop();
      await odoo.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
