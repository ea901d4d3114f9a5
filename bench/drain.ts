/** Consume → map → publish: order-capture's way with the Shopify mapping, against a consumer written by hand that maps in plain JavaScript, in the hub's engine, in stock JSONata. */
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { envelope } from '../runtime/envelope/envelope.ts';
import { toAmqp } from '../runtime/broker/amqp-message.ts';
import { eventRoute, partitionOf, partitionQueues } from '../runtime/broker/amqp-queues.ts';
import { mappings, requireSame } from './floor/map.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber, orderBody } from './orders.ts';
import { startFloor, startHub, unchanged } from './processes.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';

const captured = `${prefix}_drained`;
const floorFrom = `${prefix}_floor_from`;
const floorTo = `${prefix}_floor_to`;
const used = ['drained', 'floor_from', 'floor_to', 'order-capture.shopify', 'order-capture.woocommerce'];
const queues = [...used, 'order-capture.partner'];
const messages = 3000;
/** The first fifth warms up; at the end the last few no longer keep the consumer busy. */
const counted = { from: messages * 0.2, to: messages * 0.95 };

export const drain: Bench = async (rounds) => {
  await requireSame();
  const env = clusterEnvironment();
  await clean(queues);
  const connection = await connect(services().rabbitmq.url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  for (const queue of [floorFrom, floorTo])
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
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
  const floor = (mapping: string) => async (): Promise<number> => {
    const its = { FLOOR_FROM: floorFrom, FLOOR_TO: floorTo, FLOOR_MAPPING: mapping };
    const running = await startFloor('drain', { ...env, ...its });
    try {
      return await drained('', () => floorFrom, [floorTo]);
    } finally {
      await running.stop();
    }
  };
  try {
    const found = await inTurn(rounds, {
      hub: () =>
        drained(
          `${prefix}_crossdock.events`,
          (key) => eventRoute('shopify.order.created.v1', partitionOf(key)),
          partitionQueues(captured),
        ),
      ...Object.fromEntries(Object.keys(mappings).map((name) => [name, floor(name)])),
    });
    const figures = Object.fromEntries(Object.entries(found).map(([name, rates]) => [name, median(rates)]));
    return [measure('drain', 'messages a second', figures, { atLeast: 0.6 })];
  } finally {
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
