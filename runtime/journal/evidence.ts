/** What the journal knows that speaks for or against sending messages again: questions about many at a time. */
import { sql, type Kysely } from 'kysely';
import type { Outcome } from './step.ts';
import { stored, type Tables } from './tables.ts';

/** The end of a transaction's work in a flow. */
export interface Ending {
  correlationId: string;
  subject: string;
  flow: string;
  time: string;
  outcome: Outcome;
  reference?: string;
}

export interface Waiting {
  id: string;
  queue: string;
  partitionKey: string;
  firstFailed: string;
}

export interface Evidence {
  /** Work of these transactions that ended well, noted after this ISO time. */
  endings(correlationIds: readonly string[], after: string): Promise<Ending[]>;
  /** The newest versions of these records that have landed. */
  versions(records: readonly string[]): Promise<Map<string, string>>;
  /** Processes that have one of these numbers. */
  processes(
    numbers: readonly string[],
  ): Promise<{ process: string; number: string; state: string; body: string }[]>;
  /** Letters that wait, of these queues and partition keys; the longest first. */
  waiting(queues: readonly string[], partitionKeys: readonly string[]): Promise<Waiting[]>;
  /** Where these letters stand. */
  standing(ids: readonly string[]): Promise<{ id: string; state: string; lastFailed: string }[]>;
  documents(kind: string, ids: readonly string[]): Promise<Map<string, string>>;
}

const done = ['landed', 'published', 'duplicate', 'superseded'] as const satisfies Outcome[];
/** Below the parameter limits of both databases. */
const IN_ONE_QUERY = 500;

export function sqlEvidence(db: Kysely<Tables>): Evidence {
  return {
    endings: (ids, after) =>
      inPieces(ids, async (some) => {
        const rows = await db
          .selectFrom('step')
          .select(['correlation_id', 'business_key', 'flow', 'time', 'outcome', 'reference'])
          .where('correlation_id', 'in', some)
          .where('time', '>', after)
          .where('outcome', 'in', done)
          .orderBy('time')
          .execute();
        return rows.map((row) => ({
          correlationId: row.correlation_id,
          subject: row.business_key,
          flow: row.flow,
          time: row.time,
          outcome: row.outcome as Outcome,
          ...(row.reference !== null && { reference: row.reference }),
        }));
      }),
    versions: async (records) => {
      const rows = await inPieces(records, (some) =>
        db.selectFrom('record_version').selectAll().where('record', 'in', some).execute(),
      );
      return new Map(rows.map(({ record, version }) => [record, version]));
    },
    processes: (numbers) =>
      inPieces(numbers, (some) =>
        db
          .selectFrom('process')
          .select(['process', 'number', 'state', 'body'])
          .where('number', 'in', some)
          .execute(),
      ),
    waiting: (queues, keys) =>
      inPieces(keys, async (some) => {
        const rows = await db
          .selectFrom('dead_letter')
          .select(['id', 'queue', 'partition_key', 'first_failed'])
          .where('queue', 'in', queues)
          .where('partition_key', 'in', some)
          // Word for word as in the partial index, or it is not used.
          .where('state', 'in', [sql.lit('open' as const), sql.lit('parked' as const)])
          .orderBy('first_failed')
          .execute();
        return rows.map(({ id, queue, partition_key, first_failed }) => ({
          id,
          queue,
          partitionKey: partition_key,
          firstFailed: first_failed,
        }));
      }),
    standing: (ids) =>
      inPieces(ids, async (some) => {
        const rows = await db
          .selectFrom('dead_letter')
          .select(['id', 'state', 'last_failed'])
          .where('id', 'in', some)
          .execute();
        return rows.map(({ id, state, last_failed: lastFailed }) => ({ id, state, lastFailed }));
      }),
    documents: async (kind, ids) => {
      const rows = await inPieces(ids, (some) =>
        db
          .selectFrom('document')
          .select(['id', 'body'])
          .where('kind', '=', kind)
          .where('id', 'in', some)
          .execute(),
      );
      return new Map(rows.map(({ id, body }) => [id, body]));
    },
  };
}

/** One query for some hundred of them. */
export async function inPieces<Row>(
  all: readonly string[],
  read: (some: string[]) => Promise<readonly Row[]>,
): Promise<Row[]> {
  const different = [...new Set(all)];
  const rows: Row[] = [];
  for (let at = 0; at < different.length; at += IN_ONE_QUERY)
    rows.push(...(await stored(() => read(different.slice(at, at + IN_ONE_QUERY)))));
  return rows;
}
