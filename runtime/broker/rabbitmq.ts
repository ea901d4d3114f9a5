/** The broker of the cluster profile: RabbitMQ quorum queues. */
import { setTimeout as delay } from 'node:timers/promises';
import type { AmqpConnectionManager } from 'amqp-connection-manager';
import type { Channel } from 'amqplib';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { closed } from './amqp-close.ts';
import { firstConnect, reconnecting } from './amqp-connection.ts';
import { AmqpConsumer, type ConsumerSetup } from './amqp-consumer.ts';
import { toAmqp } from './amqp-message.ts';
import { AmqpPublisher, unavailable } from './amqp-publisher.ts';
import {
  declareQueue,
  eventRoute,
  eventsExchange,
  partitionOf,
  partitionQueue,
  partitionQueues,
  type Names,
} from './amqp-queues.ts';
import { workerNumbers } from './amqp-worker.ts';
import type { Broker, Consumer, Subscription } from './broker.ts';
import type { Seal } from './seal.ts';
import { RetryOrder } from './retry-order.ts';

export interface RabbitBrokerOptions {
  /** `amqp://user:password@host:port/vhost`; a function gives the one of now, for each connect. */
  url: string | (() => string);
  /** In front of the exchange and of every queue; for tests. Default none. */
  prefix?: string;
  /** Of what is published; what is consumed is refused without it. Default none. */
  seal?: Seal | undefined;
  log?: Logger;
  /** Limit of the first connect. Default 4000. */
  connectMs?: number;
  /** Limit of a confirm. Default 5000. */
  confirmMs?: number;
}

/** Collects what came into a queue and is not a CloudEvent; a person looks at it in the broker. */
export const UNREADABLE = 'unreadable';

/**
 * Several workers share a queue: its partitions spread over them, each with one worker at a time, so that a key keeps
 * its order. `unsettled` and `delayed` in `depth` count this process only, and `ready` can lag some seconds. Of
 * `prefetch` each partition has its share, at least one message. Bindings only grow: a queue keeps the types it ever
 * subscribed to.
 * Throws CodedError BROKER_UNAVAILABLE when RabbitMQ does not answer at first; afterwards it reconnects by itself.
 */
export async function rabbitBroker(options: RabbitBrokerOptions): Promise<Broker> {
  const { url, prefix = '', seal, log, connectMs = 4000, confirmMs = 5000 } = options;
  const names: Names = { prefix };
  const publishing = reconnecting(url, 'crossdock publish', log);
  const consuming = reconnecting(url, 'crossdock consume', log);
  const publisher = new AmqpPublisher(publishing, confirmMs, log);
  const closeConnections = async () => {
    await Promise.all([closed(publishing), closed(consuming)]);
  };

  try {
    await Promise.all([firstConnect(publishing, connectMs), firstConnect(consuming, connectMs)]);
    // The exchange must be there before the first publish, or that publish closes its channel.
    const channel = await publishing.connection!.createChannel();
    await channel.assertExchange(eventsExchange(names), 'direct', { durable: true });
    await channel.close();
    await readyWithin(publisher, connectMs);
  } catch (error) {
    await closeConnections();
    throw unavailable('RabbitMQ cannot be reached', error);
  }

  const consumers = consumersOn({ connection: consuming, publisher, names, seal, log });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await consumers.stop();
    await publisher.close();
    await closeConnections();
  }

  return {
    traits: { name: 'rabbitmq', shared: true, keyOrder: 'worker' },
    ...publishingTo(publisher, names, seal),
    declare: (queue, types) =>
      onChannel(publishing, (channel) => declareQueue(channel, names, prefix + queue, types)),
    consume: consumers.consume,
    ...waitingIn(publishing, names, consumers),
    queues: async () => [],

    async ready() {
      if (!publisher.ready) throw unavailable('RabbitMQ cannot be reached');
    },

    close: () => (closing ??= close()),
  };
}

function publishingTo(
  publisher: AmqpPublisher,
  names: Names,
  seal: Seal | undefined,
): Pick<Broker, 'publish' | 'publishTo'> {
  const exchange = eventsExchange(names);
  return {
    publish: (message) => {
      const { type } = message;
      const unroutable = () =>
        new CodedError('EVENT_UNROUTABLE', `No flow has subscribed to ${type}`, { type });
      const routingKey = eventRoute(type, partitionOf(message.partitionkey));
      return publisher.publish({ exchange, routingKey, unroutable }, toAmqp(message, undefined, seal));
    },

    publishTo: (queue, message) => {
      const unroutable = () => new CodedError('EVENT_UNROUTABLE', `There is no queue ${queue}`, { queue });
      const routingKey = partitionQueue(names.prefix + queue, partitionOf(message.partitionkey));
      return publisher.publish({ exchange: '', routingKey, unroutable }, toAmqp(message, undefined, seal));
    },
  };
}

type Consumers = ReturnType<typeof consumersOn>;

/** The consumers of this process. Queues are named with their prefix. */
function consumersOn(setup: Pick<ConsumerSetup, 'connection' | 'publisher' | 'names' | 'seal' | 'log'>) {
  const { prefix } = setup.names;
  const consumers = new Map<AmqpConsumer, string>();
  const retryOrders = new Map<string, RetryOrder>();
  const workerNumber = workerNumbers(setup.names);

  /** What is on a round outlasts its consumer, so that a deploy does not change a key's order. */
  function retryOrderOf(queue: string): RetryOrder {
    const known = retryOrders.get(queue) ?? new RetryOrder();
    retryOrders.set(queue, known);
    return known;
  }

  async function consume(subscription: Subscription): Promise<Consumer> {
    const queue = prefix + subscription.queue;
    const retryOrder = retryOrderOf(queue);
    const unreadable = prefix + UNREADABLE;
    const consumer = new AmqpConsumer({
      ...setup,
      queue,
      unreadable,
      workerNumber,
      retryOrder,
      subscription,
    });
    await consumer.start().catch((error: unknown) => {
      throw unavailable(`The queue ${queue} cannot be consumed`, error);
    });
    consumers.set(consumer, queue);
    return {
      async stop() {
        await consumer.stop();
        consumers.delete(consumer);
      },
    };
  }

  return {
    consume,
    of: (queue: string) => [...consumers].flatMap(([consumer, of]) => (of === queue ? [consumer] : [])),
    /** How many messages of the queue are on a round. */
    away: (queue: string) => retryOrders.get(queue)?.size ?? 0,
    stop: () => Promise.all([...consumers.keys()].map((consumer) => consumer.stop())),
  };
}

/** What waits in a queue: as RabbitMQ counts it, and as this process holds it. */
function waitingIn(
  connection: AmqpConnectionManager,
  { prefix }: Names,
  consumers: Consumers,
): Pick<Broker, 'depth' | 'oldest'> {
  return {
    async depth(name) {
      const queue = prefix + name;
      const ready = await countIn(connection, partitionQueues(queue));
      let unsettled = 0;
      let delayed = consumers.away(queue);
      for (const consumer of consumers.of(queue)) {
        unsettled += consumer.unsettled;
        delayed += consumer.asleep;
      }
      return { ready, delayed, unsettled };
    },

    async oldest(name) {
      const queue = prefix + name;
      const held = consumers.of(queue).map((consumer) => consumer.oldest);
      const [oldest] = held.filter((time) => time !== undefined).toSorted();
      if (oldest !== undefined) return oldest;
      return consumers.away(queue) > 0 || (await countIn(connection, partitionQueues(queue))) > 0
        ? 'unknown'
        : undefined;
    },
  };
}

/** Messages in all of these queues; 0 when one is missing. */
function countIn(connection: AmqpConnectionManager, queues: string[]): Promise<number> {
  return onChannel(connection, (channel) =>
    Promise.all(queues.map((queue) => channel.checkQueue(queue))).then(
      (found) => found.reduce((sum, { messageCount }) => sum + messageCount, 0),
      (error: unknown) => {
        if ((error as { code?: number }).code === 404) return 0;
        throw error;
      },
    ),
  );
}

/** On a channel of its own: what RabbitMQ refuses costs the channel. */
async function onChannel<T>(
  { connection }: AmqpConnectionManager,
  work: (channel: Channel) => Promise<T>,
): Promise<T> {
  const channel = await connection?.createChannel();
  if (!channel) throw unavailable('RabbitMQ cannot be reached');
  channel.on('error', () => {});
  try {
    return await work(channel);
  } catch (error) {
    throw unavailable('RabbitMQ cannot be reached', error);
  } finally {
    await closed(channel);
  }
}

/** Throws CodedError BROKER_UNAVAILABLE: RabbitMQ takes no messages while its memory or disk is short. */
export async function readyWithin(publisher: { readonly ready: boolean }, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!publisher.ready) {
    if (performance.now() > until) throw unavailable('RabbitMQ takes no messages now');
    await delay(5);
  }
}
