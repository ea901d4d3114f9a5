/** Runs again what a webhook published: the same events with the same ids, so that what was done is not done twice. */
import type { Broker } from '../broker/broker.ts';
import type { Envelope } from '../envelope/envelope.ts';
import { begun } from '../audit/audited.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Journal } from '../journal/journal.ts';

/** By the id of the webhook's answer. Throws MESSAGE_UNKNOWN, BROKER_UNAVAILABLE and STORE_UNAVAILABLE; once more is safe. */
export async function rerun(
  {
    broker,
    journal,
  }: { broker: Pick<Broker, 'publish'>; journal: Pick<Journal, 'kept' | 'append' | 'audit'> },
  id: string,
  by: string,
): Promise<Envelope[]> {
  const messages = await journal.kept(id);
  if (messages.length === 0)
    throw new CodedError('MESSAGE_UNKNOWN', `No message that was taken is kept under ${id}`, { id });
  await begun(journal.audit, { who: by, act: 'message.rerun', object: `message/${id}` });
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

const PAGE = 500;

/**
 * Every webhook that was accepted since the day of an ISO time, oldest first, for when the broker has lost its queues. That
 * a record was taken is forgotten first, for what took it never arrived. How many webhooks there were.
 */
export async function rerunSince(
  stores: Parameters<typeof rerun>[0] & { journal: Pick<Journal, 'upkeep'> },
  since: string,
  by: string,
): Promise<number> {
  const { db } = stores.journal.upkeep;
  const day = since.slice(0, 10);
  await db.deleteFrom('record_version').where('day', '>=', day).execute();
  const done = new Set<string>();
  for (let from = day; ;) {
    const rows = await db
      .selectFrom('step')
      .select(['correlation_id', 'time'])
      .where('message', 'is not', null)
      .where('time', '>=', from)
      .orderBy('time')
      .limit(PAGE)
      .execute();
    const fresh = new Set(rows.map((row) => row.correlation_id)).difference(done);
    for (const id of fresh) {
      await rerun(stores, id, by);
      done.add(id);
    }
    // What one page cannot hold of one moment does not come either.
    if (rows.length < PAGE || fresh.size === 0) return done.size;
    from = rows.at(-1)!.time;
  }
}
