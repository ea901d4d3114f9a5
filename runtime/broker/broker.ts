/** What carries messages between flows. Two back ends pass one conformance suite; `traits` declares how they differ. */
import type { Envelope } from '../envelope/envelope.ts';
import type { CodedError } from '../errors/coded-error.ts';

export interface Delivered {
  message: Envelope;
  /** 1 for the first delivery; grows with each retry and each redelivery, as far as the back end can tell. */
  attempt: number;
  /** True when this may have been handled before: its worker died or lost its connection. */
  redelivered: boolean;
  /** Somebody else than a hub may have written it: nothing is done with it but to put it before a person. */
  refused?: CodedError;
}

/** What becomes of a delivery. A handler that throws gives the message back, as `again` after one second. */
export type Verdict =
  | { do: 'settle' } // its work is done: it is gone
  | { do: 'again'; afterMs: number }; // it comes back, not before afterMs

export interface Subscription {
  /** Durable queue, one for each consuming flow: it collects while nobody consumes. */
  queue: string;
  /** Event types, whole (`order.received.v1`). */
  types: readonly string[];
  /** Deliveries worked on at the same time. A message that waits for its `again` is not one of them. */
  concurrency: number;
  /** Messages this process may hold unsettled at most; the back end chooses when it is left out. */
  prefetch?: number | undefined;
  /** The partition keys at work are kept apart: a key's messages are handed out one at a time, in order. */
  handle(delivered: Delivered): Promise<Verdict>;
}

export interface Consumer {
  /**
   * Takes no new delivery; resolves when those at work have their verdict, and waits for no delay: what gets `again`
   * now stays in the queue. The queue stays and collects.
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
   * Resolves when the message is stored durably in every queue subscribed to its type.
   * Throws CodedError BROKER_UNAVAILABLE (not stored, or not known to be stored; publish the same id again) or
   * EVENT_UNROUTABLE (no queue takes this type).
   */
  publish(message: Envelope): Promise<void>;
  /** As `publish`, but into this queue only, whatever its types. EVENT_UNROUTABLE: nobody ever declared it. */
  publishTo(queue: string, message: Envelope): Promise<void>;
  /**
   * The queue collects these types from now on, also while nobody consumes it.
   * Throws CodedError BROKER_UNAVAILABLE: some of it may not be there.
   */
  declare(queue: string, types: readonly string[]): Promise<void>;
  /** Declares the queue with its types and consumes. It comes back by itself after every lost connection. */
  consume(subscription: Subscription): Promise<Consumer>;
  /** Messages waiting, by queue: ready, delayed and at work. */
  depth(queue: string): Promise<{ ready: number; delayed: number; unsettled: number }>;
  /**
   * Since when the message waits that waits longest, as an ISO time; undefined where none does. `'unknown'`: the back end
   * does not tell of what waits, and nothing of it is held by this process.
   */
  oldest(queue: string): Promise<string | 'unknown' | undefined>;
  /** Queues that hold messages, as far as the back end tells which there are. */
  queues(): Promise<string[]>;
  /** Throws CodedError BROKER_UNAVAILABLE when it cannot take a message now. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
