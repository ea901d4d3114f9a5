/** What tests leave in RabbitMQ under a prefix of their own. A broker that has thousands of queues takes minutes to start. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { DELAY_STEPS_MS, delayName, eventsExchange, partitionQueues } from '../runtime/broker/amqp-queues.ts';
import { UNREADABLE } from '../runtime/broker/rabbitmq.ts';

export async function removeNames(url: string, prefix: string, queues: Iterable<string>): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of queues)
    await Promise.all(partitionQueues(prefix + queue).map((name) => channel.deleteQueue(name)));
  const delays = DELAY_STEPS_MS.map((ms) => delayName({ prefix }, ms));
  for (const name of [...delays, prefix + UNREADABLE]) await channel.deleteQueue(name);
  for (const name of [...delays, eventsExchange({ prefix })]) await channel.deleteExchange(name);
  await connection.close();
}

/** Those that the project's flows consume. */
export function flowQueues(): string[] {
  const texts = readdirSync('flows')
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('.test.yaml'))
    .map((file) => readFileSync(join('flows', file), 'utf8'));
  return texts.flatMap((text) =>
    [...text.matchAll(/^(?:flow| {4}queue): (\S+)$/gm)].map(([, name]) => name!),
  );
}
