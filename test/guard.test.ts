/** Both guards against one suite; then what only a network can do to Redis. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import type { Guard } from '../runtime/guard/guard.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded, until } from './conformance/broker.ts';
import { guardConformance } from './conformance/guard.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

/** Every call of the interface. */
const calls = (guard: Guard): (() => Promise<unknown>)[] => [
  () => guard.claim({ key: 'k', fingerprint: 'f', leaseMs: 1000 }),
  () => guard.commit({ key: 'k', token: 't' }, null, 1000),
  () => guard.release({ key: 'k', token: 't' }),
  () => guard.ready(),
];

describe('embedded guard', () => {
  let dir: string;
  const open = async (hub = false): Promise<Guard> => {
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedGuard(store, { hub });
    return { ...inner, close: () => inner.close().then(() => store.close()) };
  };
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-guard-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  guardConformance('embedded', () => open());
  guardConformance('embedded, of the hub', () => open(true), { shared: false });

  it('refuses every call once the store is closed', async () => {
    const guard = await open();
    await guard.close();
    for (const call of calls(guard)) await assert.rejects(call, coded('STORE_UNAVAILABLE'));
  });
});

describeReal(['redis'], 'Redis guard', ({ redis }) => {
  const { url } = redis!;
  const prefix = `test-${randomUUID().slice(0, 8)}:`;
  let proxy: TcpProxy;
  const open = (more: { timeoutMs?: number } = {}) => {
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String(proxy.port);
    return redisGuard({ url: through.href, prefix, ...more });
  };
  const answers = (guard: Guard) => () =>
    guard.ready().then(
      () => true,
      () => false,
    );

  before(async () => {
    proxy = await tcpProxy(Number(new URL(url).port), new URL(url).hostname);
  });
  after(async () => {
    await proxy.close();
    const client = new Redis(url);
    for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1000 }))
      if ((keys as string[]).length > 0) await client.del(...(keys as string[]));
    await client.quit();
  });

  guardConformance('Redis', () => redisGuard({ url, prefix }));

  it('refuses at once while Redis is away, and comes back with what it knew', async () => {
    const guard = await open();
    const request = { key: 'away', fingerprint: 'f', leaseMs: 60_000 };
    assert.equal((await guard.claim(request)).state, 'new');
    proxy.down();
    await until('noticed', async () => !(await answers(guard)()));
    const begun = performance.now();
    for (const call of calls(guard)) await assert.rejects(call, coded('STORE_UNAVAILABLE'));
    // A limit of meaning, not of speed: with the time limit of a command it would be 15 s.
    assert.ok(performance.now() - begun < 2000);
    proxy.up();
    await until('back', answers(guard));
    assert.equal((await guard.claim(request)).state, 'in-flight');
    await guard.close();
  });

  it('gives up on a Redis that is silent, and works again afterwards', async () => {
    const guard = await open({ timeoutMs: 200 });
    proxy.pause();
    await Promise.all(calls(guard).map((call) => assert.rejects(call, coded('STORE_UNAVAILABLE'))));
    proxy.resume();
    await until('back', answers(guard));
    await guard.close();
  });

  it('closes while Redis is away', async () => {
    const guard = await open();
    proxy.down();
    await until('noticed', async () => !(await answers(guard)()));
    await guard.close();
    proxy.up();
    await assert.rejects(guard.ready(), coded('STORE_UNAVAILABLE'));
  });

  it('goes on after Redis has forgotten its scripts', async () => {
    const guard = await open();
    const request = { key: 'script', fingerprint: 'f', leaseMs: 60_000 };
    assert.equal((await guard.claim(request)).state, 'new');
    const client = new Redis(url);
    await client.script('FLUSH');
    await client.quit();
    assert.equal((await guard.claim(request)).state, 'in-flight');
    await guard.close();
  });

  it('does not start where Redis does not answer, nor with a wrong password', async () => {
    await assert.rejects(
      redisGuard({ url: 'redis://127.0.0.1:1', timeoutMs: 500 }),
      coded('STORE_UNAVAILABLE'),
    );
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await assert.rejects(redisGuard({ url: wrong.href, timeoutMs: 500 }), coded('STORE_UNAVAILABLE'));
    proxy.pause();
    await assert.rejects(open({ timeoutMs: 300 }), coded('STORE_UNAVAILABLE'));
    proxy.resume();
  });
});
