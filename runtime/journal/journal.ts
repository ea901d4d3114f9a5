/** The trace of every business transaction, and the exceptions that wait for a person. */
import type { Envelope } from '../envelope/envelope.ts';

export type Outcome =
  | 'accepted' // a webhook was taken: 202
  | 'refused' // a webhook was not taken; code says why
  | 'duplicate' // counted already; nothing done
  | 'superseded' // a newer version of the record was seen before
  | 'mapped' // turned into the canonical model
  | 'published' // an event is durably with the broker
  | 'landed' // an effect stands in the target: Odoo, a warehouse, a carrier
  | 'retrying' // failed, and comes back by itself
  | 'exception' // waits for a person
  | 'replayed'
  | 'discarded';

export interface Step {
  /** ISO 8601, UTC. */
  time: string;
  correlationId: string;
  /** What a person asks for: the order number. Empty when it was not known yet. */
  businessKey: string;
  /** Node name. */
  step: string;
  flow: string;
  flowVersion: string;
  outcome: Outcome;
  code?: string;
  /** One line for a person. Never a payload, a secret or a traceback. */
  detail?: string;
  /** The effect's address: `sale.order/42`, an event id. */
  reference?: string;
  durationMs?: number;
}

/** A message whose work could not be done: kept whole, to be repaired and replayed. */
export interface DeadLetter {
  /** The same message dead in the same queue has the same id. */
  id: string;
  queue: string;
  message: Envelope;
  code: string;
  reason: string;
  facts: Record<string, string | number | boolean | undefined>;
  firstFailed: string;
  lastFailed: string;
  attempts: number;
  state: 'open' | 'replayed' | 'discarded';
}

export interface TraceQuery {
  correlationId?: string;
  businessKey?: string;
  /** Newest first when neither key is given. Default 200. */
  limit?: number;
}

export interface Journal {
  /** Durable when it resolves. Calls close together share one commit. */
  append(steps: readonly Step[]): Promise<void>;
  /** Steps oldest first when a key is given. A business key finds every step of its transactions, also those noted before the key was known. */
  trace(query: TraceQuery): Promise<Step[]>;
  /** How often each outcome was noted since an ISO time. */
  count(since?: string): Promise<Partial<Record<Outcome, number>>>;
  /** Durable when it resolves; again for the same id updates the last failure. */
  bury(letter: DeadLetter): Promise<void>;
  deadLetters(query?: {
    state?: DeadLetter['state'];
    queue?: string;
    code?: string;
    limit?: number;
  }): Promise<DeadLetter[]>;
  /** Throws CodedError STORE_UNAVAILABLE, as every call does when the store cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
