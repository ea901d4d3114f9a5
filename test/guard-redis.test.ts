/** The guard's connection to Redis: what it tells of a failure, what it does not send again, and whose password it takes. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import type { Guard } from '../runtime/guard/guard.ts';
import { reconnectAfterMs, redisGuard, type RedisGuardOptions } from '../runtime/guard/redis.ts';
import { tellChanged } from '../runtime/secrets/following.ts';
import { coded, until } from './conformance/kit.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

const unavailable = coded('STORE_UNAVAILABLE');

describe('Redis guard without Redis', () => {
  it('says why it does not start, asks no more, and follows no secret', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let asked = 0;
    const now = () => {
      asked += 1;
      return url;
    };
    await assert.rejects(redisGuard({ url, now, timeoutMs: 500 }), unavailable);
    const before = [connections, asked];
    tellChanged(['REDIS_URL']);
    // Twice as long as until the next attempt.
    await sleep(2 * reconnectAfterMs(1));
    assert.deepEqual([connections, asked], before);
    server.close();
  });

  it('gives the reason, in the error and in the log', async () => {
    const warned: unknown[] = [];
    const log = {
      warn: ({ err }: { err: NodeJS.ErrnoException }, text: string) => warned.push([err.code, text]),
    };
    await assert.rejects(
      redisGuard({ url: 'redis://127.0.0.1:1', log: log as never }),
      ({ code, message, cause }: CodedError) => {
        const reason = (cause as NodeJS.ErrnoException).code;
        assert.deepEqual(
          [code, message, reason],
          ['STORE_UNAVAILABLE', 'Redis cannot be reached', 'ECONNREFUSED'],
        );
        return true;
      },
    );
    assert.deepEqual(warned, [['ECONNREFUSED', 'Redis connection']]);
  });

  it('tries again soon, and then once a second', () => {
    assert.deepEqual([1, 2, 9, 10, 11, 500].map(reconnectAfterMs), [100, 200, 900, 1000, 1000, 1000]);
  });
});

describeReal(['redis'], 'the connection of the Redis guard', ({ redis }) => {
  const { url } = redis!;
  let proxy: TcpProxy;
  let client: Redis;
  const key = () => `guard-redis-${randomUUID()}`;
  const through = (user?: string, password?: string): string => {
    const address = new URL(url);
    if (user !== undefined) address.username = encodeURIComponent(user);
    if (password !== undefined) address.password = encodeURIComponent(password);
    address.hostname = '127.0.0.1';
    address.port = String(proxy.port);
    return address.href;
  };
  const open = (more: Partial<RedisGuardOptions> = {}) => redisGuard({ url: through(), ...more });
  const answers = (guard: Guard): Promise<boolean> =>
    guard.ready().then(
      () => true,
      () => false,
    );

  before(async () => {
    proxy = await tcpProxy(Number(new URL(url).port), new URL(url).hostname);
    client = new Redis(url);
  });
  after(async () => {
    await client.quit();
    await proxy.close();
  });

  it('keeps claims where others look for them', async () => {
    const guard = await open();
    const claimed = { key: key(), fingerprint: 'f', leaseMs: 60_000 };
    await guard.claim(claimed);
    assert.equal(await client.hget(`crossdock:claim:${claimed.key}`, 'fingerprint'), 'f');
    await client.del(`crossdock:claim:${claimed.key}`);
    await guard.close();
  });

  it('sends nothing again whose answer was lost: it may have been done', async () => {
    const guard = await open();
    const claimed = { key: key(), fingerprint: 'f', leaseMs: 1000 };
    proxy.pause();
    const lost = assert.rejects(guard.claim(claimed), unavailable);
    await sleep(50);
    proxy.forget();
    proxy.cut();
    await lost;
    await until('back', () => answers(guard));
    assert.equal((await guard.claim(claimed)).state, 'new');
    await guard.close();
  });

  it('keeps nothing for later while it is away', async () => {
    const guard = await open();
    proxy.down();
    await until('noticed', async () => !(await answers(guard)));
    proxy.up();
    await assert.rejects(guard.claim({ key: key(), fingerprint: 'f', leaseMs: 1000 }), unavailable);
    await until('back', () => answers(guard));
    await guard.close();
  });

  it('closed while Redis is away, it does not come back', async () => {
    const guard = await open();
    proxy.down();
    await until('noticed', async () => !(await answers(guard)));
    await guard.close();
    proxy.up();
    await sleep(2 * reconnectAfterMs(10));
    assert.equal(proxy.connections(), 0);
  });

  it('takes the user and the password of now for its next connection, until it is closed', async () => {
    const users = ['one', 'two'].map((name) => ({ name: `${name}/${key()}`, password: `p:${name}/%` }));
    for (const { name, password } of users)
      await client.acl('SETUSER', name, 'on', `>${password}`, '~*', '+@all');
    const [first, second] = users.map(({ name, password }) => through(name, password));
    let [current, asked] = [first!, 0];
    const guard = await open({
      url: current,
      now: () => {
        asked += 1;
        return current;
      },
    });
    current = second!;
    await client.acl('DELUSER', users[0]!.name);
    tellChanged(['REDIS_URL']);
    proxy.cut();
    await until('back', () => answers(guard));
    await guard.close();
    const before = asked;
    tellChanged(['REDIS_URL']);
    assert.equal(asked, before);
    await client.acl('DELUSER', users[1]!.name);
  });
});
