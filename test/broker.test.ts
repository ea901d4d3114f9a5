/** Both brokers against one suite; then what only a network can do to RabbitMQ, and what only SQLite does. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'amqplib';
import { RETRY_STEPS_MS, retryQueue } from '../runtime/broker/amqp-consumer.ts';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { rabbitBroker, UNREADABLE } from '../runtime/broker/rabbitmq.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { brokerConformance, coded, order, settle, until } from './conformance/broker.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

describe('embedded broker', () => {
  let dir: string;
  const open = async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedBroker(store);
    const broker = { ...inner, close: () => inner.close().then(() => store.close()) };
    return { broker, crash: async () => store.close() };
  };
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-broker-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  brokerConformance('embedded', { name: 'embedded', shared: false, keyOrder: 'queue' }, open);

  it('keeps a key in order across a delayed retry, its later messages waiting', async () => {
    const { broker } = await open();
    const got: string[] = [];
    await broker.consume({
      queue: 'q',
      types: ['a.v1'],
      prefetch: 8,
      async handle({ message, attempt }) {
        got.push(`${(message.data as { n: number }).n}/${attempt}`);
        return attempt === 1 && got.length === 1 ? { do: 'again', afterMs: 1500 } : settle;
      },
    });
    for (let i = 0; i < 3; i++) await broker.publish(order('a.v1', 'A', i));
    await until('all', () => got.length === 4);
    assert.deepEqual(got, ['0/1', '0/2', '1/1', '2/1']);
    await broker.close();
  });

  it('stores a message once that is published again while it waits', async () => {
    const { broker } = await open();
    await (
      await broker.consume({ queue: 'q', types: ['a.v1'], prefetch: 1, handle: async () => settle })
    ).stop();
    const message = order('a.v1', 'A');
    await Promise.all([broker.publish(message), broker.publish(message)]);
    assert.equal((await broker.depth('q')).ready, 1);
    await broker.close();
  });
});

describeReal(['rabbitmq'], 'RabbitMQ broker', ({ rabbitmq }) => {
  const url = rabbitmq!.url;
  const prefix = `test-${randomUUID().slice(0, 8)}.`;
  const queues = new Set<string>();
  let proxy: TcpProxy;
  const through = () => {
    const address = new URL(url);
    address.hostname = '127.0.0.1';
    address.port = String(proxy.port);
    return address.href;
  };

  before(async () => {
    proxy = await tcpProxy(Number(new URL(url).port), new URL(url).hostname);
  });
  after(async () => {
    await proxy.close();
    const connection = await connect(url);
    const channel = await connection.createChannel();
    for (const queue of queues) {
      await channel.deleteQueue(prefix + queue);
      for (const ms of RETRY_STEPS_MS) await channel.deleteQueue(retryQueue(prefix + queue, ms));
    }
    await channel.deleteQueue(prefix + UNREADABLE);
    await channel.deleteExchange(`${prefix}crossdock.events`);
    await connection.close();
  });

  const open = async () => {
    const own = await tcpProxy(Number(new URL(url).port), new URL(url).hostname);
    const address = new URL(url);
    address.port = String(own.port);
    const inner = await rabbitBroker({ url: address.href, prefix });
    return {
      broker: { ...inner, close: () => inner.close().then(() => own.close()) },
      async crash() {
        own.down();
        // Its handlers may hang until the test ends; only then is everything closed.
        void inner.close().then(() => own.close());
      },
    };
  };

  brokerConformance('RabbitMQ', { name: 'rabbitmq', shared: true, keyOrder: 'process' }, open, queues);

  it('loses no confirmed message when the connections are cut while publishing, and the consumer returns', async function () {
    this.timeout(60_000);
    const broker = await rabbitBroker({ url: through(), prefix });
    queues.add('cut');
    const got = new Set<string>();
    await broker.consume({
      queue: 'cut',
      types: ['cut.v1'],
      prefetch: 32,
      handle: async ({ message }) => (got.add(message.id), settle),
    });
    const confirmed: string[] = [];
    let rejected = 0;
    let cuts = 0;
    const publishing = new AbortController();
    const publishers = Array.from({ length: 16 }, async () => {
      while (!publishing.signal.aborted) {
        const message = order('cut.v1', `SO-${confirmed.length}`);
        try {
          await broker.publish(message);
          confirmed.push(message.id);
        } catch (error) {
          coded('BROKER_UNAVAILABLE')(error);
          rejected++;
          await delay(20);
        }
      }
    });
    for (const _ of [1, 2, 3]) {
      await delay(400);
      proxy.cut();
      const before = confirmed.length;
      cuts++;
      await until('publishing again', () => confirmed.length > before + 50);
    }
    publishing.abort();
    await Promise.all(publishers);
    await until('every confirmed message', () => confirmed.every((id) => got.has(id)), 20_000);
    assert.ok(cuts === 3 && rejected > 0);
    await broker.close();
  });

  it('refuses at once while RabbitMQ is away, and works again afterwards', async function () {
    this.timeout(30_000);
    const broker = await rabbitBroker({ url: through(), prefix });
    queues.add('away');
    let got = 0;
    await broker.consume({
      queue: 'away',
      types: ['away.v1'],
      prefetch: 4,
      handle: async () => (got++, settle),
    });
    proxy.down();
    await until('noticed', () =>
      broker.ready().then(
        () => false,
        () => true,
      ),
    );
    await assert.rejects(broker.publish(order('away.v1', 'A')), coded('BROKER_UNAVAILABLE'));
    proxy.up();
    await until('back', () =>
      broker.ready().then(
        () => true,
        () => false,
      ),
    );
    await broker.publish(order('away.v1', 'A'));
    await until('delivered', () => got === 1);
    await broker.close();
  });

  it('gives up on a confirm that does not come', async function () {
    this.timeout(30_000);
    const broker = await rabbitBroker({ url: through(), prefix, confirmMs: 500 });
    queues.add('silent');
    await (
      await broker.consume({ queue: 'silent', types: ['silent.v1'], prefetch: 1, handle: async () => settle })
    ).stop();
    proxy.pause();
    await assert.rejects(broker.publish(order('silent.v1', 'A')), coded('BROKER_UNAVAILABLE'));
    proxy.resume();
    await broker.publish(order('silent.v1', 'B'));
    await broker.close();
  });

  it('gives a message back more often than a quorum queue allows by default', async function () {
    this.timeout(60_000);
    queues.add('often');
    const direct = await connect(url);
    const broker = await rabbitBroker({ url, prefix });
    await (
      await broker.consume({ queue: 'often', types: ['often.v1'], prefetch: 1, handle: async () => settle })
    ).stop();
    await broker.publish(order('often.v1', 'A'));
    const channel = await direct.createChannel();
    for (let i = 0; i < 25; i++) {
      const message = await channel.get(`${prefix}often`);
      assert.ok(message, `gone after ${i} times`);
      channel.nack(message, false, true);
    }
    await direct.close();
    await broker.close();
  });

  it('sets aside what is not a CloudEvent, whole, and goes on', async () => {
    queues.add('strange');
    const direct = await connect(url);
    const channel = await direct.createConfirmChannel();
    const broker = await rabbitBroker({ url, prefix });
    const got: string[] = [];
    await broker.consume({
      queue: 'strange',
      types: ['strange.v1'],
      prefetch: 1,
      handle: async ({ message }) => (got.push(message.subject), settle),
    });
    // More than the channel's prefetch: if they kept their places, nothing would be delivered behind them.
    for (let i = 0; i < 20; i++)
      channel.sendToQueue(`${prefix}strange`, Buffer.from(i % 2 ? '{"no":"attributes"}' : '<xml/>'), {
        messageId: `strange-${i}`,
        userId: new URL(url).username,
        headers: { CC: [`${prefix}strange`], mine: 'kept' },
      });
    await channel.waitForConfirms();
    await broker.publish(order('strange.v1', 'A'));
    await until('what can be read', () => got.length === 1);
    await until('set aside', async () => (await channel.checkQueue(prefix + UNREADABLE)).messageCount === 20);
    const aside = await channel.get(prefix + UNREADABLE, { noAck: true });
    assert.ok(aside);
    assert.equal(aside.content.toString(), '<xml/>');
    assert.equal(aside.properties.messageId, 'strange-0');
    assert.equal(aside.properties.headers?.['mine'], 'kept');
    assert.equal(aside.properties.headers?.['crossdock-queue'], `${prefix}strange`);
    assert.deepEqual(await broker.depth('strange'), { ready: 0, delayed: 0, unsettled: 0 });
    await direct.close();
    await broker.close();
  });

  it('does not start where RabbitMQ does not answer', async () => {
    await assert.rejects(
      rabbitBroker({ url: 'amqp://127.0.0.1:1', connectMs: 500 }),
      coded('BROKER_UNAVAILABLE'),
    );
  });
});
