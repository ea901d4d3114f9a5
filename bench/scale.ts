/** Workers that drain one queue whose work waits 50 ms on a target outside: 1, 2 and 4 of them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { inTurn, measure, median, type Bench } from './measure.ts';
import { firstNumber } from './orders.ts';
import { startHub } from './processes.ts';
import { clean, clusterEnvironment, prefix, services } from './services.ts';

const queue = 'scaled';
const type = 'shopify.order.created.v1';
const targetMs = 50;
const messages = 1500;
const counted = { from: messages * 0.2, to: messages * 0.8 };
/** The partitions of the queue go to the workers that have just come. */
const settleMs = 3000;

const flow = (target: string): string => `flow: scaled
version: 1.0.0
nodes:
  events:
    type: event-consume
    broker: !node hub broker
    types:
      - ${type}
    queue: ${queue}
    concurrency: 8
    to: target
  target:
    type: http request
    method: GET
    ret: txt
    url: ${target}
layout:
  events: [160, 120]
  target: [400, 120]
`;

export const scale: Bench = async (rounds) => {
  await clean([queue]);
  const target = await slowTarget();
  const broker = await rabbitBroker({ url: services().rabbitmq.url, prefix: `${prefix}_` });
  let number = firstNumber();
  const drained = async (workers: number): Promise<number> => {
    const options = { env: clusterEnvironment(), flows: { 'scaled.yaml': flow(target.url) } };
    const commands = ['start', ...Array.from({ length: workers - 1 }, () => 'work')] as ('start' | 'work')[];
    const running = await Promise.all(commands.map((command) => startHub({ ...options, command })));
    try {
      await sleep(settleMs);
      const rate = target.rate();
      await Promise.all(
        Array.from({ length: messages }, () => {
          const known = { source: 'bench', type, subject: String((number += 1)) };
          return broker.publish(envelope({ ...known, flow: 'bench', flowversion: '1', data: {} }));
        }),
      );
      return await rate;
    } finally {
      await Promise.all(running.map((one) => one.stop()));
    }
  };
  try {
    const found = await inTurn(rounds, { 1: () => drained(1), 2: () => drained(2), 4: () => drained(4) });
    const [one = 0, two = 0, four = 0] = [1, 2, 4].map((workers) => median(found[workers]!));
    const unit = 'messages a second';
    return [
      measure('scale, 2 workers to 1', unit, { 'two workers': two, 'one worker': one }),
      measure('scale, 4 workers to 1', unit, { 'four workers': four, 'one worker': one }),
    ];
  } finally {
    await broker.close();
    target.close();
    await clean([queue]);
  }
};

interface Target {
  url: string;
  /** Resolves, when all messages have come, with how many a second did. */
  rate(): Promise<number>;
  close(): void;
}

async function slowTarget(): Promise<Target> {
  let seen = (): void => {};
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('done'), targetMs);
    seen();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rate: () =>
      new Promise((resolve) => {
        let [count, started, rate] = [0, 0, 0];
        seen = () => {
          count += 1;
          if (count === counted.from) started = performance.now();
          if (count === counted.to)
            rate = ((counted.to - counted.from) * 1000) / (performance.now() - started);
          if (count === messages) resolve(rate);
        };
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
