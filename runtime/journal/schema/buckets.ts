/** Buckets in which steps are counted: of time, and of how long the steps took; and what such counts say. */

/** Upper ends in ms, never to change: rows that stand would mean something else. What took longer is the last one's. */
const ends = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000] as const;
export const bounds: readonly number[] = [...ends, Infinity];

export type HistogramColumn = `ms_${(typeof ends)[number]}` | 'ms_more';
export const histogramColumns: readonly HistogramColumn[] = [
  ...ends.map((end) => `ms_${end}` as const),
  'ms_more',
];

/** How long a bucket is. Those of five minutes are written with the steps, the others are folded from them. */
export type Width = '5min' | 'hour' | 'day';

/** `2026-03-01T10:07:…` is in `2026-03-01T10:05:00.000Z`. */
export function fiveMinutesOf(time: string): string {
  const minute = Number(time.slice(14, 16));
  return `${time.slice(0, 14)}${String(minute - (minute % 5)).padStart(2, '0')}:00.000Z`;
}

/** So many of a hundred took no longer, in ms: within its bound as if evenly spread. Undefined where nothing was timed. */
export function percentile(histogram: readonly number[], percent: number): number | undefined {
  const all = histogram.reduce((sum, one) => sum + one, 0);
  if (all === 0) return undefined;
  let wanted = (all * percent) / 100;
  let from = 0;
  for (const [at, bound] of bounds.entries()) {
    const here = histogram[at]!;
    // Beyond the last bound nothing is known but that.
    if (here > 0 && wanted <= here)
      return bound === Infinity ? from : from + ((bound - from) * wanted) / here;
    wanted -= here;
    from = bound;
  }
  return from;
}
