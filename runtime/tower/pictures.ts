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

export async function pictures(db: Kysely<Tables>, range: Range, now: Date): Promise<Pictures> {
  const { width, bucketMs, lengthMs } = shapes[range];
  const last = Math.floor(now.getTime() / bucketMs) * bucketMs;
  const first = last - lengthMs + bucketMs;
  const times = Array.from({ length: lengthMs / bucketMs }, (_, at) => first + at * bucketMs);
  const at = new Map(times.map((time, index) => [new Date(time).toISOString(), index]));
  const from = new Date(first).toISOString();
  // The bucket that is under way counts for as long as it is.
  const minutes = times.map((time) => Math.max(60_000, Math.min(bucketMs, now.getTime() - time)) / 60_000);
  const [flows, samples] = await Promise.all([flowLines(), sampleLines()]);
  const [outages, queues] = [samples('outage'), samples('waiting')];
  const oldest = new Map(samples('oldest').map(({ subject, most }) => [subject, most]));
  return {
    times: times.map((time) => time / 1000),
    flows,
    queues: queues
      .toSorted((a, b) => highest(b.most) - highest(a.most))
      .map(({ subject, most }) => ({
        queue: subject,
        waiting: most,
        oldest: oldest.get(subject) ?? empty(),
      })),
    outages: outages
      .filter(({ most }) => highest(most) > 0)
      .map(({ subject, mean }) => ({ flow: subject, away: mean })),
    hubs: samples('hubs')[0]?.most ?? empty(),
    store: samples('store')[0]?.most ?? empty(),
  };

  function empty(): Line {
    return times.map(() => null);
  }

  async function flowLines(): Promise<Pictures['flows']> {
    const rows = await db
      .selectFrom('rollup')
      .select(['bucket', 'flow'])
      .select((x) => [
        x.fn.sum('count').as('steps'),
        x.fn.sum(x.case().when('outcome', 'in', failures).then(x.ref('count')).else(0).end()).as('failures'),
        ...histogramColumns.map((column) => x.fn.sum(column).as(column)),
      ])
      .where('width', '=', width)
      .where('bucket', '>=', from)
      .groupBy(['bucket', 'flow'])
      .execute();
    const all = new Map<string, Pictures['flows'][number] & { histogram: number[] }>();
    for (const row of rows) {
      const index = at.get(row.bucket);
      if (index === undefined) continue;
      const { flow } = row;
      const one = all.get(flow) ?? {
        flow,
        steps: 0,
        failures: 0,
        done: times.map(() => 0),
        failed: times.map(() => 0),
        p95: empty(),
        overall: null,
        histogram: histogramColumns.map(() => 0),
      };
      all.set(flow, one);
      const [steps, failed] = [Number(row.steps), Number(row.failures)];
      const histogram = histogramColumns.map((column: HistogramColumn) => Number(row[column]));
      one.steps += steps;
      one.failures += failed;
      one.done[index] = (steps - failed) / minutes[index]!;
      one.failed[index] = failed / minutes[index]!;
      one.p95[index] = percentile(histogram, 95) ?? null;
      histogram.forEach((count, bound) => (one.histogram[bound]! += count));
    }
    return [...all.values()]
      .toSorted((a, b) => b.steps - a.steps)
      .map(({ histogram, ...one }) => ({ ...one, overall: percentile(histogram, 95) ?? null }));
  }

  async function sampleLines(): Promise<
    (name: Sample['name']) => { subject: string; most: Line; mean: Line }[]
  > {
    const rows = await db
      .selectFrom('gauge')
      .select(['bucket', 'name', 'subject'])
      .select((x) => [x.fn.max('most').as('most'), sql<number>`sum(total) / sum(samples)`.as('mean')])
      .where('width', '=', width)
      .where('bucket', '>=', from)
      .groupBy(['bucket', 'name', 'subject'])
      .orderBy('subject')
      .execute();
    return (name) => {
      const all = new Map<string, { subject: string; most: Line; mean: Line }>();
      for (const { bucket, subject, most, mean } of rows.filter((row) => row.name === name)) {
        const index = at.get(bucket);
        if (index === undefined) continue;
        const one = all.get(subject) ?? { subject, most: empty(), mean: empty() };
        all.set(subject, one);
        one.most[index] = Number(most);
        one.mean[index] = Number(mean);
      }
      return [...all.values()];
    };
  }
}

function highest(line: Line): number {
  return line.reduce<number>((most, one) => Math.max(most, one ?? 0), 0);
}
