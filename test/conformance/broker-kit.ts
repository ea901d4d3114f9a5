/** What each suite of a broker has: brokers on one storage, and a queue and a type of its own for each test. */
import { randomUUID } from 'node:crypto';
import type { Broker, Delivered, Subscription } from '../../runtime/broker/broker.ts';
import { coded, settle } from './kit.ts';

export interface OpenBroker {
  broker: Broker;
  /** Ends it as a crash would: nothing is drained, nothing more is settled. */
  crash(): Promise<void>;
  /** Ends its connections at once, where it has some. */
  cut: (() => void) | undefined;
}

export const isUnavailable = (error: unknown): false => {
  coded('BROKER_UNAVAILABLE')(error);
  return false;
};

export const n = (delivered: Delivered) => (delivered.message.data as { n: number }).n;

export interface BrokerKit {
  /** Of this test. */
  queue: string;
  type: string;
  start(): Promise<OpenBroker>;
  /** What was started is not closed after the test. */
  forget(): void;
  consume(
    broker: Broker,
    handle: Subscription['handle'],
    more?: Partial<Subscription>,
  ): ReturnType<Broker['consume']>;
  declare(broker: Broker, more?: Partial<Subscription>): Promise<void>;
  /** A name of its own, noted to be deleted. */
  named(word: string): string;
}

/** Within a suite: `open` opens one more instance on the same storage each time. */
export function brokerKit(open: () => Promise<OpenBroker>, queues: Set<string>): BrokerKit {
  let opened: OpenBroker[] = [];
  const kit: BrokerKit = {
    queue: '',
    type: '',
    async start() {
      const one = await open();
      opened.push(one);
      return one;
    },
    forget() {
      opened = [];
    },
    consume: (broker, handle, more = {}) =>
      broker.consume({ queue: kit.queue, types: [kit.type], concurrency: 8, handle, ...more }),
    declare: async (broker, more = {}) => (await kit.consume(broker, async () => settle, more)).stop(),
    named(word) {
      const unique = `${word}-${randomUUID().slice(0, 8)}`;
      queues.add(unique);
      return unique;
    },
  };
  beforeEach(() => {
    kit.forget();
    kit.queue = kit.named('queue');
    kit.type = `order.t${randomUUID().slice(0, 8)}.v1`;
  });
  afterEach(async () => {
    await Promise.all(opened.map(({ broker }) => broker.close().catch(() => {})));
  });
  return kit;
}
