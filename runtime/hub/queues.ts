/** Holds events back while flows start: a broker gives a copy only to the queues that are there when it is published. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Broker } from '../broker/broker.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';

interface Queue {
  queue: string;
  types: readonly string[];
}

export interface Queues {
  publish: Broker['publish'];
  /** Undefined when a `publish` passes at once; else what it waits for. */
  held(): Promise<void> | undefined;
  /** What is published from now on waits for `declare`, or is refused with BROKER_UNAVAILABLE by `release`. */
  hold(): void;
  /** Declares these queues, again and again until all are there or `release`; then events pass, and `start` is called. */
  declare(queues: readonly Queue[], start: () => void): Promise<void>;
  /** Ends a hold. */
  release(): void;
  /** Throws CodedError BROKER_UNAVAILABLE while events are held. */
  ready(): void;
}

export function queuesFirst(
  broker: Pick<Broker, 'publish' | 'declare'>,
  log: Logger,
  againMs = 1000,
): Queues {
  const publish = broker.publish.bind(broker);
  let held: PromiseWithResolvers<void> | undefined;
  let declaring = new AbortController();
  const missing = () => new CodedError('BROKER_UNAVAILABLE', 'The queues of the flows are not there yet');
  const end = (error?: CodedError): void => {
    if (error) held?.reject(error);
    else held?.resolve();
    held = undefined;
  };

  return {
    publish: (message) => (held ? held.promise.then(() => publish(message)) : publish(message)),
    held: () => held?.promise,
    hold() {
      if (held) return;
      held = Promise.withResolvers();
      held.promise.catch(() => {});
    },
    async declare(queues, start) {
      declaring.abort();
      const { signal } = (declaring = new AbortController());
      while (!signal.aborted) {
        try {
          await Promise.all(queues.map(({ queue, types }) => broker.declare(queue, types)));
          if (signal.aborted) return;
          end();
          return start();
        } catch (error) {
          const { code, message } = asCoded(error);
          log.warn({ code }, `The flows start when their queues are there: ${message}`);
          await sleep(againMs, undefined, { signal }).catch(() => {});
        }
      }
    },
    release() {
      declaring.abort();
      end(missing());
    },
    ready() {
      if (held) throw missing();
    },
  };
}
