/** How the hub has done over time: rates and p95 by flow, queues, outages, hubs and the store, from the rollups. */
import { sql, type Kysely } from 'kysely';
import { histogramColumns, percentile, type HistogramColumn, type Width } from '../journal/schema/buckets.ts';
import type { Sample } from '../journal/watched.ts';
import type { Tables } from '../journal/tables.ts';

export const ranges = ['day', 'fortnight', 'quarter'] as const;
export type Range = (typeof ranges)[number];

/** One value a bucket; null where nothing is known. */
export type Line = (number | null)[];

export interface Pictures {
  /** When each bucket begins, in seconds since 1970. */
  times: number[];
  /** Steps a minute, and what 95 of 100 steps took no longer than, in ms. The busiest first. */
  flows: {
    flow: string;
    steps: number;
    failures: number;
    done: Line;
    failed: Line;
    p95: Line;
    overall: number | null;
  }[];
  /** The most that waited, and the age of the oldest in seconds. The fullest first. */
  queues: { queue: string; waiting: Line; oldest: Line }[];
  /** The share of the time a flow's target was away, 0 to 1. Only flows that had an outage. */
  outages: { flow: string; away: Line }[];
  hubs: Line;
  /** Bytes. */
  store: Line;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const shapes: Record<Range, { width: Width; bucketMs: number; lengthMs: number }> = {
  day: { width: '5min', bucketMs: 300_000, lengthMs: DAY_MS },
  fortnight: { width: 'hour', bucketMs: HOUR_MS, lengthMs: 14 * DAY_MS },
  quarter: { width: 'day', bucketMs: DAY_MS, lengthMs: 90 * DAY_MS },
};

const failures = ['refused', 'retrying', 'outage', 'parked', 'exception'];

/** The buckets of a range, until now. */
interface Frame {
  width: Width;
  /** When each begins, in milliseconds since 1970. */
  times: number[];
  /** How long each is; the one that is under way is for as long as it is. */
  minutes: number[];
  /** ISO time at which the first begins. */
  from: string;
  /** The place of each, by the ISO time at which it begins. */
  at: ReadonlyMap<string, number>;
}

export async function pictures(db: Kysely<Tables>, range: Range, now: Date): Promise<Pictures> {
  const frame = frameOf(range, now);
  const [flows, samples] = await Promise.all([flowLines(db, frame), sampleLines(db, frame)]);
  const oldest = new Map(samples('oldest').map(({ subject, most }) => [subject, most]));
  return {
    times: frame.times.map((time) => time / 1000),
    flows,
    queues: samples('waiting')
      .toSorted((a, b) => highest(b.most) - highest(a.most))
      .map(({ subject, most }) => ({
        queue: subject,
        waiting: most,
        oldest: oldest.get(subject) ?? empty(frame),
      })),
    outages: samples('outage')
      .filter(({ most }) => highest(most) > 0)
      .map(({ subject, mean }) => ({ flow: subject, away: mean })),
    hubs: samples('hubs')[0]?.most ?? empty(frame),
    store: samples('store')[0]?.most ?? empty(frame),
  };
}

function frameOf(range: Range, now: Date): Frame {
  const { width, bucketMs, lengthMs } = shapes[range];
  const last = Math.floor(now.getTime() / bucketMs) * bucketMs;
  const first = last - lengthMs + bucketMs;
  const times = Array.from({ length: lengthMs / bucketMs }, (_, at) => first + at * bucketMs);
  return {
    width,
    times,
    minutes: times.map((time) => Math.max(60_000, Math.min(bucketMs, now.getTime() - time)) / 60_000),
    from: new Date(first).toISOString(),
    at: new Map(times.map((time, index) => [new Date(time).toISOString(), index])),
  };
}

function empty({ times }: Frame): Line {
  return times.map(() => null);
}

async function flowLines(db: Kysely<Tables>, frame: Frame): Promise<Pictures['flows']> {
  const rows = await db
    .selectFrom('rollup')
    .select(['bucket', 'flow'])
    .select((x) => [
      x.fn.sum('count').as('steps'),
      x.fn.sum(x.case().when('outcome', 'in', failures).then(x.ref('count')).else(0).end()).as('failures'),
      ...histogramColumns.map((column) => x.fn.sum(column).as(column)),
    ])
    .where('width', '=', frame.width)
    .where('bucket', '>=', frame.from)
    .groupBy(['bucket', 'flow'])
    .execute();
  const all = new Map<string, Pictures['flows'][number] & { histogram: number[] }>();
  for (const row of rows) {
    const index = frame.at.get(row.bucket);
    if (index === undefined) continue;
    const one = all.get(row.flow) ?? {
      flow: row.flow,
      steps: 0,
      failures: 0,
      done: frame.times.map(() => 0),
      failed: frame.times.map(() => 0),
      p95: empty(frame),
      overall: null,
      histogram: histogramColumns.map(() => 0),
    };
    all.set(row.flow, one);
    const [steps, failed] = [Number(row.steps), Number(row.failures)];
    const histogram = histogramColumns.map((column: HistogramColumn) => Number(row[column]));
    one.steps += steps;
    one.failures += failed;
    one.done[index] = (steps - failed) / frame.minutes[index]!;
    one.failed[index] = failed / frame.minutes[index]!;
    one.p95[index] = percentile(histogram, 95) ?? null;
    histogram.forEach((count, bound) => (one.histogram[bound]! += count));
  }
  return [...all.values()]
    .toSorted((a, b) => b.steps - a.steps)
    .map(({ histogram, ...one }) => ({ ...one, overall: percentile(histogram, 95) ?? null }));
}

interface SampleLine {
  subject: string;
  most: Line;
  mean: Line;
}

async function sampleLines(
  db: Kysely<Tables>,
  frame: Frame,
): Promise<(name: Sample['name']) => SampleLine[]> {
  const rows = await db
    .selectFrom('gauge')
    .select(['bucket', 'name', 'subject'])
    .select((x) => [x.fn.max('most').as('most'), sql<number>`sum(total) / sum(samples)`.as('mean')])
    .where('width', '=', frame.width)
    .where('bucket', '>=', frame.from)
    .groupBy(['bucket', 'name', 'subject'])
    .orderBy('subject')
    .execute();
  return (name) => {
    const all = new Map<string, SampleLine>();
    for (const { bucket, subject, most, mean } of rows.filter((row) => row.name === name)) {
      const index = frame.at.get(bucket);
      if (index === undefined) continue;
      const one = all.get(subject) ?? { subject, most: empty(frame), mean: empty(frame) };
      all.set(subject, one);
      one.most[index] = Number(most);
      one.mean[index] = Number(mean);
    }
    return [...all.values()];
  };
}

function highest(line: Line): number {
  return line.reduce<number>((most, one) => Math.max(most, one ?? 0), 0);
}
