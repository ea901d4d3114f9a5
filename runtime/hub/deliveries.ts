/** The messages being worked on: each is settled when its last branch of work has completed, or its time is over. */
import { randomUUID } from 'node:crypto';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Envelope } from '../envelope/envelope.ts';
import type { Claim } from '../guard/guard.ts';
import type { Outcome, Step } from '../journal/step.ts';
import type { Named } from './published.ts';
import { spanNow, type Span } from '../tracing/span.ts';

export interface DeliveryOptions {
  flow: string;
  flowVersion: string;
  /** The event it was consumed from; a webhook has none. */
  cause?: Envelope;
  /** The whole business transaction; that of the cause, or a new one. */
  correlationId?: string;
  timeLimitMs: number;
  /** Whoever begins it publishes what is in it. */
  outbox?: Delivery['outbox'];
}

/** Where in the flows a step is: the node's name, its flow, and the version of the flow. */
export interface FlowContext {
  step: string;
  flow: string;
  flowVersion: string;
}

/** One message from outside (a webhook) or from a queue, and what is known of its work so far. */
export interface Delivery extends Readonly<Omit<DeliveryOptions, 'correlationId'>> {
  readonly id: string;
  readonly correlationId: string;
  /** When it was taken up, as `performance.now()`. */
  readonly begun: number;
  /** Where it is traced. */
  readonly trace?: Span;
  businessKey: string;
  /** Who it came from. Of a webhook known when it has published. */
  partner?: string;
  /** The signature was right. Events are verified from the start. */
  verified: boolean;
  /** Committed with the answer when the work is done, released when it failed. */
  readonly claims: { claim: Claim; keepMs: number }[];
  /** Changes of records that have landed when the work is done. */
  readonly changes: { record: string; version: string }[];
  /** Events that are published when the work is done, together with its books. Absent where each is published at once. */
  readonly outbox?: { message: Envelope; flowContext: FlowContext; named: Named }[];
  /** Ids of the events this work published. */
  readonly published: string[];
  /** What was answered when the same message came first. */
  repeated?: { result: unknown };
  readonly steps: Step[];
  /** It came to something: published, landed, left out by a decision, counted by a process, or given to a node of others. */
  came?: true;
  /** Name of the node that completed last. */
  last?: string;
  /** The first failure; later ones do not replace it. */
  failure?: CodedError;
  /** Name of the node that failed, where one did. */
  failedAt?: string;
}

/** One piece of a delivery's work: a message on its way to a node, or the node's work on it. */
export interface Unit {
  readonly open: Open;
  /** The node. */
  readonly at: object;
  done: boolean;
  /** An earlier one that has the same message. */
  next: Unit | undefined;
  /** Where the delivery is traced, once the node has it. */
  span: Span | undefined;
}

interface Open {
  delivery: Delivery;
  units: Set<Unit>;
  settle: () => void;
}

export class Deliveries {
  #open = new Map<string, Open>();

  /** Resolves when the work that `start` begins has completed. It never rejects: look at `failure`. */
  async run(options: DeliveryOptions, start: (delivery: Delivery) => void): Promise<Delivery> {
    const trace = spanNow();
    const delivery: Delivery = {
      ...options,
      id: randomUUID(),
      correlationId: options.correlationId ?? options.cause?.correlationid ?? randomUUID(),
      begun: performance.now(),
      ...(trace && { trace }),
      businessKey: options.cause?.subject ?? '',
      ...(options.cause && { partner: options.cause.source }),
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
      this.#open.set(delivery.id, { delivery, units: new Set(), settle });
      const starting = this.begin(delivery.id, delivery);
      try {
        start(delivery);
      } catch (error) {
        this.fail(delivery.id, error);
      }
      if (starting) this.end(starting);
    });
    this.#open.delete(delivery.id);
    return delivery;
  }

  /** The delivery at work with this id or that this message belongs to; undefined once it is settled. */
  of(message: { _delivery?: string } | string): Delivery | undefined {
    const id = typeof message === 'string' ? message : message._delivery;
    return id === undefined ? undefined : this.#open.get(id)?.delivery;
  }

  /** One more unit of work at this node; undefined when no such delivery is at work. */
  begin(id: string | undefined, at: object): Unit | undefined {
    const open = id === undefined ? undefined : this.#open.get(id);
    if (!open) return undefined;
    const unit = { open, at, done: false, next: undefined, span: undefined };
    open.units.add(unit);
    return unit;
  }

  /** Whether the delivery has ended is looked at one turn later: a node may say done before it sends. */
  end(unit: Unit): void {
    if (unit.done) return;
    unit.done = true;
    unit.span?.end();
    const { units, settle } = unit.open;
    units.delete(unit);
    if (units.size === 0) setImmediate(() => units.size === 0 && settle());
  }

  /** What is under way at this node, of one delivery or of all. */
  at(node: object, id?: string): Unit[] {
    const open = id === undefined ? [...this.#open.values()] : [this.#open.get(id)];
    return open.flatMap((one) => [...(one?.units ?? [])].filter(({ at }) => at === node));
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

const came: ReadonlySet<Outcome> = new Set(['published', 'landed', 'duplicate', 'superseded', 'dropped']);

/** Work that ended well and came to nothing has failed: an output that its message took is wired nowhere. */
export function demandResult(delivery: Delivery): void {
  const { failure, repeated, last, outbox = [] } = delivery;
  if (failure || repeated || delivery.came || outbox.length > 0) return;
  delivery.failure = new CodedError(
    'NOTHING_DONE',
    last ? `The work ended at "${last}" and came to nothing` : 'No work was done',
  );
  if (last) delivery.failedAt = last;
}

/** Notes a step of the delivery's transaction; it is written to the journal when the delivery ends. */
export function note(
  delivery: Delivery,
  flowContext: FlowContext,
  outcome: Outcome,
  more: Pick<Step, 'code' | 'detail' | 'reference' | 'durationMs' | 'message'> & Named = {},
): void {
  if (came.has(outcome)) delivery.came = true;
  delivery.steps.push({
    time: new Date().toISOString(),
    correlationId: delivery.correlationId,
    businessKey: delivery.businessKey,
    ...flowContext,
    outcome,
    ...(delivery.partner !== undefined && { partner: delivery.partner }),
    ...(delivery.trace && { traceId: delivery.trace.traceId }),
    ...more,
  });
}

/** Of what a webhook published the journal keeps the whole message for a time. */
export function notePublished(
  delivery: Delivery,
  flowContext: FlowContext,
  message: Envelope,
  named: Named,
): void {
  delivery.published.push(message.id);
  delivery.partner ??= message.source;
  note(delivery, flowContext, 'published', {
    detail: message.type,
    reference: message.id,
    ...(!delivery.cause && { message }),
    ...named,
  });
}
