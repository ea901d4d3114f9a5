/** How a queue is laid out in RabbitMQ: its partitions, the queues in which messages wait, and their names. */
import { hash } from 'node:crypto';
import type { Channel } from 'amqplib';

/** How many quorum queues make up one queue. Fixed for ever, as it decides where a key's messages are; one less than a prime. */
export const PARTITIONS = 12;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** The delays of the delay queues, in ms. A longer or odd delay is made of several rounds. */
export const DELAY_STEPS_MS: readonly number[] = [1000, 5000, 30_000, 120_000, 600_000, 3_600_000];
/** A delay may end up to a twentieth too late, which saves several rounds. */
const LATE = 1.05;

/** A quorum queue drops after 20 redeliveries unless told not to. */
export const QUEUE_ARGUMENTS = { 'x-queue-type': 'quorum', 'x-delivery-limit': -1 };

export interface Names {
  /** Text in front of every name, for tests. */
  prefix: string;
}

export const eventsExchange = ({ prefix }: Names): string => `${prefix}crossdock.events`;

/** Names the fanout exchange of a delay and its queue. All queues share it. */
export const delayName = ({ prefix }: Names, ms: number): string => `${prefix}crossdock.retry.${ms}`;

export const partitionQueue = (queue: string, partition: number): string => `${queue}.p${partition}`;

export const partitionQueues = (queue: string): string[] => ALL.map((n) => partitionQueue(queue, n));

export function partitionOf(key: string): number {
  return hash('sha256', key, 'buffer').readUInt32BE() % PARTITIONS;
}

/** The routing key at the exchange of events for the messages of a type in one partition. */
export const eventRoute = (type: string, partition: number): string => `${type}/${partition}`;

export function delayStep(waitMs: number): number {
  return DELAY_STEPS_MS.findLast((ms) => ms <= waitMs * LATE) ?? DELAY_STEPS_MS[0]!;
}

/** `queue` with its prefix. */
export async function declareQueue(
  channel: Channel,
  names: Names,
  queue: string,
  types: readonly string[],
): Promise<void> {
  const exchange = eventsExchange(names);
  const options = { durable: true, arguments: { ...QUEUE_ARGUMENTS, 'x-single-active-consumer': true } };
  await channel.assertExchange(exchange, 'direct', { durable: true });
  await Promise.all(ALL.map((n) => channel.assertQueue(partitionQueue(queue, n), options)));
  await Promise.all(
    types.flatMap((type) =>
      ALL.map((n) => channel.bindQueue(partitionQueue(queue, n), exchange, eventRoute(type, n))),
    ),
  );
}

/** Declares a delay: a message published there with the name of a queue as its routing key reaches that queue after the delay. */
export async function declareDelay(channel: Channel, names: Names, ms: number): Promise<void> {
  const name = delayName(names, ms);
  await channel.assertExchange(name, 'fanout', { durable: true });
  await channel.assertQueue(name, {
    durable: true,
    arguments: {
      ...QUEUE_ARGUMENTS,
      'x-message-ttl': ms,
      'x-dead-letter-exchange': '',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  });
  await channel.bindQueue(name, name, '');
}
