/** The broker of the cluster profile: RabbitMQ quorum queues. */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type AmqpConnectionManager } from 'amqp-connection-manager';
import type { Logger } from 'pino';
import { AmqpConsumer, RETRY_STEPS_MS, retryQueue } from './amqp-consumer.ts';
import { toAmqp } from './amqp-message.ts';
import { AmqpPublisher, unavailable } from './amqp-publisher.ts';
import type { Broker } from './broker.ts';

export interface RabbitBrokerOptions {
  /** `amqp://user:password@host:port/vhost` */
  url: string;
  /** In front of the exchange and of every queue; for tests. Default none. */
  prefix?: string;
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
 * Several workers share a queue: RabbitMQ gives them messages of the same partition key at the same time, so a key's
 * order holds within each process only (`traits.keyOrder`). `unsettled` in `depth` counts this process only, and
 * `ready` can lag some seconds. Bindings only grow: a queue keeps the types it ever subscribed to.
 * Throws CodedError BROKER_UNAVAILABLE when RabbitMQ does not answer at first; afterwards it reconnects by itself.
 */
export async function rabbitBroker(options: RabbitBrokerOptions): Promise<Broker> {
  const { url, prefix = '', log, connectMs = 4000, confirmMs = 5000 } = options;
  const exchange = `${prefix}crossdock.events`;
  const publishing = reconnecting(url, 'crossdock publish', log);
  const consuming = reconnecting(url, 'crossdock consume', log);
  const publisher = new AmqpPublisher(publishing, confirmMs, log);
  const consumers = new Map<AmqpConsumer, string>();
  const closeConnections = async () => {
    await Promise.all([publishing.close(), consuming.close()].map((closing) => closing.catch(() => {})));
  };

  try {
    await Promise.all([firstConnect(publishing, connectMs), firstConnect(consuming, connectMs)]);
    // The exchange must be there before the first publish, or that publish closes its channel.
    const channel = await publishing.connection!.createChannel();
    await channel.assertExchange(exchange, 'direct', { durable: true });
    await channel.close();
    while (!publisher.ready) await delay(5);
  } catch (error) {
    await closeConnections();
    throw unavailable('RabbitMQ cannot be reached', error);
  }

  /** Messages in a queue; 0 when there is none of that name. Asking for a missing queue costs its channel. */
  async function count(queue: string): Promise<number> {
    const channel = await publishing.connection?.createChannel();
    if (!channel) throw unavailable('RabbitMQ cannot be reached');
    channel.on('error', () => {});
    try {
      return (await channel.checkQueue(queue)).messageCount;
    } catch (error) {
      if ((error as { code?: number }).code === 404) return 0;
      throw unavailable('RabbitMQ cannot be reached', error);
    } finally {
      await channel.close().catch(() => {});
    }
  }

  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await Promise.all([...consumers.keys()].map((consumer) => consumer.stop()));
    await publisher.close();
    await closeConnections();
  }

  return {
    traits: { name: 'rabbitmq', shared: true, keyOrder: 'process' },

    publish: (message) => publisher.publish(exchange, message.type, toAmqp(message)),

    publishTo: (queue, message) => publisher.publish('', prefix + queue, toAmqp(message)),

    async consume(subscription) {
      const queue = prefix + subscription.queue;
      const consumer = new AmqpConsumer({
        connection: consuming,
        publisher,
        exchange,
        queue,
        unreadable: prefix + UNREADABLE,
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
      const [ready = 0, ...delayed] = await Promise.all(
        [queue, ...RETRY_STEPS_MS.map((ms) => retryQueue(queue, ms))].map(count),
      );
      let unsettled = 0;
      for (const [consumer, of] of consumers) if (of === queue) unsettled += consumer.atWork;
      return { ready, delayed: delayed.reduce((sum, n) => sum + n, 0), unsettled };
    },

    async ready() {
      if (!publisher.ready) throw unavailable('RabbitMQ cannot be reached');
    },

    close: () => (closing ??= close()),
  };
}

/** Waits 0.2 s after a lost connection, then longer up to 1 s while the broker stays away. */
function reconnecting(url: string, name: string, log: Logger | undefined): AmqpConnectionManager {
  const connection = connect(url, {
    heartbeatIntervalInSeconds: 5,
    reconnectTimeInSeconds: FIRST_WAIT_S,
    connectionOptions: {
      noDelay: true,
      keepAlive: true,
      timeout: 5000,
      clientProperties: { connection_name: name },
    },
  });
  connection.on('connect', () => {
    connection.reconnectTimeInSeconds = FIRST_WAIT_S;
  });
  connection.on('connectFailed', () => {
    connection.reconnectTimeInSeconds = Math.min(2 * connection.reconnectTimeInSeconds, LONGEST_WAIT_S);
  });
  connection.on('disconnect', ({ err }) => log?.warn({ err, connection: name }, 'RabbitMQ connection lost'));
  return connection;
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
