/** Both brokers against one suite; then what only a network can do to RabbitMQ, and what only SQLite does. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type Channel, type ConsumeMessage } from 'amqplib';
import { PARTITIONS, partitionOf, partitionQueue, QUEUE_ARGUMENTS } from '../runtime/broker/amqp-queues.ts';
import type { Broker, Delivered } from '../runtime/broker/broker.ts';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import { rabbitBroker, UNREADABLE, readyWithin } from '../runtime/broker/rabbitmq.ts';
import { RetryOrder } from '../runtime/broker/retry-order.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { brokerConformance } from './conformance/broker.ts';
import { coded, order, settle, until } from './conformance/kit.ts';
import { removeNames } from './rabbit-names.ts';
import { describeReal } from './real.ts';
import { tcpProxy, type TcpProxy } from './tcp-proxy.ts';

describe('embedded broker', () => {
  let dir: string;
  const open = async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedBroker(store);
    const broker = { ...inner, close: () => inner.close().then(() => store.close()) };
    return { broker, crash: async () => store.close(), cut: undefined };
  };
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-broker-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  brokerConformance('embedded', { name: 'embedded', shared: false, keyOrder: 'always' }, open);

  it('stores a message once that is published again while it waits', async () => {
    const { broker } = await open();
    await (
      await broker.consume({ queue: 'q', types: ['a.v1'], concurrency: 1, handle: async () => settle })
    ).stop();
    const message = order('a.v1', 'A');
    await Promise.all([broker.publish(message), broker.publish(message)]);
    assert.equal((await broker.depth('q')).ready, 1);
    await broker.close();
  });
});

describe('turns of messages on a round', () => {
  it('gives the turn to what was first, to others only when it is back', () => {
    const order = new RetryOrder();
    const [first, second] = order.lead('A', 2, Date.now() + 60_000);
    assert.equal(order.arrives('A', undefined), false);
    const third = order.follow('A', undefined);
    assert.ok(third.due >= second!.due);
    assert.equal(order.arrives('B', undefined), true);
    assert.deepEqual(
      [third, second!, first!, third, second!, third].map(({ token }) => order.arrives('A', token)),
      [false, false, true, false, true, true],
    );
    assert.equal(order.size, 0);
    assert.equal(order.arrives('A', undefined), true);
  });

  it('waits no more for what another worker must have had', () => {
    const order = new RetryOrder();
    const [first] = order.lead('A', 1, Date.now());
    const second = order.follow('A', undefined);
    second.left = first!.back + 1000;
    assert.equal(order.arrives('A', second.token), false, 'it may only be late');
    second.left = first!.back + 60_000;
    assert.equal(order.arrives('A', second.token), true);
    assert.equal(order.size, 0);
  });
});

describe('a broker that takes no messages', () => {
  it('is told after a time, not waited for without end', async () => {
    await assert.rejects(readyWithin({ ready: false }, 30), { code: 'BROKER_UNAVAILABLE' });
    const soon = { ready: false };
    setTimeout(() => (soon.ready = true), 20);
    await readyWithin(soon, 2000);
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
    await removeNames(url, prefix, queues);
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
      cut: () => own.cut(),
    };
  };

  brokerConformance('RabbitMQ', { name: 'rabbitmq', shared: true, keyOrder: 'worker' }, open, queues);

  it('loses no confirmed message when the connections are cut while publishing, and the consumer returns', async function () {
    this.timeout(180_000);
    const broker = await rabbitBroker({ url: through(), prefix });
    queues.add('cut');
    const got = new Set<string>();
    await broker.consume({
      queue: 'cut',
      types: ['cut.v1'],
      concurrency: 32,
      handle: async ({ message }) => (got.add(message.id), settle),
    });
    const confirmed: string[] = [];
    let rejected = 0;
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
      await until('publishing again', () => confirmed.length > before + 50);
    }
    publishing.abort();
    await Promise.all(publishers);
    await until('every confirmed message', () => confirmed.every((id) => got.has(id)), 20_000);
    assert.equal(rejected, 0, 'what was in doubt was published again');
    await broker.close();
  });

  it('refuses at once while RabbitMQ is away, and works again afterwards', async function () {
    this.timeout(90_000);
    const broker = await rabbitBroker({ url: through(), prefix });
    queues.add('away');
    let got = 0;
    await broker.consume({
      queue: 'away',
      types: ['away.v1'],
      concurrency: 4,
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
    this.timeout(90_000);
    const broker = await rabbitBroker({ url: through(), prefix, confirmMs: 500 });
    queues.add('silent');
    await (
      await broker.consume({
        queue: 'silent',
        types: ['silent.v1'],
        concurrency: 1,
        handle: async () => settle,
      })
    ).stop();
    proxy.pause();
    await assert.rejects(broker.publish(order('silent.v1', 'A')), coded('BROKER_UNAVAILABLE'));
    proxy.resume();
    await broker.publish(order('silent.v1', 'B'));
    await broker.close();
  });

  it('gives a message back more often than a quorum queue allows by default', async function () {
    this.timeout(180_000);
    queues.add('often');
    const direct = await connect(url);
    const broker = await rabbitBroker({ url, prefix });
    await (
      await broker.consume({
        queue: 'often',
        types: ['often.v1'],
        concurrency: 1,
        handle: async () => settle,
      })
    ).stop();
    await broker.publish(order('often.v1', 'A'));
    const queue = partitionQueue(`${prefix}often`, partitionOf('conformance/A'));
    for (let i = 0; i < 25; i++) {
      const channel = await direct.createChannel();
      let got = false;
      await channel.consume(queue, () => (got = true));
      await until(`delivery ${i}`, () => got);
      await channel.close();
    }
    await direct.close();
    await broker.close();
  });

  it('sets aside what is not a CloudEvent, whole, and goes on', async () => {
    queues.add('strange');
    const queue = partitionQueue(`${prefix}strange`, partitionOf('conformance/A'));
    const direct = await connect(url);
    const channel = await direct.createConfirmChannel();
    const broker = await rabbitBroker({ url, prefix });
    const got: string[] = [];
    await broker.consume({
      queue: 'strange',
      types: ['strange.v1'],
      concurrency: 1,
      handle: async ({ message }) => (got.push(message.subject), settle),
    });
    // More than the channel's concurrency: if they kept their places, nothing would be delivered behind them.
    for (let i = 0; i < 20; i++)
      channel.sendToQueue(queue, Buffer.from(i % 2 ? '{"no":"attributes"}' : '<xml/>'), {
        messageId: `strange-${i}`,
        userId: new URL(url).username,
        headers: { CC: [queue], mine: 'kept' },
      });
    await channel.waitForConfirms();
    await broker.publish(order('strange.v1', 'A'));
    await until('what can be read', () => got.length === 1);
    const aside20 = async () => {
      const options = { durable: true, arguments: QUEUE_ARGUMENTS };
      return (await channel.assertQueue(prefix + UNREADABLE, options)).messageCount === 20;
    };
    await until('set aside', aside20);
    const aside = await channel.get(prefix + UNREADABLE, { noAck: true });
    assert.ok(aside);
    assert.equal(aside.content.toString(), '<xml/>');
    assert.equal(aside.properties.messageId, 'strange-0');
    assert.equal(aside.properties.headers?.['mine'], 'kept');
    assert.equal(aside.properties.headers?.['crossdock-queue'], queue);
    assert.deepEqual(await broker.depth('strange'), { ready: 0, delayed: 0, unsettled: 0 });
    await direct.close();
    await broker.close();
  });

  for (const [count, share] of [
    [2, 6],
    [4, 3],
  ] as const)
    it(`spreads the partitions evenly over ${count} workers, and back when all but one are gone`, async function () {
      this.timeout(90_000);
      const queue = `spread-${count}`;
      queues.add(queue);
      const own = `${prefix}${count}.`;
      const workers: Broker[] = [];
      const took = new Map<number, number>();
      for (let worker = 0; worker < count; worker++) {
        const broker = await rabbitBroker({ url, prefix: own });
        workers.push(broker);
        const handle = async ({ message }: Delivered) => (
          took.set((message.data as { n: number }).n, worker),
          settle
        );
        await broker.consume({ queue, types: [`spread${count}.v1`], concurrency: 4, handle });
      }
      const first = workers[0]!;
      const round = async () => {
        took.clear();
        const partitions = new Set<number>();
        for (let i = 0; partitions.size < PARTITIONS; i++) {
          const partition = partitionOf(`conformance/S${i}`);
          if (partitions.has(partition)) continue;
          partitions.add(partition);
          await first.publish(order(`spread${count}.v1`, `S${i}`, partition));
        }
        await until('all partitions', () => took.size === PARTITIONS);
        return [...workers.keys()].map((one) => [...took.values()].filter((by) => by === one).length);
      };
      assert.deepEqual(
        await round(),
        workers.map(() => share),
      );
      await Promise.all(workers.slice(1).map((broker) => broker.close()));
      assert.equal((await round())[0], PARTITIONS);
      await Promise.all(workers.map((broker) => broker.close()));
      await removeNames(url, own, [queue]);
    });

  it('consumes again when RabbitMQ closes the channel, as it does when a message is held too long', async function () {
    this.timeout(90_000);
    queues.add('held');
    const direct = await connect(url);
    const channels = Object.getPrototypeOf(await direct.createChannel()) as Channel;
    await direct.close();
    const { prefetch } = channels;
    const opened: Channel[] = [];
    channels.prefetch = function (count) {
      opened.push(this);
      return prefetch.call(this, count);
    };
    const broker = await rabbitBroker({ url, prefix });
    const got: string[] = [];
    const late = Promise.withResolvers<void>();
    const handle = async ({ message, redelivered }: Delivered) => {
      got.push(`${(message.data as { n: number }).n} ${redelivered ? 'again' : 'first'}`);
      if (got.length === 1) await late.promise;
      return settle;
    };
    await broker.consume({ queue: 'held', types: ['held.v1'], concurrency: 4, handle });
    channels.prefetch = prefetch;
    for (let i = 0; i < 3; i++) await broker.publish(order('held.v1', 'A', i));
    await until('at work', () => got.length === 1);
    // As for a message held too long, 406: the acknowledgement of a delivery that never was.
    opened[0]!.ack({ fields: { deliveryTag: 10_000 } } as ConsumeMessage);
    await delay(1000);
    await broker.publish(order('held.v1', 'A', 3));
    late.resolve();
    await until('all', () => got.length === 5);
    // The first was done, and nobody knows: it comes again, still before its successors.
    assert.deepEqual(got, ['0 first', '0 again', '1 again', '2 again', '3 first']);
    await broker.close();
  });

  it('does not start where RabbitMQ does not answer', async () => {
    await assert.rejects(
      rabbitBroker({ url: 'amqp://127.0.0.1:1', connectMs: 500 }),
      coded('BROKER_UNAVAILABLE'),
    );
  });
});
