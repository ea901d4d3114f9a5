/** What carries messages between flows. Two back ends pass one conformance suite; `traits` declares how they differ. */
import type { Envelope } from '../envelope/envelope.ts';
import type { CodedError } from '../errors/coded-error.ts';

export interface Delivered {
  message: Envelope;
  /** 1 for the first delivery; grows with each retry and each redelivery, as far as the back end can tell. */
  attempt: number;
  /** True when the message may have been handled before: its worker died or lost its connection. */
  redelivered: boolean;
  /** Set where somebody else than a hub may have written the message: a person has to look at it, and nothing else is done. */
  refused?: CodedError;
}

/** What becomes of a delivery. A handler that throws gives the message back, as `again` does after 1000 ms. */
export type Verdict =
  | { do: 'settle' } // its work is done: the message is removed
  | { do: 'again'; afterMs: number }; // the message comes back, not before `afterMs` milliseconds

export interface Subscription {
  /** Name of the durable queue, one for each consuming flow: it collects messages while nobody consumes. */
  queue: string;
  /** Whole event types, such as `order.received.v1`; no patterns. */
  types: readonly string[];
  /** How many deliveries are worked on at the same time, at least 1. A message that waits for its `again` is not one of them. */
  concurrency: number;
  /** How many messages this process may hold unsettled. Default: the back end chooses. */
  prefetch?: number | undefined;
  /** Works on one message. Messages of one partition key are handed out one at a time, in order; those of others side by side. */
  handle(delivered: Delivered): Promise<Verdict>;
}

export interface Consumer {
  /**
   * Takes no new delivery and resolves when those at work have their verdict. It waits for no delay: a message that gets
   * `again` now stays in the queue. The queue stays and goes on collecting.
   */
  stop(): Promise<void>;
}

export interface BrokerTraits {
  name: 'embedded' | 'rabbitmq';
  /** Several processes can consume the same queue. */
  shared: boolean;
  /**
   * A partition key's messages are handed out in order, across all processes that consume the queue. Its order while
   * one of them waits for its `again`: 'always', also across restarts. Or 'worker': as long as the key's part of the
   * queue stays with one process. When that process stops, dies or loses its connection, or another process starts,
   * - what waits up to about half a minute comes again at once, in its place;
   * - what waits longer is overtaken by later messages of its key;
   * - what was being worked on comes again elsewhere while the lost process may still be at it.
   */
  keyOrder: 'always' | 'worker';
}

export interface Broker {
  readonly traits: BrokerTraits;
  /**
   * Publishes the message; resolves when it is stored durably in every queue subscribed to its type. Safe to call again with
   * the same id. Throws CodedError BROKER_UNAVAILABLE (not stored, or not known to be stored: publish it again) or
   * EVENT_UNROUTABLE (no queue takes this type).
   */
  publish(message: Envelope): Promise<void>;
  /** As `publish`, but into this queue only, whatever its types. Throws CodedError EVENT_UNROUTABLE where nobody ever declared it. */
  publishTo(queue: string, message: Envelope): Promise<void>;
  /**
   * Makes the queue collect these types from now on, also while nobody consumes it. Safe to call again. Throws CodedError
   * BROKER_UNAVAILABLE: a part of the queue may then be missing.
   */
  declare(queue: string, types: readonly string[]): Promise<void>;
  /** Declares the queue with its types and consumes it. The consumer comes back by itself after every lost connection. */
  consume(subscription: Subscription): Promise<Consumer>;
  /** How many messages of the queue are ready, delayed, and at work. Throws CodedError BROKER_UNAVAILABLE. */
  depth(queue: string): Promise<{ ready: number; delayed: number; unsettled: number }>;
  /**
   * Since when the message that waits longest has waited, as an ISO time; undefined where none waits. `'unknown'` where the
   * back end does not say and this process holds no message of the queue.
   */
  oldest(queue: string): Promise<string | 'unknown' | undefined>;
  /** Names of the queues that hold messages, as far as the back end lists them. */
  queues(): Promise<string[]>;
  /** Resolves when the broker can take a message now; throws CodedError BROKER_UNAVAILABLE when it cannot. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
