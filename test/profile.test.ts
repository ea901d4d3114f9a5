/** The profiles open whole or not at all, and say everything that is wrong at once. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStores, profileOf } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import { coded } from './conformance/kit.ts';
import { step } from './conformance/rows.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

const PASSWORD = 'opensesame';
const cluster = (env: NodeJS.ProcessEnv): Promise<Stores> =>
  openStores({ profile: 'cluster', dataDir: '/nowhere', env });

/** What an operator reads of a start that fails. */
async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
  let told = '';
  await assert.rejects(cluster(env), (error: Error & { facts?: object }) => {
    told = error.message;
    assert.ok(!`${told} ${JSON.stringify(error.facts)}`.includes(PASSWORD), 'the password is told');
    return coded('CONFIG_INVALID')(error);
  });
  return told;
}

async function usable({ broker, guard, journal }: Stores): Promise<void> {
  await Promise.all([broker.ready(), guard.ready(), journal.ready()]);
}

describe('profiles', () => {
  it('takes embedded where nothing is set, and no third', () => {
    assert.equal(profileOf({}), 'embedded');
    assert.equal(profileOf({ CROSSDOCK_PROFILE: 'cluster' }), 'cluster');
    assert.throws(() => profileOf({ CROSSDOCK_PROFILE: 'Cluster' }), coded('CONFIG_INVALID'));
  });

  it('opens embedded in one file, closes it, and opens it again', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-profile-'));
    try {
      for (const steps of [1, 2]) {
        const stores = await openStores({ profile: 'embedded', dataDir, env: {} });
        await usable(stores);
        await stores.journal.append([step()]);
        assert.deepEqual(await stores.journal.count(''), { published: steps });
        await stores.close();
        await assert.rejects(stores.journal.ready(), coded('STORE_UNAVAILABLE'));
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('takes a limit of the embedded store in whole megabytes, and nothing else', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-profile-'));
    try {
      const open = (limit: string) =>
        openStores({ profile: 'embedded', dataDir, env: { CROSSDOCK_STORE_LIMIT_MB: limit } });
      for (const limit of ['0', '2.5', '-1', '2 GB'])
        await assert.rejects(open(limit), { code: 'CONFIG_INVALID', message: /CROSSDOCK_STORE_LIMIT_MB/ });
      for (const [limit, bytes] of [
        ['', undefined],
        ['20', 20 * 1024 * 1024],
      ] as const) {
        const stores = await open(limit);
        assert.equal(stores.room?.().limit, bytes);
        await stores.close();
      }
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('names every address that is missing', async () => {
    const told = await refusal({});
    for (const setting of ['AMQP_URL', 'REDIS_URL', 'DATABASE_URL'])
      assert.match(told, new RegExp(`${setting} is not set`));
  });

  it('names missing, malformed and unreachable addresses at once, without their passwords', async () => {
    const told = await refusal({
      AMQP_URL: `http://hub:${PASSWORD}@127.0.0.1:1`,
      REDIS_URL: `not an address ${PASSWORD}`,
      DATABASE_URL: `postgres://hub:${PASSWORD}@127.0.0.1:1/crossdock`,
    });
    assert.match(told, /AMQP_URL is not an address of the right kind/);
    assert.match(told, /REDIS_URL is not an address of the right kind/);
    assert.match(told, /DATABASE_URL: 127\.0\.0\.1:1 refuses the connection/);
  });

  it('names all three where nobody listens, and where somebody accepts and says nothing', async () => {
    const silent: Server = createServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const cases = [
      ['127.0.0.1:1', 'refuses the connection'],
      [`127.0.0.1:${(silent.address() as AddressInfo).port}`, 'does not answer'],
    ] as const;
    const refusals = cases.map(async ([host, why]) => {
      const told = await refusal({
        AMQP_URL: `amqp://hub:${PASSWORD}@${host}`,
        REDIS_URL: `redis://:${PASSWORD}@${host}`,
        DATABASE_URL: `postgres://hub:${PASSWORD}@${host}/crossdock`,
      });
      for (const setting of ['AMQP_URL', 'REDIS_URL', 'DATABASE_URL'])
        assert.ok(told.includes(`${setting}: ${host} ${why}`), told);
    });
    await Promise.all(refusals);
    await new Promise((resolve) => silent.close(resolve));
  });
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'cluster profile', ({ rabbitmq, redis, postgres }) => {
  const urls = { AMQP_URL: rabbitmq!.url, REDIS_URL: redis!.url, DATABASE_URL: postgres!.url };
  let proxies: TcpProxy[];
  /** The same addresses, each through a proxy that counts its connections. */
  const through = (): NodeJS.ProcessEnv =>
    Object.fromEntries(
      Object.entries(urls).map(([setting, url], i) => {
        const address = new URL(url);
        address.hostname = '127.0.0.1';
        address.port = String(proxies[i]!.port);
        return [setting, address.href];
      }),
    );
  const connections = () => proxies.map((proxy) => proxy.connections());
  const closed = async () => {
    // The sockets end a turn after the call that ends them.
    for (let i = 0; i < 100 && connections().some((n) => n > 0); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(connections(), [0, 0, 0]);
  };

  beforeEach(async () => {
    proxies = await Promise.all(
      Object.values(urls).map((url) => tcpProxy(Number(new URL(url).port), new URL(url).hostname)),
    );
  });
  afterEach(() => Promise.all(proxies.map((proxy) => proxy.close())));

  it('opens, works and leaves no connection when it is closed', async () => {
    const stores = await cluster(through());
    await usable(stores);
    assert.equal(stores.broker.traits.name, 'rabbitmq');
    assert.ok(connections().every((n) => n > 0));
    await stores.close();
    await closed();
    await assert.rejects(stores.guard.ready(), coded('STORE_UNAVAILABLE'));
  });

  it('leaves no connection when it is closed unused', async () => {
    await (await cluster(through())).close();
    await closed();
  });

  it('leaves no connection to the two that answer when the third does not', async () => {
    for (const setting of Object.keys(urls)) {
      const told = await refusal({ ...through(), [setting]: undefined });
      assert.match(told, new RegExp(`^[^;]*${setting} is not set$`));
      await closed();
    }
  });

  it('tells a wrong login from a missing database or vhost', async () => {
    const wrong = (url: string, change: (address: URL) => void) => {
      const address = new URL(url);
      change(address);
      return address.href;
    };
    const password = (address: URL) => (address.password = PASSWORD);
    const nowhere = (address: URL) => (address.pathname = `/none-${randomUUID()}`);
    const [login, place] = await Promise.all([
      refusal({
        AMQP_URL: wrong(urls.AMQP_URL, password),
        REDIS_URL: wrong(urls.REDIS_URL, password),
        DATABASE_URL: wrong(urls.DATABASE_URL, password),
      }),
      refusal({
        AMQP_URL: wrong(urls.AMQP_URL, nowhere),
        DATABASE_URL: wrong(urls.DATABASE_URL, nowhere),
      }),
    ]);
    assert.equal(login.match(/refuses the login/g)?.length, 3, login);
    assert.equal(place.match(/has no such database or vhost/g)?.length, 2, place);
  });
});
