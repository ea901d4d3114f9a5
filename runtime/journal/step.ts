/** One step of a business transaction, as its trace has it. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Name } from '../names/names.ts';

export type Outcome =
  | 'accepted' // a webhook was taken: 202
  | 'refused' // a webhook was not taken; code says why
  | 'duplicate' // counted already; nothing done
  | 'superseded' // a newer version of the record was seen before
  | 'dropped' // left out by a decision, which stands in the flow
  | 'read' // something was asked of a target, and nothing changed there
  | 'mapped' // turned into the canonical model
  | 'published' // an event is durably with the broker
  | 'landed' // an effect stands in the target: Odoo, a warehouse, a carrier
  | 'retrying' // failed, and comes back by itself
  | 'outage' // the target cannot be reached; the try does not count
  | 'parked' // waits for a predecessor
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
  /** The effect's address: `sale.order/42`, an event id. Of a retrying or outage step: the id of the message that failed. */
  reference?: string;
  durationMs?: number;
  /** Of OpenTelemetry, where it was traced. */
  traceId?: string;
  /** Who the message came from, where that is known. Only counted, no trace shows it. */
  partner?: string;
  /** What a webhook published, kept for a time so that it can be run again. No trace shows it. */
  message?: Envelope;
  /** What what it is about is called; search finds it by these. No trace shows them. */
  names?: readonly Name[];
  /** Where the names lead; without it to the transaction. */
  about?: { process: string; key: string };
}
