/** Runs again what a webhook published: the same events with the same ids, so that what was done is not done twice. */
import type { Broker } from '../broker/broker.ts';
import type { Envelope } from '../envelope/envelope.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from '../journal/journal.ts';

/** By the id of the webhook's answer. Throws MESSAGE_UNKNOWN, BROKER_UNAVAILABLE and STORE_UNAVAILABLE; once more is safe. */
export async function rerun(
  { broker, journal }: { broker: Pick<Broker, 'publish'>; journal: Pick<Journal, 'kept' | 'append'> },
  id: string,
  by: string,
): Promise<Envelope[]> {
  const messages = await journal.kept(id);
  if (messages.length === 0)
    throw new CodedError('MESSAGE_UNKNOWN', `No message that was taken is kept under ${id}`, { id });
  for (const message of messages) {
    await broker.publish(message);
    const { correlationid, subject, source: partner, flow, flowversion, id: reference } = message;
    await journal.append([
      {
        time: new Date().toISOString(),
        correlationId: correlationid,
        businessKey: subject,
        step: 'rerun',
        flow,
        flowVersion: flowversion,
        outcome: 'replayed',
        partner,
        detail: `by ${by}`,
        reference,
      },
    ]);
  }
  return messages;
}
