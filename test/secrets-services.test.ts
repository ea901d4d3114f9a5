/** Passwords of the real services are changed under load, and what goes out over HTTP has another key: nothing is refused or lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import pg from 'pg';
import { openCluster, tryLogin } from '../runtime/stores/cluster.ts';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { openPartner } from '../runtime/http/partner.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import { tellChanged } from '../runtime/secrets/following.ts';
import { coded, order, until } from './conformance/kit.ts';
import { describeReal } from './real.ts';

const random = () => randomBytes(12).toString('hex');

/** Works without a pause until it is told to end; each try must be well. */
function load(work: () => Promise<unknown>) {
  const state = { done: 0, going: true, failed: undefined as unknown };
  const run = async (): Promise<void> => {
    while (state.going) {
      try {
        await work();
        state.done += 1;
      } catch (error) {
        state.failed ??= error;
        state.going = false;
      }
    }
  };
  const all = [run(), run(), run()];
  return {
    more: async (count: number) => {
      const wanted = state.done + count;
      await until('more work', () => state.done >= wanted || state.failed !== undefined);
      assert.equal(state.failed, undefined);
    },
    end: async () => {
      state.going = false;
      await Promise.all(all);
      assert.equal(state.failed, undefined);
    },
  };
}

describe('the key for an API of a partner under load', () => {
  let server: Server;
  let accepted: Set<string>;
  let refused = 0;
  const came = new Map<string, number>();
  before(async () => {
    server = createServer((request, response) => {
      const key = (request.headers.authorization ?? '').replace('Bearer ', '');
      if (!accepted.has(key)) refused += 1;
      came.set(key, (came.get(key) ?? 0) + 1);
      // What is under way when the key changes ends with the old one.
      setTimeout(() => response.writeHead(accepted.has(key) ? 200 : 401).end('{}'), 5);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => void server.close().closeAllConnections());

  it('is another one with the next call: 0 refused; a wrong one is refused, and not the old one used on', async () => {
    let key = 'first';
    accepted = new Set(['first', 'second']);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const partner = openPartner({ url, authentication: 'bearer', secret: () => key, timeoutMs: 10_000 });
    const call = () => partner.call({ method: 'GET', path: '/orders', key: random() });
    const work = load(call);
    await work.more(20);
    key = 'second';
    tellChanged(['PARTNER_KEY']);
    await work.more(20);
    await work.end();
    assert.equal(refused, 0);
    const before = came.get('second');
    key = 'wrong';
    tellChanged(['PARTNER_KEY']);
    await assert.rejects(call(), coded('PARTNER_AUTH'));
    assert.equal(came.get('second'), before);
  });
});

describeReal(['redis'], 'the password of Redis under load', ({ redis: real }) => {
  const name = `rotating_${random().slice(0, 12)}`;
  let admin: Redis;
  before(() => (admin = new Redis(real.url)));
  after(async () => {
    await admin.call('ACL', 'DELUSER', name);
    admin.disconnect();
  });

  it('is another one from the next connect on: 0 refused, also when the connection is lost then', async function () {
    this.timeout(60_000);
    const at = (password: string) => {
      const url = new URL(real.url);
      url.username = name;
      url.password = password;
      return url.href;
    };
    const allow = (...passwords: string[]) =>
      admin.call('ACL', 'SETUSER', name, 'reset', 'on', '~*', '+@all', ...passwords.map((one) => `>${one}`));
    const [first, second] = [random(), random()];
    await allow(first);
    const env: NodeJS.ProcessEnv = { REDIS_URL: at(first) };
    const guard = await redisGuard({ url: at(first), now: () => env['REDIS_URL']!, prefix: `t${random()}:` });
    const claim = async () => {
      const key = random();
      const got = await guard.claim({ key, fingerprint: 'x', leaseMs: 5000 });
      assert.equal(got.state, 'new');
      if (got.state === 'new') assert.ok(await guard.release(got.claim));
    };
    const work = load(claim);
    await work.more(50);
    // Redis ends the connections of a user whose rules are reset: so the new one is added first.
    await admin.call('ACL', 'SETUSER', name, `>${second}`);
    env['REDIS_URL'] = at(second);
    tellChanged(['REDIS_URL']);
    await admin.call('ACL', 'SETUSER', name, `<${first}`);
    await work.more(50);
    await work.end();
    await admin.call('CLIENT', 'KILL', 'USER', name);
    await until('it to be back', () =>
      guard.ready().then(
        () => true,
        () => false,
      ),
    );
    await claim();
    await tryLogin(env, 'REDIS_URL');
    await assert.rejects(tryLogin({ REDIS_URL: at(first) }, 'REDIS_URL'), (error: Error) => {
      assert.match(error.message, /^REDIS_URL: .* refuses the login$/);
      return !error.message.includes(first);
    });
    await guard.close();
  });
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'the password of PostgreSQL under load', (real) => {
  const name = `rotating_${random().slice(0, 12)}`;
  let admin: pg.Client;
  before(async () => {
    admin = new pg.Client(real.postgres.url);
    await admin.connect();
  });
  after(async () => {
    try {
      await admin.query(`DROP OWNED BY ${name} CASCADE`);
      await admin.query(`DROP ROLE ${name}`);
    } finally {
      await admin.end();
    }
  });

  it('is another one for the next connection: 0 refused, 0 lost', async function () {
    this.timeout(90_000);
    const at = (password: string) => {
      const url = new URL(real.postgres.url);
      url.username = name;
      url.password = password;
      return url.href;
    };
    const [first, second] = [random(), random()];
    const database = new URL(real.postgres.url).pathname.slice(1);
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${first}'`);
    // Whoever makes a role may give it to itself, which ending its connections and dropping what it owns ask for.
    await admin.query(`GRANT ${name} TO CURRENT_USER`);
    await admin.query(`GRANT CREATE, CONNECT ON DATABASE ${database} TO ${name}`);
    const env: NodeJS.ProcessEnv = {
      CROSSDOCK_PREFIX: name,
      AMQP_URL: real.rabbitmq.url,
      REDIS_URL: real.redis.url,
      DATABASE_URL: at(first),
    };
    const stores = await openCluster(env, undefined);
    let written = 0;
    const work = load(async () => {
      await stores.journal.documents.put('rotation', random(), '{}');
      written += 1;
    });
    await work.more(20);
    await admin.query(`ALTER ROLE ${name} PASSWORD '${second}'`);
    env['DATABASE_URL'] = at(second);
    tellChanged(['DATABASE_URL']);
    await work.more(20);
    await work.end();
    // All connections end: those that come need the new password.
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [name]);
    await until('it to be back', () =>
      stores.journal.ready().then(
        () => true,
        () => false,
      ),
    );
    assert.equal((await stores.journal.documents.list('rotation', 100_000)).length, written);
    await tryLogin(env, 'DATABASE_URL');
    await assert.rejects(tryLogin({ DATABASE_URL: at(first) }, 'DATABASE_URL'), /refuses the login/);
    await stores.close();
  });
});

describeReal(['rabbitmq'], 'the password of RabbitMQ under load', ({ rabbitmq: real }) => {
  const name = `rotating_${random().slice(0, 12)}`;
  /** RabbitMQ changes a password for its own tool alone. */
  const ctl = async (...args: string[]) => promisify(execFile)('test/stack', ['rabbitmqctl', ...args]);
  after(async () => {
    await ctl('delete_user', name);
    await ctl('delete_vhost', name);
  });

  it('is another one from the next connect on: 0 refused, 0 lost', async function () {
    this.timeout(180_000);
    const at = (password: string) => {
      const url = new URL(real.url);
      [url.username, url.password, url.pathname] = [name, password, `/${name}`];
      return url.href;
    };
    const [first, second] = [random(), random()];
    await ctl('add_user', name, first);
    await ctl('add_vhost', name);
    await ctl('set_permissions', '-p', name, name, '.*', '.*', '.*');
    const env: NodeJS.ProcessEnv = { AMQP_URL: at(first) };
    const broker = await rabbitBroker({ url: () => env['AMQP_URL']! });
    const [queue, type] = ['rotating', 'order.received.v1'];
    await broker.declare(queue, [type]);
    const sent = new Set<string>();
    const work = load(async () => {
      const message = order(type, random());
      await broker.publish(message);
      sent.add(message.id);
    });
    await work.more(20);
    await ctl('change_password', name, second);
    env['AMQP_URL'] = at(second);
    tellChanged(['AMQP_URL']);
    await work.more(20);
    await work.end();
    await ctl('close_all_user_connections', name, 'rotation');
    await until('a message to go out', () =>
      broker.publish(order(type, random())).then(
        () => true,
        () => false,
      ),
    );
    const got = new Set<string>();
    await broker.consume({
      queue,
      types: [type],
      concurrency: 16,
      async handle({ message }) {
        got.add(message.id);
        return { do: 'settle' };
      },
    });
    await until('all messages', () => [...sent].every((id) => got.has(id)));
    await tryLogin(env, 'AMQP_URL');
    await assert.rejects(tryLogin({ AMQP_URL: at(first) }, 'AMQP_URL'), /refuses the login/);
    await broker.close();
  });
});
