/** The messages being worked on: each is settled when its last branch of work has completed, or its time is over. */
import { randomUUID } from 'node:crypto';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Claim } from '../guard/guard.ts';
import type { Outcome, Step } from '../journal/journal.ts';

export interface DeliveryOptions {
  flow: string;
  flowVersion: string;
  /** The event it was consumed from; a webhook has none. */
  cause?: Envelope;
  /** The whole business transaction; that of the cause, or a new one. */
  correlationId?: string;
  timeLimitMs: number;
}

/** One message from outside (a webhook) or from a queue, and what is known of its work so far. */
export interface Delivery extends Readonly<Omit<DeliveryOptions, 'correlationId'>> {
  readonly id: string;
  readonly correlationId: string;
  businessKey: string;
  /** The signature was right. Events are verified from the start. */
  verified: boolean;
  /** Committed with the answer when the work is done, released when it failed. */
  readonly claims: { claim: Claim; keepMs: number }[];
  /** Changes of records that have landed when the work is done. */
  readonly changes: { record: string; version: string }[];
  /** Ids of the events this work published. */
  readonly published: string[];
  /** What was answered when the same message came first. */
  repeated?: { result: unknown };
  readonly steps: Step[];
  /** The first failure; later ones do not replace it. */
  failure?: CodedError;
  /** Name of the node that failed, where one did. */
  failedAt?: string;
}

interface Open {
  delivery: Delivery;
  /** Units of work under way: messages on wires, nodes that have not completed. */
  pending: number;
  settle: () => void;
}

export class Deliveries {
  #open = new Map<string, Open>();

  /** Resolves when the work that `start` begins has completed. It never rejects: look at `failure`. */
  async run(options: DeliveryOptions, start: (delivery: Delivery) => void): Promise<Delivery> {
    const delivery: Delivery = {
      ...options,
      id: randomUUID(),
      correlationId: options.correlationId ?? options.cause?.correlationid ?? randomUUID(),
      businessKey: options.cause?.subject ?? '',
      verified: options.cause !== undefined,
      claims: [],
      changes: [],
      published: [],
      steps: [],
    };
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.fail(
          delivery.id,
          new CodedError('DELIVERY_TIMEOUT', `Not finished within ${options.timeLimitMs} ms`),
        );
        resolve();
      }, options.timeLimitMs);
      const settle = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#open.set(delivery.id, { delivery, pending: 0, settle });
      this.hold(delivery.id);
      try {
        start(delivery);
      } catch (error) {
        this.fail(delivery.id, error);
      }
      this.release(delivery.id);
    });
    this.#open.delete(delivery.id);
    return delivery;
  }

  /** The delivery at work with this id or that this message belongs to; undefined once it is settled. */
  of(message: { _delivery?: string } | string): Delivery | undefined {
    const id = typeof message === 'string' ? message : message._delivery;
    return id === undefined ? undefined : this.#open.get(id)?.delivery;
  }

  /** One more unit of work. */
  hold(id: string): void {
    const open = this.#open.get(id);
    if (open) open.pending += 1;
  }

  /** One unit less, counted one turn later: a node may say done before it sends. */
  release(id: string): void {
    setImmediate(() => {
      const open = this.#open.get(id);
      if (!open) return;
      open.pending -= 1;
      if (open.pending === 0) open.settle();
    });
  }

  /** `at` is the name of the node that failed. */
  fail(id: string, error: unknown, at?: string): void {
    const delivery = this.of(id);
    if (!delivery || delivery.failure) return;
    delivery.failure = asCoded(error);
    if (at) delivery.failedAt = at;
  }

  get size(): number {
    return this.#open.size;
  }
}

/** Notes a step of the delivery's transaction; it is written to the journal when the delivery ends. */
export function note(
  delivery: Delivery,
  place: { step: string; flow: string; flowVersion: string },
  outcome: Outcome,
  more: Pick<Step, 'code' | 'detail' | 'reference' | 'durationMs'> = {},
): void {
  delivery.steps.push({
    time: new Date().toISOString(),
    correlationId: delivery.correlationId,
    businessKey: delivery.businessKey,
    ...place,
    outcome,
    ...more,
  });
}
