/** The steps of an order: those of every transaction that names it. */
import type { Kysely } from 'kysely';
import type { StepTable, Tables } from '../../journal/tables.ts';

export type TraceRow = Pick<
  StepTable,
  'time' | 'correlation_id' | 'business_key' | 'step' | 'flow' | 'outcome' | 'code' | 'detail' | 'reference'
>;

const columns = [
  'time',
  'correlation_id',
  'business_key',
  'step',
  'flow',
  'outcome',
  'code',
  'detail',
  'reference',
] as const;

/** Of one order; the newest count. */
const mostTransactions = 200;
const mostSteps = 600;

export interface Trace {
  transactions: string[];
  /** Oldest first. */
  steps: TraceRow[];
  /** Older ones are left out. */
  cut: boolean;
}

/**
 * `names`: its number and key. `ofOthers`: what published one of these events belongs to another order, for two partners may
 * use the same number. `failures`: transactions that are its own in any case.
 */
export async function traceOf(
  db: Kysely<Tables>,
  names: readonly string[],
  {
    ofOthers = new Set(),
    failures = [],
  }: { ofOthers?: ReadonlySet<string>; failures?: readonly string[] } = {},
): Promise<Trace> {
  const wanted = names.filter((name) => name !== '');
  if (wanted.length === 0) return { transactions: [], steps: [], cut: false };
  const found = await db
    .selectFrom('step')
    .select('correlation_id')
    .distinct()
    .where('business_key', 'in', wanted)
    .limit(mostTransactions)
    .execute();
  const all = [...new Set([...found.map(({ correlation_id }) => correlation_id), ...failures])];
  const rows = await stepsOf(db, all.length > 0 ? all : wanted);
  const steps = rows.slice(0, mostSteps).toReversed();
  const certain = new Set(failures);
  const foreign = new Set(
    steps
      .filter(({ correlation_id }) => !certain.has(correlation_id))
      .filter(({ outcome, reference }) => outcome === 'published' && ofOthers.has(reference ?? ''))
      .map((one) => one.correlation_id),
  );
  // Also those whose steps are too many to be told.
  const own = [...new Set([...all, ...steps.map((one) => one.correlation_id)])];
  return {
    transactions: own.filter((one) => !foreign.has(one)),
    steps: steps.filter((one) => !foreign.has(one.correlation_id)),
    cut: rows.length > mostSteps || found.length === mostTransactions,
  };
}

function stepsOf(db: Kysely<Tables>, transactions: readonly string[]): Promise<TraceRow[]> {
  return db
    .selectFrom('step')
    .select(columns)
    .where('correlation_id', 'in', transactions)
    .orderBy('time', 'desc')
    .orderBy('seq', 'desc')
    .limit(mostSteps + 1)
    .execute();
}
