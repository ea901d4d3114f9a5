/** The broker of the cluster profile: RabbitMQ quorum queues. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type AmqpConnectionManager } from 'amqp-connection-manager';
import type { Channel, ChannelModel } from 'amqplib';
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';
import { oneWriteATurn } from '../sockets/one-write.ts';
import { closed } from './amqp-close.ts';
import { AmqpConsumer } from './amqp-consumer.ts';
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
import { claimWorkerNumber } from './amqp-worker.ts';
import type { Broker } from './broker.ts';
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
const FIRST_WAIT_S = 0.2;
const LONGEST_WAIT_S = 1;

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
  const exchange = eventsExchange(names);
  const publishing = reconnecting(url, 'crossdock publish', log);
  const consuming = reconnecting(url, 'crossdock consume', log);
  const publisher = new AmqpPublisher(publishing, confirmMs, log);
  const consumers = new Map<AmqpConsumer, string>();
  const retryOrders = new Map<string, RetryOrder>();
  const workerNumbers = new WeakMap<ChannelModel, Promise<number | undefined>>();
  const closeConnections = async () => {
    await Promise.all([closed(publishing), closed(consuming)]);
  };

  try {
    await Promise.all([firstConnect(publishing, connectMs), firstConnect(consuming, connectMs)]);
    // The exchange must be there before the first publish, or that publish closes its channel.
    const channel = await publishing.connection!.createChannel();
    await channel.assertExchange(exchange, 'direct', { durable: true });
    await channel.close();
    await readyWithin(publisher, connectMs);
  } catch (error) {
    await closeConnections();
    throw unavailable('RabbitMQ cannot be reached', error);
  }

  /** On a channel of its own: what RabbitMQ refuses costs the channel. */
  async function onChannel<T>(work: (channel: Channel) => Promise<T>): Promise<T> {
    const channel = await publishing.connection?.createChannel();
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

  /** Messages in all of these queues; 0 when one is missing. */
  const count = (queues: string[]): Promise<number> =>
    onChannel((channel) =>
      Promise.all(queues.map((queue) => channel.checkQueue(queue))).then(
        (found) => found.reduce((sum, { messageCount }) => sum + messageCount, 0),
        (error: unknown) => {
          if ((error as { code?: number }).code === 404) return 0;
          throw error;
        },
      ),
    );

  /** What is on a round outlasts its consumer, so that a deploy does not change a key's order. */
  function retryOrderOf(queue: string): RetryOrder {
    const known = retryOrders.get(queue) ?? new RetryOrder();
    retryOrders.set(queue, known);
    return known;
  }

  function workerNumber(connection: ChannelModel): Promise<number | undefined> {
    const known = workerNumbers.get(connection);
    if (known) return known;
    const claimed = claimWorkerNumber(connection, names);
    workerNumbers.set(connection, claimed);
    claimed.catch(() => workerNumbers.delete(connection));
    return claimed;
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await Promise.all([...consumers.keys()].map((consumer) => consumer.stop()));
    await publisher.close();
    await closeConnections();
  }

  return {
    traits: { name: 'rabbitmq', shared: true, keyOrder: 'worker' },

    publish: (message) => {
      const { type } = message;
      const unroutable = () =>
        new CodedError('EVENT_UNROUTABLE', `No flow has subscribed to ${type}`, { type });
      const routingKey = eventRoute(type, partitionOf(message.partitionkey));
      return publisher.publish({ exchange, routingKey, unroutable }, toAmqp(message, undefined, seal));
    },

    publishTo: (queue, message) => {
      const unroutable = () => new CodedError('EVENT_UNROUTABLE', `There is no queue ${queue}`, { queue });
      const routingKey = partitionQueue(prefix + queue, partitionOf(message.partitionkey));
      return publisher.publish({ exchange: '', routingKey, unroutable }, toAmqp(message, undefined, seal));
    },

    declare: (queue, types) => onChannel((channel) => declareQueue(channel, names, prefix + queue, types)),

    async consume(subscription) {
      const queue = prefix + subscription.queue;
      const consumer = new AmqpConsumer({
        connection: consuming,
        publisher,
        names,
        queue,
        unreadable: prefix + UNREADABLE,
        workerNumber,
        retryOrder: retryOrderOf(queue),
        seal,
        subscription,
        log,
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
    },

    async depth(name) {
      const queue = prefix + name;
      const ready = await count(partitionQueues(queue));
      let unsettled = 0;
      let delayed = retryOrders.get(queue)?.size ?? 0;
      for (const [consumer, of] of consumers) {
        if (of !== queue) continue;
        unsettled += consumer.unsettled;
        delayed += consumer.asleep;
      }
      return { ready, delayed, unsettled };
    },

    async oldest(name) {
      const queue = prefix + name;
      const held = [...consumers].flatMap(([consumer, of]) => (of === queue ? [consumer.oldest] : []));
      const [oldest] = held.filter((time) => time !== undefined).toSorted();
      if (oldest !== undefined) return oldest;
      const away = retryOrders.get(queue)?.size ?? 0;
      return away > 0 || (await count(partitionQueues(queue))) > 0 ? 'unknown' : undefined;
    },

    queues: async () => [],

    async ready() {
      if (!publisher.ready) throw unavailable('RabbitMQ cannot be reached');
    },

    close: () => (closing ??= close()),
  };
}

/** Waits 0.2 s after a lost connection, then longer up to 1 s while the broker stays away. */
function reconnecting(
  url: RabbitBrokerOptions['url'],
  name: string,
  log: Logger | undefined,
): AmqpConnectionManager {
  const findServers = () => Promise.resolve(typeof url === 'function' ? url() : url);
  const connection = connect(undefined, {
    findServers,
    heartbeatIntervalInSeconds: 5,
    reconnectTimeInSeconds: FIRST_WAIT_S,
    connectionOptions: {
      noDelay: true,
      keepAlive: true,
      timeout: 5000,
      clientProperties: { connection_name: name },
    },
  });
  connection.on('connect', ({ connection: opened }) => {
    oneWriteATurn((opened as unknown as { connection: { stream: Socket } }).connection.stream);
    connection.reconnectTimeInSeconds = FIRST_WAIT_S;
  });
  connection.on('connectFailed', () => {
    connection.reconnectTimeInSeconds = Math.min(2 * connection.reconnectTimeInSeconds, LONGEST_WAIT_S);
  });
  connection.on('disconnect', ({ err }) => log?.warn({ err, connection: name }, 'RabbitMQ connection lost'));
  return connection;
}

/** Throws CodedError BROKER_UNAVAILABLE: RabbitMQ takes no messages while its memory or disk is short. */
export async function readyWithin(publisher: { readonly ready: boolean }, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!publisher.ready) {
    if (performance.now() > until) throw unavailable('RabbitMQ takes no messages now');
    await delay(5);
  }
}

async function firstConnect(connection: AmqpConnectionManager, timeoutMs: number): Promise<void> {
  if (connection.isConnected()) return;
  let reason: unknown;
  connection.on('connectFailed', ({ err }) => (reason = err));
  try {
    await once(connection, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    throw reason ?? error;
  }
}
