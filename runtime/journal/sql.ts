/** The journal in SQL, the same queries for SQLite and PostgreSQL. */
import type { Kysely, Selectable } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { DeadLetter, Journal, Outcome, Step } from './journal.ts';

export interface StepTable {
  time: string;
  correlation_id: string;
  business_key: string;
  step: string;
  flow: string;
  flow_version: string;
  outcome: string;
  code: string | null;
  detail: string | null;
  reference: string | null;
  duration_ms: number | null;
}

export interface DeadLetterTable {
  id: string;
  queue: string;
  message: string;
  code: string;
  reason: string;
  facts: string;
  first_failed: string;
  last_failed: string;
  attempts: number;
  state: string;
}

export interface Tables {
  /** `seq` grows with every row: the order of steps that have the same time. */
  step: StepTable & { seq?: number };
  dead_letter: DeadLetterTable;
}

const DEFAULT_LIMIT = 200;
/** 500 × 11 columns stay below the parameter limits of both databases. */
const ROWS_IN_ONE_INSERT = 500;

interface Waiting {
  rows: StepTable[];
  resolve(): void;
  reject(error: unknown): void;
}

/** `end` closes what is below. */
export function sqlJournal(db: Kysely<Tables>, end: () => Promise<void>): Journal {
  const append = batched((rows) => db.insertInto('step').values(rows).execute());

  return {
    append: (steps) => (steps.length === 0 ? Promise.resolve() : append(steps.map(toRow))),

    trace: ({ correlationId, businessKey, limit = DEFAULT_LIMIT }) =>
      stored(async () => {
        let query = db.selectFrom('step').selectAll().limit(limit);
        if (correlationId !== undefined) query = query.where('correlation_id', '=', correlationId);
        if (businessKey !== undefined)
          query = query.where('correlation_id', 'in', (inner) =>
            inner.selectFrom('step').select('correlation_id').where('business_key', '=', businessKey),
          );
        const newestFirst = correlationId === undefined && businessKey === undefined;
        const order = newestFirst ? 'desc' : 'asc';
        const rows = await query.orderBy('time', order).orderBy('seq', order).execute();
        return rows.map(fromRow);
      }),

    count: (since) =>
      stored(async () => {
        let query = db
          .selectFrom('step')
          .select((x) => ['outcome', x.fn.countAll().as('n')])
          .groupBy('outcome');
        if (since !== undefined) query = query.where('time', '>=', since);
        const rows = await query.execute();
        return Object.fromEntries(rows.map((row) => [row.outcome, Number(row.n)])) as Partial<
          Record<Outcome, number>
        >;
      }),

    bury: (letter) =>
      stored(async () => {
        const row = toLetterRow(letter);
        const { id: _id, first_failed: _first, ...last } = row;
        await db
          .insertInto('dead_letter')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(last))
          .execute();
      }),

    deadLetters: ({ state, queue, code, limit = DEFAULT_LIMIT } = {}) =>
      stored(async () => {
        let query = db.selectFrom('dead_letter').selectAll().limit(limit);
        if (state !== undefined) query = query.where('state', '=', state);
        if (queue !== undefined) query = query.where('queue', '=', queue);
        if (code !== undefined) query = query.where('code', '=', code);
        const rows = await query.orderBy('last_failed', 'desc').orderBy('id').execute();
        return rows.map(fromLetterRow);
      }),

    ready: () =>
      stored(async () => {
        await db.selectFrom('step').select('time').limit(1).execute();
      }),

    close: end,
  };
}

/** Calls of the same turn, and those that come while an insert is under way, share the next insert. */
function batched(insert: (rows: StepTable[]) => Promise<unknown>): (rows: StepTable[]) => Promise<void> {
  let waiting: Waiting[] = [];
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

/** How many callers fit in one insert: at least one. */
function rowsThatFit(waiting: readonly Waiting[]): number {
  let rows = 0;
  const end = waiting.findIndex((one, i) => (rows += one.rows.length) > ROWS_IN_ONE_INSERT && i > 0);
  return end === -1 ? waiting.length : end;
}

async function stored<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError('STORE_UNAVAILABLE', 'The journal cannot be reached', {}, { cause: error });
  }
}

/** PostgreSQL refuses NUL in text; one such step must not fail the steps it shares an insert with. */
const text = (value: string) => value.replaceAll('\0', '');
const textOrNull = (value: string | undefined) => (value === undefined ? null : text(value));

function toRow(step: Step): StepTable {
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
  };
}

function fromRow(row: Selectable<StepTable>): Step {
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

function toLetterRow(letter: DeadLetter): DeadLetterTable {
  return {
    id: text(letter.id),
    queue: text(letter.queue),
    message: JSON.stringify(letter.message),
    code: text(letter.code),
    reason: text(letter.reason),
    facts: JSON.stringify(letter.facts),
    first_failed: letter.firstFailed,
    last_failed: letter.lastFailed,
    attempts: letter.attempts,
    state: letter.state,
  };
}

function fromLetterRow(row: DeadLetterTable): DeadLetter {
  return {
    id: row.id,
    queue: row.queue,
    message: JSON.parse(row.message) as Envelope,
    code: row.code,
    reason: row.reason,
    facts: JSON.parse(row.facts) as DeadLetter['facts'],
    firstFailed: row.first_failed,
    lastFailed: row.last_failed,
    attempts: row.attempts,
    state: row.state as DeadLetter['state'],
  };
}
