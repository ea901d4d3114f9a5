/**
 * Consume → map → publish: order-capture's way with the Shopify mapping, against a consumer written by hand that maps in
 * plain JavaScript, and beside the same consumer with the hub's engine and with stock JSONata.
 */
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { envelope } from '../runtime/envelope/envelope.ts';
import { toAmqp } from '../runtime/broker/amqp-message.ts';
import { eventRoute, partitionOf, partitionQueues } from '../runtime/broker/amqp-queues.ts';
import { mappings, requireSame } from './floor/map.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber, orderBody } from './orders.ts';
import { startFloor, startHub, unchanged, type Running } from './processes.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';

const captured = `${prefix}_drained`;
/** Each floor has two of its own, so that all run from the first round to the last, as the hub does. */
const floorQueues = Object.keys(mappings).map((mapping, at) => {
  return { mapping, from: `floor_from_${at}`, to: `floor_to_${at}` };
});
const queues = [
  'drained',
  'order-capture.shopify',
  'order-capture.woocommerce',
  'order-capture.partner',
  ...floorQueues.flatMap(({ from, to }) => [from, to]),
];
const messages = 6000;
/** The first fifth warms up; at the end the last few no longer keep the consumer busy. */
const counted = { from: messages * 0.2, to: messages * 0.95 };

export const drain: Bench = async (rounds) => {
  await requireSame();
  const env = clusterEnvironment();
  await clean(queues);
  const connection = await connect(services().rabbitmq.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const hub = await startHub({
    env,
    flows: { 'order-capture.yaml': unchanged },
    collecting: { drained: ['order.received.v1'] },
  });
  let number = firstNumber();
  const drained = async (exchange: string, route: Route, into: readonly string[]): Promise<number> => {
    const rate = arrivals(connection, into);
    for (let at = 0; at < messages; at += 1) publish(channel, exchange, route, (number += 1));
    await channel.waitForConfirms();
    return rate;
  };
  const floors: Running[] = [];
  const startOne = async ({ mapping, from, to }: (typeof floorQueues)[number]) => {
    const [source, target] = [`${prefix}_${from}`, `${prefix}_${to}`];
    for (const queue of [source, target])
      await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const its = { FLOOR_FROM: source, FLOOR_TO: target, FLOOR_MAPPING: mapping };
    floors.push(await startFloor('drain', { ...env, ...its }));
    return [mapping, () => drained('', () => source, [target])] as const;
  };
  try {
    const contenders = await Promise.all(floorQueues.map(startOne));
    const found = await inTurn(rounds, {
      hub: () =>
        drained(
          `${prefix}_crossdock.events`,
          (key) => eventRoute('shopify.order.created.v1', partitionOf(key)),
          partitionQueues(captured),
        ),
      ...Object.fromEntries(contenders),
    });
    const figures = Object.fromEntries(Object.entries(found).map(([name, rates]) => [name, median(rates)]));
    return [measure('drain', 'messages a second', figures, { atLeast: 0.6 })];
  } finally {
    await Promise.all(floors.map((one) => one.stop()));
    await hub.stop();
    await connection.close();
    await clean(queues);
  }
};

/** The routing key of a partition key. */
type Route = (key: string) => string;

function publish(channel: Channel, exchange: string, route: Route, number: number): void {
  const message = envelope({
    source: 'shopify',
    type: 'shopify.order.created.v1',
    subject: String(number),
    flow: 'bench',
    flowversion: '1',
    data: JSON.parse(orderBody(number)) as unknown,
  });
  const { content, options } = toAmqp(message);
  channel.publish(exchange, route(message.partitionkey), content, options);
}

/** Resolves, when all messages have arrived in the queues, with how many a second did. */
async function arrivals(connection: ChannelModel, queues: readonly string[]): Promise<number> {
  const channel = await connection.createChannel();
  let [seen, started, rate] = [0, 0, 0];
  await new Promise<void>((resolve, reject) => {
    const count = (): void => {
      seen += 1;
      if (seen === counted.from) started = performance.now();
      if (seen === counted.to) rate = ((counted.to - counted.from) * 1000) / (performance.now() - started);
      if (seen === messages) resolve();
    };
    for (const queue of queues) channel.consume(queue, count, { noAck: true }).catch(reject);
  });
  await channel.close();
  return rate;
}
