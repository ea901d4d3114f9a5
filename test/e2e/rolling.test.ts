/** Three workers and their hub on the real services: releases reach all of them under load, or none; and kill -9 in the middle. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { makeToken } from '../../runtime/node-red/tokens.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import { bundleText, sealBundle } from '../../runtime/release/bundle.ts';
import type { Member, Runs } from '../../runtime/release/fleet.ts';
import { readFileSet } from '../../runtime/flow-file/file-set.ts';
import { publicPem, trust } from '../../runtime/signature/keys.ts';
import type { Promotion } from '../../runtime/promotion/promotion.ts';
import type { TargetStatus } from '../../runtime/release/target.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { describeReal } from '../real.ts';
import { editFile, startHubProcess, type HubProcess } from './hub-process.ts';
import { landed, sendOrders, withToken, type Admin } from './traffic.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const prefix = `roll${process.pid}`;

describeReal(['rabbitmq', 'redis', 'postgres'], 'a release reaches every worker', function (services) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-rolling-'));
  let odoo: Sandbox;
  let hub: HubProcess;
  let workers: HubProcess[];
  let other: Admin;
  let token = '';
  let next = 400_000;
  let sent = 0;

  const environment = (): Record<string, string> => ({
    CROSSDOCK_PROFILE: 'cluster',
    CROSSDOCK_PREFIX: prefix,
    AMQP_URL: services.rabbitmq.url,
    REDIS_URL: services.redis.url,
    DATABASE_URL: services.postgres.url,
    ODOO_URL: odoo.url,
    ODOO_DATABASE: odoo.database,
    ODOO_API_KEY: odoo.apiKey,
  });
  const start = async (): Promise<void> => {
    const env = { ...environment(), CARRIER_KEY: 'there' };
    hub = await startHubProcess(env, join(dir, 'hub'), { flowsDir: join(dir, 'flows') });
    other = withToken(hub.url, token);
  };
  const startWorker = (name: string, more: Record<string, string> = { CARRIER_KEY: 'there' }) =>
    startHubProcess({ ...environment(), ...more }, join(dir, name), {
      command: 'work',
      flowsDir: join(dir, 'flows'),
    });

  before(async () => {
    mkdirSync(join(dir, 'flows'));
    for (const flow of ['connections', 'order-capture', 'order-to-odoo', 'shopify-intake'])
      cpSync(`flows/${flow}.yaml`, join(dir, 'flows', `${flow}.yaml`));
    odoo = await startSandbox();
    await trust(join(dir, 'hub'), publicPem(key));
    token = await makeToken(join(dir, 'hub'), 'test', 'promote');
    await start();
    // The last one lacks what a later release needs.
    workers = await Promise.all([startWorker('one'), startWorker('two'), startWorker('three', {})]);
  });
  after(async () => {
    await Promise.all([hub, ...(workers ?? [])].map((one) => one?.stop()));
    await odoo?.close();
    rmSync(dir, { recursive: true, force: true });
    const client = new pg.Client({ connectionString: services.postgres.url });
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS ${prefix}_crossdock CASCADE`);
    await client.end();
    await removeNames(services.rabbitmq.url, `${prefix}_`, flowQueues());
  });

  const runsOf = async ({ url }: HubProcess): Promise<Runs> => {
    const answer = (await (await fetch(`${url}/readyz`)).json()) as { runs: Runs };
    return answer.runs;
  };
  const versions = () =>
    Promise.all([hub, ...workers].map(async (one) => (await runsOf(one)).version ?? 'working copy'));
  const status = async (): Promise<TargetStatus> =>
    (await (await other('GET', '/crossdock/releases/status')).json()) as TargetStatus;
  const until = async (is: () => Promise<boolean>, what: string): Promise<void> => {
    const late = Date.now() + 120_000;
    while (!(await is().catch(() => false))) {
      assert.ok(Date.now() < late, `${what}: ${JSON.stringify(await status())} ${hub.log().slice(-2000)}`);
      await sleep(100);
    }
  };
  const release = async (version: string, concurrency: number, names: string[] = []): Promise<string> => {
    const set = await readFileSet(join(dir, 'flows'), 'definitions');
    const path = 'flows/order-to-odoo.yaml';
    set.set(path, (set.get(path) ?? '').replace(/concurrency: \d+/, `concurrency: ${concurrency}`));
    const evidence = { tests: { passed: 1, failed: 0 }, lint: { errors: 0, warnings: 0 } };
    const manifest = { name: 'crossdock', version, created: '2026-05-05T12:00:00Z', author: 'anna' };
    return bundleText(sealBundle({ ...manifest, changelog: [], names, types: [], evidence }, set, key));
  };
  const promote = async (bundle: string): Promise<Promotion> => {
    const answer = await other('POST', '/crossdock/releases/promotions', { bundle, by: 'ben' });
    return (await answer.json()) as Promotion;
  };
  /** Orders come to every worker all the while; each is in Odoo once. */
  const meanwhile = async (urls: string[], work: () => Promise<void>): Promise<void> => {
    const numbers = urls.map(() => Array.from({ length: 40 }, () => (next += 1)));
    const sending = Promise.all(urls.map((url, at) => sendOrders(url, numbers[at]!, 2)));
    await sleep(50);
    await work();
    const counts = await sending;
    assert.equal(
      counts.reduce((sum, { unanswered }) => sum + unanswered, 0),
      0,
    );
    sent += numbers.flat().length;
    const all = await landed(odoo, sent, 90_000);
    assert.equal(all.length, sent, 'none is lost');
    assert.equal(new Set(all).size, sent, 'none is there twice');
  };

  it('the working copy of the hub reaches them, and a change of a file too', async () => {
    const same = async (): Promise<string | undefined> => {
      const { members, rollout } = await status();
      const digests = members.filter(({ worker }: Member) => worker).map(({ digest }) => digest);
      return !rollout && digests.length === 3 && new Set(digests).size === 1 ? digests[0] : undefined;
    };
    await until(async () => (await same())?.startsWith('working:') ?? false, 'working copy');
    const first = await same();
    editFile(join(dir, 'flows', 'order-to-odoo.yaml'), 'concurrency: 100', 'concurrency: 90');
    await until(async () => ![first, undefined].includes(await same()), 'change of a file');
  });

  it('a promotion under load: nothing is lost, nothing twice, and all run the new release', () =>
    meanwhile(
      workers.map(({ url }) => url),
      async () => {
        const { state, reason } = await promote(await release('1.0.0', 40));
        assert.equal(state, 'running', reason);
        assert.deepEqual(await versions(), ['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
        const { drift, rollout, members } = await status();
        assert.deepEqual([drift, rollout], [[], undefined]);
        assert.ok(members.every(({ version, state: is }) => version === '1.0.0' && is === 'running'));
      },
    ));

  it('a worker that lacks what the release needs: all run the one before, and it is said why', () =>
    meanwhile(
      workers.map(({ url }) => url),
      async () => {
        const { state, code, reason } = await promote(await release('1.1.0', 50, ['CARRIER_KEY']));
        assert.deepEqual([state, code], ['failed', 'ENVIRONMENT_INCOMPLETE'], reason);
        assert.match(reason ?? '', /^Worker \S+ \d+: .*CARRIER_KEY/);
        await until(async () => (await versions()).every((one) => one === '1.0.0'), 'all back');
        assert.equal((await status()).lastRollout?.state, 'back');
      },
    ));

  it('kill -9 of a worker that had its turn, and of the hub that drives it: the hub goes on after its start', async () => {
    const promoting = promote(await release('1.2.0', 60)).catch(() => undefined);
    let done = -1;
    await until(async () => {
      const { turns } = (await status()).rollout ?? { turns: [] };
      done = (await versions()).slice(1).indexOf('1.2.0');
      return done >= 0 && turns.length > 0;
    }, 'a turn');
    hub.signal('SIGKILL');
    const [dead] = workers.splice(done, 1);
    dead!.signal('SIGKILL');
    await Promise.all([hub.exited, dead!.exited, promoting]);
    await meanwhile(
      workers.map(({ url }) => url),
      async () => {
        await start();
        const { history, rollout } = await status();
        assert.deepEqual([history[0]?.version, history[0]?.state, rollout], ['1.2.0', 'running', undefined]);
        assert.deepEqual(await versions(), ['1.2.0', '1.2.0', '1.2.0']);
      },
    );
  });
});
