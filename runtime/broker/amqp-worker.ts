/** Gives each worker a number of its own, and from it the priorities by which partitions spread over the workers. */
import type { ChannelModel } from 'amqplib';
import { closed } from './amqp-close.ts';
import { PARTITIONS, type Names } from './amqp-queues.ts';

/**
 * A worker's priorities are the multiples of its factor modulo a prime. So no two workers have the same priority for a
 * partition, and of two workers, whichever they are, each comes first in exactly half. In this order three have
 * 5, 4 and 3 of 12 partitions, four have 3 each.
 */
const FACTORS = [2, 3, 10, 11, 1, 4, 5, 6, 7, 8, 9, 12];

/** The priority of a worker for a partition: RabbitMQ gives it to the consumer with the greatest. Workers without a number stand by. */
export function priority(worker: number | undefined, partition: number): number {
  const factor = worker === undefined ? 0 : FACTORS[worker]!;
  return (factor * (partition + 1)) % (PARTITIONS + 1);
}

/** The number of the worker on a connection, claimed once for each; undefined when all are taken. */
export function workerNumbers(names: Names): (connection: ChannelModel) => Promise<number | undefined> {
  const numbers = new WeakMap<ChannelModel, Promise<number | undefined>>();
  return (connection) => {
    const known = numbers.get(connection);
    if (known) return known;
    const claimed = claimWorkerNumber(connection, names);
    numbers.set(connection, claimed);
    claimed.catch(() => numbers.delete(connection));
    return claimed;
  };
}

/** Takes the first number that no other connection holds, for as long as the connection lasts. Undefined when all are taken. */
async function claimWorkerNumber(connection: ChannelModel, { prefix }: Names): Promise<number | undefined> {
  for (const worker of FACTORS.keys())
    if (await holds(connection, `${prefix}crossdock.worker.${worker}`)) return worker;
  return undefined;
}

/** Takes the number; false where another connection holds it. It is an exclusive queue, which ends with its connection. */
async function holds(connection: ChannelModel, queue: string): Promise<boolean> {
  const channel = await connection.createChannel();
  channel.on('error', () => {});
  try {
    await channel.assertQueue(queue, { exclusive: true, durable: false });
    await closed(channel);
    return true;
  } catch (error) {
    if ((error as { code?: number }).code === 405) return false;
    throw error;
  }
}
