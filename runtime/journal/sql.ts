/** The journal in SQL, the same queries for SQLite and PostgreSQL. */
import { sql, type Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import { written } from '../envelope/written.ts';
import { sqlDocuments } from './documents.ts';
import { sqlProcesses } from './processes.ts';
import type { Failure, Journal, Outcome, Step } from './journal.ts';
import { sqlLetters } from './letters.ts';
import { DEFAULT_LIMIT, stored, text, textOrNull, type StepTable, type Tables } from './tables.ts';

/** 500 × 12 columns stay below the parameter limits of both databases. */
const ROWS_IN_ONE_INSERT = 500;

interface Waiting<Row> {
  rows: Row[];
  resolve(): void;
  reject(error: unknown): void;
}

/** `end` closes what is below. */
export function sqlJournal(db: Kysely<Tables>, end: () => Promise<void>): Journal {
  const append = batched<StepTable>((rows) => db.insertInto('step').values(rows).execute());
  const advance = batched<Tables['record_version']>((rows) =>
    db
      .insertInto('record_version')
      .values(newestOf(rows))
      .onConflict((conflict) =>
        conflict
          .column('record')
          .doUpdateSet((x) => ({ version: x.ref('excluded.version') }))
          .whereRef('record_version.version', '<', 'excluded.version'),
      )
      .execute(),
  );

  return {
    append: (steps) => (steps.length === 0 ? Promise.resolve() : append(steps.map(toRow))),

    trace: ({ correlationId, businessKey, limit = DEFAULT_LIMIT }) =>
      stored(async () => {
        let query = db.selectFrom('step').select(columns).limit(limit);
        if (correlationId !== undefined) query = query.where('correlation_id', '=', correlationId);
        if (businessKey !== undefined)
          query = query.where('correlation_id', 'in', (inner) =>
            inner.selectFrom('step').select('correlation_id').where('business_key', '=', businessKey),
          );
        const newestFirst = correlationId === undefined && businessKey === undefined;
        const order = newestFirst ? 'desc' : 'asc';
        // Else the index of times is not what is read.
        if (newestFirst) query = query.where('time', '>=', '');
        const rows = await query.orderBy('time', order).orderBy('seq', order).execute();
        return rows.map(fromRow);
      }),

    kept: (correlationId) =>
      stored(async () => {
        const rows = await db
          .selectFrom('step')
          .select('message')
          .where('correlation_id', '=', text(correlationId))
          .where('message', 'is not', null)
          .orderBy('time')
          .orderBy('seq')
          .execute();
        return rows.map(({ message }) => JSON.parse(message!) as Envelope);
      }),

    forget: (before) =>
      stored(async () => {
        await db
          .updateTable('step')
          .set({ message: null })
          .where('time', '<', before)
          .where('message', 'is not', null)
          .execute();
      }),

    count: (since) =>
      stored(async () => {
        const rows = await db
          .selectFrom('step')
          .select((x) => ['outcome', x.fn.countAll().as('n')])
          .where('time', '>=', since)
          .groupBy('outcome')
          .execute();
        return Object.fromEntries(rows.map((row) => [row.outcome, Number(row.n)])) as Partial<
          Record<Outcome, number>
        >;
      }),

    failures: ({ flow, messageId }) =>
      stored(async () => {
        const rows = await db
          .selectFrom('step')
          .select(['time', 'code', 'detail', 'flow_version'])
          .where('reference', '=', text(messageId))
          .where('flow', '=', text(flow))
          // Word for word as in the partial index, or it is not used.
          .where('outcome', '=', sql.lit('retrying'))
          .orderBy('time')
          .orderBy('seq')
          .execute();
        return rows.map(toFailure);
      }),

    ...sqlLetters(db),
    documents: sqlDocuments(db),
    processes: sqlProcesses(db),

    version: (record) =>
      stored(async () => {
        const row = await db
          .selectFrom('record_version')
          .select('version')
          .where('record', '=', text(record))
          .executeTakeFirst();
        return row?.version;
      }),

    advance: (record, version) => advance([{ record: text(record), version: text(version) }]),

    ready: () =>
      stored(async () => {
        await db.selectFrom('record_version').select('version').where('record', '=', '').execute();
      }),

    ahead: async () => {},

    close: end,
  };
}

/** Calls of the same turn, and those that come while an insert is under way, share the next insert. */
function batched<Row>(insert: (rows: Row[]) => Promise<unknown>): (rows: Row[]) => Promise<void> {
  let waiting: Waiting<Row>[] = [];
  let busy = false;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, rowsThatFit(waiting));
      try {
        const rows = batch.flatMap((one) => one.rows);
        for (let at = 0; at < rows.length; at += ROWS_IN_ONE_INSERT)
          await stored(() => insert(rows.slice(at, at + ROWS_IN_ONE_INSERT)));
        for (const one of batch) one.resolve();
      } catch (error) {
        for (const one of batch) one.reject(error);
      }
    }
    busy = false;
  }

  return (rows) =>
    new Promise((resolve, reject) => {
      waiting.push({ rows, resolve, reject });
      if (busy) return;
      busy = true;
      setImmediate(() => void flush());
    });
}

/** One row a record, always in the same order: two that write the same records do not wait for each other in a circle. */
function newestOf(rows: readonly Tables['record_version'][]): Tables['record_version'][] {
  const newest = new Map<string, Tables['record_version']>();
  for (const row of rows) {
    const known = newest.get(row.record);
    if (!known || Buffer.compare(Buffer.from(known.version), Buffer.from(row.version)) < 0)
      newest.set(row.record, row);
  }
  return [...newest.values()].toSorted((a, b) => (a.record < b.record ? -1 : 1));
}

/** How many callers fit in one insert: at least one. */
function rowsThatFit(waiting: readonly Waiting<unknown>[]): number {
  let rows = 0;
  const end = waiting.findIndex((one, i) => (rows += one.rows.length) > ROWS_IN_ONE_INSERT && i > 0);
  return end === -1 ? waiting.length : end;
}

const columns = [
  'time',
  'correlation_id',
  'business_key',
  'step',
  'flow',
  'flow_version',
  'outcome',
  'code',
  'detail',
  'reference',
  'duration_ms',
] as const;

export const stepColumns = [...columns, 'message'] as const;

export function toRow(step: Step): Pick<StepTable, (typeof stepColumns)[number]> {
  return {
    time: step.time,
    correlation_id: text(step.correlationId),
    business_key: text(step.businessKey),
    step: text(step.step),
    flow: text(step.flow),
    flow_version: text(step.flowVersion),
    outcome: step.outcome,
    code: textOrNull(step.code),
    detail: textOrNull(step.detail),
    reference: textOrNull(step.reference),
    duration_ms: step.durationMs ?? null,
    message: step.message ? written(step.message) : null,
  };
}

function fromRow(row: Pick<StepTable, (typeof columns)[number]>): Step {
  return {
    time: row.time,
    correlationId: row.correlation_id,
    businessKey: row.business_key,
    step: row.step,
    flow: row.flow,
    flowVersion: row.flow_version,
    outcome: row.outcome as Outcome,
    ...(row.code !== null && { code: row.code }),
    ...(row.detail !== null && { detail: row.detail }),
    ...(row.reference !== null && { reference: row.reference }),
    ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
  };
}

function toFailure(row: Pick<StepTable, 'time' | 'code' | 'detail' | 'flow_version'>): Failure {
  return {
    time: row.time,
    code: row.code ?? 'INTERNAL',
    ...(row.detail !== null && { detail: row.detail }),
    flowVersion: row.flow_version,
  };
}
