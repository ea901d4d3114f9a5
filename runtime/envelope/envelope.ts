/** What a message between flows is: a CloudEvents 1.0 envelope with the extensions that trace a business transaction. */
import { hash, randomUUID } from 'node:crypto';
import { storable } from './text.ts';

/** CloudEvents 1.0 (https://cloudevents.io), attribute names as the standard writes them. */
export interface Envelope {
  specversion: '1.0';
  /** Unique with `source`; the same effect made twice carries the same id. */
  id: string;
  /** Who says so: a partner (`shopify`) or a flow of the hub. */
  source: string;
  /** Event type with its version: `order.received.v1`. */
  type: string;
  /** The business key: `SO-1001`. */
  subject: string;
  /** ISO 8601, UTC. */
  time: string;
  datacontenttype: 'application/json';
  dataschema?: string;
  /** The whole business transaction. */
  correlationid: string;
  /** The id of the message this one was made from. */
  causationid?: string;
  /** Of a message that was sent again: the id of the message that failed first. */
  replayof?: string;
  /** Messages with the same key keep their order. */
  partitionkey: string;
  traceparent?: string;
  flow: string;
  flowversion: string;
  data: unknown;
}

export type NewEnvelope = Pick<Envelope, 'source' | 'type' | 'subject' | 'flow' | 'flowversion' | 'data'> &
  Partial<Envelope>;

/** A whole envelope from what is known of it: id, time, correlation and partition key are filled in. Throws TEXT_INVALID. */
export function envelope(known: NewEnvelope): Envelope {
  storable(known.subject, 'The business key');
  const id = known.id ?? randomUUID();
  return {
    specversion: '1.0',
    id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    correlationid: known.correlationid ?? id,
    partitionkey: known.partitionkey ?? `${known.source}/${known.subject}`,
    ...known,
  };
}

/** A new id that sorts by its time (UUID 7): where rows are found by it, new ones stand together. */
export function timedId(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** The same id for the same parts: an event made again from the same message is the same event. */
export function deterministicId(...parts: string[]): string {
  const hex = hash('sha256', JSON.stringify(parts), 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
