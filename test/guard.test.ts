/** Both guards against one suite; then what only a network can do to Redis. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { Redis } from 'ioredis';
import { embeddedGuard, freeClaims } from '../runtime/guard/embedded.ts';
import type { Guard } from '../runtime/guard/guard.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';
import { coded, until } from './conformance/kit.ts';
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

  describe('by the clock', () => {
    let store: Store;
    beforeEach(() => {
      mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 });
      store = openStore(join(dir, 'crossdock.db'));
    });
    afterEach(() => {
      store.close();
      mock.timers.reset();
    });
    const claim = async (guard: Guard, key: string, leaseMs: number) => {
      const got = await guard.claim({ key, fingerprint: 'f', leaseMs });
      return got.state === 'new' ? got.claim : assert.fail(got.state);
    };
    const state = async (guard: Guard, key: string) =>
      (await guard.claim({ key, fingerprint: 'f', leaseMs: 1 })).state;
    const kept = async () => {
      await store.write(() => {});
      return store
        .prepare('SELECT key FROM claim ORDER BY key')
        .all()
        .map(({ key }) => key);
    };

    it('what is over is swept once a minute, and what is not stays', async () => {
      const guard = embeddedGuard(store);
      await claim(guard, 'over', 30_000);
      await claim(guard, 'at work', 90_000);
      await guard.commit(await claim(guard, 'done', 90_000), 1, 30_000);
      mock.timers.tick(59_999);
      assert.deepEqual(await kept(), ['at work', 'done', 'over']);
      mock.timers.tick(1);
      assert.deepEqual(await kept(), ['at work']);
      await guard.close();
      mock.timers.tick(60_000);
      assert.deepEqual(await kept(), ['at work']);
    });

    it('a sweep leaves what the hub has at work', async () => {
      const guard = embeddedGuard(store, { hub: true });
      const held = await claim(guard, 'k', 90_000);
      mock.timers.tick(60_000);
      assert.equal(await state(guard, 'k'), 'in-flight');
      assert.equal(await guard.commit(held, 1, 1000), true);
      await guard.close();
    });

    for (const hub of [false, true])
      it(`a lease ends with its last millisecond${hub ? ', of the hub' : ''}`, async () => {
        const guard = embeddedGuard(store, { hub });
        const held = await claim(guard, 'k', 1000);
        await claim(guard, 'other', 1000);
        mock.timers.tick(999);
        assert.equal(await state(guard, 'k'), 'in-flight');
        mock.timers.tick(1);
        assert.equal(await state(guard, 'other'), 'new');
        assert.equal(await guard.commit(held, 1, 1000), false);
        assert.equal(await guard.release(held), false);
        assert.equal(await state(guard, 'k'), 'new');
        await guard.close();
      });

    it('a hub that starts frees what another had at work, and knows what it had done', async () => {
      const guard = embeddedGuard(store);
      await claim(guard, 'at work', 90_000);
      await guard.commit(await claim(guard, 'done', 90_000), 1, 90_000);
      await guard.close();
      await freeClaims(store);
      const left = store.prepare('SELECT key FROM claim').all();
      assert.deepEqual(
        left.map(({ key }) => key),
        ['done'],
      );
      const next = embeddedGuard(store, { hub: true });
      assert.equal(await state(next, 'done'), 'done');
      assert.equal(await state(next, 'at work'), 'new');
      await next.close();
    });
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
