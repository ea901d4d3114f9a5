/** The journal in SQL, the same queries for SQLite and PostgreSQL. */
import { CompiledQuery, sql, type Kysely } from 'kysely';
import type { Envelope } from '../envelope/envelope.ts';
import { written } from '../envelope/written.ts';
import { gathered } from '../limits/gathered.ts';
import { sealedRow } from '../seal/columns.ts';
import type { StoreKeys } from '../seal/keys.ts';
import { aliasesInto, aliasesOf } from './aliases.ts';
import { sqlAudit, type Audit } from './audit.ts';
import { sqlDocuments } from './documents.ts';
import { sqlEvidence } from './evidence.ts';
import { sqlIssues } from './issues.ts';
import type { Failure, Journal, TraceQuery } from './journal.ts';
import { sqlLetters } from './letters.ts';
import { sqlProcesses } from './processes.ts';
import { sqlProposals } from './proposals.ts';
import { sqlReplays } from './replays.ts';
import { countsInto, sqlRollups } from './rollups.ts';
import { rowsByKey } from './rows.ts';
import type { Outcome, Step } from './step.ts';
import {
  arrays,
  DEFAULT_LIMIT,
  dayOf,
  stored,
  text,
  textOrNull,
  type Into,
  type StepTable,
  type Tables,
} from './tables.ts';
import type { Upkeep } from './upkeep.ts';
import { sqlWatched } from './watched.ts';

const ROWS_IN_ONE_INSERT = 500;
const RECORDS_IN_ONE_QUERY = 500;

export interface SqlJournalOptions {
  /** Adds a row to the audit, at the end of the store's one chain. */
  addToAudit: Audit['append'];
  /** Those that `db` seals with. */
  keys: StoreKeys | undefined;
  /** Of this process among those that write there; empty where it is the only one. */
  id?: string;
  /** Writes steps, on PostgreSQL. */
  insert?: Insert;
  /** What only one of the stores has. */
  upkeep?: Omit<Upkeep, 'db'>;
  clock?: () => Date;
}

/** `end` closes what is below. */
export function sqlJournal(
  db: Kysely<Tables>,
  end: () => Promise<void>,
  {
    addToAudit,
    keys,
    upkeep = { clean: async () => {} },
    clock = () => new Date(),
    id = '',
    insert = (_name, text, values) => db.executeQuery(CompiledQuery.raw(text, [...values])),
  }: SqlJournalOptions,
): Journal {
  return {
    append: appending(insert, keys, id),
    ...sqlSteps(db),
    ...sqlVersions(db, clock),
    ...sqlLetters(db, keys),
    audit: sqlAudit(db, addToAudit),
    documents: sqlDocuments(db, clock),
    processes: sqlProcesses(db),
    issues: sqlIssues(db),
    proposals: sqlProposals(db),
    evidence: sqlEvidence(db),
    replays: sqlReplays(db),
    rollups: sqlRollups(db, id),
    watched: sqlWatched(db, id || 'hub', id),
    size: async () => undefined,
    ready: () =>
      stored(async () => {
        await db.selectFrom('record_version').select('version').where('record', '=', '').execute();
      }),
    ahead: async () => {},
    upkeep: { db, ...upkeep },
    close: end,
  };
}

/** The newest version of each record that has landed. */
function sqlVersions(db: Kysely<Tables>, clock: () => Date): Pick<Journal, 'version' | 'advance'> {
  const version = rowsByKey(['record'], (each) =>
    db
      .selectFrom('record_version')
      .select(['record', 'version'])
      .where('record', 'in', each('record'))
      .execute(),
  );
  const advance = gathered<Landed, void>({
    most: RECORDS_IN_ONE_QUERY,
    run: (rows) =>
      stored(async () => {
        await db
          .insertInto('record_version')
          .values(newestOf(rows).map((row) => ({ ...row, day: dayOf(clock()) })))
          .onConflict((conflict) =>
            conflict
              .column('record')
              .doUpdateSet((x) => ({ version: x.ref('excluded.version'), day: x.ref('excluded.day') }))
              .whereRef('record_version.version', '<', 'excluded.version'),
          )
          .execute();
        return [];
      }),
  });
  return {
    version: async (record) => (await version({ record: text(record) }))?.version,
    advance: (record, landed) => advance({ record: text(record), version: text(landed) }),
  };
}

type Landed = Pick<Tables['record_version'], 'record' | 'version'>;

/** One row a record, always in the same order: two that write the same records do not wait for each other in a circle. */
function newestOf(rows: readonly Landed[]): Landed[] {
  const newest = new Map<string, Landed>();
  for (const row of rows) {
    const known = newest.get(row.record);
    if (!known || Buffer.compare(Buffer.from(known.version), Buffer.from(row.version)) < 0)
      newest.set(row.record, row);
  }
  return [...newest.values()].toSorted((a, b) => (a.record < b.record ? -1 : 1));
}

/** The same text again and again by the same name. */
type Insert = (name: string, text: string, values: readonly unknown[]) => Promise<unknown>;

/** `id`: as in the counts. */
function appending(insert: Insert, keys: StoreKeys | undefined, id: string): Journal['append'] {
  const insertSteps = inserting(insert, keys, id);
  const append = gathered<readonly Step[], void>({
    most: ROWS_IN_ONE_INSERT,
    size: (steps) => steps.length,
    run: (asked) =>
      stored(async () => {
        const steps = asked.flat();
        for (let at = 0; at < steps.length; at += ROWS_IN_ONE_INSERT)
          await insertSteps(steps.slice(at, at + ROWS_IN_ONE_INSERT));
        return [];
      }),
  });
  return (steps) => (steps.length === 0 ? Promise.resolve() : append(steps));
}

/** Steps, their counts and their names in one statement. */
function inserting(insert: Insert, keys: StoreKeys | undefined, id: string) {
  /** To make a text takes longer than to send it. */
  const texts = new Map<string, string>();
  return async (steps: readonly Step[]): Promise<void> => {
    const aliases = aliasesOf(steps, keys);
    const parts = [
      stepsInto(steps, keys),
      countsInto(steps, id),
      ...(aliases.length > 0 ? [aliasesInto(aliases)] : []),
    ];
    const name = `steps of ${parts.length}`;
    const text = texts.get(name) ?? inOneStatement(parts);
    texts.set(name, text);
    await insert(
      name,
      text,
      parts.flatMap(({ values }) => values),
    );
  };
}

/** One statement, and so one commit, of PostgreSQL. */
function inOneStatement(parts: readonly Into[]): string {
  let before = 0;
  const [last, ...others] = parts.map(({ text, values }) => {
    const part = text(before);
    before += values.length;
    return part;
  });
  return `WITH ${others.map((part, at) => `part_${at} AS (${part})`).join(', ')} ${last}`;
}

function stepsInto(steps: readonly Step[], keys: StoreKeys | undefined): Into {
  const rows = steps.map((step) => toRow(step, keys));
  const types = stepColumns.map((column) => (column === 'duration_ms' ? 'float8' : 'text'));
  return {
    text: (before) =>
      `INSERT INTO step (${stepColumns.join()}) SELECT * FROM unnest(${arrays(types, before)})`,
    values: stepColumns.map((column) => rows.map((row) => row[column])),
  };
}

function sqlSteps(db: Kysely<Tables>): Pick<Journal, 'trace' | 'kept' | 'count' | 'failures'> {
  return {
    trace: (query) => stored(() => trace(db, query)),

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
  };
}

async function trace(
  db: Kysely<Tables>,
  { correlationId, businessKey, limit = DEFAULT_LIMIT }: TraceQuery,
): Promise<Step[]> {
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
  'trace_id',
] as const;

export const stepColumns = [...columns, 'message'] as const;

/** As it is written. */
export function toRow(
  step: Step,
  keys: StoreKeys | undefined,
): Pick<StepTable, (typeof stepColumns)[number]> {
  return sealedRow(keys, 'step', {
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
    trace_id: step.traceId ?? null,
    message: step.message ? written(step.message) : null,
  });
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
    ...(row.trace_id !== null && { traceId: row.trace_id }),
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
