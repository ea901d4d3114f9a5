/** The exceptions of an order, and the messages themselves for those who may see them. */
import { sql, type Kysely } from 'kysely';
import type { Envelope } from '../../envelope/envelope.ts';
import type { Tables } from '../../journal/tables.ts';

export interface OrderException {
  /** Of the letter. */
  id: string;
  code: string;
  reason: string;
  flow: string;
  /** Open, parked, replayed or discarded. */
  state: string;
  attempts: number;
  /** ISO 8601, UTC. */
  firstFailed: string;
  lastFailed: string;
  /** Of the event that could not be worked on. */
  event: string;
}

export interface RawMessage {
  /** ISO 8601, UTC. */
  time: string;
  /** Where it stands: what a webhook published, or an exception. */
  from: 'webhook' | 'exception';
  message: Envelope;
}

const most = 50;

/** Those that wait first, then the last failed first. */
export async function exceptionsOf(
  db: Kysely<Tables>,
  transactions: readonly string[],
): Promise<OrderException[]> {
  const rows = await letters(db, transactions);
  return rows.map((row) => ({
    id: row.id,
    code: row.code,
    reason: row.reason,
    flow: row.flow,
    state: row.state,
    attempts: row.attempts,
    firstFailed: row.first_failed,
    lastFailed: row.last_failed,
    event: (JSON.parse(row.message) as Envelope).type,
  }));
}

/** What webhooks published is kept for a time, exceptions for longer. Oldest first. */
export async function rawMessages(
  db: Kysely<Tables>,
  transactions: readonly string[],
): Promise<RawMessage[]> {
  if (transactions.length === 0) return [];
  const kept = await db
    .selectFrom('step')
    .select(['time', 'message'])
    .where('correlation_id', 'in', transactions)
    .where('message', 'is not', null)
    .orderBy('time', 'desc')
    .limit(most)
    .execute();
  const all = [
    ...kept.map(({ time, message }) => raw(time, 'webhook', message!)),
    ...(await letters(db, transactions)).map((row) => raw(row.first_failed, 'exception', row.message)),
  ];
  return all.toSorted((a, b) => (a.time < b.time ? -1 : 1));
}

function raw(time: string, from: RawMessage['from'], text: string): RawMessage {
  return { time, from, message: JSON.parse(text) as Envelope };
}

async function letters(db: Kysely<Tables>, transactions: readonly string[]) {
  if (transactions.length === 0) return [];
  return (
    db
      .selectFrom('dead_letter')
      .select(['id', 'code', 'reason', 'flow', 'state', 'attempts', 'first_failed', 'last_failed', 'message'])
      .where('correlation_id', 'in', transactions)
      // What waits is never among those left out.
      .orderBy(sql`case when state in ('open', 'parked') then 0 else 1 end`)
      .orderBy('last_failed', 'desc')
      .limit(most)
      .execute()
  );
}
