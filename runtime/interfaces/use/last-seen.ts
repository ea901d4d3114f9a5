/** When each interface was used last, from the counts of steps: never from the steps themselves. */
import type { Kysely } from 'kysely';
import type { Width } from '../../journal/schema/buckets.ts';
import type { Tables } from '../../journal/tables.ts';
import type { Interface, Trace } from '../derive.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export interface Span {
  width: Width;
  /** Milliseconds before now. */
  from: number;
  until: number;
}

/** From now back, each wider than the one before: where all are found no further one is read. */
const spans: readonly Span[] = [
  // What is not folded into hours yet.
  { width: '5min', from: 4 * HOUR_MS, until: 0 },
  { width: 'hour', from: 3 * DAY_MS, until: 0 },
  { width: 'day', from: 45 * DAY_MS, until: 0 },
  { width: 'day', from: 400 * DAY_MS, until: 45 * DAY_MS },
  { width: 'day', from: 1200 * DAY_MS, until: 400 * DAY_MS },
];

/** The first two: the last three days. */
export const recentSpans = spans.slice(0, 2);

/** ISO time by id, to five minutes, the hour or the day; nothing for what was never seen. */
export async function lastSeen(
  db: Kysely<Tables>,
  interfaces: readonly Pick<Interface, 'id' | 'traces'>[],
  now: Date,
  within: readonly Span[] = spans,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const span of within) {
    const left = interfaces.filter(({ id, traces }) => !found.has(id) && traces.length > 0);
    if (left.length === 0) break;
    const buckets = await bucketsOf(db, span, now);
    for (const { id, traces } of left) {
      const seen = traces
        .flatMap((trace) => buckets.get(keyOf(trace)) ?? [])
        .toSorted()
        .at(-1);
      if (seen !== undefined) found.set(id, seen);
    }
  }
  return found;
}

const kept = new WeakMap<Kysely<Tables>, { hour: string; buckets: Map<Span, Map<string, string>> }>();

/** What is older than the last three days does not change: it is read once an hour. */
async function bucketsOf(db: Kysely<Tables>, span: Span, now: Date): Promise<Map<string, string>> {
  if (recentSpans.includes(span)) return newest(db, span, now);
  const hour = now.toISOString().slice(0, 13);
  let older = kept.get(db);
  if (older?.hour !== hour) kept.set(db, (older = { hour, buckets: new Map() }));
  const buckets = older.buckets.get(span) ?? (await newest(db, span, now));
  older.buckets.set(span, buckets);
  return buckets;
}

/** The newest bucket of each step, and of each partner in a flow. */
async function newest(
  db: Kysely<Tables>,
  { width, from, until }: Span,
  now: Date,
): Promise<Map<string, string>> {
  const at = (before: number): string => new Date(now.getTime() - before).toISOString();
  const rows = await db
    .selectFrom('rollup')
    .select((x) => ['flow', 'step', 'partner', x.fn.max('bucket').as('bucket')])
    .where('width', '=', width)
    .where('bucket', '>=', at(from))
    // Clocks differ a little.
    .where('bucket', '<=', until === 0 ? at(-HOUR_MS) : at(until))
    .groupBy(['flow', 'step', 'partner'])
    .execute();
  const buckets = new Map<string, string>();
  for (const { flow, step, partner, bucket } of rows)
    for (const trace of [
      { flow, step },
      { flow, partner },
    ]) {
      const key = keyOf(trace);
      if ((buckets.get(key) ?? '') < String(bucket)) buckets.set(key, String(bucket));
    }
  return buckets;
}

function keyOf({ flow, step, partner }: Trace): string {
  return JSON.stringify(step === undefined ? [flow, null, partner] : [flow, step]);
}
