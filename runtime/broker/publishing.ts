/** A message that is made belongs to the trace of the work that made it, on whatever broker. */
import type { Broker } from './broker.ts';
import type { Envelope } from '../envelope/envelope.ts';
import { ended, spanNow, type Span } from '../tracing/span.ts';

const begun = new WeakMap<Envelope, Span>();

/** Before it is published, and before anything is kept of it. */
export function stamp(message: Envelope): void {
  const span = spanNow()?.child({
    name: `publish ${message.type}`,
    kind: 'producer',
    attributes: {
      'messaging.operation.type': 'send',
      'messaging.destination.name': message.type,
      'messaging.message.id': message.id,
      'messaging.message.conversation_id': message.correlationid,
    },
  });
  if (!span) return;
  message.traceparent = span.traceparent;
  begun.set(message, span);
}

/** The same, in the same turn; what was stamped ends with its confirm. */
export function publishing(publish: Broker['publish']): Broker['publish'] {
  return (message) => {
    const span = begun.get(message);
    return span ? ended(span, publish(message)) : publish(message);
  };
}
